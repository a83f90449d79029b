package tui

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
)

// palette finds an action by its words and carries it out.
type palette struct {
	query string
	list  list
}

// matches are the actions that fit the query, the best first.
func (p palette) matches(m model) []binding {
	type match struct {
		binding
		rank int
	}
	var found []match
	for _, b := range m.keys {
		if b.action == paletteAction {
			continue
		}
		if rank := fits(p.query, b.action, b.help); rank >= 0 {
			found = append(found, match{b, rank})
		}
	}
	slices.SortStableFunc(found, func(a, b match) int { return cmp.Compare(a.rank, b.rank) })
	out := make([]binding, len(found))
	for i, f := range found {
		out[i] = f.binding
	}
	return out
}

// fits ranks an action for a query: by its whole name, by its beginning, by a part of its name, by a
// part of what it does, by its letters in order; -1 is not at all.
func fits(query, action, help string) int {
	q := strings.ToLower(strings.TrimSpace(query))
	switch {
	case action == q:
		return 0
	case strings.HasPrefix(action, q):
		return 1
	case strings.Contains(action, q):
		return 2
	case strings.Contains(strings.ToLower(help), q):
		return 3
	}
	rest := action
	for _, r := range q {
		i := strings.IndexRune(rest, r)
		if i < 0 {
			return -1
		}
		rest = rest[i+utf8.RuneLen(r):]
	}
	return 4
}

func (p palette) press(m model, k tea.KeyPressMsg) (model, page, tea.Cmd) {
	all := p.matches(m)
	switch name := k.String(); name {
	case "esc":
		return m, nil, nil
	case "enter":
		if len(all) == 0 {
			return m, p, nil
		}
		m.page = nil
		m, cmd := m.meant(all[min(p.list.at, len(all)-1)]).do(m)
		return m, m.page, cmd
	case "backspace":
		if p.query == "" {
			return m, nil, nil
		}
		_, n := utf8.DecodeLastRuneInString(p.query)
		p.query = p.query[:len(p.query)-n]
		p.list = list{}
	case "ctrl+u":
		p.query, p.list = "", list{}
	case "up", "down", "pgup", "pgdown", "home", "end":
		by, _ := steps(name, m.pageArea(m.layout()).h-2)
		p.list = p.list.move(len(all), by)
	default:
		const longest = 60 // no action needs more, and a paste is not a query
		if k.Text != "" && len(p.query) < longest {
			p.query += clean(k.Text)
			p.list = list{}
		}
	}
	return m, p, nil
}

func (p palette) scroll(m model, by int) page {
	p.list = p.list.move(len(p.matches(m)), by)
	return p
}

func (p palette) view(m model, w, h int) (box, []string) {
	l := m.look
	b := box{title: "Commands", status: []string{"type to find, enter does it", "enter does it"}, ink: l.dim}
	lines := []string{l.paint(row{l.accentBold.of(": "), l.bold.of(p.query), l.accent.of(l.cursor)}, w)}
	all := p.matches(m)
	if len(all) == 0 {
		return b, append(lines, l.paint(row{l.warn.of("nothing is called that")}, w))
	}
	h-- // the query's
	p.list = p.list.move(len(all), 0)
	from, to := p.list.window(len(all), h)
	widest := 0
	for _, b := range all {
		widest = max(widest, l.width(b.action))
	}
	for i, a := range all[from:to] {
		mark, ink := l.text.of("  "), l.text
		if from+i == p.list.at {
			mark, ink = l.accentBold.of(l.selected+" "), l.accentBold
		}
		left := row{mark, ink.of(a.action), l.text.of(spaces(widest - l.width(a.action) + 2)), l.dim.of(a.help)}
		keys := " " + a.shown()
		n := w - l.width(keys)
		if n < widest+12 { // no room for what it does
			keys, n = "", w
		}
		lines = append(lines, l.paint(left, n)+l.paint(row{l.bold.of(keys)}, w-n))
	}
	b.foot = l.more(from, to, len(all))
	return b, lines
}
