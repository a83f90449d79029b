package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/tui/internal/cells"
)

// A pane is one of the areas that share the screen. It stores how it is looked
// at; what it shows comes from the state. It is a value of the model: a method
// that changes it gives the model with the new one in its place.
type pane interface {
	// view is the border, without its title, and the lines in it, at w by h cells.
	// There is room for the upper border at least; lines are seen if h > 0.
	view(m model, w, h int) (cells.Box, []string)
	// scroll is the wheel's; far is to the end.
	scroll(m model, by int) model
	// move is what the keys of direction do.
	move(m model, by int) model
	// click chooses what is on row y of those seen.
	click(m model, y int) model
}

// A seat is all that the screen has to know of a pane to have it.
type seat struct {
	title  string
	action string // of the key that focuses it; the key is its number in this table
	column column
	// rows is how many rows it takes in a column of h; 0 hides it. Nil takes what
	// the others leave.
	rows func(h int, d demand) int
	of   func(m model) pane
}

// column is where a pane is on a wide screen.
type column int

const (
	leftColumn column = iota
	rightColumn
)

// A paneID is a pane's place in the table of seats.
type paneID int

const (
	packagesPane paneID = iota
	buildPane
	processPane
	programsPane
	testsPane
	paneCount
)

// seats has every pane, in the order of tab, and from top to bottom.
func seats() []seat {
	return []seat{
		packagesPane: {title: "Packages", action: "packages", column: leftColumn, of: func(m model) pane { return m.packages }},
		buildPane:    {title: "Build", action: "build-pane", column: rightColumn, rows: buildRows, of: func(m model) pane { return m.build }},
		processPane:  {title: "Process", action: "process", column: rightColumn, of: func(m model) pane { return m.process }},
		programsPane: {title: "Programs", action: "programs", column: leftColumn, rows: programRows, of: func(m model) pane { return m.programs }},
		testsPane:    {title: "Tests", action: "tests", column: rightColumn, rows: testRows, of: func(m model) pane { return m.tests }},
	}
}

// shown reports whether the pane has any place on a screen that is large enough.
func (s seat) shown(d demand) bool { return s.rows == nil || s.rows(far, d) > 0 }

// A meaning is what an action does in one pane, in place of what the key table
// says. Without a foot it has the table's.
type meaning struct {
	foot func(m model) (word string, weight int)
	do   func(m model) (model, tea.Cmd)
}

// An actor is a pane where some actions, by their names, have a meaning of their
// own.
type actor interface{ meanings() map[string]meaning }

// meant is a binding as it is meant in the pane that has the focus.
func (m model) meant(b binding) binding {
	a, ok := m.pane(m.focus).(actor)
	if !ok {
		return b
	}
	if own, ok := a.meanings()[b.action]; ok {
		b.do = own.do
		if own.foot != nil {
			b.foot = own.foot
		}
	}
	return b
}

func (m model) pane(p paneID) pane { return seats()[p].of(m) }

// drawPane draws one pane into its rectangle.
func (m model) drawPane(p paneID, lay layout) []string {
	in, r := lay.body(p), lay.panes[p]
	if in.empty() {
		in.w, in.h = 0, 0
	}
	b, lines := m.pane(p).view(m, in.w, in.h)
	if lay.bare {
		return append(lines, cells.Blank(r.w, r.h-len(lines))...)
	}
	s := seats()[p]
	b.Title = strings.TrimSpace(m.keyOf(s.action) + " " + s.title)
	b.Focused = p == m.focus
	return m.look.Draw(b, r.w, r.h, lines)
}

// focusOn gives a pane the focus.
func (m model) focusOn(p paneID) (model, tea.Cmd) {
	m.focus = p
	return m, nil
}

// turn gives the focus to the next pane that is shown, or with by < 0 to the one
// before.
func (m model) turn(by int) (model, tea.Cmd) {
	return m.focusOn(nextShown(seats(), m.demand(), m.focus, by))
}

func nextShown(all []seat, d demand, from paneID, by int) paneID {
	n := paneID(len(all))
	for p := (from + paneID(by) + n) % n; p != from; p = (p + paneID(by) + n) % n {
		if all[p].shown(d) {
			return p
		}
	}
	return from
}

// scroll moves what is seen of a pane.
func (m model) scroll(p paneID, by int) model { return m.pane(p).scroll(m, by) }
