package builder

import "testing"

// A package is compiled after all that it is built of, not only after what it imports
// itself: what it uses of a package may be read from any of its imports that has a copy.
func TestFastOrder(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, `
-- go.mod --
module example.com/fast

go 1.24
-- main.go --
package main

import "example.com/fast/user"

func main() { println(user.Use()) }
-- a/a.go --
package a

type T struct{ N int }

func (t T) Sum() int { return t.N + 1 }
-- b/b.go --
package b

import "example.com/fast/a"

type B struct{ a.T }
-- c/c.go --
package c

import "example.com/fast/b"

var V b.B

//go:noinline
func Other() int { return 2 * V.Sum() }
-- user/user.go --
package user

import (
	"example.com/fast/c"

	"example.com/fast/a"
)

//go:noinline
func Use() int { return a.T{N: c.Other()}.Sum() }
`)
	if r := l.build(); !r.OK() {
		t.Fatal(r.Diagnostics)
	}
	l.edit("a/a.go", "t.N + 1", "t.N + 5")
	l.fast("fast/a", "fast/b", "fast/c", "fast/user")
	// What is new in a is known by way of c.
	l.edit("a/a.go", "t.N + 5 }", "t.N + 5 }\n\nfunc (t T) Double() int { return 2 * t.N }")
	l.edit("user/user.go", ".Sum()", ".Sum() + c.V.Double()")
	l.fast("fast/a", "fast/b", "fast/c", "fast/user")
	// What cannot be compiled keeps all above it from being compiled.
	l.edit("a/a.go", "t.N + 5", "t.N + 7")
	l.edit("b/b.go", "a.T }", "a.T; N undefined }")
	if r := l.build(); r.OK() || len(r.Diagnostics) != 1 || len(r.Compiled) != 1 {
		t.Errorf("%v; compiled %v", r.Diagnostics, r.Compiled)
	}
	l.edit("b/b.go", "a.T; N undefined }", "a.T }")
	l.fast("fast/b", "fast/c", "fast/user")
}
