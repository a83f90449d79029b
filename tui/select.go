package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

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
	return count(last.line-first.line+1, "line") + " selected"
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

// selectLines begins to select whole lines: at the chosen match if it is seen,
// else at the last line.
func (m model) selectLines() model {
	w, h := m.outputSize()
	f := m.process.feed(m.look, m.state.Log)
	if w <= 0 || h <= 0 {
		m.focus = processPane
		w, h = m.outputSize()
	}
	at, ok := f.prev(f.hi)
	if !ok || h <= 0 {
		m.flash = "there is no output to select"
		return m
	}
	if m.process.tail.held {
		_, top := m.process.tail.visible(f, w, h)
		at = top.line
		if f.chosen && f.match > at {
			at = f.match
		}
	}
	here := cell{spot: spot{line: at}}
	m.process.selection = selection{lines: true, from: here, to: here, follow: !m.process.tail.held}
	m.process.tail = m.process.tail.freeze(f, w, h)
	return m
}

// unselect forgets the selection.
func (o output) unselect() output {
	if o.selection.follow {
		o.tail = o.tail.follow()
	}
	o.selection = selection{}
	return o
}

// selecting covers the panes while whole lines are being selected. The keys that
// it has no use for go on to the panes, as does the mouse.
type selecting struct{}

func (selecting) click(m model, _ tea.MouseClickMsg) (model, bool) { return m, false }
func (selecting) wheel(m model, _, _, _ int) (model, bool)         { return m, false }

func (selecting) footer(m model, w int) string {
	l := m.look
	var left []cells.Segment
	for i, k := range [][2]string{{"up, down", " extend"}, {"y", " copy"}, {"esc", " leave"}} {
		left = append(left, cells.Segment{Row: cells.Row{l.Bold.Of(k[0]), l.Dim.Of(k[1])}, Weight: i})
	}
	return l.Hints(left, w)
}

func (selecting) press(m model, k tea.KeyPressMsg) (model, tea.Cmd, bool) {
	f := m.process.feed(m.look, m.state.Log)
	w, h := m.outputSize()
	move := func(by int) (model, tea.Cmd, bool) {
		at := m.process.selection.to.line
		for ; by < 0; by++ {
			before, ok := f.prev(at)
			if !ok {
				break
			}
			at = before
		}
		for ; by > 0; by-- {
			next := f.next(at + 1)
			if next >= f.hi {
				break
			}
			at = next
		}
		m.process.selection.to.line = at
		m.process.tail = m.process.tail.show(f, at, w, h)
		return m, nil, true
	}
	switch k.String() {
	case "up", "k":
		return move(-1)
	case "down", "j":
		return move(1)
	case "pgup":
		return move(-h)
	case "pgdown":
		return move(h)
	case "enter", "y":
		text, ok := f.copied()
		what := m.process.selection.words()
		m.process.output = m.process.unselect()
		next, cmd := m.copy(text, ok, strings.Replace(what, "selected", "copied", 1))
		return next, cmd, true
	case "esc", "v":
		m.process.output = m.process.unselect()
		return m, nil, true
	}
	return m, nil, false
}

// copy hands text to the terminal's clipboard (OSC 52).
func (m model) copy(text string, ok bool, said string) (model, tea.Cmd) {
	if !ok {
		m.flash = "that is too much for a clipboard: e opens the output, S saves it"
		return m, nil
	}
	if text == "" {
		return m, nil
	}
	m.flash = said
	return m, tea.SetClipboard(text)
}

// under is the cell of the output beneath a point of the screen.
func (m model) under(x, y int) (cell, bool) {
	r := m.layout().body(processPane)
	w, h := m.outputSize()
	top := r.y + r.h - h
	if r.empty() || m.hiding() != nil || x < r.x || x >= r.x+r.w || y < top || y >= r.y+r.h {
		return cell{}, false
	}
	f := m.process.feed(m.look, m.state.Log)
	_, at := m.process.tail.visible(f, w, h)
	for n := at.line; n < f.hi; n = f.next(n + 1) {
		rows := len(f.rows(n, w)) - at.row
		if y-top < rows {
			return cell{spot{n, at.row + y - top}, x - r.x}, true
		}
		top += rows
		at.row = 0
	}
	return cell{}, false
}

// draw draws the selection to where the mouse is; out of the pane it scrolls.
func (m model) draw(e tea.MouseMotionMsg) model {
	if !m.process.pressed || e.Button != tea.MouseLeft {
		return m
	}
	r := m.layout().body(processPane)
	w, h := m.outputSize()
	switch top := r.y + r.h - h; {
	case e.Y < top:
		m, e.Y = m.scroll(processPane, -1), top
	case e.Y >= r.y+r.h:
		m, e.Y = m.scroll(processPane, 1), r.y+r.h-1
	}
	to, ok := m.under(max(r.x, min(e.X, r.x+r.w-1)), e.Y)
	if !ok {
		return m
	}
	follow := !m.process.tail.held || m.process.selection.follow
	m.process.tail = m.process.tail.freeze(m.process.feed(m.look, m.state.Log), w, h)
	m.process.selection = selection{drag: true, from: m.process.press, to: to, follow: follow}
	return m
}

// release copies what was drawn over.
func (m model) release() (model, tea.Cmd) {
	m.process.pressed = false
	if !m.process.selection.drag {
		return m, nil
	}
	w, _ := m.outputSize()
	text, ok := m.process.feed(m.look, m.state.Log).drawn(w)
	m.process.output = m.process.unselect()
	return m.copy(text, ok, count(strings.Count(text, "\n")+1, "line")+" copied")
}
