package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/tui/internal/cells"
	"github.com/hotdev/hotdev/tui/internal/pager"
)

// selectLines starts selecting whole lines.
func (m model) selectLines() model {
	if w, h := m.outputSize(); w <= 0 || h <= 0 {
		m.focus = processPane
	}
	w, h := m.outputSize()
	var ok bool
	if m.process.Output, ok = m.feed().SelectLines(w, h); !ok {
		m.flash = "there is no output to select"
	}
	return m
}

// selecting covers the panes while whole lines are being selected. Keys without a
// meaning in it go to the panes, as does the mouse.
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
	f := m.feed()
	w, h := m.outputSize()
	move := func(by int) (model, tea.Cmd, bool) {
		m.process.Output = f.Extend(by, w, h)
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
		text, ok := f.Copied()
		what := m.process.Selection.Words()
		m.process.Output = m.process.Unselect()
		next, cmd := m.copy(text, ok, strings.Replace(what, "selected", "copied", 1))
		return next, cmd, true
	case "esc", "v":
		m.process.Output = m.process.Unselect()
		return m, nil, true
	}
	return m, nil, false
}

// copy sends text to the terminal's clipboard (OSC 52).
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

// under returns the cell of the output at a point of the screen.
func (m model) under(x, y int) (pager.Cell, bool) {
	r := m.layout().body(processPane)
	if _, drawn := m.picture(); drawn || r.empty() || m.hiding() != nil {
		return pager.Cell{}, false
	}
	w, h := m.outputSize()
	return m.feed().CellAt(x-r.x, y-(r.y+r.h-m.lineRows()-h), w, h)
}

// draw extends the selection to the mouse; outside of the pane it scrolls.
func (m model) draw(e tea.MouseMotionMsg) model {
	if !m.process.Pressed || e.Button != tea.MouseLeft {
		return m
	}
	r := m.layout().body(processPane)
	w, h := m.outputSize()
	r.h -= m.lineRows()
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
	m.process.Output = m.feed().DrawTo(to, w, h)
	return m
}

// release copies the selection.
func (m model) release() (model, tea.Cmd) {
	m.process.Pressed = false
	if !m.process.Selection.Drag {
		if m.typing.focused && m.terminal() != nil && m.running() && m.prompt.asking == nothing {
			return m.giveKeyboard()
		}
		return m, nil
	}
	w, _ := m.outputSize()
	text, ok := m.feed().Drawn(w)
	m.process.Output = m.process.Unselect()
	return m.copy(text, ok, count(strings.Count(text, "\n")+1, "line")+" copied")
}
