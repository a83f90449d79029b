package builder

import (
	"strings"
	"testing"
)

// If only methods of a type change, those packages are compiled that name one of them, or
// that have a type that embeds the type. If an interface type has a method of that name,
// all packages are compiled that can come by a value of the type.
func TestFastMethods(t *testing.T) {
	t.Parallel()
	needsRelinking(t)
	l := newFastLoop(t, `
-- go.mod --
module example.com/fast

go 1.24
-- main.go --
package main

import (
	_ "errors"
	_ "example.com/fast/alias"
	_ "example.com/fast/argument"
	_ "example.com/fast/deep"
	_ "example.com/fast/inlines"
	_ "example.com/fast/named"
	_ "example.com/fast/outer"
	_ "example.com/fast/plain"
	_ "example.com/fast/promotes"
	_ "example.com/fast/renamed"
	_ "example.com/fast/unwraps"
	_ "example.com/fast/value"
	_ "example.com/fast/within"
)

func main() { println("methods") }
-- a/a.go --
package a

type T struct{ A int; Err error }

//go:noinline
func (t *T) Meth() int { return t.A }

//go:noinline
func (t *T) Plain(n int) int { return t.A + n }

func (t *T) Small() int { return t.A }

func (t *T) Unwrap() error { return t.Err }

func (t *T) Error() string { return "" }

type Config struct { T *T; Name string }

func New() *T { return &T{A: 1} }

func Within() any { return struct { N int; *T }{} }

type Ptr[E any] = *E

type Tail int
-- i/i.go --
package i

type I interface { Meth() int }

//go:noinline
func Take(x I) int { return x.Meth() }
-- plain/plain.go --
package plain

import "example.com/fast/a"

type Holds struct { C a.Config; V a.T }

func Plain(c a.Config) int { return c.T.Plain(1) + len([]any{c.T, *c.T}) }
-- argument/argument.go --
package argument

import (
	"example.com/fast/a"
	"example.com/fast/i"
)

func Argument() int { return i.Take(a.New()) }
-- named/named.go --
package named

import "example.com/fast/a"

func Call(c a.Config) int { return c.T.Small() + c.T.Meth() }
-- calls/calls.go --
package calls

import "example.com/fast/a"

func Call(t *a.T) int { return t.Small() + t.Meth() }
-- inlines/inlines.go --
package inlines

import (
	"example.com/fast/a"
	"example.com/fast/calls"
)

func Inline(c a.Config) int { return calls.Call(c.T) }
-- embeds/embeds.go --
package embeds

import "example.com/fast/a"

type E struct { *a.T; N int }

var Any any = E{}

func Outer() any { return struct { E }{} }

type List[X any] struct { First X }

type Deep struct { List[struct { *a.T }] }

var Value Deep
-- promotes/promotes.go --
package promotes

import "example.com/fast/embeds"

type P struct { embeds.E }

var Any any = P{}
-- within/within.go --
package within

import "example.com/fast/a"

func Within() any { return a.Within() }
-- outer/outer.go --
package outer

import "example.com/fast/embeds"

func Outer() any { return embeds.Outer() }
-- deep/deep.go --
package deep

import "example.com/fast/embeds"

func Deep() any { return embeds.Value.First }
-- value/value.go --
package value

import "example.com/fast/embeds"

func N(d *embeds.Deep) *embeds.Deep { return d }
-- alias/alias.go --
package alias

import "example.com/fast/a"

var Any any = struct { a.Ptr[a.T] }{a.New()}
-- rename/rename.go --
package rename

import "example.com/fast/a"

type Same = a.Ptr[a.T]
-- renamed/renamed.go --
package renamed

import "example.com/fast/rename"

var Any any = struct { rename.Same }{}
-- unwraps/unwraps.go --
package unwraps

import (
	"errors"
	"example.com/fast/a"
)

func Unwrap() error { return errors.Unwrap(a.New()) }
`)
	if r := l.build(); !r.OK() {
		t.Fatal(r.Diagnostics)
	}
	const (
		embedding = "a alias deep embeds outer promotes rename renamed value within"
		all       = "a alias argument calls deep embeds inlines named outer plain promotes rename renamed unwraps value within"
	)
	for _, c := range []struct{ name, old, new, want string }{
		{"a method that no interface has", "type Tail int", "type Tail int; func (T) Added() { recover() }", embedding},
		{"its signature", "(T) Added()", "(*T) Added(_ int)", embedding},
		{"it goes", "; func (*T) Added(_ int) { recover() }", "", embedding},
		{"a body that is inlined", "Small() int { return t.A", "Small() int { return -t.A", "a alias calls deep embeds inlines named outer promotes rename renamed value within"},
		{"a method of interfaces", "(t *T) Meth()", "(t T) Meth()", all},
		{"a body that is inlined where the standard library calls it", "error { return t.Err", "error { println(1); return t.Err", all},
		{"that it may be inlined, where the standard library calls it", "func (t *T) Unwrap() error { println(1)", "//go:noinline\nfunc (t *T) Unwrap() error { println(1)", strings.Replace(all, "inlines", "example.com/fast inlines", 1)},
	} {
		l.edit("a/a.go", c.old, c.new)
		r := l.build()
		if !r.OK() {
			t.Fatal(r.Diagnostics)
		}
		if list := compiledBy(r); list != c.want || r.Full != "" {
			t.Errorf("%s:\ncompiled %s\n    want %s (full: %q)", c.name, list, c.want, r.Full)
		}
		if !strings.Contains(c.new, "\n") { // then no line moved
			l.remade(c.name)
		}
		if r.Unsettled > 0 {
			l.behaves()
			l.settle()
		}
		l.equal()
	}
	// A method that goes is missed where an interface asks for it, and nowhere else.
	l.edit("a/a.go", "func (t T) Meth() int", "func (t T) Other() int")
	l.sameComplaints(l.build())
}
