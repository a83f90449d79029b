package tui

import tea "charm.land/bubbletea/v2"

// help is the page of the key table. Any key that does not scroll it closes it.
type help struct{ top int }

func (h help) rows(l look, table []binding, w int) (rows []row) {
	widest := 0
	for _, b := range table {
		widest = max(widest, l.width(b.shown()))
	}
	say := func(symbol string, ink ink, text string) {
		for i, line := range l.wrapWords(text, w-widest-2) {
			if i > 0 {
				symbol = ""
			}
			n := max(0, widest-l.width(symbol))
			rows = append(rows, row{l.text.of(spaces(n)), ink.of(symbol), l.text.of("  " + line)})
		}
	}
	for _, b := range table {
		say(b.shown(), l.bold, b.help)
	}
	rows = append(rows, nil)
	say(l.fresh, l.good, "compiled by the last build, with its time")
	say(l.idle, l.dim, "not compiled by it: nothing changed there")
	say(l.cross, l.bad, "has errors")
	say(l.edited, l.accent, "a save here triggered the last build")
	say(l.stderr, l.warn, "a line of standard error")
	say("mouse", l.bold, "wheel scrolls, click focuses; shift+drag selects text in most terminals")
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
	h.top = scrolled(len(h.rows(m.look, m.keys, in.w)), in.h, h.top, by)
	return h
}

func (h help) view(m model, w, height int) (box, []string) {
	rows := h.rows(m.look, m.keys, w)
	from, to := window(len(rows), height, h.top)
	b := box{title: "Keys", status: []string{"any other key closes this page"}, ink: m.look.dim, foot: m.look.more(from, to, len(rows))}
	return b, m.look.paintAll(rows[from:to], w)
}
