package sheet

import (
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/tester"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

// coverage adds how much of what has changed is covered, and the lines that are not:
//
//	12 of 15 changed lines are covered
//
//	▸ cart/cart.go:10  lines 10-12 are not covered
//	  › 10 │     if sum < 0 {
func (sh *Sheet) coverage(c tester.Coverage) {
	if !c.Known() {
		return
	}
	sh.gap()
	ink := sh.Warn
	if lines, covered := c.Count(); c.Stale || c.Err != "" {
		ink = sh.Dim
	} else if lines == covered {
		ink = sh.Good
	}
	for _, line := range sh.wrap(cells.Clean(words.Coverage(c)), sh.w) {
		sh.Rows = append(sh.Rows, cells.Row{ink.Of(line)})
	}
	for _, f := range c.Files {
		for _, m := range f.Missed {
			sh.gap()
			sh.missed(f, m, c.Stale)
		}
	}
}

func (sh *Sheet) missed(f builder.FileCoverage, m builder.Missed, stale bool) {
	mark, place, ink := sh.mark(), sh.Accent, sh.Warn
	if sh.next() {
		place = sh.AccentBold
	}
	if stale {
		ink = sh.Dim
	}
	where, text := Location(sh.Dir, f.File, m.From, 0), words.Missed(f, m)
	it := Item{At: Place{File: f.File, Line: m.From}, Name: where, Text: func() string {
		one := f
		one.Missed = []builder.Missed{m}
		return printableLines(words.MissedSource(sh.Dir, tester.Coverage{Files: []builder.FileCoverage{one}}))
	}}
	head := cells.Row{mark, sh.Linked(place, f.File).Of(sh.CutLeft(where, sh.w-2))}
	rows := []cells.Row{append(head, cells.Bare("  "), ink.Of(text))}
	if sh.RowWidth(rows[0]) > sh.w {
		rows = []cells.Row{head}
		for _, line := range sh.wrap(text, sh.w-4) {
			rows = append(rows, cells.Row{cells.Bare("    "), ink.Of(line)})
		}
	}
	sh.add(it, append(rows, sh.missedSource(f, m, ink, stale)...)...)
}

// missedSource returns the source of a run of lines, each with a mark in the gutter.
func (sh *Sheet) missedSource(f builder.FileCoverage, m builder.Missed, ink cells.Ink, stale bool) (rows []cells.Row) {
	digits := len(strconv.Itoa(m.From + len(m.Excerpt)))
	room := sh.w - 4 - digits - 3 // "  › 41 │ "
	if sh.unseen || room < 8 {
		return nil
	}
	var lines []string
	for _, l := range m.Excerpt {
		lines = append(lines, cells.Clean(strings.TrimRight(l, " \t\r")))
	}
	code := sh.Highlight(f.File, lines, stale)
	for i, l := range lines {
		gutter := sh.gutter(ink.Of("  "+sh.Here+" "), ink, m.From+i, digits)
		rows = append(rows, append(gutter, sh.Clip(code[i], l, 0, room)...))
	}
	if n := m.To - m.From + 1 - len(lines); n > 0 {
		rows = append(rows, cells.Row{cells.Bare("    "), sh.Dim.Of("and " + words.Count(n, "line") + " more")})
	}
	return rows
}
