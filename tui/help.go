package tui

// help covers the panes with the key table.
type help struct {
	shown bool
	top   int
}

func (h help) rows(l look, table []binding) (rows []row) {
	widest := 0
	for _, b := range table {
		widest = max(widest, l.width(b.shown()))
	}
	for _, b := range table {
		rows = append(rows, row{{spaces(widest - l.width(b.shown())), l.text}, {b.shown(), l.bold}, {"  " + b.help, l.text}})
	}
	legend := func(symbol string, ink ink, text string) {
		n := max(0, widest-l.width(symbol))
		rows = append(rows, row{{spaces(n), l.text}, {symbol, ink}, {"  " + text, l.text}})
	}
	rows = append(rows, nil)
	legend(l.fresh, l.good, "compiled by the last build, with its time")
	legend(l.idle, l.dim, "not compiled by it: nothing changed there")
	legend(l.cross, l.bad, "has errors")
	legend(l.edited, l.accent, "a save here triggered the last build")
	legend(l.stderr, l.warn, "a line of standard error")
	legend("mouse", l.bold, "wheel scrolls, click focuses; shift+drag selects text in most terminals")
	return rows
}

func (h help) view(l look, table []binding, w, height int) (lines []string, foot string) {
	rows := h.rows(l, table)
	from, to := window(len(rows), height, h.top)
	for _, r := range rows[from:to] {
		lines = append(lines, l.paint(r, w))
	}
	return lines, l.more(from, to, len(rows))
}

func (h help) scroll(l look, table []binding, height, by int) help {
	n := len(h.rows(l, table))
	from, _ := window(n, height, h.top)
	h.top, _ = window(n, height, from+by)
	return h
}
