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
	for _, c := range []struct {
		name  string
		flags []string
		do    func(t *testing.T, l *fastLoop)
	}{
		{"a debug directive", nil, func(t *testing.T, l *fastLoop) {
			l.edit("main.go", "package main", "//go:debug panicnil=1\npackage main")
		}},
		{"a profile", nil, func(t *testing.T, l *fastLoop) {
			writeFile(t, filepath.Join(l.dir, "default.pgo"), "")
			l.edit("main.go", "main 1", "main 2")
		}},
		{"an alternative go.mod", []string{"-modfile=alt.mod"}, func(t *testing.T, l *fastLoop) {
			l.edit("alt.mod", "go 1.24", "go 1.21")
		}},
		{"constraints of a file", nil, func(t *testing.T, l *fastLoop) {
			l.edit("tagged.go", "//go:build other", "//go:build !other")
		}},
		{"assembly", nil, func(t *testing.T, l *fastLoop) {
			writeFile(t, filepath.Join(l.dir, "b", "b.s"), "TEXT ·Nothing(SB), 4, $0-0\n\tRET\n")
		}},
		{"a C file", nil, func(t *testing.T, l *fastLoop) {
			writeFile(t, filepath.Join(l.dir, "b", "b.c"), "int n;\n")
		}},
		{"a module in a folder", nil, func(t *testing.T, l *fastLoop) {
			writeFile(t, filepath.Join(l.dir, "b", "go.mod"), "module example.com/other\n")
		}},
		{"a workspace", nil, func(t *testing.T, l *fastLoop) {
			writeFile(t, filepath.Join(l.dir, "go.work"), "go 1.24\n\nuse .\n\ngodebug panicnil=1\n")
		}},
		{"the go command's settings", nil, func(t *testing.T, l *fastLoop) {
			writeFile(t, filepath.Join(l.dir, "env"), "GOAMD64=v3\n")
		}},
		{"a tag in the go command's settings", nil, func(t *testing.T, l *fastLoop) {
			writeFile(t, filepath.Join(l.dir, "env"), "GOFLAGS=-tags=other\n")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newFastLoop(t, fastProgram+"-- alt.mod --\nmodule example.com/fast\n\ngo 1.24\n-- env --\n-- tagged.go --\n//go:build other\n\npackage main\n\nfunc init() { println(1) }\n")
			l.req.Flags, l.complain = c.flags, true
			l.req.Env = append(os.Environ(), "GOENV="+filepath.Join(l.dir, "env"))
			l.build()
			c.do(t, l)
			if disk.Regular(filepath.Join(l.dir, "default.pgo")) {
				profiled(t, l)
				return
			}
			for range 2 { // the full build, and the fast one after it
				r := l.build()
				t.Logf("full: %q", r.Full)
				if !r.OK() {
					l.sameComplaints(r)
					return
				}
				l.equal()
				l.edit("b/b.go", `"b1`, `"b1+`)
			}
		})
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
