package tui

import (
	"cmp"
	"slices"
)

// A rect is an area in cells; one without area is not shown.
type rect struct{ x, y, w, h int }

func (r rect) empty() bool { return r.w <= 0 || r.h <= 0 }

func (r rect) contains(x, y int) bool {
	return x >= r.x && x < r.x+r.w && y >= r.y && y < r.y+r.h
}

// inner is the area inside of the borders.
func (r rect) inner() rect {
	return rect{r.x + 2, r.y + 1, max(0, r.w-4), max(0, r.h-2)}
}

// A layout is the place of everything on the screen.
type layout struct {
	header, footer rect
	panes          []rect // by paneID
	// left is the width of the left column; 0 if there are no columns.
	left int
	// bare: only one pane is shown, without borders: there is no room for more, or the
	// pane asks for the whole screen.
	bare bool
}

// body is the area inside pane p's borders, if it has them.
func (l layout) body(p paneID) rect {
	if l.bare {
		return l.panes[p]
	}
	return l.panes[p].inner()
}

// at is the pane that holds the cell.
func (l layout) at(x, y int) (paneID, bool) {
	for p, r := range l.panes {
		if r.contains(x, y) {
			return paneID(p), true
		}
	}
	return 0, false
}

// fromLeft are the panes that are shown, those further left first.
func (l layout) fromLeft() []paneID {
	var all []paneID
	for p, r := range l.panes {
		if !r.empty() {
			all = append(all, paneID(p))
		}
	}
	slices.SortStableFunc(all, func(a, b paneID) int { return cmp.Compare(l.panes[a].x, l.panes[b].x) })
	return all
}

// The sizes at which the screen changes its shape.
const (
	minWidth, minHeight = 40, 10 // below: one bare pane and a status line
	// Side by side takes 80 columns: 24 for the package names leave 56, which is
	// a source line with its gutter; the standard terminal is that wide.
	wideWidth = 80
	// calmBuild is the height of the Build pane while there is nothing to fix: four
	// lines of summary in a border.
	calmBuild = 6
	// The least that the user can shrink the left column and the Build pane to: a
	// symbol and a short name; a line in a border.
	leastLeft, leastBuild = 14, 3
)

// need is how much room the Build pane asks for.
type need int

const (
	calm need = iota
	noticed
	broken
)

// A demand is what a layout depends on besides the size and the focus. What the
// Build pane needs is the same before, during and after a rebuild of a broken
// program, so that nothing moves while the user reads. Sizes that the user has set win.
type demand struct {
	build    need
	split    Split
	programs int
	tests    need
	whole    bool // the zoomed pane wants the room of its borders, too
}

// arrange lays the screen out.
func arrange(all []seat, w, h int, focus paneID, zoom bool, d demand) layout {
	l := layout{panes: make([]rect, len(all))}
	if w <= 0 || h <= 0 {
		return l
	}
	l.header = rect{0, 0, w, 1}
	if w < minWidth || h < minHeight {
		l.bare = true
		l.panes[focus] = rect{0, 1, w, h - 1}
		return l
	}
	l.footer = rect{0, h - 1, w, 1}
	body := rect{0, 1, w, h - 2}
	switch {
	case zoom:
		l.panes[focus], l.bare = body, d.whole
	case w >= wideWidth:
		l.left = min(max(24, body.w*26/100), 44)
		if d.split.Left > 0 {
			l.left = max(leastLeft, min(d.split.Left, body.w-minWidth))
		}
		fill(l.panes, all, leftColumn, rect{0, body.y, l.left, body.h}, focus, d)
		fill(l.panes, all, rightColumn, rect{l.left, body.y, body.w - l.left, body.h}, focus, d)
	default:
		stack(l.panes, all, body, focus, d)
	}
	return l
}

// fill stacks the panes of a column in r. One of them takes the room that the others
// leave; they are cut before it loses its last line. The one that has the focus takes
// its rows before the others.
func fill(panes []rect, all []seat, c column, r rect, focus paneID, d demand) {
	rows, rest := make([]int, len(all)), r.h
	take := func(p paneID) {
		if s := all[p]; s.column == c && s.rows != nil {
			rows[p] = max(0, min(s.rows(r.h, d), rest-leastBuild))
			rest -= rows[p]
		}
	}
	take(focus)
	for p := range all {
		if paneID(p) != focus {
			take(paneID(p))
		}
	}
	for p, s := range all {
		if s.column != c {
			continue
		}
		if s.rows == nil {
			rows[p] = rest
		}
		panes[p] = rect{r.x, r.y, r.w, rows[p]}
		r.y += rows[p]
	}
}

// buildRows is the height of the Build pane in its column.
func buildRows(h int, d demand) int {
	rows := min(calmBuild, max(3, h/3))
	switch d.build {
	case noticed:
		rows = max(rows, min(2*calmBuild, h*2/5))
	case broken:
		rows = max(rows, h*3/5)
	}
	if d.split.Build > 0 {
		rows = max(leastBuild, min(d.split.Build, h-leastBuild))
	}
	return rows
}

// stack puts all panes below each other. All but Build and Process are folded to a line
// unless they have the focus. If the height does not suffice, the focused pane gets it.
func stack(panes []rect, all []seat, body rect, focus paneID, d demand) {
	rows, rest := make([]int, len(all)), body.h
	for p, s := range all {
		switch p := paneID(p); {
		case p == buildPane || p == processPane || !s.shown(d):
			continue
		case p == focus:
			rows[p] = max(4, body.h*2/5)
		default:
			rows[p] = 1
		}
		rows[p] = max(0, min(rows[p], rest-2))
		rest -= rows[p]
	}
	build := min(calmBuild, rest/3)
	switch d.build {
	case noticed:
		build = rest / 2
	case broken: // a whole error, with what may be meant, where height is short
		build = rest * 2 / 3
	}
	build = max(build, 3)
	if rest < 12 && d.build != calm {
		switch focus {
		case buildPane:
			build = rest - 3
		case processPane:
			build = 3
		}
	}
	if d.split.Build > 0 {
		build = max(leastBuild, min(d.split.Build, rest-leastBuild))
	}
	if rest < 6 { // no room for two borders
		build = 1
	}
	rows[buildPane], rows[processPane] = build, rest-build
	for p := range all {
		panes[p] = rect{body.x, body.y, body.w, rows[p]}
		body.y += rows[p]
	}
}
