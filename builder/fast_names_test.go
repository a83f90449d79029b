package builder

import (
	"slices"
	"strings"
	"testing"
)

// What differs in a package's export data has those dependents compiled that can
// see it, and no others; the binary is go build's all the same.
func TestFastNames(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, `
-- go.mod --
module example.com/fast

go 1.24
-- main.go --
package main

import (
	"example.com/fast/beside"
	"example.com/fast/blank"
	"example.com/fast/dot"
	"example.com/fast/field"
	"example.com/fast/instance"
	"example.com/fast/through"
	"example.com/fast/user"
	"example.com/fast/word"
)

func main() { println(user.User(), beside.Beside(), word.Word(), dot.Dot(), field.Sum(), blank.Blank(), through.Through(), instance.Instance(struct{ N int }{})) }
-- a/a.go --
package a

//go:noinline
func Word(s string) string { return s + "1" }

//go:noinline
func Other() int { return 1 }

func Inlined() int { return helped() + 1 }

func InGeneric() int { return 2 }

func helped() int { return 2 }

const Size = 3

type T struct{ A, B int }

type Quiet struct{ N int }

type Big struct{ N int }

type Small int

func (s Small) Twice() int { return 2 * int(s) }
-- carry/carry.go --
package carry

import "example.com/fast/a"

type Keeps struct{ Small a.Small }

var Other = 1

//go:noinline
func Carry(k Keeps) int { return 1 }
-- user/user.go --
package user

import "example.com/fast/carry"

//go:noinline
func User() int { k := carry.Keeps{}; return k.Small.Twice() + carry.Carry(k) }
-- beside/beside.go --
package beside

import (
	"example.com/fast/a"
	"example.com/fast/carry"
	"example.com/fast/far"
)

//go:noinline
func Beside() int { return carry.Keeps{Small: a.Small(2)}.Small.Twice() + far.Far() }
-- far/far.go --
package far

import "example.com/fast/carry"

//go:noinline
func Far() int { return carry.Other }
-- word/word.go --
package word

import "example.com/fast/a"

//go:noinline
func Word() string { return a.Word("x") + string(rune('0'+a.Size)) }
-- dot/dot.go --
package dot

import . "example.com/fast/a"

//go:noinline
func Dot() int { return Other() }
-- field/field.go --
package field

import "example.com/fast/maker"

//go:noinline
func Sum() int {
	t := maker.Make() // a's T, without its name
	return t.A + t.B
}
-- maker/maker.go --
package maker

import "example.com/fast/a"

func Make() *a.T { return &a.T{A: 1, B: 2} }
-- blank/blank.go --
package blank

import _ "example.com/fast/a"

//go:noinline
func Blank() int { return 4 }
-- inliner/inliner.go --
package inliner

import "example.com/fast/a"

func Twice() int { return 2 * a.Inlined() }
-- through/through.go --
package through

import (
	"example.com/fast/a"
	"example.com/fast/inliner"
)

//go:noinline
func Through() int { return inliner.Twice() + a.Quiet{}.N } // a's Inlined, without its name
-- generic/generic.go --
package generic

import "example.com/fast/a"

func Sum[E ~int](e E) E { return e + E(a.InGeneric()) }
-- instance/instance.go --
package instance

import (
	"example.com/fast/a"
	"example.com/fast/generic"
)

//go:noinline
func Instance(b a.Big) int { return generic.Sum(1) } // a's InGeneric, from where nobody inlined it
`)
	if r := l.build(); !r.OK() {
		t.Fatal(r.Diagnostics)
	}
	for _, c := range []struct{ name, file, old, new, want string }{
		{"a signature", "a/a.go", "s string)", "s string, _ ...int)", "a word"},
		{"a name that a file imports with a dot", "a/a.go", "Other()", "Other(_ ...int)", "a dot"},
		{"a constant", "a/a.go", "Size = 3", "Size = 4", "a word"},
		{"a field", "a/a.go", "A, B int", "Z, A, B int", "a field maker"},
		{"lines, and a body that others inline", "a/a.go", "func Inlined() int { return", "\n\nfunc Inlined() int { return 7 *", "a inliner through"},
		{"a method, which gives what comes after it another number", "a/a.go", "type Quiet", "func (T) Added() int { return 1 }\n\ntype Quiet", "a"},
		{"a body that others inline", "a/a.go", "helped() int { return 2", "helped() int { return 5", "a inliner through"},
		{"a body that nobody has inlined where it is named", "a/a.go", "InGeneric() int { return 2", "InGeneric() int { return 8", "a generic instance"},
		{"the result of what others inline, of its name alone", "inliner/inliner.go", "2 *", "3 *", "inliner through"},
		{"a type that one alone uses", "a/a.go", "struct{ N int }", "struct{ M, N int }", "a through"},
		{"something to initialise", "a/a.go", "const Size", "var Order = Other()\n\nconst Size", "a beside blank carry dot far field generic inliner instance main maker through user word"},
		{"the body of another package's function, which is inlined now", "carry/carry.go", "return 1", "return k.Small.Twice()", "carry user"},
		{"and is not any more: user's archive of before is right again", "carry/carry.go", "return k.Small.Twice()", "return 2", "carry"},
		{"an import", "carry/carry.go", "a\"", "a\"; import _ \"example.com/fast/inliner\"", "carry"},
		{"another import, and lines", "carry/carry.go", "; import _ \"example.com/fast/inliner\"", "\nimport _ \"unsafe\"", "carry"},
		{"a new name", "maker/maker.go", "B: 2} }", "B: 2} }\n\ntype Spare int", "maker"},
	} {
		l.edit(c.file, c.old, c.new)
		r := l.build()
		var got []string
		for _, p := range r.Compiled {
			got = append(got, strings.TrimPrefix(strings.Replace(p.Package, "example.com/fast", "main", 1), "main/"))
		}
		slices.Sort(got)
		if list := strings.TrimSpace(strings.Join(got, " ")); list != c.want || r.Full != "" {
			t.Errorf("%s: compiled %s, want %s (full: %q)", c.name, list, c.want, r.Full)
		}
		if r.Unsettled > 0 {
			l.behaves()
			l.settle()
		}
		l.equal()
	}
	// What others copy has moved; the copies move with the next compilation.
	l.edit("carry/carry.go", "return 2", "return 2 + k.Small.Twice()")
	l.fast("fast/carry", "fast/user")
	l.edit("a/a.go", "type Small", "\n\ntype Small")
	if r := l.build(); r.Unsettled != 1 || len(r.Compiled) != 1 {
		t.Errorf("lines: %+v", r)
	}
	l.edit("carry/carry.go", "return 2", "return 3")
	l.fast("fast/carry")
	l.write("carry/new.go", "package carry\n\nimport \"example.com/fast/a\"\n\nvar More a.Big\n")
	l.fast("fast/carry")
}
