package tui

import "strings"

// A box is a pane's border and what is written into it.
type box struct {
	title   string   // the pane's name, with its key
	status  []string // what to say beside it, the longest form first
	ink     ink      // of the status
	right   []string // at the right end of the upper border, the longest first
	foot    string   // in the lower border
	focused bool
}

// draw puts lines (each of them exactly the inner width) into a border of w by
// h cells. One of height 1 is folded: its upper border only.
func (l Look) draw(b box, w, h int, lines []string) []string {
	if w < 4 || h < 1 {
		return blank(w, h)
	}
	edge := l.border
	if b.focused {
		edge = l.focused
	}
	out := make([]string, 0, h)
	if h == 1 {
		return append(out, l.top(b, edge, w, l.rule, l.rule))
	}
	out = append(out, l.top(b, edge, w, l.topLeft, l.topRight))
	side := edge.paint(l.bar)
	for i := range h - 2 {
		if i < len(lines) {
			out = append(out, side+" "+lines[i]+" "+side)
		} else {
			out = append(out, side+strings.Repeat(" ", w-2)+side)
		}
	}
	return append(out, l.bottom(b, edge, w))
}

func (l Look) top(b box, edge ink, w int, left, right string) string {
	room := w - 4 // corners and a cell of rule each
	name := l.cut(b.title, room-2)
	used := l.width(name) + 2
	// The right end gives way to the status, which gives way to the name.
	status := fit(l, b.status, room-used-5, true)
	if status != "" {
		used += l.width(status) + 4
	}
	end := fit(l, b.right, room-used-4, false)
	title := l.bold
	if b.focused {
		title = l.accentBold
	}
	var s strings.Builder
	s.WriteString(edge.paint(left))
	s.WriteString(" " + title.paint(name) + " ")
	if status != "" {
		s.WriteString(edge.paint(l.rule+l.rule) + " " + b.ink.paint(status) + " ")
	}
	if end != "" {
		n := w - 2 - used - l.width(end) - 3
		s.WriteString(edge.paint(strings.Repeat(l.rule, n)) + " " + l.dim.paint(end) + " " + edge.paint(l.rule))
	} else {
		s.WriteString(edge.paint(strings.Repeat(l.rule, max(0, w-2-used))))
	}
	s.WriteString(edge.paint(right))
	return s.String()
}

func (l Look) bottom(b box, edge ink, w int) string {
	foot := l.cut(b.foot, w-8)
	if foot == "" {
		return edge.paint(l.bottomLeft + strings.Repeat(l.rule, w-2) + l.bottomRight)
	}
	n := w - 2 - l.width(foot) - 3
	return edge.paint(l.bottomLeft+strings.Repeat(l.rule, n)) + " " + l.accent.paint(foot) + " " +
		edge.paint(l.rule+l.bottomRight)
}

// fit is the first of the forms that fits into w cells. If none does, the last
// is cut, or left out.
func fit(l Look, forms []string, w int, cut bool) string {
	for _, s := range forms {
		if l.width(s) <= w {
			return s
		}
	}
	if !cut || len(forms) == 0 || w < 6 {
		return ""
	}
	return l.cut(forms[len(forms)-1], w)
}

func blank(w, h int) []string {
	out := make([]string, max(0, h))
	for i := range out {
		out[i] = strings.Repeat(" ", max(0, w))
	}
	return out
}

// window is the part of n rows that h rows show from top on, with top moved to
// where it leaves no room unused.
func window(n, h, top int) (from, to int) {
	from = max(0, min(top, n-h))
	return from, min(n, from+max(0, h))
}

// scrolled is the top of n rows, of which h are seen, by rows further.
func scrolled(n, h, top, by int) int {
	from, _ := window(n, h, top)
	from, _ = window(n, h, from+by)
	return from
}

// more says in the lower border what is hidden above and below.
func (l Look) more(from, to, n int) string {
	var parts []string
	if from > 0 {
		parts = append(parts, l.above+" "+itoa(from))
	}
	if to < n {
		parts = append(parts, l.below+" "+itoa(n-to))
	}
	return strings.Join(parts, "  ")
}
