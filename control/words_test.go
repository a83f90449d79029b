package control

import (
	"testing"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
)

// What explain says of each way that a save can go.
func TestExplain(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	save := engine.Cause{Kind: engine.BySave, Paths: []string{"/p/a.go"}, First: at}
	settled := engine.State{Phase: engine.Running, Gen: 7, Build: engine.BuildState{Phase: engine.Idle}, Process: engine.ProcessState{Phase: engine.Up}}
	for _, c := range []struct {
		cycle engine.Cycle
		state engine.State
		want  string
	}{
		{engine.Cycle{
			Gen: 7, Cause: save, Outcome: engine.OutcomeStarted, Took: 412 * time.Millisecond, Build: 300 * time.Millisecond, Link: 190 * time.Millisecond,
			Reason:   "type rules.Order changed (field Discount added)",
			Phases:   []engine.Phased{{Name: "compiling", From: 20500 * time.Microsecond, Took: 145900 * time.Microsecond}, {Name: "linking", From: 166400 * time.Microsecond, Took: 190100 * time.Microsecond}},
			Compiles: []builder.Compile{{Package: "example.com/rules"}, {Package: "example.com/api"}},
		}, settled, `api, generation 7: restarted in 412 ms: type rules.Order changed (field Discount added)
  cause    a.go saved at 03:04:05.678
  road     fast path: the compiler and the linker were called directly
  reason   type rules.Order changed (field Discount added)
  steps    compiling    145.9 ms, from 20.5 ms on
           linking      190.1 ms, from 166.4 ms on
  compiled example.com/rules example.com/api
`},
		{engine.Cycle{
			Gen: 7, Cause: save, Outcome: engine.OutcomeReloaded, Took: 193 * time.Millisecond, Packages: []string{"example.com/rules"}, Slots: []string{"a", "b"}, Notes: []string{"one", "two\nlines"},
		}, settled, `api, generation 7: reloaded rules (2 functions) in 193 ms, generation 7, memory kept
  cause    a.go saved at 03:04:05.678
  road     reload: compiled as a plugin, and put into the running program
  note     one
  note     two
           lines
`},
		{engine.Cycle{
			Gen: 7, Cause: save, Outcome: engine.OutcomeRefused, Took: 100 * time.Millisecond, Reason: "main changed",
		}, settled, `api, generation 7: not reloaded: main changed; the old code keeps running
  cause    a.go saved at 03:04:05.678
  road     none: the new code is not in the program
  reason   main changed
`},
		{engine.Cycle{
			Gen: 7, Cause: engine.Cause{Kind: engine.BySave, Paths: []string{"/p/a.go", "/p/b/c.go"}}, Outcome: engine.OutcomeUnchanged, Took: time.Second, Build: time.Second, Full: "go.mod changed",
			Phases: []engine.Phased{{Name: "compiling", Took: time.Second}},
		}, paused(settled), `api, generation 7: left alone after 1.0 s: what was built is the same as what runs
  cause    a.go and 1 more saved
  files    a.go b/c.go
  road     go build
           because go.mod changed
  steps    compiling    1000.0 ms, from 0.0 ms on
  now      paused: saves are collected, but not built; 2 files so far
`},
	} {
		if got := explainText("/p", "api", c.state, c.cycle); got != c.want {
			t.Errorf("it says\n%s\nwant\n%s", got, c.want)
		}
	}
}

func paused(s engine.State) engine.State {
	s.Attention, s.Pending = engine.Paused, []string{"/p/x.go", "/p/y.go"}
	return s
}

// The state of a program, in a sentence.
func TestSummary(t *testing.T) {
	up := engine.ProcessState{Phase: engine.Up, Life: engine.Life{Gen: 3, Pid: 42}}
	waits := up
	waits.Halt = &engine.Halt{Reason: engine.HaltWaiting}
	for _, c := range []struct {
		state engine.State
		want  string
	}{
		{engine.State{Process: engine.ProcessState{Phase: engine.Down}}, "not running"},
		{engine.State{Gen: 3, Process: up}, "generation 3 runs, pid 42, listening on no port yet"},
		{engine.State{Gen: 3, Process: up, Debugger: engine.DebuggerState{Mode: engine.Debugged, Addr: "127.0.0.1:24518"}}, "generation 3 runs, pid 42, listening on no port yet, debugger at 127.0.0.1:24518"},
		{engine.State{Gen: 3, Process: waits, Debugger: engine.DebuggerState{Mode: engine.DebuggedAtStart, Addr: "127.0.0.1:24518"}}, "generation 3 runs, pid 42, waits before main for a debugger at 127.0.0.1:24518, listening on no port yet"},
		{engine.State{Gen: 4, Build: engine.BuildState{Phase: engine.Compiling}, Process: up}, "building generation 4, generation 3 runs, pid 42, listening on no port yet"},
		{engine.State{Gen: 4, Build: engine.BuildState{Phase: engine.Broken, Diagnostics: make([]builder.Diagnostic, 2)}, Process: engine.ProcessState{Phase: engine.Down}}, "build broken (2 errors), not running"},
		{engine.State{Process: engine.ProcessState{Phase: engine.Crashed, Exit: &runner.Exit{Code: 2}}}, "crashed: exit status 2"},
		{engine.State{Process: engine.ProcessState{Phase: engine.Down, Exit: &runner.Exit{Code: 0}}}, "not running: exit status 0"},
		{paused(engine.State{Process: engine.ProcessState{Phase: engine.Down}}), "not running, paused, 2 files saved but not built"},
	} {
		if got := summary(status("api", c.state)); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// A file may be called like the program that it breaks.
func TestTitled(t *testing.T) {
	for _, c := range [][2]string{
		{"", ""},
		{"schema: failed (1 error)\n", "schema: failed (1 error)\n"},
		{"schema, generation 2: started\n", "schema, generation 2: started\n"},
		{"no errors\n", "=== schema\nno errors\n"},
		{"schema/a.json:1:1: too short\n", "=== schema\nschema/a.json:1:1: too short\n"},
	} {
		if got := titled("schema", c[0]); got != c[1] {
			t.Errorf("titled(%q) = %q, want %q", c[0], got, c[1])
		}
	}
}
