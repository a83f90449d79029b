package engine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hotdev/hotdev/builder"
)

func diag(pkg, file string, line int, message string) builder.Diagnostic {
	return builder.Diagnostic{Package: pkg, File: file, Line: line, Message: message}
}

func echo(pkg, file string, line int, message string) builder.Diagnostic {
	d := diag(pkg, file, line, message)
	d.Echo = true
	return d
}

// chain is three packages, each of which uses the one before it.
func chain() builder.Graph {
	return builder.Graph{Packages: []builder.Package{
		{ImportPath: "a"}, {ImportPath: "b", Imports: []string{"a", "fmt"}}, {ImportPath: "c", Imports: []string{"b"}}, {ImportPath: "d"},
	}}
}

func TestStillThere(t *testing.T) {
	x := diag("a", "a.go", 10, "undefined: x")
	for _, c := range []struct {
		what        string
		now, before []builder.Diagnostic
		still       string // of now
		gone        int
	}{
		{"the same", []builder.Diagnostic{x}, []builder.Diagnostic{x}, "y", 0},
		{"moved in its file", []builder.Diagnostic{diag("a", "a.go", 99, x.Message)}, []builder.Diagnostic{x}, "y", 0},
		{"moved to another file", []builder.Diagnostic{diag("a", "b.go", 1, x.Message)}, []builder.Diagnostic{x}, "y", 0},
		{"in another package", []builder.Diagnostic{diag("b", "c.go", 10, x.Message)}, []builder.Diagnostic{x}, "n", 1},
		{"another at the same place", []builder.Diagnostic{diag("a", "a.go", 10, "undefined: y")}, []builder.Diagnostic{x}, "n", 1},
		{"one more of the same", []builder.Diagnostic{diag("a", "a.go", 5, x.Message), x}, []builder.Diagnostic{x}, "ny", 0},
		{"one less of the same", []builder.Diagnostic{x}, []builder.Diagnostic{x, diag("a", "a.go", 12, x.Message)}, "y", 1},
		{"nothing before", []builder.Diagnostic{x}, nil, "n", 0},
	} {
		still, gone := match(c.now, c.before)
		got := ""
		for _, s := range still {
			if s {
				got += "y"
			} else {
				got += "n"
			}
		}
		if got != c.still || len(gone) != c.gone {
			t.Errorf("%s: still there %s and %d gone, want %s and %d", c.what, got, len(gone), c.still, c.gone)
		}
	}
}

// TestMended: what the compiler did not look at is not called fixed.
func TestMended(t *testing.T) {
	was := []builder.Diagnostic{diag("c", "c.go", 1, "missing return")}
	var ten []builder.Diagnostic
	for i := range 10 {
		ten = append(ten, diag("c", "c.go", i, "undefined: x"))
	}
	for _, c := range []struct {
		what string
		now  []builder.Diagnostic
		want int
	}{
		{"all is well", nil, 1},
		{"another error in its package", []builder.Diagnostic{diag("c", "c.go", 1, "undefined: x")}, 1},
		{"an error in a package of its own", []builder.Diagnostic{diag("d", "d.go", 1, "undefined: x")}, 1},
		{"an error in what it uses", []builder.Diagnostic{diag("a", "a.go", 1, "undefined: x")}, 0},
		{"a syntax error", []builder.Diagnostic{diag("c", "c.go", 9, "syntax error: unexpected }")}, 0},
		{"as many as are said", ten, 0},
		{"nothing could be built", []builder.Diagnostic{diag("", "", 0, "go: cannot find main module")}, 0},
		{"it is still there", was, 0},
	} {
		s := State{Graph: chain(), Build: BuildState{Diagnostics: c.now, Before: was}}
		if got := s.Resolved(); len(got) != c.want {
			t.Errorf("%s: fixed are %v, want %d", c.what, got, c.want)
		}
	}
}

// TestUnjudged: what an answer before the compile says nothing of is neither
// fixed nor new in the next.
func TestUnjudged(t *testing.T) {
	bug, typo := diag("a", "a.go", 1, "undefined: x"), diag("c", "c.go", 3, "package nope is not in std")
	hook := diag("", "", 0, "templ: exit status 1")
	var s State
	s = s.complain(1, []builder.Diagnostic{bug}, false)
	s = s.complain(2, []builder.Diagnostic{typo}, true)
	if got := s.Resolved(); len(got) > 0 {
		t.Errorf("fixed by an import that leads nowhere: %v", got)
	}
	s = s.complain(3, []builder.Diagnostic{bug, typo}, true) // said again, it is there once
	s = s.complain(4, []builder.Diagnostic{hook}, false)
	if got := s.Resolved(); len(got) > 0 {
		t.Errorf("fixed by a command that fails: %v", got)
	}
	again := s.complain(5, []builder.Diagnostic{bug}, false)
	if since := again.Troubles()[0].Troubles[0].Since; since != Still {
		t.Errorf("said before and not fixed since: %v", since)
	}
	if got := s.complain(5, nil, false).Resolved(); len(got) != 2 || got[0].Message != hook.Message || got[1].Message != bug.Message {
		t.Errorf("fixed at last: %v, want the last and what was compiled before", got)
	}
}

// outline is what Troubles says, in a line: groups, numbers, what hangs on them.
func outline(groups []Group) string {
	var parts []string
	for _, g := range groups {
		for _, c := range g.Troubles {
			s := fmt.Sprintf("%s:%s=%s", c.Number, g.Package, c.Message)
			for _, e := range c.Echoes {
				s += fmt.Sprintf("(%s:%s)", e.Number, e.Package)
			}
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " ")
}

func TestGroups(t *testing.T) {
	for _, c := range []struct {
		what string
		ds   []builder.Diagnostic
		want string
	}{
		{"packages are kept together", []builder.Diagnostic{diag("a", "", 1, "x"), diag("b", "", 1, "y"), diag("a", "", 2, "z")}, "1:a=x 2:a=z 3:b=y"},
		{"an echo of the same package", []builder.Diagnostic{diag("a", "", 1, "x"), diag("a", "", 1, "y"), echo("a", "", 2, "y")}, "1:a=x 2:a=y(2.1:a)"},
		{"an echo in a dependent of a dependent", []builder.Diagnostic{diag("a", "", 1, "x"), diag("d", "", 1, "y"), echo("c", "", 2, "z")}, "1:a=x(1.1:c) 2:d=y"},
		{"an echo without a cause goes to the last", []builder.Diagnostic{diag("a", "", 1, "x"), diag("b", "", 1, "y"), echo("d", "", 2, "z")}, "1:a=x 2:b=y(2.1:d)"},
		{"an echo alone counts like any other", []builder.Diagnostic{echo("d", "", 2, "z")}, "1:d=z"},
	} {
		s := State{Graph: chain(), Build: BuildState{Diagnostics: c.ds}}
		if got := outline(s.Troubles()); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
}
