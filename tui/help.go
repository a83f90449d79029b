package tui

// help covers the panes with the key table.
type help struct {
	shown bool
	top   int
}

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
			rows = append(rows, row{{spaces(n), l.text}, {symbol, ink}, {"  " + line, l.text}})
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

func (h help) view(l look, table []binding, w, height int) (lines []string, foot string) {
	rows := h.rows(l, table, w)
	from, to := window(len(rows), height, h.top)
	for _, r := range rows[from:to] {
		lines = append(lines, l.paint(r, w))
	}
	return lines, l.more(from, to, len(rows))
}

func (h help) scroll(l look, table []binding, w, height, by int) help {
	n := len(h.rows(l, table, w))
	from, _ := window(n, height, h.top)
	h.top, _ = window(n, height, from+by)
	return h
}
