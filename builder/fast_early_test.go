package builder

import (
	"runtime"
	"testing"
	"time"
)

const earlyProgram = `
-- go.mod --
module example.com/fast

go 1.24
-- main.go --
package main

import "example.com/fast/c"

func main() { println(c.Word()) }
-- a/a.go --
package a

const N = 1

//go:noinline
func Word(int) string { return "a" }
-- b/b.go --
package b

import "example.com/fast/a"

const N = a.N + 1

//go:noinline
func Word() string { return a.Word(1) }
-- c/c.go --
package c

import (
	"example.com/fast/a"
	"example.com/fast/b"
)

//go:noinline
func Word() string { return a.Word(b.N) + b.Word() }

const N = a.N
`

// A package is compiled while those that it imports are, and again if they come out
// with other export data.
func TestFastEarly(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, earlyProgram)
	if r := l.build(); !r.OK() {
		t.Fatal(r.Diagnostics)
	}
	l.edit("a/a.go", "Word(int)", "Word(int, ...int)")
	r := l.fast("fast/a", "fast/b", "fast/c")
	if began, end := map[string]time.Time{}, map[string]time.Time{}; runtime.GOMAXPROCS(0) > 1 {
		for _, c := range r.Compiled {
			began[c.Package], end[c.Package] = c.Began, c.Began.Add(c.Took)
		}
		if b, c := end["example.com/fast/b"], began["example.com/fast/c"]; !c.Before(b) {
			t.Errorf("c was begun %v after b's end", c.Sub(b))
		}
	}
	l.edit("a/a.go", "N = 1", "N = 2") // and so b.N, which is a number in b's export data
	l.fast("fast/a", "fast/b", "fast/c")
	l.edit("a/a.go", "(int, ...int)", "(int)")
	l.edit("c/c.go", "b.Word()", "b.Word() + a.Word(1, 2)")
	if r := l.build(); r.Full != "" || len(r.Diagnostics) != 1 {
		t.Errorf("%+v", r)
	}
}
