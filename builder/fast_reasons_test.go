package builder

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hotdev/hotdev/builder/internal/fast"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
)

// Flags that change what the commands make, or how, are not the fast path's,
// wherever they come from; those that the commands merely carry are.
func TestFastFlags(t *testing.T) {
	for _, flags := range [][]string{
		{"-msan"}, {"-asan"}, {"-cover"}, {"-covermode=set"}, {"-coverpkg", "./..."}, {"-pgo", "cpu.prof"}, {"-toolexec", "tool"},
		{"-overlay=o.json"}, {"-buildmode=pie"}, {"-compiler=gccgo"}, {"-linkshared"}, {"-a"}, {"-installsuffix=x"}, {"-pkgdir=x"},
		{"-asmflags=-S"}, {"-gccgoflags=-O"}, {"-buildvcs=true"},
	} {
		name, _, _ := strings.Cut(flags[0], "=")
		if err := understands(Request{Flags: flags}, gocmd.Env{}); err == nil || err.Error() != "build flag "+name {
			t.Errorf("%v: %v", flags, err)
		}
		if err := understands(Request{}, gocmd.Env{GOFLAGS: strings.Join(flags, "=")}); err == nil || err.Error() != "build flag "+name {
			t.Errorf("GOFLAGS %v: %v", flags, err)
		}
	}
	for _, flags := range [][]string{{"-race"}, {"-race=false"}, {"-pgo=off"}, {"-buildvcs=false"}, {"-tags=x"}, {"-gcflags=-l"}, {"-ldflags=-s"}, {"-mod=mod"}, {"-trimpath"}} {
		if err := understands(Request{Flags: flags}, gocmd.Env{}); err != nil {
			t.Errorf("%v: %v", flags, err)
		}
	}
	if err := understands(Request{Target: []string{"main.go"}}, gocmd.Env{}); err == nil || err.Error() != "the program is named by its files" {
		t.Errorf("files: %v", err)
	}
}

// Each reason for a full build, as the user reads it; where there is none, what
// changed needs none.
func TestFastReasons(t *testing.T) {
	t.Parallel()
	const program = fastProgram + `
-- b/data/one.txt --
one
-- b/embed.go --
package b

import "embed"

//go:embed data
var Data embed.FS
-- c/add.go --
package c

func Add(a, b int64) int64
-- c/add_amd64.s --
#include "textflag.h"

TEXT ·Add(SB), NOSPLIT, $0-24
	MOVQ a+0(FP), AX
	ADDQ b+8(FP), AX
	MOVQ AX, ret+16(FP)
	RET
-- c/add_arm64.s --
#include "textflag.h"

TEXT ·Add(SB), NOSPLIT, $0-24
	MOVD a+0(FP), R0
	MOVD b+8(FP), R1
	ADD  R1, R0, R0
	MOVD R0, ret+16(FP)
	RET
-- more.go --
package main

import "example.com/fast/c"

func init() { println(c.Add(1, 2)) }
-- env --
-- vendor/modules.txt --
-- vendor/none/none.go --
package none
`
	cgo := strings.Replace(program, "func Word() string { return \"b1\"", "func Word() string { _ = C.one(); return \"b1\"", 1)
	cgo = strings.Replace(cgo, "-- b/b.go --\npackage b\n", "-- b/b.go --\npackage b\n\n// static int one() { return 1; }\nimport \"C\"\n", 1)
	for _, c := range []struct {
		name, why string
		do        func(l *fastLoop)
	}{
		{"assembly", "assembly in package example.com/fast/c", func(l *fastLoop) { l.edit("c/add.go", "a, b int64", "a, c int64") }},
		{"cgo", "cgo in package example.com/fast/b", func(l *fastLoop) { l.edit("b/b.go", "b1", "b2") }},
		{"a file that an embed pattern matches", "", func(l *fastLoop) {
			writeFile(l.t, filepath.Join(l.dir, "b", "data", "two.txt"), "two")
		}},
		{"a file that it no longer matches", "", func(l *fastLoop) {
			writeFile(l.t, filepath.Join(l.dir, "b", "data", "two.txt"), "two")
			l.build()
			remove(l.t, filepath.Join(l.dir, "b", "data", "two.txt"))
		}},
		{"a pattern", "", func(l *fastLoop) {
			l.edit("b/embed.go", "go:embed data", "go:embed data/one.txt")
		}},
		{"a file gone", "", func(l *fastLoop) { remove(l.t, filepath.Join(l.dir, "more.go")) }},
		{"an import of a package outside the graph", "", func(l *fastLoop) {
			l.edit("more.go", "import ", "import _ \"text/template\"\nimport ")
		}},
		{"a constraint", "", func(l *fastLoop) { l.edit("more.go", "package", "//go:build !no\n\npackage") }},
		{"a toolchain line", "", func(l *fastLoop) { l.edit("go.mod", "go 1.24", "go 1.24\n\ntoolchain go1.24.0") }},
		{"a package that cgo compiles", "cgo in package example.com/fast", func(l *fastLoop) {
			writeFile(l.t, filepath.Join(l.dir, "c.go"), "package main\n\n// static int one() { return 1; }\nimport \"C\"\n\nfunc init() { C.one() }\n")
		}},
		{"a package of the standard library that cgo compiles", "", func(l *fastLoop) {
			l.edit("more.go", "import ", "import _ \"os/user\"\nimport ")
		}},
		{"a package that nothing imported", "", func(l *fastLoop) {
			writeFile(l.t, filepath.Join(l.dir, "d", "d.go"), "package d\n\nimport \"example.com/fast/b\"\n\nvar Word = b.Word()\n")
			l.edit("more.go", "import ", "import _ \"example.com/fast/d\"\nimport ")
		}},
		{"go env -w", "the Go toolchain changed", func(l *fastLoop) { writeFile(l.t, filepath.Join(l.dir, "env"), "GOFLAGS=-tags=x\n") }},
		{"another toolchain", "the Go toolchain changed", func(l *fastLoop) {
			// As if a new one had been put in the old one's place.
			l.b.program(l.req.Output).plan.Tools.Folder += "/before"
		}},
		{"the environment", "flags or environment changed", func(l *fastLoop) { l.req.Env = append(slices.Clip(l.req.Env), "GOAMD64=v2") }},
		{"flags", "flags or environment changed", func(l *fastLoop) { l.req.Flags = []string{"-tags=x"} }},
		{"debugging information", "flags or environment changed", func(l *fastLoop) { l.req.Debug = true }},
		{"a workspace", "", func(l *fastLoop) { writeFile(l.t, filepath.Join(l.dir, "go.work"), "go 1.24\n\nuse .\n") }},
		{"vendoring", "", func(l *fastLoop) {
			if err := os.Rename(filepath.Join(l.dir, "_vendor"), filepath.Join(l.dir, "vendor")); err != nil {
				l.t.Fatal(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := strings.ReplaceAll(program, "-- vendor/", "-- _vendor/")
			if c.name == "cgo" {
				text = strings.ReplaceAll(cgo, "-- vendor/", "-- _vendor/")
			}
			l := newFastLoop(t, text)
			l.req.Env = append(os.Environ(), "GOENV="+filepath.Join(l.dir, "env"), "GOWORK=")
			if r := l.build(); !r.OK() {
				t.Skip(r.Diagnostics) // no C compiler, or an architecture without assembly here
			}
			c.do(l)
			r, err := l.b.Build(t.Context(), l.req, Hooks{})
			if err != nil || !r.OK() || r.Full != c.why {
				t.Fatalf("full: %q, want %q; %v, %v", r.Full, c.why, r.Diagnostics, err)
			}
			if !r.Same {
				if err := l.b.Publish(r.Artifact); err != nil {
					t.Fatal(err)
				}
			}
			l.equal()
			if err := l.b.Plan(t.Context(), l.req); err != nil {
				t.Errorf("a plan: %v", err)
			}
		})
	}
}

func remove(t *testing.T, file string) {
	t.Helper()
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
}

// Before there is a plan, each build is a full one, and says why.
func TestFastNotYet(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, fastProgram)
	for i, why := range []string{"first build", "the fast path is not prepared yet"} {
		l.edit("main.go", "main ", "main +")
		r, err := l.b.Build(t.Context(), l.req, Hooks{})
		if err != nil || r.Full != why {
			t.Errorf("build %d: %q, %v", i, r.Full, err)
		}
		if err := l.b.Publish(r.Artifact); err != nil {
			t.Fatal(err)
		}
	}
	l.req.Fast = false
	l.edit("main.go", "main ", "main +")
	if r, err := l.b.Build(t.Context(), l.req, Hooks{}); err != nil || r.Full != "" || len(r.Compiled) == 0 {
		t.Errorf("not wanted at all: %+v, %v", r, err)
	}
}

// understands is what the fast path says of a request's flags.
func understands(req Request, e gocmd.Env) error {
	return fast.Understands(gocmd.FlagsInForce(req.Flags, e), req.Target)
}
