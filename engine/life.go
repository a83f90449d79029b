package engine

import (
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/internal/crash"
	"github.com/hotdev/hotdev/runner"
)

// ProcessPhase is a state of the process machine.
type ProcessPhase string

// Down: not running: never was, was stopped, or ended well. Waiting: it would
// start, but what it comes after is not there. Crashed: ended by itself with a
// failure.
const (
	Down     ProcessPhase = "down"
	Waiting  ProcessPhase = "waiting"
	Starting ProcessPhase = "starting"
	Up       ProcessPhase = "up"
	Stopping ProcessPhase = "stopping"
	Crashed  ProcessPhase = "crashed"
)

// ProcessState is the process machine: Down → Starting → Up → Stopping → Down,
// or Crashed; Waiting may come before Starting.
type ProcessState struct {
	Phase ProcessPhase
	// Since is when Phase was entered.
	Since time.Time
	// Life is the program's that runs, or ran last.
	Life
	// Exit is how the last life that is over ended; nil while none has.
	Exit *runner.Exit
	// Overdue is how many times in a row it was killed because it did not stop
	// within Settings.Run.StopTimeout.
	Overdue int
	// Desire is what the user wants: a program at rest is built, but not started.
	Desire Desire
	// Beside is what lives beside the program, where a restart is a swap; nil if
	// nothing does.
	Beside *Beside

	cycle  Cycle   // that the next start ends, or the last one did
	next   *Cycle  // that a swap is to end, once nothing is beside the program; nil is none
	parted *Exited // the end of the program, while something still lives beside it
}

// A Life is what is known of one run of the program, from its start on. It is
// replaced whole at the next, so that nothing of one is taken for the other's.
type Life struct {
	Gen int
	Pid int // 0 when it is not up
	// Ready is when the program was first seen to listen on a port; zero before.
	Ready time.Time
	// Reports are the panics, fatal errors, data races and goroutine dumps in its
	// output, oldest first, at most maxReports of them. Data races and handlers' panics are among them
	// while the program goes on.
	Reports []crash.Trace
	// Bequeathed are how many of them, the first, the life before left: it died in
	// code that had just been patched, and this one answers that.
	Bequeathed int
	// Excerpts are the sources of the places that Reports point at first, as far
	// as they have been read.
	Excerpts []Excerpt
	// Conflict is why an address could not be listened on; nil if that was not so.
	Conflict *Conflict
	// Old: this is not the newest binary: the user went back to the last one that
	// ran well (GoBack).
	Old bool
	// Debug is how it runs under the debugger; Halt is where that keeps it from running,
	// nil if it does not.
	Debug DebugMode
	Halt  *Halt
	// Usage is what it uses now; zero when not up.
	Usage runner.Usage
	// Live is what the running program can take in, and has.
	Live Live
	// Assets are folders whose files were built into it, and which it reads from the
	// disk all the same, whenever it is asked for them.
	Assets []string
	// Patching is what of live code is in force for it.
	Patching Patching

	complaints []builder.Diagnostic // of a task's output
	put        *Cycle               // a restart that waits until the program goes on; nil is none

	spec  runner.Spec // what it was started with
	begun time.Time   // when its start was asked for
	after after       // what follows its end
	asked asked       // for its goroutines
	races crash.Races // a report that is being printed
	// panics is one of a handler.
	panics crash.Panics
	// bequeath: the next life goes on showing the reports of this one.
	bequeath bool
	// unread are the included files that changed since it began: what the program
	// read of them when it started may be old.
	unread []string
	// loading is the cycle whose plugin the program is taking in.
	loading Cycle
}

// asked is when a program was sent SIGQUIT, and the number since the beginning of
// the log's line that came next; zero if it was not.
type asked struct {
	at   time.Time
	line int
}

// An Excerpt is the source around a line of a file: Lines, of which the first has
// the number First.
type Excerpt struct {
	File  string   `json:"file"`
	Line  int      `json:"line"`
	First int      `json:"first"`
	Lines []string `json:"lines"`
}

// after is what follows the program's end.
type after int

const (
	afterNothing after = iota // it was not asked to end
	afterStart                // the newest binary starts
	afterRest                 // nothing; the user stopped it
	afterQuit                 // the loop is over
	afterOld                  // the last binary that ran well starts
)

// Desire is whether the user wants the program to run.
type Desire string

// The program is to run, or was stopped by the user and rests until started.
const (
	ToRun  Desire = "run"
	ToRest Desire = "rest"
)

// Conflict is an address that the program wanted and another process has.
type Conflict struct {
	// Addr is what the program wanted, as it said: ":8080".
	Addr string `json:"addr"`
	// Pid and Command are of the process that has it; 0 and empty if unknown.
	// Start tells it from a later one of the same Pid.
	Pid     int    `json:"pid,omitempty"`
	Start   uint64 `json:"start,omitempty"`
	Command string `json:"command,omitempty"`
	// Ours: it is a leftover of a program that a hotdev ran, and EndHolder may
	// end it.
	Ours bool `json:"ours,omitempty"`
}
