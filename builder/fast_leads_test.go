package builder

import (
	"strings"
	"testing"
)

// A package that is not compiled has no name that leads to the change. Some lead there
// although nothing that is written with the changed name has them: each edit makes a
// program say something else, or has one mistake, by such a name alone.
func TestFastLeads(t *testing.T) {
	t.Parallel()
	needsRelinking(t)
	l := newFastLoop(t, `
-- go.mod --
module example.com/fast

go 1.24
-- main.go --
package main

import (
	"example.com/fast/alias"
	"example.com/fast/constant"
	"example.com/fast/folds"
	"example.com/fast/infers"
	"example.com/fast/late"
)

func main() {
	println(constant.Size(), folds.Log(), folds.Length(), folds.Hidden(), infers.Named(), infers.Field(), late.Call(), alias.Got)
}
-- a/a.go --
package a

type Kind int

const A Kind = 3

const debug = false

func Log() int {
	if debug {
		return 1
	}
	return 0
}

var list [3]int

func Length() int { return len(list) }

type T struct { N int }

const K = 1

type Key = string
-- b/b.go --
package b

import "example.com/fast/a"

type hidden struct { T a.T }

func Hidden() uintptr { var h hidden; return size(h) }

func size(h hidden) uintptr { return uintptr(len([unsafeSize]byte{})) }

type Iter struct{}

func (*Iter) Next() (t a.T, ok bool) { return }

func NewIter() *Iter { return nil }

type Field struct { P *a.T }

func NewField() (f Field) { return }

type S struct{ N int }

func (S) Get(k a.Key) int { return 1 }
-- b/size.go --
package b

import "unsafe"

const unsafeSize = unsafe.Sizeof(hidden{})
-- constant/constant.go --
package constant

import (
	"example.com/fast/a"
	"unsafe"
)

var x = a.A

func Size() uintptr { return unsafe.Sizeof(x) }
-- folds/folds.go --
package folds

import (
	"example.com/fast/a"
	"example.com/fast/b"
)

func Log() int { return a.Log() }

func Length() int { return a.Length() }

func Hidden() uintptr { return b.Hidden() }
-- y/y.go --
package y

import "unsafe"

type Nexter[E any] interface { Next() (E, bool) }

func Named[E any](it Nexter[E]) uintptr { var e E; return unsafe.Sizeof(e) }

func Field[S ~struct{ P *E }, E any](s S) uintptr { var e E; return unsafe.Sizeof(e) }
-- infers/infers.go --
package infers

import (
	"example.com/fast/b"
	"example.com/fast/y"
)

func Named() uintptr { return y.Named(b.NewIter()) }

func Field() uintptr { return y.Field(b.NewField()) }
-- w/w.go --
package w

func Call(i interface{ Small() int }) int { return i.Small() }

const Y = 0
-- z/z.go --
package z

import (
	"example.com/fast/a"
	"example.com/fast/w"
)

type T struct{ N int }

func (*T) Small() int { return 10 }

func New() *T { return &T{1} }

var _ = w.Y + a.K
-- late/late.go --
package late

import (
	"example.com/fast/w"
	"example.com/fast/z"
)

func Call() int { return w.Call(z.New()) }
-- c/c.go --
package c

type Getter interface { Get(string) int }

func Get(g Getter) int { return g.Get("") }
-- alias/alias.go --
package alias

import (
	"example.com/fast/b"
	"example.com/fast/c"
)

var Got = c.Get(b.S{})
`)
	if r := l.build(); !r.OK() {
		t.Fatal(r.Diagnostics)
	}
	for _, edits := range [][][3]string{
		{{"a/a.go", "Kind int", "Kind uint8"}},
		{{"a/a.go", "debug = false", "debug = true\n"}},
		{{"a/a.go", "[3]int", "[4]int\n"}},
		{{"a/a.go", "{ N int }", "{ N int; M string }"}},
		{{"a/a.go", "K = 1", "K = 2"}, {"z/z.go", "return 10", "return 11"}},
	} {
		what, lines := edits[0][1], false
		for _, e := range edits {
			l.edit(e[0], e[1], e[2])
			lines = lines || strings.Contains(e[2], "\n")
		}
		r := l.build()
		if !r.OK() || r.Full != "" {
			t.Fatalf("%s: %+v", what, r)
		}
		l.behaves()
		if !lines { // then no line moved
			l.remade(what)
		}
		if r.Unsettled > 0 {
			l.settle()
		}
		l.equal()
	}
	l.edit("a/a.go", "Key = string", "Key = int")
	if r := l.build(); r.OK() {
		t.Error("an alias that stands for another type: no mistake")
	} else {
		l.sameComplaints(r)
	}
}
