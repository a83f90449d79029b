package builder

import (
	"os"
	"path/filepath"
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
			l.write("default.pgo", "")
			l.edit("main.go", "main 1", "main 2")
		}, nil},
	} {
		ok := t.Run(c.name, func(t *testing.T) {
			l.t = t
			c.do()
			if disk.Regular(filepath.Join(l.dir, "default.pgo")) {
				profiled(t, l)
				return
			}
			for range 2 { // perhaps a full build, and the fast one after it
				r := l.build()
				t.Logf("full: %q", r.Full)
				if !r.OK() {
					l.sameComplaints(r)
					break
				}
				l.equal()
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

func profiled(t *testing.T, l *fastLoop) {
	t.Helper()
	for _, why := range []string{"a profile (default.pgo)", "a profile (default.pgo)"} {
		r, err := l.b.Build(t.Context(), l.req, Hooks{})
		if err != nil || !r.OK() || r.Full != why {
			t.Fatalf("full: %q, want %q; %v, %v", r.Full, why, r.Diagnostics, err)
		}
		if err := l.b.Publish(r.Artifact); err != nil {
			t.Fatal(err)
		}
		l.equal()
		if err := l.b.Plan(t.Context(), l.req); err == nil {
			t.Fatal("there is a plan in spite of the profile")
		}
		l.edit("main.go", "main ", "main +")
	}
}
