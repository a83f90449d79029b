package pager

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

// A spot is a row of the output: a line, by its number since the beginning (the log's
// Dropped plus its index, so that it stays the same while older lines are dropped), and
// one of that line's rows.
type spot struct{ Line, row int }

// tail is the visible part of the output: it follows the end, or is held at a spot. It
// reads only the visible lines, however long the log is.
type tail struct {
	Held bool
	top  spot
	seen int // the number of lines when the end was last followed
}

func end(log engine.Log) int { return log.Dropped() + log.Len() }

// markRule draws the line between the output of two generations.
func markRule(l cells.Look, m engine.Mark, w int) string {
	text := l.Rule + l.Rule + " " + l.Cut(markWords(m, l.Dot), w-4) + " "
	text += strings.Repeat(l.Rule, max(0, w-l.Width(text)))
	return l.Paint(cells.Row{l.Border.Of(text)}, w)
}

// markWords says which code runs from here on, why, and how long that took.
func markWords(m engine.Mark, dot string) string {
	text := "gen " + strconv.Itoa(m.Gen)
	switch {
	case m.Patched:
		text += " patched" + dot + "state kept"
	case m.Reloaded:
		text += " reloaded" + dot + "memory kept"
	case m.Again:
		text += " again"
	}
	if c := m.Cause; c.Kind == engine.BySave && len(c.Paths) > 0 {
		text += dot + cells.Clean(filepath.Base(c.Paths[0]))
		if n := len(c.Paths) - 1; n > 0 {
			text += " and " + strconv.Itoa(n) + " more"
		}
		text += " saved"
	} else if cause := cells.Clean(words.Cause("", c)); cause != "" {
		text += dot + cause
	}
	if m.Took > 0 {
		text += dot + words.Took(m.Took)
	}
	return text
}

// Visible returns at most h rows and the spot of the first.
func (t tail) Visible(f Feed, w, h int) (rows []string, top spot) {
	if h <= 0 || w <= 0 {
		return nil, spot{}
	}
	if t.Held {
		top = t.clamp(f, w)
		for n := top.Line; n < f.hi && len(rows) < h; n = f.next(n + 1) {
			line := f.rows(n, w)
			if n == top.Line {
				line = line[top.row:]
			}
			rows = append(rows, line...)
		}
		if len(rows) < h { // too few rows remain, because of a filter or a taller terminal
			return t.above(f, w, h, rows, top)
		}
		return rows[:h], top
	}
	var lines [][]string // from the last line backwards
	have := 0
	n := f.hi
	for have < h {
		before, ok := f.prev(n)
		if !ok {
			break
		}
		n = before
		line := f.rows(n, w)
		lines = append(lines, line)
		have += len(line)
	}
	for i := len(lines) - 1; i >= 0; i-- {
		rows = append(rows, lines[i]...)
	}
	extra := max(0, have-h)
	return rows[extra:], spot{n, extra}
}

// above fills up to h rows with those before top.
func (t tail) above(f Feed, w, h int, rows []string, top spot) ([]string, spot) {
	for len(rows) < h {
		if top.row == 0 {
			before, ok := f.prev(top.Line)
			if !ok {
				break
			}
			top = spot{before, len(f.rows(before, w))}
		}
		n := min(top.row, h-len(rows))
		rows = append(slices.Clone(f.rows(top.Line, w)[top.row-n:top.row]), rows...)
		top.row -= n
	}
	return rows, top
}

// clamp moves the top to a spot that still exists.
func (t tail) clamp(f Feed, w int) spot {
	n := f.next(max(t.top.Line, f.lo))
	if n >= f.hi { // no line is shown from there on
		n, _ = f.prev(f.hi)
	}
	if n != t.top.Line || n >= f.hi || n < f.lo {
		return spot{n, 0}
	}
	return spot{n, min(t.top.row, len(f.rows(t.top.Line, w))-1)}
}

// scroll scrolls by rows. When it reaches the end, it follows the end again.
func (t tail) scroll(f Feed, w, h, by int) tail {
	if w <= 0 || h <= 0 {
		return t
	}
	_, top := t.Visible(f, w, h)
	for by < 0 {
		if top.row > 0 {
			step := min(top.row, -by)
			top.row -= step
			by += step
			continue
		}
		before, ok := f.prev(top.Line)
		if !ok {
			break
		}
		top = spot{before, len(f.rows(before, w)) - 1}
		by++
	}
	for by > 0 && top.Line < f.hi {
		left := len(f.rows(top.Line, w)) - 1 - top.row
		if left >= by {
			top.row += by
			break
		}
		by -= left + 1
		top = spot{f.next(top.Line + 1), 0}
	}
	return t.hold(f, top, w, h)
}

// hold stays at a spot, unless everything from there to the end is visible.
func (t tail) hold(f Feed, top spot, w, h int) tail {
	if !t.Held {
		t.seen = f.hi
	}
	t.Held, t.top = true, top
	if t.atEnd(f, w, h) {
		return t.Follow()
	}
	return t
}

// freeze holds what is visible, even at the end.
func (t tail) freeze(f Feed, w, h int) tail {
	if t.Held {
		return t
	}
	_, t.top = t.Visible(f, w, h)
	t.Held, t.seen = true, f.hi
	return t
}

// atEnd reports whether nothing is below the visible rows.
func (t tail) atEnd(f Feed, w, h int) bool {
	rows := -t.top.row
	for n := t.top.Line; n < f.hi; n = f.next(n + 1) {
		if rows += len(f.rows(n, w)); rows > h {
			return false
		}
	}
	return true
}

func (t tail) Follow() tail {
	t.Held, t.top = false, spot{}
	return t
}

// home goes to the oldest line.
func (t tail) home(f Feed, w, h int) tail {
	return t.hold(f, spot{f.next(f.lo), 0}, w, h)
}

// show scrolls line n into view: not at all if it is visible, else to the middle.
func (t tail) show(f Feed, n, w, h int) tail {
	_, top := t.Visible(f, w, h)
	rows := -top.row
	for at := top.Line; at <= n && at < f.hi && rows < h; at = f.next(at + 1) {
		if rows += len(f.rows(at, w)); at == n && rows <= h && (at > top.Line || top.row == 0) {
			return t.hold(f, top, w, h)
		}
	}
	t = t.hold(f, spot{n, 0}, w, h)
	if !t.Held {
		return t
	}
	return t.scroll(f, w, h, -(h-len(f.rows(n, w)))/2)
}

// foot says that the end is not being followed.
func (t tail) foot(f Feed) string {
	if !t.Held {
		return ""
	}
	if n := f.hi - t.seen; n > 0 {
		return f.Below + " " + words.Count(n, "new line") + f.Dot + "G to follow"
	}
	return f.Below + " held" + f.Dot + "G to follow"
}
