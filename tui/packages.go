package tui

import (
	"cmp"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/tui/internal/cells"
	"github.com/hotdev/hotdev/tui/internal/sheet"
)

// packages shows the packages of the program. It stores how far it is scrolled, and the
// import path of the chosen package, whose position in the list may change.
type packages struct {
	top    int
	chosen string
}

// entry is a package in the list.
type entry struct {
	name   string
	pkg    builder.Package
	errors int
	main   bool
	edited bool // one of its files triggered the last build
}

// entries returns the packages in the order of the list: broken ones first, then those
// compiled recently, then the main package, then by name; vendored packages last.
func entries(s engine.State) []entry {
	broken := errorsOf(s)
	edited := map[string]bool{}
	for _, p := range s.Build.Cause.Paths {
		edited[p] = true
	}
	out := make([]entry, 0, len(s.Graph.Packages))
	for _, p := range s.Graph.Packages {
		e := entry{
			name:   sheet.ShortName(s, p),
			pkg:    p,
			errors: broken[p.ImportPath],
			main:   p.ImportPath == s.Graph.Main,
		}
		e.edited = len(edited) > 0 && (slices.ContainsFunc(p.Files, func(f string) bool { return edited[f] }) ||
			slices.ContainsFunc(p.EmbedFiles, func(f string) bool { return edited[f] }) ||
			anyIn(p.Dir, s.Build.Cause.Paths))
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b entry) int {
		return cmp.Or(
			-cmp.Compare(min(a.errors, 1), min(b.errors, 1)),
			cmp.Compare(boolInt(a.pkg.Vendored), boolInt(b.pkg.Vendored)),
			-cmp.Compare(s.Compiles[a.pkg.ImportPath].Gen, s.Compiles[b.pkg.ImportPath].Gen),
			-cmp.Compare(boolInt(a.main), boolInt(b.main)),
			cmp.Compare(a.name, b.name),
			cmp.Compare(a.pkg.ImportPath, b.pkg.ImportPath),
		)
	})
	return out
}

// errorsOf counts the errors of the program's packages, by import path. An error about
// another package (an import that cannot be found) counts for the package whose folder
// contains it.
func errorsOf(s engine.State) map[string]int {
	of := map[string]int{}
	for _, d := range s.Build.Diagnostics {
		path := d.Package
		if !slices.ContainsFunc(s.Graph.Packages, func(p builder.Package) bool { return p.ImportPath == path }) && d.File != "" {
			dir := filepath.Dir(d.File)
			if i := slices.IndexFunc(s.Graph.Packages, func(p builder.Package) bool { return p.Dir == dir }); i >= 0 {
				path = s.Graph.Packages[i].ImportPath
			}
		}
		of[path]++
	}
	return of
}

// anyIn reports whether a Go file in dir itself is among paths. A removed file no
// longer belongs to a package.
func anyIn(dir string, paths []string) bool {
	return slices.ContainsFunc(paths, func(p string) bool {
		return filepath.Ext(p) == ".go" && filepath.Dir(p) == dir
	})
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// meanings: in this pane, keys open and watch the chosen package.
func (p packages) meanings() map[string]meaning {
	return map[string]meaning{
		"open":  {always("details", 57), func(m model) (model, tea.Cmd) { return m.showPackage() }},
		"watch": {always("watch on/off", 56), func(m model) (model, tea.Cmd) { return m.togglePackage() }},
	}
}

func (p packages) view(m model, w, h int) (cells.Box, []string) {
	l, s := m.look, m.state
	list := entries(s)
	var b cells.Box
	if n := len(list); n > 0 {
		b.Status = []string{strconv.Itoa(n)}
		k := 0
		for _, e := range list {
			k += min(1, e.errors)
		}
		if k > 0 {
			b.Status = []string{strconv.Itoa(k) + " broken of " + strconv.Itoa(n), strconv.Itoa(k) + " broken", strconv.Itoa(n)}
		}
	}
	if h <= 0 {
		return b, nil
	}
	if len(list) == 0 && s.Settings.Command {
		return b, []string{l.Paint(cells.Row{l.Dim.Of("a command, not built")}, w)}
	}
	if len(list) == 0 {
		return b, []string{l.Paint(cells.Row{l.Dim.Of("listing packages")}, w)}
	}
	from, to := cells.Window(len(list), h, p.top)
	longest := time.Duration(0)
	for _, c := range s.Compiles {
		longest = max(longest, c.Took)
	}
	var lines []string
	for i, e := range list[from:to] {
		chosen := m.focus == packagesPane && (e.pkg.ImportPath == p.chosen || p.index(list) < 0 && i == 0)
		lines = append(lines, l.entry(s, e, chosen, longest, w))
	}
	b.Foot = l.More(from, to, len(list))
	return b, lines
}

// entry draws a package: symbol, name, mark, and the most important fact at the right
// end.
func (l look) entry(s engine.State, e entry, chosen bool, longest time.Duration, w int) string {
	symbol, name, right, short := l.Dim.Of(l.Idle), l.Text, cells.Span{}, ""
	compiled, ok := s.Compiles[e.pkg.ImportPath]
	times := ""
	if ok {
		short = took(compiled.Took)
		times = strings.TrimSpace(l.height(compiled.Took, longest) + " " + short)
		right = l.Dim.Of(times)
	}
	compiling := s.Build.Phase == engine.Compiling
	switch {
	case compiling && s.Build.Package == e.pkg.ImportPath:
		symbol, right, short = l.Warn.Of(l.Busy), l.Warn.Of("compiling"), l.Ellipsis
	case e.errors > 0:
		symbol, name, right, short = l.BadBold.Of(l.Cross), l.Bold, l.Bad.Of(count(e.errors, "error")), strconv.Itoa(e.errors)
		if compiling { // the result may change
			symbol.Ink, name, right.Ink = l.Dim, l.Dim, l.Dim
		}
	case ok && compiled.Gen > 0 && compiled.Gen == s.Last.Gen:
		symbol, right.Ink = l.Good.Of(l.Fresh), l.Text
	}
	mark := cells.Span{}
	switch {
	case slices.Contains(s.Ignored, e.pkg.ImportPath):
		mark = l.Warn.Of(" not watched")
	case e.edited:
		mark = l.Accent.Of(" " + l.Edited)
	}
	if chosen {
		symbol, name = l.AccentBold.Of(l.Selected), l.AccentBold
	}
	room := w - 2 - l.Width(mark.Text)
	if right.Text != "" { // its imports, if there is room for all
		const usual = len("_ 888 ms")
		imports := count(len(e.pkg.Imports), "import") + "  " + cells.Spaces(usual-l.Width(right.Text)) + right.Text
		if l.Width(e.name)+1+l.Width(imports) <= room {
			right.Text = imports
		}
	}
	fits := func(name, right string) bool { return l.Width(name)+1+l.Width(right) <= room }
	// The bar is dropped before the name is cut.
	last := l.Ellipsis + "/" + path.Base(e.name)
	timed := ok && right.Text == times
	if short != "" && !fits(e.name, right.Text) && (!timed || fits(e.name, short) || !fits(last, right.Text)) {
		right.Text = short
	}
	// An old time is dropped before the name is cut; a recent one is not.
	n := l.Width(right.Text) + 1
	if news := symbol.Text != l.Idle; n > 1 && (l.Width(e.name) <= room-n || news && room-n >= 8) {
		room -= n
	} else {
		right = cells.Span{}
	}
	left := cells.Row{symbol, cells.Bare(" "), name.Of(l.CutPath(e.name, room)), mark}
	return l.PaintBetween(left, cells.Row{right}, 1, w)
}

// index returns the index of the chosen package in the list, or -1.
func (p packages) index(list []entry) int {
	return slices.IndexFunc(list, func(e entry) bool { return e.pkg.ImportPath == p.chosen })
}

// move chooses another package, by rows away, and scrolls it into view.
func (p packages) move(m model, by int) model {
	list, h := entries(m.state), m.layout().body(packagesPane).h
	if len(list) == 0 {
		return m
	}
	at := p.index(list)
	if at < 0 {
		at, _ = cells.Window(len(list), h, p.top)
	}
	at = max(0, min(at+by, len(list)-1))
	p.chosen = list[at].pkg.ImportPath
	p.top = max(min(p.top, at), at-h+1)
	m.packages = p
	return m
}

func (p packages) click(m model, y int) model {
	list := entries(m.state)
	if from, to := cells.Window(len(list), m.layout().body(packagesPane).h, p.top); from+y < to {
		m.packages.chosen = list[from+y].pkg.ImportPath
	}
	return m
}

// current returns the chosen package's import path, or "".
func (p packages) current(s engine.State) string {
	list := entries(s)
	if len(list) == 0 {
		return ""
	}
	return list[max(0, p.index(list))].pkg.ImportPath
}

func (p packages) scroll(m model, by int) model {
	m.packages.top = cells.Scrolled(len(m.state.Graph.Packages), m.layout().body(packagesPane).h, p.top, by)
	return m
}
