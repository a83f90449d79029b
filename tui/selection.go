package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

// A cell of the output: a row of it and, from 0, the cell in that row.
type cell struct {
	spot
	x int
}

func (a cell) before(b cell) bool {
	switch {
	case a.line != b.line:
		return a.line < b.line
	case a.row != b.row:
		return a.row < b.row
	}
	return a.x < b.x
}

// selection is what is to be copied: whole lines (key v), or what the mouse was
// drawn over.
type selection struct {
	lines, drag bool
	from, to    cell // where it began, and where it has come to; both are part of it
	// follow: the end was followed before, and is to be after.
	follow bool
}

// ends are from and to in their order.
func (s selection) ends() (first, last cell) {
	if s.to.before(s.from) {
		return s.to, s.from
	}
	return s.from, s.to
}

// columns is which cells of a row of w cells are part of it.
func (s selection) columns(at spot, w int) (from, to int) {
	first, last := s.ends()
	here := cell{spot: at}
	switch {
	case s.lines:
		if at.line < first.line || at.line > last.line {
			return 0, 0
		}
		return 0, w
	case !s.drag, here.before(cell{spot: first.spot}), (cell{spot: last.spot}).before(here):
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

func (s selection) words() string {
	first, last := s.ends()
	return words.Count(last.line-first.line+1, "line") + " selected"
}

// selected paints what of line n is selected in reverse video.
func (f feed) selected(n int, rows []string, w int) []string {
	if !f.selection.lines && !f.selection.drag {
		return rows
	}
	for i, text := range rows {
		from, to := f.selection.columns(spot{n, i}, w)
		if from == to {
			continue
		}
		rows[i] = f.Between(text, 0, from) + cells.Found + ansi.Strip(f.Between(text, from, to)) + cells.FoundEnd + f.Between(text, to, w)
	}
	return rows
}

// mostCopied bounds what is handed to the terminal, which takes much less than a
// file does.
const mostCopied = 1 << 20

// copied is the text of the selection; false if it is too much.
func (f feed) copied() (text string, ok bool) {
	var b strings.Builder
	first, last := f.selection.ends()
	for n := f.next(first.line); n <= last.line && n < f.hi; n = f.next(n + 1) {
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

// drawn is the text that the mouse was drawn over, at w cells: the pieces of a
// line that was wrapped are one again.
func (f feed) drawn(w int) (text string, ok bool) {
	var b strings.Builder
	s := f.selection
	bare := f
	bare.selection = selection{}
	gutter := f.Width(f.Stderr) + 1
	if w <= gutter {
		gutter = 0
	}
	first, last := s.ends()
	for n := f.next(first.line); n <= last.line && n < f.hi; n = f.next(n + 1) {
		if b.Len() > mostCopied {
			return "", false
		}
		if n > first.line && b.Len() > 0 {
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

// unselect forgets the selection.
func (o output) unselect() output {
	if o.selection.follow {
		o.tail = o.tail.follow()
	}
	o.selection = selection{}
	return o
}
