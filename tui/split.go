package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/tui/internal/cells"
)

// A Split is how the user has divided the screen, in cells: the width of the Packages
// pane and the height of the Build pane. 0 means the default.
type Split struct {
	Left  int `json:"left,omitempty"`
	Build int `json:"build,omitempty"`
}

// A Layout is the remembered settings of the screen.
type Layout struct {
	Split
	Pretty    bool `json:"pretty,omitempty"`    // show JSON log lines as words
	Unwrapped bool `json:"unwrapped,omitempty"` // cut long lines of the output
}

// grip is the part of the split that the mouse holds.
type grip int

const (
	noGrip grip = iota
	leftGrip
	buildGrip
)

// gripAt returns the line between panes at the cell, if there is one.
func (l layout) gripAt(x, y int) grip {
	build, process := l.panes[buildPane], l.panes[processPane]
	if l.bare || build.empty() || process.empty() {
		return noGrip
	}
	level := slices.ContainsFunc(l.panes, func(r rect) bool { return !r.empty() && y == r.y }) // a row with an upper border
	switch {
	case l.left > 0 && (x == l.left-1 || x == l.left) && !level && l.header.h <= y && y < l.footer.y-1:
		return leftGrip
	case x >= build.x && (y == process.y || y == process.y-1 && build.h > 1):
		return buildGrip
	}
	return noGrip
}

// drag moves what the mouse holds to the cell.
func (m model) drag(x, y int) model {
	lay := m.layout()
	switch m.grip {
	case leftGrip:
		m.split.Left = max(leastLeft, x)
	case buildGrip:
		m.split.Build = max(leastBuild, y-lay.panes[buildPane].y)
	}
	return m
}

// resplit moves the lines between the panes by cells, for a key.
func (m model) resplit(left, build int) (model, tea.Cmd) {
	lay, s := m.layout(), m.split
	if left != 0 && m.width >= wideWidth {
		s.Left = max(leastLeft, lay.left+left)
	}
	if h := lay.panes[buildPane].h; build != 0 && h > 0 && !lay.panes[processPane].empty() {
		s.Build = max(leastBuild, h+build)
	}
	return m.divide(s)
}

// divide divides the panes in a new way.
func (m model) divide(s Split) (model, tea.Cmd) {
	m.split = s
	return m.keep()
}

// keep makes hotdev remember the layout.
func (m model) keep() (model, tea.Cmd) {
	if m.opts.Remember == nil {
		return m, nil
	}
	l := Layout{m.split, m.process.Pretty, m.process.Unwrapped}
	return m, func() tea.Msg {
		if err := m.opts.Remember(l); err != nil {
			return openedMsg{cells.Clean("the layout is not remembered: " + err.Error())}
		}
		return nil
	}
}
