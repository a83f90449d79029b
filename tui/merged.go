package tui

import (
	"fmt"
	"strings"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/session"
)

// shown is what the screen shows: a session and, if it has several programs, their
// merged output.
type shown struct {
	session.State
	log engine.Log
}

// merged merges the logs of several programs into one: each complete line, after the
// program's name. It takes a quarter of the budget for logs.
type merged struct {
	log    engine.Log
	fronts []string // what comes before each line, by program
}

// add appends what a program printed, if the event is about output.
func (m *merged) add(s session.State, program int, e engine.Event) engine.Log {
	wrote, ok := e.(engine.Wrote)
	if len(s.Programs) < 2 || !ok {
		return m.log
	}
	if m.fronts == nil {
		m.log = engine.NewLog(engine.Merged())
		for i, name := range padded(s) {
			m.fronts = append(m.fronts, fmt.Sprintf("\x1b[%dm%s%s ", programColour(i), name, runner.Reset))
		}
	}
	m.log = m.log.AppendAfter(m.fronts[program], program, wrote.Lines...)
	return m.log
}

// padded returns the programs' names, padded to one width.
func padded(s session.State) []string {
	widest := 0
	for _, p := range s.Programs {
		widest = max(widest, len(p.Name))
	}
	var names []string
	for _, p := range s.Programs {
		names = append(names, p.Name+strings.Repeat(" ", widest-len(p.Name)))
	}
	return names
}

// programColour returns the terminal's colour of a program's name. Red is reserved for
// errors.
func programColour(i int) int {
	colours := []int{36, 33, 32, 35, 34, 96, 93, 92, 95, 94}
	return colours[i%len(colours)]
}
