package engine

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/builder"
)

// Since relates a diagnostic to those of the build before.
type Since string

// Where there were no diagnostics before, all are new, which needs no word.
const (
	Unsaid Since = ""
	New    Since = "new"
	Still  Since = "still there"
)

// A Trouble is a diagnostic with what hangs on it.
type Trouble struct {
	builder.Diagnostic
	// Number is "1", or "1.2" for an echo of it.
	Number string
	Since  Since
	// Echoes are those that would go with it.
	Echoes []Trouble
}

// Behind says how many echoes there are, and where; empty if there are none. Dot
// parts what is of its own package from what is in dependents.
func (c Trouble) Behind(dot string) string {
	alike, below := 0, 0
	for _, e := range c.Echoes {
		if e.Package == c.Package {
			alike++
		} else {
			below++
		}
	}
	var parts []string
	if alike > 0 {
		parts = append(parts, strconv.Itoa(alike)+" more like this")
	}
	if below > 0 {
		parts = append(parts, strconv.Itoa(below)+" more in dependents")
	}
	return strings.Join(parts, dot)
}

// A Group are the troubles of one package.
type Group struct {
	Package  string
	Troubles []Trouble
}

// Troubles sorts the diagnostics of the last build: by package in the order they
// came, which is that of dependency, so that a cause comes before its
// consequences, and an echo after what it follows from.
func (s State) Troubles() []Group {
	ds := s.Build.Diagnostics
	old := stillThere(ds, s.Build.Before)
	var groups []Group
	at := func(pkg string) int {
		i := slices.IndexFunc(groups, func(g Group) bool { return g.Package == pkg })
		if i < 0 {
			i = len(groups)
			groups = append(groups, Group{Package: pkg})
		}
		return i
	}
	uses := importers(s.Graph)
	for i, d := range ds {
		c := Trouble{Diagnostic: d}
		switch {
		case old[i]:
			c.Since = Still
		case len(s.Build.Before) > 0:
			c.Since = New
		}
		if d.Echo {
			if cause := causeOf(d, groups, uses); cause != nil {
				cause.Echoes = append(cause.Echoes, c)
				continue
			}
		}
		g := at(d.Package)
		groups[g].Troubles = append(groups[g].Troubles, c)
	}
	n := 0
	for _, g := range groups {
		for i := range g.Troubles {
			n++
			c := &g.Troubles[i]
			c.Number = strconv.Itoa(n)
			for k := range c.Echoes {
				c.Echoes[k].Number = c.Number + "." + strconv.Itoa(k+1)
			}
		}
	}
	return groups
}

// causeOf is the trouble that an echo is folded behind: the last one of its
// own package, else of a package that it uses, else the last of all; nil if
// there is none at all.
func causeOf(d builder.Diagnostic, groups []Group, uses map[string]map[string]bool) *Trouble {
	var used, any *Trouble
	for _, g := range groups {
		if len(g.Troubles) == 0 {
			continue
		}
		last := &g.Troubles[len(g.Troubles)-1]
		if g.Package == d.Package {
			return last
		}
		if uses[d.Package][g.Package] {
			used = last
		}
		any = last
	}
	if used != nil {
		return used
	}
	return any
}

// importers say of every package of the program which others it is made of,
// directly or not.
func importers(g builder.Graph) map[string]map[string]bool {
	uses := make(map[string]map[string]bool, len(g.Packages))
	for _, p := range g.Packages { // dependencies first
		all := map[string]bool{}
		for _, imp := range p.Imports {
			all[imp] = true
			for further := range uses[imp] {
				all[further] = true
			}
		}
		uses[p.ImportPath] = all
	}
	return uses
}

// stillThere tells which of the diagnostics were there before: each old one
// answers for one new one. Lines move while one edits, and code is moved from
// file to file, so the same message in the same file counts, then that in the
// same package.
func stillThere(now, before []builder.Diagnostic) []bool {
	old, _ := match(now, before)
	return old
}

func match(now, before []builder.Diagnostic) (still []bool, gone []builder.Diagnostic) {
	still, used := make([]bool, len(now)), make([]bool, len(before))
	for _, same := range []func(builder.Diagnostic) string{
		func(d builder.Diagnostic) string { return d.File + "\x00" + strconv.Itoa(d.Line) + "\x00" + d.Message },
		func(d builder.Diagnostic) string { return d.File + "\x00" + d.Message },
		func(d builder.Diagnostic) string { return d.Package + "\x00" + d.Message },
	} {
		left := map[string][]int{}
		for i, d := range before {
			if !used[i] {
				left[same(d)] = append(left[same(d)], i)
			}
		}
		for i, d := range now {
			if k := same(d); !still[i] && len(left[k]) > 0 {
				still[i], used[left[k][0]] = true, true
				left[k] = left[k][1:]
			}
		}
	}
	for i, d := range before {
		if !used[i] {
			gone = append(gone, d)
		}
	}
	return still, gone
}

// Resolved are the diagnostics of the build before that the compiler has taken
// back. That one is not repeated proves nothing where the compiler did not look:
// below a package that is broken itself, behind a syntax error, after ten
// errors, or where nothing was compiled at all.
func (s State) Resolved() []builder.Diagnostic {
	if s.Build.judgedNothing() {
		return nil
	}
	_, gone := match(s.Build.Diagnostics, s.Build.Before)
	if len(gone) == 0 {
		return nil
	}
	errors, syntax := map[string]int{}, map[string]bool{}
	for _, d := range s.Build.Diagnostics {
		errors[d.Package]++
		syntax[d.Package] = syntax[d.Package] || strings.HasPrefix(d.Message, "syntax error")
	}
	const most = 10 // what the compiler says of one package
	uses := importers(s.Graph)
	gone = slices.DeleteFunc(gone, func(d builder.Diagnostic) bool {
		if syntax[d.Package] || errors[d.Package] >= most {
			return true
		}
		for broken := range errors {
			if uses[d.Package][broken] {
				return true
			}
		}
		return false
	})
	// What only followed from another went with it.
	if slices.ContainsFunc(gone, func(d builder.Diagnostic) bool { return !d.Echo }) {
		gone = slices.DeleteFunc(gone, func(d builder.Diagnostic) bool { return d.Echo })
	}
	return gone
}
