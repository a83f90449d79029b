package tui

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/tui/internal/cells"
	"github.com/hotdev/hotdev/tui/internal/sheet"
)

// detail is the page of one package: its files, who imports it, what it imports.
type detail struct {
	path string // import path
	top  int
}

// showPackage opens the page of the chosen package.
func (m model) showPackage() (model, tea.Cmd) {
	if p := m.packages.current(m.state); p != "" {
		return m.turnTo(detail{path: p})
	}
	return m, nil
}

// togglePackage stops watching the chosen package, or watches it again.
func (m model) togglePackage() (model, tea.Cmd) {
	p := m.packages.current(m.state)
	if p == "" {
		return m, nil
	}
	return m.send(engine.Ignore{Package: p})
}

func (d detail) press(m model, k tea.KeyPressMsg) (model, page, tea.Cmd) {
	h := m.pageArea(m.layout()).h
	if by, ok := steps(k.String(), h); ok {
		return m, d.scroll(m, by), nil
	}
	if k.String() == "w" {
		m, cmd := m.send(engine.Ignore{Package: d.path})
		return m, d, cmd
	}
	return m, nil, nil
}

func (d detail) scroll(m model, by int) page {
	in := m.pageArea(m.layout())
	d.top = cells.Scrolled(len(d.rows(m)), in.h, d.top, by)
	return d
}

func (d detail) view(m model, w, h int) (cells.Box, []string) {
	rows := d.rows(m)
	from, to := cells.Window(len(rows), h, d.top)
	watch := "w stops watching it"
	if slices.Contains(m.state.Ignored, d.path) {
		watch = "w watches it again"
	}
	b := cells.Box{Title: "Package", Status: []string{watch}, Ink: m.look.Dim, Foot: m.look.More(from, to, len(rows))}
	return b, m.look.PaintAll(rows[from:to], w)
}

func (d detail) rows(m model) (rows []cells.Row) {
	l, s := m.look, m.state
	i := slices.IndexFunc(s.Graph.Packages, func(p builder.Package) bool { return p.ImportPath == d.path })
	if i < 0 {
		return []cells.Row{{l.Warn.Of(cells.Clean(d.path) + " is no longer part of the program")}}
	}
	p := s.Graph.Packages[i]
	rows = append(rows, cells.Row{l.Bold.Of(cells.Clean(p.ImportPath))}, cells.Row{l.Dim.Of(sheet.Relative(m.opts.Dir, p.Dir))})
	if slices.Contains(s.Ignored, d.path) {
		rows = append(rows, cells.Row{l.Warn.Of("not watched: its saves do nothing")})
	}
	if c, ok := s.Compiles[d.path]; ok {
		rows = append(rows, cells.Row{l.Dim.Of(fmt.Sprintf("compiled by gen %d in %s", c.Gen, took(c.Took)))})
	}
	section := func(title string, lines []string) {
		if len(lines) == 0 {
			return
		}
		rows = append(rows, nil, cells.Row{l.AccentBold.Of(title), l.Dim.Of(" " + strconv.Itoa(len(lines)))})
		for _, line := range lines {
			rows = append(rows, cells.Row{l.Text.Of("  " + cells.Clean(line))})
		}
	}
	var errs []string
	for _, g := range s.Build.Diagnostics {
		if g.Package == d.path {
			errs = append(errs, sheet.Location(m.opts.Dir, g.File, g.Line, g.Column)+"  "+g.Message)
		}
	}
	section("Errors", errs)
	changed := map[string]bool{}
	for _, f := range s.Build.Cause.Paths {
		changed[f] = true
	}
	var files []string
	for _, f := range slices.Concat(p.Files, p.EmbedFiles) {
		name := f
		if rel, err := filepath.Rel(p.Dir, f); err == nil {
			name = rel
		}
		if changed[f] {
			name += " " + l.Edited + " saved last"
		}
		files = append(files, name)
	}
	section("Files", files)
	var importers []string
	for _, q := range s.Graph.Packages {
		if slices.Contains(q.Imports, d.path) {
			importers = append(importers, sheet.ShortName(s, q))
		}
	}
	section("Imported by", importers)
	own, others := []string{}, []string{}
	for _, path := range p.Imports {
		j := slices.IndexFunc(s.Graph.Packages, func(q builder.Package) bool { return q.ImportPath == path })
		if j >= 0 {
			own = append(own, sheet.ShortName(s, s.Graph.Packages[j]))
		} else {
			others = append(others, path)
		}
	}
	section("Imports of the program's own", own)
	slices.SortStableFunc(others, func(a, b string) int { // modules before the standard library
		return boolInt(strings.Contains(b, ".")) - boolInt(strings.Contains(a, "."))
	})
	section("Other imports", others)
	return rows
}
