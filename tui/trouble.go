package tui

import (
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
)

// since is how a complaint stands against those of the build before.
type since string

const (
	unsaid since = "" // there were none before: all are new, which needs no word
	fresh  since = "new"
	still  since = "still there"
)

// A trouble is a diagnostic with what hangs on it.
type trouble struct {
	builder.Diagnostic
	number string
	since  since
	echoes []trouble
}

// fold is the name under which its echoes are opened; it outlives a rebuild.
func (c trouble) fold() string {
	if len(c.echoes) == 0 {
		return ""
	}
	return "echoes " + c.File + " " + c.Message
}

// A group are the complaints about one package.
type group struct {
	pkg        string
	complaints []trouble
}

// troubles sorts the diagnostics: by package in the order they came, which is
// that of dependency, so that a cause stands above its consequences; an echo
// behind what it follows from.
func troubles(s engine.State) []group {
	ds := s.Build.Diagnostics
	old := stillThere(ds, s.Build.Before)
	var groups []group
	at := func(pkg string) int {
		i := slices.IndexFunc(groups, func(g group) bool { return g.pkg == pkg })
		if i < 0 {
			i = len(groups)
			groups = append(groups, group{pkg: pkg})
		}
		return i
	}
	uses := importers(s.Graph)
	for i, d := range ds {
		c := trouble{Diagnostic: d}
		switch {
		case old[i]:
			c.since = still
		case len(s.Build.Before) > 0:
			c.since = fresh
		}
		if d.Echo {
			if cause := causeOf(d, groups, uses); cause != nil {
				cause.echoes = append(cause.echoes, c)
				continue
			}
		}
		g := at(d.Package)
		groups[g].complaints = append(groups[g].complaints, c)
	}
	n := 0
	for _, g := range groups {
		for i := range g.complaints {
			n++
			c := &g.complaints[i]
			c.number = itoa(n)
			for k := range c.echoes {
				c.echoes[k].number = c.number + "." + itoa(k+1)
			}
		}
	}
	return groups
}

// causeOf is the trouble that an echo is folded behind: the last one of its
// own package, else of a package that it uses, else the last of all; nil if
// there is none at all.
func causeOf(d builder.Diagnostic, groups []group, uses map[string]map[string]bool) *trouble {
	var used, any *trouble
	for _, g := range groups {
		if len(g.complaints) == 0 {
			continue
		}
		last := &g.complaints[len(g.complaints)-1]
		if g.pkg == d.Package {
			return last
		}
		if uses[d.Package][g.pkg] {
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
		func(d builder.Diagnostic) string { return d.File + "\x00" + itoa(d.Line) + "\x00" + d.Message },
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

// mended are the complaints of the build before that the compiler has taken
// back. That one is not repeated proves nothing where the compiler did not look:
// below a package that is broken itself, behind a syntax error, after ten
// errors, or where nothing was compiled at all.
func mended(s engine.State) []builder.Diagnostic {
	_, gone := match(s.Build.Diagnostics, s.Build.Before)
	if len(gone) == 0 {
		return nil
	}
	errors, syntax := map[string]int{}, map[string]bool{}
	for _, d := range s.Build.Diagnostics {
		errors[d.Package]++
		syntax[d.Package] = syntax[d.Package] || strings.HasPrefix(d.Message, "syntax error")
	}
	if errors[""] > 0 {
		return nil
	}
	const most = 10 // what the compiler says of one package
	uses := importers(s.Graph)
	return slices.DeleteFunc(gone, func(d builder.Diagnostic) bool {
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
}
