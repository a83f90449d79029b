package builder

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotdev/hotdev/builder/internal/fast"
)

// What the go command need not be asked, and what it must be: it alone may allow
// an import, or complain of one.
func TestFastRewire(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, `
-- go.mod --
module example.com/fast

go 1.24
-- main.go --
package main

import (
	_ "text/template"

	"example.com/fast/a"
)

func main() { print(a.Word()) }
-- a/a.go --
package a

import "example.com/fast/b/internal/c"

func Word() string { return c.Word() }
-- b/internal/c/c.go --
package c

func Word() string { return "c" }
-- b/b.go --
package b
-- other/other.go --
package other
`)
	writeFile(t, filepath.Join(l.dir, "a", "a.go"), "package a\n\nimport \"example.com/fast/b\"\n\nfunc Word() string { return b.Word() }\n")
	writeFile(t, filepath.Join(l.dir, "b", "b.go"), "package b\n\nimport \"example.com/fast/b/internal/c\"\n\nfunc Word() string { return c.Word() }\n")
	if r := l.build(); !r.OK() {
		t.Fatal(r.Diagnostics)
	}
	p, _, _ := l.b.program(l.req.Output).now()
	for _, c := range []struct {
		name, file, text string
		derived          bool
	}{
		{"a package of the program", "main.go", "package main\n\nimport (\n\t_ \"text/template\"\n\n\t\"example.com/fast/a\"\n\t_ \"example.com/fast/b\"\n)\n\nfunc main() { print(a.Word()) }\n", true},
		{"an import gone", "main.go", "package main\n\nimport \"example.com/fast/a\"\n\nfunc main() { print(a.Word()) }\n", true},
		{"the standard library, in the program", "a/more.go", "package a\n\nimport _ \"strings\"\n", true},
		{"the standard library, new to the program", "a/more.go", "package a\n\nimport _ \"container/ring\"\n", true},
		{"a file", "b/more.go", "package b\n", true},
		{"unsafe", "b/more.go", "package b\n\nimport _ \"unsafe\"\n", true},
		{"a circle", "b/more.go", "package b\n\nimport _ \"example.com/fast/a\"\n", false},
		{"itself", "b/more.go", "package b\n\nimport _ \"example.com/fast/b\"\n", false},
		{"the main package", "b/more.go", "package b\n\nimport _ \"example.com/fast\"\n", false},
		{"an internal package of another's", "a/more.go", "package a\n\nimport _ \"example.com/fast/b/internal/c\"\n", false},
		{"an internal package of the standard library's", "a/more.go", "package a\n\nimport _ \"internal/abi\"\n", false},
		{"a package of the module that is new to the program", "a/more.go", "package a\n\nimport _ \"example.com/fast/other\"\n", false},
		{"a package that is not there", "a/more.go", "package a\n\nimport _ \"example.com/none\"\n", false},
		{"nothing of the standard library", "a/more.go", "package a\n\nimport _ \"none\"\n", false},
		{"a program of the standard library", "a/more.go", "package a\n\nimport _ \"cmd/go\"\n", false},
		{"a constraint", "a/more.go", "//go:build !never\n\npackage a\n", false},
	} {
		restore := l.replace(c.file, c.text)
		var why fast.Reshaped
		if _, err := p.Changes(); !errors.As(err, &why) {
			t.Errorf("%s: the plan is for it: %v", c.name, err)
		}
		q, _, err := p.Rewire(t.Context(), why)
		switch {
		case (err == nil) != c.derived:
			t.Errorf("%s: %v", c.name, err)
		case err != nil && !errors.As(err, new(fast.Reshaped)):
			t.Errorf("%s: the go command is not asked: %v", c.name, err)
		case err == nil:
			if diff, err := q.Derived(t.Context()); err != nil || diff != "" {
				t.Errorf("%s: %s, %v", c.name, diff, err)
			}
		}
		restore()
	}
	// Whatever was refused, the plan is as it was.
	l.edit("b/b.go", "c.Word()", "c.Word() + strings.ToUpper(\"x\")")
	l.edit("b/b.go", "import ", "import \"strings\"\nimport ")
	if r := l.build(); r.Full != "" || !r.OK() {
		t.Errorf("%+v", r)
	}
	l.equal()
}

// replace writes a file. restore brings back what was there, or that there was none.
func (l *fastLoop) replace(name, text string) (restore func()) {
	l.t.Helper()
	file := filepath.Join(l.dir, filepath.FromSlash(name))
	before, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		l.t.Fatal(err)
	}
	writeFile(l.t, file, text)
	if before == nil {
		return func() { remove(l.t, file) }
	}
	return func() { writeFile(l.t, file, string(before)) }
}

// A program that comes to load plugins is what go build makes of it, with the
// fingerprints that plugins were built with.
func TestFastPlugin(t *testing.T) {
	t.Parallel()
	needCgo(t)
	l := newFastLoop(t, strings.Replace(fastProgram, "import \"example.com/fast/a\"", "import (\n\t_ \"os/user\" // which cgo compiles, as plugin\n\n\t\"example.com/fast/a\"\n)", 1))
	if r := l.build(); !r.OK() {
		t.Fatal(r.Diagnostics)
	}
	l.edit("b/b.go", "return", "\n\treturn")
	l.edit("b/b.go", "package b\n", "package b\n\nconst C = 1\n")
	if r := l.build(); r.Full != "" || r.Unsettled == 0 {
		t.Fatalf("no fingerprint was changed: %+v", r)
	}
	l.edit("main.go", "\t_ \"os/user\"", "\t_ \"os/user\"\n\t_ \"plugin\"")
	if r := l.build(); r.Full != "the program loads plugins now" {
		t.Errorf("full: %q", r.Full)
	}
	l.equal()
}

// What the go command is only asked to list, and not to print commands for.
func TestFastDerived(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, fastProgram+`
-- c/c.go --
package c
-- b/data/one.txt --
one
-- b/embed.go --
package b

import "embed"

//go:embed data
var Data embed.FS
-- b/asm/asm.go --
package asm
-- b/asm/asm.s --
`)
	if r := l.build(); !r.OK() {
		t.Fatal(r.Diagnostics)
	}
	p, _, _ := l.b.program(l.req.Output).now()
	for _, c := range []struct {
		name, file, text string
		derived          bool
	}{
		{"a new package", "a/more.go", "package a\n\nimport _ \"example.com/fast/c\"\n", true},
		{"a package of the standard library, cgo or not", "a/more.go", "package a\n\nimport _ \"net/http\"\n", false},
		{"a constraint", "a/more.go", "//go:build !never\n\npackage a\n", true},
		{"an embed pattern", "b/more.go", "package b\n\nimport _ \"embed\"\n\n//go:embed data/o*.txt\nvar Text string\n", true},
		{"a file in an embedded folder", "b/data/two.txt", "two", true},
		{"a comment in go.mod", "go.mod", "// A comment.\nmodule example.com/fast\n\ngo 1.24\n", true},
		{"a go line", "go.mod", "module example.com/fast\n\ngo 1.23\n", false},
		{"a godebug line", "go.mod", "module example.com/fast\n\ngo 1.24\n\ngodebug default=go1.21\n", false},
		{"a new package with assembly", "a/more.go", "package a\n\nimport _ \"example.com/fast/b/asm\"\n", false},
	} {
		restore := l.replace(c.file, c.text)
		list, _, err := l.b.listAside(t.Context(), l.req)
		if err != nil || len(list.graph.Diagnostics) > 0 {
			t.Fatal(list, err)
		}
		// The commands are not to be had.
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		asked := p.Ask(ended)
		asked.Stop()
		q, _, err := p.Replan(t.Context(), list.graph, list.found, asked)
		if (err == nil) != c.derived {
			t.Errorf("%s: %v", c.name, err)
		}
		if err == nil {
			if diff, err := q.Derived(t.Context()); err != nil || diff != "" {
				t.Errorf("%s: %s, %v", c.name, diff, err)
			}
			if same := c.name != "a new package"; q.LinksLike(p.Plan) != same {
				t.Errorf("%s: it links the same: %v", c.name, !same)
			}
		}
		restore()
	}
	l.write("go.mod", "// A comment.\nmodule example.com/fast\n\ngo 1.24\n")
	if r := l.build(); r.Full != "" || !r.Same || r.Link > 0 {
		t.Errorf("a comment in go.mod: %+v", r)
	}
}
