package tui

// A pane is one of the three areas of the screen. Its value is its place in the
// order of tab, and its key less one.
type pane int

const (
	packagesPane pane = iota
	buildPane
	processPane
	paneCount
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

// A layout says where everything stands.
type layout struct {
	header, footer rect
	panes          [paneCount]rect
	// bare: there is no room for borders and one pane is all there is.
	bare bool
}

// body is the area inside pane p's borders, if it has them.
func (l layout) body(p pane) rect {
	if l.bare {
		return l.panes[p]
	}
	return l.panes[p].inner()
}

// at is the pane that holds the cell.
func (l layout) at(x, y int) (pane, bool) {
	for p, r := range l.panes {
		if r.contains(x, y) {
			return pane(p), true
		}
	}
	return 0, false
}

// The sizes at which the screen changes its shape.
const (
	minWidth, minHeight = 40, 10 // below: one bare pane and a status line
	// Side by side takes 80 columns: 24 for the package names leave 56, which is
	// a source line with its gutter; the standard terminal is that wide.
	wideWidth = 80
	// calmBuild is what the Build pane takes when there is nothing to fix: four
	// lines of summary in a border.
	calmBuild = 6
	// What the user can shrink the Packages pane and the Build pane to: a symbol
	// and a short name; a line in a border.
	leastLeft, leastBuild = 14, 3
)

// need is how much the Build pane has to say.
type need int

const (
	calm need = iota
	noticed
	broken
)

// arrange lays the screen out. What the Build pane needs is the same before,
// during and after a rebuild of what is broken, so that nothing moves while the
// user reads. What the user set by hand goes before it.
func arrange(w, h int, focus pane, zoom bool, n need, split Split) layout {
	var l layout
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
		l.panes[focus] = body
	case w >= wideWidth:
		l.panes = sideBySide(body, n, split)
	default:
		l.panes = stacked(body, focus, n, split)
	}
	return l
}

// sideBySide: packages to the left, build above process to the right.
func sideBySide(body rect, n need, split Split) (panes [paneCount]rect) {
	left := min(max(24, body.w*26/100), 44)
	build := min(calmBuild, max(3, body.h/3))
	switch n {
	case noticed:
		build = max(build, min(2*calmBuild, body.h*2/5))
	case broken:
		build = max(build, body.h*3/5)
	}
	if split.Left > 0 {
		left = max(leastLeft, min(split.Left, body.w-minWidth))
	}
	if split.Build > 0 {
		build = max(leastBuild, min(split.Build, body.h-leastBuild))
	}
	right := body.w - left
	panes[packagesPane] = rect{0, body.y, left, body.h}
	panes[buildPane] = rect{left, body.y, right, build}
	panes[processPane] = rect{left, body.y + build, right, body.h - build}
	return panes
}

// stacked: one above the other, packages folded to a line unless they have the
// focus. Where height is short the focused pane gets what there is.
func stacked(body rect, focus pane, n need, split Split) (panes [paneCount]rect) {
	packages := 1
	if focus == packagesPane {
		packages = max(4, body.h*2/5)
	}
	rest := body.h - packages
	build := min(calmBuild, rest/3)
	switch n {
	case noticed:
		build = rest / 2
	case broken: // a whole error, with what may be meant, where height is short
		build = rest * 2 / 3
	}
	build = max(build, 3)
	if rest < 12 && n != calm {
		switch focus {
		case buildPane:
			build = rest - 3
		case processPane:
			build = 3
		}
	}
	if split.Build > 0 {
		build = max(leastBuild, min(split.Build, rest-leastBuild))
	}
	if rest < 6 { // no room for two borders
		build = 1
	}
	panes[packagesPane] = rect{0, body.y, body.w, packages}
	panes[buildPane] = rect{0, body.y + packages, body.w, build}
	panes[processPane] = rect{0, body.y + packages + build, body.w, rest - build}
	return panes
}
