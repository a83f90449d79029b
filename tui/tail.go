package tui

import (
	"path/filepath"
	"strings"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
)

// A spot is a row of the output: a line by its number since the beginning (the
// log's Dropped plus its index, so that it stays the same line while older ones
// go), and which of that line's rows.
type spot struct{ line, row int }

// tail is how the output is looked at: following its end, or held at a spot. It
// touches only the lines that are seen, however long the log is.
type tail struct {
	held bool
	top  spot
	seen int // how many lines there were when it was last followed
	// cleared is the first line that the user wants to see.
	cleared int
}

func first(t tail, log engine.Log) int { return max(log.Dropped(), min(t.cleared, end(log))) }
func end(log engine.Log) int           { return log.Dropped() + log.Len() }

// lineRows draws one line of the log at w cells.
func (l look) lineRows(log engine.Log, n, w int) []string {
	e := log.At(n - log.Dropped())
	if e.Mark != nil {
		return []string{l.markRule(*e.Mark, w)}
	}
	gutter := l.width(l.stderr) + 1
	if w <= gutter { // a sliver: the text is all there is room for
		gutter = 0
	}
	mark := spaces(gutter)
	if e.Stream == runner.Stderr && gutter > 0 {
		mark = l.warn.paint(l.stderr) + " "
	}
	var rows []string
	for _, text := range l.wrapOutput(e.Text, w-gutter) {
		n := gutter + l.width(text)
		rows = append(rows, mark+text+spaces(w-n))
	}
	return rows
}

// markRule is the line between what one generation printed and the next one.
func (l look) markRule(m engine.Mark, w int) string {
	text := l.rule + l.rule + " " + l.cut(markWords(m, l.dot), w-4) + " "
	text += strings.Repeat(l.rule, max(0, w-l.width(text)))
	return l.paint(row{{text, l.border}}, w)
}

// markWords says which code runs from here on, why, and how long it took.
func markWords(m engine.Mark, dot string) string {
	words := "gen " + itoa(m.Gen)
	switch {
	case m.Reloaded:
		words += " reloaded" + dot + "memory kept"
	case m.Again:
		words += " again"
	}
	if c := m.Cause; c.Kind == "save" && len(c.Paths) > 0 {
		words += dot + clean(filepath.Base(c.Paths[0]), sourceTab)
		if n := len(c.Paths) - 1; n > 0 {
			words += " and " + itoa(n) + " more"
		}
		words += " saved"
	} else if text := why("", c); text != "" {
		words += dot + text
	}
	if m.Took > 0 {
		words += dot + took(m.Took)
	}
	return words
}

// visible gives at most h rows and the spot of the first.
func (t tail) visible(l look, log engine.Log, w, h int) (rows []string, top spot) {
	if h <= 0 || w <= 0 {
		return nil, spot{}
	}
	if t.held {
		top = t.clamp(l, log, w)
		for n := top.line; n < end(log) && len(rows) < h; n++ {
			line := l.lineRows(log, n, w)
			if n == top.line {
				line = line[top.row:]
			}
			rows = append(rows, line...)
		}
		return rows[:min(h, len(rows))], top
	}
	var lines [][]string // from the last line backwards
	have := 0
	n := end(log)
	for n > first(t, log) && have < h {
		n--
		line := l.lineRows(log, n, w)
		lines = append(lines, line)
		have += len(line)
	}
	for i := len(lines) - 1; i >= 0; i-- {
		rows = append(rows, lines[i]...)
	}
	extra := max(0, have-h)
	return rows[extra:], spot{n, extra}
}

// clamp moves the top to a spot that still is there.
func (t tail) clamp(l look, log engine.Log, w int) spot {
	lo, hi := first(t, log), end(log)
	switch {
	case hi == lo:
		return spot{lo, 0}
	case t.top.line < lo:
		return spot{lo, 0}
	case t.top.line >= hi:
		return spot{hi - 1, 0}
	}
	return spot{t.top.line, min(t.top.row, len(l.lineRows(log, t.top.line, w))-1)}
}

// scroll moves by rows; arriving at the end is following again.
func (t tail) scroll(l look, log engine.Log, w, h, by int) tail {
	if w <= 0 || h <= 0 {
		return t
	}
	_, top := t.visible(l, log, w, h)
	lo, hi := first(t, log), end(log)
	for by < 0 && (top.row > 0 || top.line > lo) {
		if top.row > 0 {
			step := min(top.row, -by)
			top.row -= step
			by += step
			continue
		}
		top.line--
		top.row = len(l.lineRows(log, top.line, w)) - 1
		by++
	}
	for by > 0 && top.line < hi {
		left := len(l.lineRows(log, top.line, w)) - 1 - top.row
		if left >= by {
			top.row += by
			break
		}
		by -= left + 1
		top = spot{top.line + 1, 0}
	}
	if !t.held {
		t.seen = hi
	}
	t.held, t.top = true, top
	if t.atEnd(l, log, w, h) {
		return t.follow()
	}
	return t
}

// atEnd tells whether nothing is left below.
func (t tail) atEnd(l look, log engine.Log, w, h int) bool {
	rows := -t.top.row
	for n := t.top.line; n < end(log); n++ {
		if rows += len(l.lineRows(log, n, w)); rows > h {
			return false
		}
	}
	return true
}

func (t tail) follow() tail {
	t.held, t.top = false, spot{}
	return t
}

// home holds the oldest line.
func (t tail) home(l look, log engine.Log, w, h int) tail {
	if !t.held {
		t.seen = end(log)
	}
	t.held, t.top = true, spot{first(t, log), 0}
	if t.atEnd(l, log, w, h) {
		return t.follow()
	}
	return t
}

// clear hides what was written so far.
func (t tail) clear(log engine.Log) tail {
	t.cleared = end(log)
	return t.follow()
}

// foot says that the end is not being followed.
func (t tail) foot(l look, log engine.Log) string {
	if !t.held {
		return ""
	}
	if n := end(log) - t.seen; n > 0 {
		return l.below + " " + count(n, "new line") + l.dot + "G to follow"
	}
	return l.below + " held" + l.dot + "G to follow"
}
