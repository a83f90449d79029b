package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/tui/internal/cells"
)

// A cover lies over the panes, and answers what the user does before they do. A
// method reports false for what is none of the cover's business: it falls to
// what is beneath.
type cover interface {
	press(m model, k tea.KeyPressMsg) (model, tea.Cmd, bool)
	click(m model, c tea.MouseClickMsg) (model, bool)
	// wheel scrolls by rows what is at a cell of the screen.
	wheel(m model, x, y, by int) (model, bool)
	// footer is what the last line of the screen says.
	footer(m model, w int) string
}

// A hiding cover is drawn in the place of the panes.
type hiding interface {
	cover
	view(m model, w, h int) (cells.Box, []string)
}

// covers are those that there are, the topmost first: one without which nothing
// else makes sense, then one that hides the panes, then those that take keys from
// them, and at last the panes themselves. This order is the one for keys, clicks,
// the wheel, the footer and the drawing.
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

// hiding is the cover that is seen in place of the panes; nil if they are seen.
func (m model) hiding() hiding {
	for _, c := range m.covers() {
		if h, ok := c.(hiding); ok {
			return h
		}
	}
	return nil
}

// prompting reports whether what is typed goes to the prompt.
func (m model) prompting() bool {
	_, ok := m.covers()[0].(prompt)
	return ok
}

// press gives a key to the covers. Two mean the same whatever is on the screen:
// the way out, which always has ctrl+c, and the way to the shell. But a program that
// has the keyboard has all of it.
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

// footer is the topmost cover's. What the last key led to, and that hotdev is
// about to end, takes the place of its keys, but not of what is being typed.
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

// pageArea is where the lines of what hides the panes are.
func (m model) pageArea(lay layout) rect {
	if lay.bare {
		return rect{0, 1, m.width, m.height - 1}
	}
	return rect{0, 1, m.width, m.height - 2}.inner()
}
