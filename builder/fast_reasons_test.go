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
		{"-msan"}, {"-asan"}, {"-cover"}, {"-covermode=set"}, {"-coverpkg", "./..."}, {"-toolexec", "tool"},
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
	for _, flags := range [][]string{{"-race"}, {"-race=false"}, {"-pgo=off"}, {"-pgo=cpu.prof"}, {"-buildvcs=false"}, {"-tags=x"}, {"-gcflags=-l"}, {"-ldflags=-s"}, {"-mod=mod"}, {"-trimpath"}} {
		if err := understands(Request{Flags: flags}, gocmd.Env{}); err != nil {
			t.Errorf("%v: %v", flags, err)
		}
	}
	if err := understands(Request{Target: []string{"main.go"}}, gocmd.Env{}); err == nil || err.Error() != "the program is named by its files" {
		t.Errorf("files: %v", err)
	}
}

// Each reason for a full build, as the user reads it; where there is none, what
// changed needs none. One change comes on top of the other.
func TestFastReasons(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, fastProgram+`
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
-- _vendor/modules.txt --
-- _vendor/none/none.go --
package none
`)
	l.req.Env = append(os.Environ(), "GOENV="+filepath.Join(l.dir, "env"), "GOWORK=")
	if r := l.build(); !r.OK() {
		t.Skip(r.Diagnostics) // an architecture without assembly here
	}
	env := l.req.Env
	for _, c := range []struct {
		name, why string
		do        func()
	}{
		{"assembly", "assembly in package example.com/fast/c", func() { l.edit("c/add.go", "a, b int64", "a, c int64") }},
		{"debugging information", "flags or environment changed", func() { l.req.Debug = true }},
		{"the environment", "flags or environment changed", func() { l.req.Debug, l.req.Env = false, append(slices.Clip(env), "GOAMD64=v2") }},
		{"flags", "flags or environment changed", func() { l.req.Env, l.req.Flags = env, []string{"-tags=x"} }},
		{"another toolchain", "the Go toolchain changed", func() {
			// As if a new one had been put in the old one's place.
			l.b.program(l.req.Output).plan.Tools.Folder += "/before"
		}},
		{"go env -w", "the Go toolchain changed", func() { l.write("env", "GOFLAGS=-tags=y\n") }},
		{"a file that an embed pattern matches", "", func() { l.write("b/data/two.txt", "two") }},
		{"a file that it no longer matches", "", func() { remove(l.t, filepath.Join(l.dir, "b", "data", "two.txt")) }},
		{"a pattern", "", func() { l.edit("b/embed.go", "go:embed data", "go:embed data/one.txt") }},
		{"an import of a package outside the graph", "", func() { l.edit("more.go", "import ", "import _ \"text/template\"\nimport ") }},
		{"a package of the standard library that cgo compiles", "", func() { l.edit("more.go", "import ", "import _ \"os/user\"\nimport ") }},
		{"a package that nothing imported", "", func() {
			l.write("d/d.go", "package d\n\nimport \"example.com/fast/b\"\n\nvar Word = b.Word()\n")
			l.edit("more.go", "import ", "import _ \"example.com/fast/d\"\nimport ")
		}},
		{"a constraint", "", func() { l.edit("more.go", "package", "//go:build !no\n\npackage") }},
		{"a file gone", "", func() { remove(l.t, filepath.Join(l.dir, "more.go")) }},
		{"a toolchain line", "", func() { l.edit("go.mod", "go 1.24", "go 1.24\n\ntoolchain go1.24.0") }},
		{"a workspace", "", func() { l.write("go.work", "go 1.24\n\nuse .\n") }},
		{"a workspace gone", "", func() { remove(l.t, filepath.Join(l.dir, "go.work")) }},
		{"vendoring", "", func() {
			if err := os.Rename(filepath.Join(l.dir, "_vendor"), filepath.Join(l.dir, "vendor")); err != nil {
				l.t.Fatal(err)
			}
		}},
		{"a package that cgo compiles", "cgo in package example.com/fast", func() {
			needCgo(l.t)
			l.write("c.go", "package main\n\n// static int one() { return 1; }\nimport \"C\"\n\nfunc init() { C.one() }\n")
		}},
		{"cgo", "cgo in package example.com/fast", func() {
			needCgo(l.t)
			l.edit("main.go", "main 1", "main 2")
		}},
	} {
		ok := t.Run(c.name, func(t *testing.T) {
			l.t = t
			c.do()
			r, err := l.b.Build(t.Context(), l.req, Hooks{})
			if err != nil || !r.OK() || r.Full != c.why {
				t.Fatalf("full: %q, want %q; %v, %v", r.Full, c.why, r.Diagnostics, err)
			}
			if !r.Same {
				if err := l.b.Publish(r.Artifact); err != nil {
					t.Fatal(err)
				}
			}
			l.equalUnlessFull(r)
			if err := l.b.Plan(t.Context(), l.req); err != nil {
				t.Errorf("a plan: %v", err)
			}
		})
		if !ok {
			return // what follows would be about this
		}
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
