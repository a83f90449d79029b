package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

func (m model) View() tea.View {
	v := tea.NewView(strings.Join(m.lines(), "\n"))
	v.AltScreen = true
	v.WindowTitle = m.title()
	v.ProgressBar = m.progress()
	v.Cursor = m.cursor(m.layout())
	if !m.opts.NoMouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	return v
}

// lines are the screen: exactly height lines of exactly width cells.
func (m model) lines() []string {
	lay := m.layout()
	if lay.header.empty() {
		return blank(0, m.height)
	}
	out := make([]string, m.height)
	out[0] = m.look.header(m.state, m.now, m.width)
	if !lay.footer.empty() {
		out[lay.footer.y] = m.footer(m.width)
	}
	if h := m.hiding(); h != nil {
		return m.drawHiding(h, lay, out)
	}
	// In the order of their x, so that each appends to the lines it shares.
	for p, r := range lay.panes {
		if r.empty() {
			continue
		}
		for i, line := range m.pane(pane(p), lay, r) {
			out[r.y+i] += line
		}
	}
	return out
}

// pane draws one pane into its rectangle.
func (m model) pane(p pane, lay layout, r rect) []string {
	in := lay.body(p)
	l, s := m.look, m.state
	var (
		b     box
		lines []string
		foot  string
	)
	switch p {
	case packagesPane:
		b = m.packages.box(s)
		if !in.empty() {
			lines, foot = m.packages.view(l, s, p == m.focus, in.w, in.h)
		}
	case buildPane:
		b = m.build.box(l, s, m.now)
		if !in.empty() {
			lines, foot = m.build.view(l, s, m.opts.Dir, m.selected, in.w, in.h)
		}
	case processPane:
		b = m.process.box(l, s, m.now)
		if !in.empty() {
			lines = m.process.view(l, s, in.w, in.h)
			if isFirst(s) {
				lines = m.welcomed(lines, in)
			}
		}
	}
	if lay.bare {
		return append(lines, blank(r.w, r.h-len(lines))...)
	}
	if foot != "" {
		b.foot = foot
	}
	b.focused = p == m.focus
	return l.draw(b, r.w, r.h, lines)
}
