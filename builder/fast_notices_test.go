package builder

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotdev/hotdev/builder/internal/disk"
)

// What changes the go command's own commands, by whatever way, is never missed:
// the binary is go build's all the same, or so are the complaints.
func TestFastNotices(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, fastProgram+"-- alt.mod --\nmodule example.com/fast\n\ngo 1.24\n-- env --\n-- tagged.go --\n//go:build other\n\npackage main\n\nfunc init() { println(1) }\n")
	l.complain = true
	l.req.Env = append(os.Environ(), "GOENV="+filepath.Join(l.dir, "env"))
	l.build()
	gone := func(name string) func() {
		return func() {
			file := filepath.Join(l.dir, filepath.FromSlash(name))
			remove(l.t, file)
			l.touched = append(l.touched, file)
		}
	}
	for _, c := range []struct {
		name string
		do   func()
		undo func() // nil: the next one comes on top of it
	}{
		{"a debug directive", func() { l.edit("main.go", "package main", "//go:debug panicnil=1\npackage main") }, nil},
		{"constraints of a file", func() { l.edit("tagged.go", "//go:build other", "//go:build !other") }, nil},
		{"assembly", func() { l.write("b/b.s", "TEXT ·Nothing(SB), 4, $0-0\n\tRET\n") }, gone("b/b.s")},
		{"a C file", func() { l.write("b/b.c", "int n;\n") }, gone("b/b.c")},
		{"a module in a folder", func() { l.write("b/go.mod", "module example.com/other\n") }, gone("b/go.mod")},
		{"an alternative go.mod", func() {
			l.req.Flags = []string{"-modfile=alt.mod"}
			l.build()
			l.edit("alt.mod", "go 1.24", "go 1.21")
		}, func() { l.req.Flags = nil }},
		{"the go command's settings", func() { l.write("env", "GOAMD64=v3\n") }, nil},
		{"a tag in the go command's settings", func() { l.write("env", "GOFLAGS=-tags=other\n") }, nil},
		{"a workspace", func() { l.write("go.work", "go 1.24\n\nuse .\n\ngodebug panicnil=1\n") }, nil},
		{"a profile", func() {
			l.write("default.pgo", hotProfile("main.main", "example.com/fast/a.Large"))
			l.write("a/large.go", "package a\n\nfunc Large(n int) int {\n"+strings.Repeat("\tn = n*n ^ n<<3 + n%7 - n/5\n", 12)+"\treturn n\n}\n")
			l.edit("main.go", "main 1\"", "main 2\", a.Large(3)")
		}, nil},
	} {
		ok := t.Run(c.name, func(t *testing.T) {
			l.t = t
			c.do()
			if disk.Regular(filepath.Join(l.dir, "default.pgo")) {
				profiled(t, l, "default.pgo", "default.pgo changed")
				return
			}
			for range 2 { // perhaps a full build, and the fast one after it
				r := l.build()
				t.Logf("full: %q", r.Full)
				if !r.OK() {
					l.sameComplaints(r)
					break
				}
				l.equalUnlessFull(r)
				l.edit("b/b.go", `"b1`, `"b1+`)
			}
			if c.undo != nil {
				c.undo()
				if r := l.build(); !r.OK() {
					t.Errorf("undone: %v", r.Diagnostics)
				}
			}
		})
		if !ok {
			return // what follows would be about this
		}
	}
}

// A file that is saved between the moment when hotdev reads it and the moment
// when the compiler does, and then goes back to what it was, leaves nothing of
// the other content behind.
func TestFastTornSave(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, fastProgram)
	l.build()
	file := filepath.Join(l.dir, "b", "b.go")
	for _, other := range []string{
		"package b\n\nfunc Word() string { return \"other\" }\n",
		"package b\n\n\n//go:noinline\nfunc Word() any { return 1 }\n",
	} {
		l.edit("b/b.go", "//go:noinline", "// Lines move.\n//go:noinline")
		l.edit("b/b.go", `"b1`, `"b1+`)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		r, err := l.b.Build(t.Context(), l.req, Hooks{Progress: func(pkg string) {
			if pkg == "example.com/fast/b" {
				writeFile(t, file, other)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		if r.Artifact.Temp != "" {
			if err := l.b.Publish(r.Artifact); err != nil {
				t.Fatal(err)
			}
		}
		writeFile(t, file, string(text))
		if r := l.build(); !r.OK() {
			t.Fatal(r.Diagnostics)
		}
		if err := l.b.Settle(t.Context(), l.req); err != nil {
			t.Fatal(err)
		}
		l.build()
		l.equal()
	}
}

// A profile that -pgo names, wherever it is, is an input like default.pgo.
func TestFastProfile(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, fastProgram)
	l.write("a/large.go", "package a\n\nfunc Large(n int) int {\n"+strings.Repeat("\tn = n*n ^ n<<3 + n%7 - n/5\n", 12)+"\treturn n\n}\n")
	l.edit("main.go", "main 1\"", "main 2\", a.Large(3)")
	l.write("profiles/cpu.out", hotProfile("main.main", "example.com/fast/a.Large"))
	l.req.Flags = []string{"-pgo=profiles/cpu.out"}
	profiled(t, l, "profiles/cpu.out", "first build")
	l.edit("main.go", "import ", "import _ \"container/ring\"\nimport ")
	for range 2 { // with a package that is new, it is the go command that builds; then not
		if r := l.build(); !r.OK() {
			t.Fatal(r.Diagnostics)
		}
		l.equal()
		l.edit("main.go", "main ", "main +")
	}
	if r := l.build(); !r.OK() || r.Full != "" {
		t.Errorf("full: %q; %v", r.Full, r.Diagnostics)
	}
	l.equal()
}

// profiled holds what is built with a profile, which is new, to go build. first is why
// the first build is full.
func profiled(t *testing.T, l *fastLoop, file, first string) {
	t.Helper()
	for _, full := range []string{first, "", ""} {
		if r := l.build(); !r.OK() || r.Full != full {
			t.Fatalf("full: %q, want %q; %v", r.Full, full, r.Diagnostics)
		}
		l.equal()
		l.edit("main.go", "main ", "main +")
	}
	if !inlines(t, l.req.Output, "example.com/fast/a.Large") {
		t.Error("the profile has no effect")
	}
	p, _, _ := l.b.program(l.req.Output).now()
	before, err := os.ReadFile(filepath.Join(l.dir, filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	l.write(file, "")
	if _, err := p.Changes(); err == nil || err.Error() != filepath.Base(file)+" changed" {
		t.Errorf("another profile: %v", err)
	}
	l.write(file, string(before))
}

// inlines reports whether a function that is called has no code of its own in a binary.
func inlines(t *testing.T, binary, function string) bool {
	t.Helper()
	out, err := exec.Command("go", "tool", "nm", binary).Output()
	if err != nil {
		t.Fatal(err)
	}
	return !strings.Contains(string(out), function)
}

// hotProfile is a profile in which one function is always called by another one, on the
// line where that begins.
func hotProfile(caller, callee string) string {
	number := func(field, n int) string { return string(binary.AppendUvarint([]byte{byte(field << 3)}, uint64(n))) }
	message := func(field int, parts ...string) string {
		text := strings.Join(parts, "")
		return string(binary.AppendUvarint([]byte{byte(field<<3 | 2)}, uint64(len(text)))) + text
	}
	const line = 5
	profile := message(1, number(1, 1), number(2, 2)) + message(1, number(1, 3), number(2, 4)) +
		message(2, number(1, 1), number(1, 2), number(2, 1000), number(2, 1000))
	for id, name := range []int{6, 5} { // the callee first, as in the sample
		profile += message(4, number(1, id+1), message(4, number(1, id+1), number(2, line))) +
			message(5, number(1, id+1), number(2, name), number(3, name), number(5, line))
	}
	for _, s := range []string{"", "samples", "count", "cpu", "nanoseconds", caller, callee} {
		profile += message(6, s)
	}
	return profile
}
