package pager

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

// A Cell is a cell of the output: a row and, from 0, a column.
type Cell struct {
	spot
	x int
}

func (a Cell) before(b Cell) bool {
	switch {
	case a.Line != b.Line:
		return a.Line < b.Line
	case a.row != b.row:
		return a.row < b.row
	}
	return a.x < b.x
}

// selection is what is to be copied: whole lines (key v), or what the mouse was dragged
// over.
type selection struct {
	Lines, Drag bool
	From, to    Cell // the first and the current cell, both included
	// follow: the end was followed before, and will be afterwards.
	follow bool
}

// ends returns From and To in the order of the output.
func (s selection) ends() (first, last Cell) {
	if s.to.before(s.From) {
		return s.to, s.From
	}
	return s.From, s.to
}

// columns returns the selected range of a row of w cells.
func (s selection) columns(at spot, w int) (from, to int) {
	first, last := s.ends()
	here := Cell{spot: at}
	switch {
	case s.Lines:
		if at.Line < first.Line || at.Line > last.Line {
			return 0, 0
		}
		return 0, w
	case !s.Drag, here.before(Cell{spot: first.spot}), (Cell{spot: last.spot}).before(here):
		return 0, 0
	}
	from, to = 0, w
	if at == first.spot {
		from = first.x
	}
	if at == last.spot {
		to = min(last.x+1, w)
	}
	return from, max(from, to)
}

func (s selection) Words() string {
	first, last := s.ends()
	return words.Count(last.Line-first.Line+1, "line") + " selected"
}

// selected draws the selected part of line n in reverse video.
func (f Feed) selected(n int, rows []string, w int) []string {
	if !f.Selection.Lines && !f.Selection.Drag {
		return rows
	}
	for i, text := range rows {
		from, to := f.Selection.columns(spot{n, i}, w)
		if from == to {
			continue
		}
		rows[i] = f.Between(text, 0, from) + cells.Found + ansi.Strip(f.Between(text, from, to)) + cells.FoundEnd + f.Between(text, to, w)
	}
	return rows
}

// mostCopied limits how many bytes are sent to the terminal, which accepts much less
// than a file.
const mostCopied = 1 << 20

// Copied returns the text of the selection; ok is false if it is too long.
func (f Feed) Copied() (text string, ok bool) {
	var b strings.Builder
	first, last := f.Selection.ends()
	for n := f.next(first.Line); n <= last.Line && n < f.hi; n = f.next(n + 1) {
		if b.Len() > mostCopied {
			return "", false
		}
		e := f.at(n)
		if e.Mark != nil {
			b.WriteString(f.Rule + f.Rule + " " + markWords(*e.Mark, f.Dot))
		} else {
			b.WriteString(runner.Uncoloured(e.Text))
		}
		b.WriteByte('\n')
	}
	return b.String(), true
}

// Drawn returns the text that the mouse was dragged over, at w cells. The pieces of a
// wrapped line are joined.
func (f Feed) Drawn(w int) (text string, ok bool) {
	var b strings.Builder
	s := f.Selection
	bare := f
	bare.Selection = selection{}
	gutter := f.Width(f.Stderr) + 1
	if w <= gutter {
		gutter = 0
	}
	first, last := s.ends()
	for n := f.next(first.Line); n <= last.Line && n < f.hi; n = f.next(n + 1) {
		if b.Len() > mostCopied {
			return "", false
		}
		if n > first.Line && b.Len() > 0 {
			b.WriteByte('\n')
		}
		rows := bare.rows(n, w)
		for i, row := range rows {
			from, to := s.columns(spot{n, i}, w)
			if f.at(n).Mark == nil {
				from = max(from, gutter)
			}
			if from >= to {
				continue
			}
			piece := ansi.Strip(f.Between(row, from, to))
			if to == w {
				piece = strings.TrimRight(piece, " ")
			}
			b.WriteString(piece)
		}
	}
	return b.String(), true
}

// Unselect drops the selection.
func (o Output) Unselect() Output {
	if o.Selection.follow {
		o.Tail = o.Tail.Follow()
	}
	o.Selection = selection{}
	return o
}
