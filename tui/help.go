package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/tui/internal/cells"
)

// help is the page of the key table. Any key that does not scroll it closes it.
type help struct{ top int }

func (h help) rows(l look, table []binding, w int) (rows []cells.Row) {
	widest := 0
	for _, b := range table {
		widest = max(widest, l.Width(b.shown()))
	}
	say := func(symbol string, ink cells.Ink, text string) {
		for i, line := range l.WrapWords(text, w-widest-2) {
			if i > 0 {
				symbol = ""
			}
			n := max(0, widest-l.Width(symbol))
			rows = append(rows, cells.Row{l.Text.Of(cells.Spaces(n)), ink.Of(symbol), l.Text.Of("  " + line)})
		}
	}
	for _, b := range table {
		say(b.shown(), l.Bold, b.help)
	}
	rows = append(rows, nil)
	say(l.Fresh, l.Good, "compiled by the last build, with its time")
	say(l.Idle, l.Dim, "not compiled by it: nothing changed there")
	say(l.Cross, l.Bad, "has errors")
	say(l.Edited, l.Accent, "a save here triggered the last build")
	say(l.Stderr, l.Warn, "a line of stderr")
	say("mouse", l.Bold, "wheel scrolls, click focuses; shift+drag selects text in most terminals")
	return rows
}

func (h help) press(m model, k tea.KeyPressMsg) (model, page, tea.Cmd) {
	if by, ok := steps(k.String(), m.pageArea(m.layout()).h); ok {
		return m, h.scroll(m, by), nil
	}
	return m, nil, nil
}

func (h help) scroll(m model, by int) page {
	in := m.pageArea(m.layout())
	h.top = cells.Scrolled(len(h.rows(m.look, m.keys, in.w)), in.h, h.top, by)
	return h
}

func (h help) view(m model, w, height int) (cells.Box, []string) {
	rows := h.rows(m.look, m.keys, w)
	from, to := cells.Window(len(rows), height, h.top)
	b := cells.Box{Title: "Keys", Status: []string{"any other key closes this page"}, Ink: m.look.Dim, Foot: m.look.More(from, to, len(rows))}
	return b, m.look.PaintAll(rows[from:to], w)
}
