package tui

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/tui/internal/cells"
)

// palette finds an action by words of its name or description, and runs it.
type palette struct {
	query string
	list  list
}

// matches returns the actions that match the query, the best first.
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

// fits ranks how an action matches a query: by its whole name, by its beginning, by a
// part of its name, by a part of its description, by its letters in order; -1 means
// that it does not match.
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
		const longest = 60 // no action needs more, and a pasted text is not a query
		if k.Text != "" && len(p.query) < longest {
			p.query += cells.Clean(k.Text)
			p.list = list{}
		}
	}
	return m, p, nil
}

func (p palette) scroll(m model, by int) page {
	p.list = p.list.move(len(p.matches(m)), by)
	return p
}

func (p palette) view(m model, w, h int) (cells.Box, []string) {
	l := m.look
	b := cells.Box{Title: "Commands", Status: []string{"type to find, enter runs it", "enter runs it"}, Ink: l.Dim}
	lines := []string{l.Paint(cells.Row{l.AccentBold.Of(": "), l.Bold.Of(p.query), l.Accent.Of(l.Cursor)}, w)}
	all := p.matches(m)
	if len(all) == 0 {
		return b, append(lines, l.Paint(cells.Row{l.Warn.Of("no command matches")}, w))
	}
	h-- // the row of the query
	p.list = p.list.move(len(all), 0)
	from, to := p.list.window(len(all), h)
	widest := 0
	for _, b := range all {
		widest = max(widest, l.Width(b.action))
	}
	for i, a := range all[from:to] {
		mark, ink := l.Text.Of("  "), l.Text
		if from+i == p.list.at {
			mark, ink = l.AccentBold.Of(l.Selected+" "), l.AccentBold
		}
		left := cells.Row{mark, ink.Of(a.action), l.Text.Of(cells.Spaces(widest - l.Width(a.action) + 2)), l.Dim.Of(a.help)}
		keys := " " + a.shown()
		n := w - l.Width(keys)
		if n < widest+12 { // there is no room for the description
			keys, n = "", w
		}
		lines = append(lines, l.Paint(left, n)+l.Paint(cells.Row{l.Bold.Of(keys)}, w-n))
	}
	b.Foot = l.More(from, to, len(all))
	return b, lines
}
