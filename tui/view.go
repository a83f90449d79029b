package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/tui/internal/cells"
	"github.com/hotdev/hotdev/tui/internal/vt"
)

// A look draws in cells, with methods that know the state.
type look struct{ cells.Look }

func (m model) View() tea.View {
	v := tea.NewView(strings.Join(m.lines(), "\n"))
	v.AltScreen = true
	v.WindowTitle = m.title()
	v.ProgressBar = m.progress()
	v.Cursor = m.cursor(m.layout())
	if !m.opts.NoMouse {
		v.MouseMode = tea.MouseModeCellMotion
		if f, ok := m.picture(); ok && m.typesKeys() && f.Mouse == vt.Motion {
			v.MouseMode = tea.MouseModeAllMotion
		}
	}
	return v
}

// lines returns the screen: exactly height lines of exactly width cells.
func (m model) lines() []string {
	lay := m.layout()
	if lay.header.empty() {
		return cells.Blank(0, m.height)
	}
	out := make([]string, m.height)
	out[0] = m.look.header(m.state, m.which(), m.now, m.width)
	if !lay.footer.empty() {
		out[lay.footer.y] = m.footer(m.width)
	}
	if h := m.hiding(); h != nil {
		return m.drawHiding(h, lay, out)
	}
	for _, p := range lay.fromLeft() { // each one appends to the lines that it shares
		for i, line := range m.drawPane(p, lay) {
			out[lay.panes[p].y+i] += line
		}
	}
	return out
}
