package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/tester"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

// debugger is the address that debuggers attach at, and which one is attached.
func (l look) debugger(s engine.State) []cells.Segment {
	if !s.Debugging() {
		return nil
	}
	row := cells.Row{l.Dim.Of("debug "), l.Accent.Of(cells.Clean(s.Debugger.Addr))}
	if s.Debugger.Client != "" {
		row = append(row, l.Dim.Of(" "+cells.Clean(s.Debugger.Client)))
	}
	return []cells.Segment{{Row: row, Weight: 55}}
}

// debug says what the key means, because building for the debugger takes its time.
func (m model) debug(e engine.Debug) (model, tea.Cmd) {
	switch s := m.state; {
	case !s.Debugging():
	case !e.AtStart:
		m.flash = "the debugger ends: the program is built and started as before"
	case s.Debugger.Mode == engine.DebuggedAtStart:
		m.flash = "the program no longer stops before main"
	default:
		m.flash = "the program stops before main from now on"
	}
	return m.send(e)
}

func debugWord(m model) (string, int) {
	if m.state.Debugging() {
		return "end debugger", 50
	}
	return "debug", 0
}

// debugTest runs the chosen test under the debugger, or ends that.
func (m model) debugTest() (model, tea.Cmd) {
	f, ok := m.failure()
	if !ok {
		m.flash = "no failed test is chosen: n chooses one"
		return m, nil
	}
	return m.send(tester.Debug{Package: f.Package, Test: f.Test, File: f.File, Line: f.Line})
}

func debugTestWord(m model) (string, int) {
	f, ok := m.failure()
	switch d := m.session.Tests.Debug; {
	case !ok:
		return "debug this test", 0
	case d.Active() && d.Of(f):
		return "end debugger", 82
	}
	return "debug this test", 82
}
