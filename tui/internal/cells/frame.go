package cells

import (
	"strconv"
	"strings"
)

// A Box is a pane's border and the text in it.
type Box struct {
	Title   string   // the pane's name, with its key
	Status  []string // beside the title, the longest form first
	Ink     Ink      // of Status
	Right   []string // at the right end of the upper border, the longest form first
	Foot    string   // in the lower border
	Focused bool
}

// Draw draws lines (each exactly as wide as the inside) with a border, in w by h cells.
// A box of height 1 is folded: only its upper border is drawn.
func (l Look) Draw(b Box, w, h int, lines []string) []string {
	if w < 4 || h < 1 {
		return Blank(w, h)
	}
	edge := l.Border
	if b.Focused {
		edge = l.focused
	}
	out := make([]string, 0, h)
	if h == 1 {
		return append(out, l.top(b, edge, w, l.Rule, l.Rule))
	}
	out = append(out, l.top(b, edge, w, l.topLeft, l.topRight))
	side := edge.Paint(l.Bar)
	for i := range h - 2 {
		if i < len(lines) {
			out = append(out, side+" "+lines[i]+" "+side)
		} else {
			out = append(out, side+strings.Repeat(" ", w-2)+side)
		}
	}
	return append(out, l.bottom(b, edge, w))
}

func (l Look) top(b Box, edge Ink, w int, left, right string) string {
	room := w - 4 // without the corners and a cell of border on each side
	name := l.Cut(b.Title, room-2)
	used := l.Width(name) + 2
	// If space is short, the right end is dropped before the status, and the status
	// before the title.
	status := fit(l, b.Status, room-used-5, true)
	if status != "" {
		used += l.Width(status) + 4
	}
	end := fit(l, b.Right, room-used-4, false)
	title := l.Bold
	if b.Focused {
		title = l.AccentBold
	}
	var s strings.Builder
	s.WriteString(edge.Paint(left))
	s.WriteString(" " + title.Paint(name) + " ")
	if status != "" {
		s.WriteString(edge.Paint(l.Rule+l.Rule) + " " + b.Ink.Paint(status) + " ")
	}
	if end != "" {
		n := w - 2 - used - l.Width(end) - 3
		s.WriteString(edge.Paint(strings.Repeat(l.Rule, n)) + " " + l.Dim.Paint(end) + " " + edge.Paint(l.Rule))
	} else {
		s.WriteString(edge.Paint(strings.Repeat(l.Rule, max(0, w-2-used))))
	}
	s.WriteString(edge.Paint(right))
	return s.String()
}

func (l Look) bottom(b Box, edge Ink, w int) string {
	foot := l.Cut(b.Foot, w-8)
	if foot == "" {
		return edge.Paint(l.bottomLeft + strings.Repeat(l.Rule, w-2) + l.bottomRight)
	}
	n := w - 2 - l.Width(foot) - 3
	return edge.Paint(l.bottomLeft+strings.Repeat(l.Rule, n)) + " " + l.Accent.Paint(foot) + " " +
		edge.Paint(l.Rule+l.bottomRight)
}

// fit returns the first of the forms that fits into w cells. If none does, the last one
// is cut, or omitted.
func fit(l Look, forms []string, w int, cut bool) string {
	for _, s := range forms {
		if l.Width(s) <= w {
			return s
		}
	}
	if !cut || len(forms) == 0 || w < 6 {
		return ""
	}
	return l.Cut(forms[len(forms)-1], w)
}

func Blank(w, h int) []string {
	out := make([]string, max(0, h))
	for i := range out {
		out[i] = strings.Repeat(" ", max(0, w))
	}
	return out
}

// Window returns the range of n rows that h rows show from top on, with top adjusted so
// that no space is unused.
func Window(n, h, top int) (from, to int) {
	from = max(0, min(top, n-h))
	return from, min(n, from+max(0, h))
}

// Scrolled returns the top of n rows, of which h are visible, after scrolling by rows.
func Scrolled(n, h, top, by int) int {
	from, _ := Window(n, h, top)
	from, _ = Window(n, h, from+by)
	return from
}

// More says in the lower border how much is hidden above and below.
func (l Look) More(from, to, n int) string {
	var parts []string
	if from > 0 {
		parts = append(parts, l.above+" "+strconv.Itoa(from))
	}
	if to < n {
		parts = append(parts, l.Below+" "+strconv.Itoa(n-to))
	}
	return strings.Join(parts, "  ")
}
