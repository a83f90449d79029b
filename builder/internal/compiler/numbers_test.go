package compiler

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// An archive with new numbers is what the compiler makes of the same source, byte for
// byte, whether the package imports the changed one or gets it from another.
func TestNumbers(t *testing.T) {
	const path = "example.com/a.b/v1.2" // a dot in the last element is written in another way
	const a = `package a

%s
type T struct{ N int }

func (t *T) Add(n int) int { return t.N + n }

func (t T) String() string { return "t" }

type I interface{ Add(int) int }

var Sum, count int

func Inlined(f func(T) int) int { return f(T{1}) + helped(T{2}) + count }

//go:noinline
func helped(t T) int { return t.N }

func Plain(t *T, s string) I { Sum++; return t }

type Pair[X any] struct{ A, B X }

func (p Pair[X]) First() X { return p.A }

func Of[X any](x X) Pair[X] { Sum++; return Pair[X]{x, x} }
%s`
	const b = `package b

import a "example.com/a.b/v1.2"

type Outer struct{ *a.T }

var Kept a.T

func Use() (x any, y func(map[string]*a.T) [3]a.T) {
	var i a.I = Outer{a.Plain(&a.T{}, "x").(*a.T)}
	a.Sum += i.Add(2)
	return func(t a.T) string { return t.String() }, nil
}

func Twice() int { return 2 * a.Inlined(func(t a.T) int { return t.N }) }

func Later(t *a.T) { go t.Add(1) }

func Caller(f func()) func() a.I { return func() a.I { f(); return a.Plain(nil, "y") } }

func Pairs() a.Pair[a.T] { return a.Of(a.Of(a.T{}).First()) }
`
	const c = `package c

import "example.com/b"

func Use() any { return b.Outer{} }

func Twice() any { return [2]any{b.Twice(), b.Pairs().First()} }

type More struct{ b.Outer }

var _ interface{ Add(int) int } = More{}
`
	// What the assembler or cgo adds to an archive, which refers to symbols by name.
	assembled := fmt.Sprintf("%-48s%-10d`\n", "x.o", 3) + "abc\x00"
	dir := t.TempDir()
	compile := func(path, archive, text string, imports ...string) string {
		t.Helper()
		file, cfg := filepath.Join(dir, "x.go"), filepath.Join(dir, "importcfg")
		var list Importcfg
		for i := 0; i < len(imports); i += 2 {
			list.Package(imports[i], imports[i+1])
		}
		archive = filepath.Join(dir, archive)
		for file, text := range map[string]string{file: text, cfg: string(list.text)} {
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		out, err := exec.Command("go", "tool", "compile", "-o", archive, "-p", path, "-importcfg", cfg, "-complete", "-trimpath", dir, file).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return archive
	}
	read := func(archive string) (Object, *Exports) {
		t.Helper()
		o, err := ReadArchive(archive)
		if err != nil {
			t.Fatal(err)
		}
		e, err := ReadExports(archive)
		if err != nil {
			t.Fatal(err)
		}
		return o, e
	}
	was := compile(path, "a", fmt.Sprintf(a, "", ""))
	early := "func early() int { return func() int { return Sum }() }" // on the same line: none moves
	for i := range 70 {                                                // numbers with more bytes
		early += fmt.Sprintf("; func Early%d() {}", i)
	}
	is := compile(path, "a2", fmt.Sprintf(a, early, "func More(n int) []func() int { return []func() int{func() int { return n }} }\n\nvar Between = &T{3}"))
	old, before := read(was)
	now, after := read(is)
	if Differ(before, after).None() {
		t.Error("the new function is not found")
	}
	// Positions differ too; the compiled ones are compared without.
	d := DifferIn(before, after, nil, nil)
	if d.Whole = false; len(d.Names) > 72 {
		t.Errorf("what differs in numbers alone: %v", d.Names)
	}
	numbers, err := d.Numbers(before, after, was, is)
	if err != nil || numbers == nil {
		t.Fatal("numbers: ", err)
	}
	from, with := []string{path, was}, []string{path, is}
	for _, x := range []struct{ path, text string }{{"example.com/b", b}, {"example.com/c", c}} {
		// Packages above have recorded the fingerprint of the old state.
		if err := SetFingerprint(is, now.Print, old.Print); err != nil {
			t.Fatal(err)
		}
		was, is = compile(x.path, x.path[len(x.path)-1:], x.text, from...), compile(x.path, x.path[len(x.path)-1:]+"2", x.text, with...)
		old, _ = read(was)
		now, _ = read(is)
		file, err := os.ReadFile(was)
		if err != nil || os.WriteFile(was, append(file, assembled...), 0o600) != nil {
			t.Fatal("the archive is not extended: ", err)
		}
		if _, err := ReadArchive(was); err == nil {
			t.Errorf("%s: an archive with assembly is taken for the compiler's alone", x.path)
		}
		next := was + ".next"
		o, known, err := numbers.Renumber(was, next, nil, false)
		if err != nil || o == nil || known != old.Print {
			t.Fatalf("%s: %v, fingerprint %x", x.path, err, known)
		}
		if *o != now {
			t.Errorf("%s: the archives differ: %+v, want %+v", x.path, *o, now)
		}
		if err := SetFingerprint(next, known, now.Print); err != nil {
			t.Errorf("%s: %v", x.path, err)
		}
		got, err1 := os.ReadFile(next)
		want, err2 := os.ReadFile(is)
		if err1 != nil || err2 != nil || !bytes.Equal(got, append(want, assembled...)) {
			t.Errorf("%s: the files differ (%v, %v)", x.path, err1, err2)
		}
		if o, _, err := numbers.Renumber(next, was+".again", o, false); err == nil {
			t.Errorf("%s: it is given new numbers twice: %v", x.path, o)
		}
		from, with = []string{x.path, was}, []string{x.path, is}
	}
}
