package tui

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/session"
	"github.com/hotdev/hotdev/tester"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

// An outlook is the saved display of a program while another one is shown.
type outlook struct {
	packages packages
	build    build
	process  process
	selected int
}

// outlook returns the index of what is shown: that of a program, or the number of
// programs if all are shown.
func (m model) outlook() int {
	if m.all {
		return len(m.session.Programs)
	}
	return m.program
}

// log returns the output that is shown.
func (m model) log() engine.Log {
	if m.all {
		return m.merged
	}
	return m.state.Log
}

// lookAt shows a program, or all of them. The panes are restored to what they were when
// it was last shown, except for how lines are drawn.
func (m model) lookAt(at int) model {
	n := len(m.session.Programs)
	if n < 2 || at == m.outlook() {
		return m
	}
	m.typing = typing{}
	outlooks := make([]outlook, n+1)
	copy(outlooks, m.outlooks)
	last := m.process
	outlooks[m.outlook()].process = last
	o := &outlooks[m.program]
	o.packages, o.build, o.selected = m.packages, m.build, m.selected
	if m.all = at == n; !m.all {
		m.program, m.state = at, m.session.Programs[at].State
	}
	m.outlooks = outlooks
	o = &outlooks[m.program]
	m.packages, m.build, m.selected = o.packages, o.build, o.selected
	m.process = outlooks[m.outlook()].process
	m.process.Output = m.process.For(m.outlook())
	m.process.Unwrapped = last.Unwrapped
	if m.process.Pretty != last.Pretty {
		m.process.Pretty = last.Pretty
		m.process.Output = m.process.FilterBy(m.process.Only) // other text matches
	}
	m.selected = max(0, min(m.selected, len(m.items())-1))
	m.programs = m.programs.reveal(m)
	return m.refresh().refollow()
}

// lookOn shows the next program, or with by < 0 the previous one; all of them together
// come between the last and the first.
func (m model) lookOn(by int) (model, tea.Cmd) {
	n := len(m.session.Programs) + 1
	return m.lookAt((m.outlook() + by + n) % n), nil
}

// An outgoing is an event on its way to a program.
type outgoing struct {
	program int
	event   engine.Event
}

// addressees returns the programs that a key's event goes to. If these are all
// programs, a key that toggles does the same to all: running programs are stopped; if
// none is running, all are started.
func (m model) addressees(e engine.Event) []int {
	if _, ok := e.(tester.Event); ok || !m.all { // tests belong to no program
		return []int{m.program}
	}
	var every, some []int
	for i, p := range m.session.Programs {
		if _, pause := e.(engine.Pause); p.State.Settings.Task != nil && !pause {
			continue // a task runs when its files change
		}
		every = append(every, i)
		switch e.(type) {
		case engine.StopStart:
			if phase := p.State.Process.Phase; phase == engine.Up || phase == engine.Starting {
				some = append(some, i)
			}
		case engine.Pause:
			if p.State.Attention == engine.Following {
				some = append(some, i)
			}
		}
	}
	if len(some) > 0 {
		return some
	}
	return every
}

// addressee returns the state of a program that a key's event goes to: what the event does
// to it, it does to all of them.
func (m model) addressee(e engine.Event) engine.State {
	if at := m.addressees(e); m.all && len(at) > 0 {
		return m.session.Programs[at[0]].State
	}
	return m.state
}

// news returns the first change of a program since old that deserves the user's
// attention.
func (m model) news(old session.State) string {
	for i, p := range m.session.Programs {
		before := engine.State{}
		if i < len(old.Programs) {
			before = old.Programs[i].State
		}
		if text := news(before, p.State); text != "" {
			return text
		}
	}
	return ""
}

// which says in the header which of several programs is shown.
func (m model) which() cells.Row {
	n := len(m.session.Programs)
	switch {
	case n < 2:
		return nil
	case m.all:
		return cells.Row{m.look.Dim.Of(" and all " + strconv.Itoa(n))}
	}
	return cells.Row{m.look.Dim.Of(" " + strconv.Itoa(m.program+1) + "/" + strconv.Itoa(n))}
}
