package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/tui/internal/cells"
)

// A pane is one of the areas of the screen. It stores how it is displayed; its content
// comes from the state. It is a field of the model: methods that change a pane return
// the model with the changed pane.
type pane interface {
	// view returns the border, without its title, and the lines in it, for w by h
	// cells. There is always room for the upper border; the lines are visible if h > 0.
	view(m model, w, h int) (cells.Box, []string)
	// scroll handles the wheel; far scrolls to the end.
	scroll(m model, by int) model
	// move handles the keys of direction.
	move(m model, by int) model
	// click chooses what is on the visible row y.
	click(m model, y int) model
}

// A seat is all that the screen must know about a pane.
type seat struct {
	title  string
	action string // of the key that focuses it; the key is the pane's number in this table
	column column
	// rows returns how many rows it takes in a column of h; 0 hides it. If it is nil,
	// the pane takes the rows that are left.
	rows func(h int, d demand) int
	of   func(m model) pane
}

// column is the column of a pane on a wide screen.
type column int

const (
	leftColumn column = iota
	rightColumn
)

// A paneID is a pane's index in the table of seats.
type paneID int

const (
	packagesPane paneID = iota
	buildPane
	processPane
	programsPane
	testsPane
	paneCount
)

// seats returns all panes, in the order of tab and from top to bottom.
func seats() []seat {
	return []seat{
		packagesPane: {title: "Packages", action: "packages", column: leftColumn, of: func(m model) pane { return m.packages }},
		buildPane:    {title: "Build", action: "build-pane", column: rightColumn, rows: buildRows, of: func(m model) pane { return m.build }},
		processPane:  {title: "Process", action: "process", column: rightColumn, of: func(m model) pane { return m.process }},
		programsPane: {title: "Programs", action: "programs", column: leftColumn, rows: programRows, of: func(m model) pane { return m.programs }},
		testsPane:    {title: "Tests", action: "tests", column: rightColumn, rows: testRows, of: func(m model) pane { return m.tests }},
	}
}

// shown reports whether a sufficiently large screen shows the pane.
func (s seat) shown(d demand) bool { return s.rows == nil || s.rows(far, d) > 0 }

// A meaning is what an action does in one pane, instead of what the key table says.
// Without a foot it has the table's.
type meaning struct {
	foot func(m model) (word string, weight int)
	do   func(m model) (model, tea.Cmd)
}

// An actor is a pane in which some actions, by their names, have a special meaning.
type actor interface{ meanings() map[string]meaning }

// meant returns a binding with its meaning in the pane that has the focus.
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

// turn gives the focus to the next visible pane, or with by < 0 to the previous one.
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

// scroll scrolls a pane.
func (m model) scroll(p paneID, by int) model { return m.pane(p).scroll(m, by) }
