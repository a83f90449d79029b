package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/tui/internal/cells"
)

// A cover lies over the panes and handles input before they do. A method that returns
// false leaves the input to the cover beneath.
type cover interface {
	press(m model, k tea.KeyPressMsg) (model, tea.Cmd, bool)
	click(m model, c tea.MouseClickMsg) (model, bool)
	// wheel scrolls what is at a cell of the screen, by a number of rows.
	wheel(m model, x, y, by int) (model, bool)
	// footer is the last line of the screen.
	footer(m model, w int) string
}

// A hiding cover is drawn instead of the panes.
type hiding interface {
	cover
	view(m model, w, h int) (cells.Box, []string)
}

// covers are those that are open, the topmost first: the obstacle, the page that hides
// the panes, those that take keys from the panes, and at last the panes themselves. Keys,
// clicks, the wheel, the footer and the drawing all follow this order.
func (m model) covers() []cover {
	var all []cover
	if m.state.Obstacle != nil {
		all = append(all, m.obstacle)
	}
	if m.page != nil {
		all = append(all, opened{m.page})
	}
	if m.prompt.asking != nothing {
		all = append(all, m.prompt)
	}
	if m.process.Selection.Lines {
		all = append(all, selecting{})
	}
	if m.typing.on && !leaving(m.state) {
		all = append(all, keyboard{})
	}
	return append(all, panes{})
}

// hiding is the cover that is drawn instead of the panes; nil if they are visible.
func (m model) hiding() hiding {
	for _, c := range m.covers() {
		if h, ok := c.(hiding); ok {
			return h
		}
	}
	return nil
}

// prompting reports whether keys go to the prompt.
func (m model) prompting() bool {
	_, ok := m.covers()[0].(prompt)
	return ok
}

// press gives a key to the covers. Two actions work whatever is on the screen: quitting,
// which ctrl+c always does, and suspending. But a program that has the keyboard gets all
// keys.
func (m model) press(k tea.KeyPressMsg) (model, tea.Cmd) {
	m.flash = ""
	if m.typesKeys() {
		return m.typeKey(k), nil
	}
	name := k.String()
	if b, ok := m.lookUp(name); ok && (name == "ctrl+c" || b.action == suspendAction && k.Text == "") {
		return b.do(m)
	}
	for _, c := range m.covers() {
		if m, cmd, ok := c.press(m, k); ok {
			return m, cmd
		}
	}
	return m, nil
}

func (m model) click(c tea.MouseClickMsg) model {
	m.flash = ""
	for _, over := range m.covers() {
		if m, ok := over.click(m, c); ok {
			return m
		}
	}
	return m
}

// wheelRows is how far a notch of the wheel scrolls, as in most terminals.
const wheelRows = 3

func (m model) wheel(w tea.MouseWheelMsg) model {
	by := 0
	switch w.Button {
	case tea.MouseWheelUp:
		by = -wheelRows
	case tea.MouseWheelDown:
		by = wheelRows
	default:
		return m
	}
	for _, c := range m.covers() {
		if m, ok := c.wheel(m, w.X, w.Y, by); ok {
			return m
		}
	}
	return m
}

// footer is that of the topmost cover. The answer to the last key, or the notice that
// hotdev is about to end, replaces its keys, but never the prompt's text.
func (m model) footer(w int) string {
	l := m.look
	if !m.prompting() {
		switch {
		case m.flash != "":
			return l.Paint(cells.Row{l.Warn.Of(" " + m.flash)}, w)
		case leaving(m.state):
			return m.leavingLine(w)
		}
	}
	return m.covers()[0].footer(m, w)
}

// drawHiding draws a cover where the panes would be.
func (m model) drawHiding(h hiding, lay layout, out []string) []string {
	in := m.pageArea(lay)
	b, lines := h.view(m, in.w, in.h)
	if lay.bare {
		lines = append(lines, cells.Blank(in.w, in.h-len(lines))...)
	} else {
		b.Focused = true
		lines = m.look.Draw(b, m.width, m.height-2, lines)
	}
	copy(out[1:], lines)
	return out
}

// pageArea is the area for the lines of a hiding cover.
func (m model) pageArea(lay layout) rect {
	if lay.bare {
		return rect{0, 1, m.width, m.height - 1}
	}
	return rect{0, 1, m.width, m.height - 2}.inner()
}
