package control

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/runner"
)

// A Report is what a hotdev has to say, as data. Each verb fills what it is about.
type Report struct {
	Pid int `json:"pid"`
	// Dir is where hotdev was started.
	Dir      string    `json:"dir"`
	Programs []Program `json:"programs"`
	// Tests are there once somebody has asked for them.
	Tests *Tests `json:"tests,omitempty"`
	// Profile is of profile.
	Profile *Profile `json:"profile,omitempty"`
}

// A Program is one of a session.
type Program struct {
	Name string `json:"program"`
	// Task: it is a task, whose Build is the verdict of its last run.
	Task bool `json:"task,omitempty"`
	// Build is "idle", "building" or "broken"; Process is "down", "starting", "up",
	// "stopping" or "crashed".
	Build   engine.BuildPhase   `json:"build"`
	Process engine.ProcessPhase `json:"process"`
	// Gen is the newest generation, Running the one whose code runs; 0 is none.
	Gen     int `json:"gen"`
	Running int `json:"running"`
	Pid     int `json:"pid,omitempty"`
	// Ready: it listens, on the addresses Listening.
	Ready     bool     `json:"ready"`
	Listening []string `json:"listening,omitempty"`
	// Halted is why the debugger keeps it from running, and where.
	Halted string `json:"halted,omitempty"`
	// Debugger is the address that debuggers attach at; empty if it does not run under one.
	Debugger string `json:"debugger,omitempty"`
	// Exit is how it ended, if it has.
	Exit string `json:"exit,omitempty"`
	// Paused: saves are collected, but not built. Pending are the saved files that no
	// build contains yet.
	Paused  bool     `json:"paused,omitempty"`
	Pending []string `json:"pending,omitempty"`
	// Errors is how many there are (see Diagnostics), Reports how many crashes and
	// data races of the program that runs or ran last.
	Errors  int      `json:"errors"`
	Reports int      `json:"reports"`
	Notices []string `json:"notices,omitempty"`
	// Last is the last cycle, or the one that was asked about.
	Last *Cycle `json:"last,omitempty"`

	// Set by the verb errors. Config is the mistake in the configuration.
	Diagnostics []Diagnostic `json:"diagnostics,omitempty"`
	Crashes     []Crash      `json:"crashes,omitempty"`
	Config      string       `json:"config,omitempty"`

	// Of logs. Omitted is how many lines that were asked for are not among them.
	Log     []Line `json:"log,omitempty"`
	Omitted int    `json:"omitted,omitempty"`
}

// A Cycle is one way from a cause to an outcome.
type Cycle struct {
	Gen int `json:"gen"`
	// Cause is "start", "save", "key" (or a client's request), "config", "crash",
	// "back" or "task"; Paths are the saved files.
	Cause engine.CauseKind `json:"cause"`
	Paths []string         `json:"paths,omitempty"`
	// Outcome is "started", "unchanged", "broken", "built", "reloaded", "patched",
	// "refused" or, of a task, "passed".
	Outcome engine.Outcome `json:"outcome"`
	At      time.Time      `json:"at"`
	TookMS  float64        `json:"took_ms"`
	// Road is how the code was built and brought into the program.
	Road string `json:"road"`
	// Reason is why it did not go into the running program, Full why the go command
	// built it.
	Reason string   `json:"reason,omitempty"`
	Full   string   `json:"full,omitempty"`
	Notes  []string `json:"notes,omitempty"`
	Steps  []Step   `json:"steps,omitempty"`
	// Compiled are the packages that were compiled.
	Compiled []string `json:"compiled,omitempty"`
}

// A Step is a phase of a Cycle; they may overlap.
type Step struct {
	Name   string  `json:"step"`
	FromMS float64 `json:"from_ms"`
	TookMS float64 `json:"took_ms"`
}

// A Diagnostic is an error of the build.
type Diagnostic struct {
	Package string   `json:"package,omitempty"`
	File    string   `json:"file,omitempty"` // absolute
	Line    int      `json:"line,omitempty"`
	Column  int      `json:"column,omitempty"` // in bytes, from 1
	Message string   `json:"message"`
	More    []string `json:"more,omitempty"`
	// Excerpt are the source lines around it, First the number of the first.
	Excerpt []string `json:"excerpt,omitempty"`
	First   int      `json:"first,omitempty"`
	Suggest []string `json:"suggest,omitempty"`
	// Since is "new" or "still there" against the build before; empty if there were
	// no errors before. Echo: it follows from the one before it.
	Since engine.Since `json:"since,omitempty"`
	Echo  bool         `json:"echo,omitempty"`
}

// A Crash is a panic, a fatal error, a data race or a goroutine dump.
type Crash struct {
	Kind    string  `json:"kind"`
	Message string  `json:"message,omitempty"`
	Count   int     `json:"count"`
	Frames  []Frame `json:"frames,omitempty"`
	// Excerpt are the source lines around the first frame in the user's code, File
	// and Line its place, First the number of the first.
	File    string   `json:"file,omitempty"`
	Line    int      `json:"line,omitempty"`
	Excerpt []string `json:"excerpt,omitempty"`
	First   int      `json:"first,omitempty"`
}

// A Frame is one in the user's own code.
type Frame struct {
	Func string `json:"func"`
	File string `json:"file"`
	Line int    `json:"line"`
}

// A Line is one of the program's output, without its colours.
type Line struct {
	Gen    int           `json:"gen"`
	Stream runner.Stream `json:"stream"`
	Text   string        `json:"text"`
}

// running is the generation whose code runs, as far as some is running.
func running(s engine.State) int {
	switch p := s.Process; p.Phase {
	case engine.Up, engine.Starting, engine.Stopping:
		return max(p.Gen, p.Live.Gen)
	}
	return 0
}

// status is what every answer says of a program.
func status(name string, s engine.State) Program {
	p := s.Process
	r := Program{
		Name: name, Task: s.Settings.Task != nil, Build: s.Build.Phase, Process: p.Phase,
		Gen: s.Gen, Running: running(s), Pid: p.Pid,
		Ready:  !p.Ready.IsZero() && p.Phase == engine.Up,
		Exit:   exitWords(p),
		Paused: s.Attention == engine.Paused, Pending: s.Pending,
		Errors: len(s.Build.Diagnostics), Reports: len(p.Reports),
	}
	if s.Debugging() {
		r.Debugger = s.Debugger.Addr
	}
	if halt := words.Halt(s, "hotdev ctl restart"); halt != nil {
		r.Halted = halt[0]
	}
	for _, port := range p.Usage.Ports {
		if !slices.Contains(r.Listening, port.Addr) {
			r.Listening = append(r.Listening, port.Addr)
		}
	}
	for _, n := range s.Notices {
		r.Notices = append(r.Notices, n.Text)
	}
	if s.Last.Gen > 0 {
		c := brief(s.Last)
		r.Last = &c
	}
	return r
}

// brief is a cycle without its steps.
func brief(c engine.Cycle) Cycle {
	return Cycle{
		Gen: c.Gen, Cause: c.Cause.Kind, Paths: c.Cause.Paths, Outcome: c.Outcome,
		At: c.At, TookMS: ms(c.Took), Road: road(c), Reason: c.Reason, Full: c.Full, Notes: c.Notes,
	}
}

// whole is all that is known of a cycle.
func whole(c engine.Cycle) Cycle {
	r := brief(c)
	for _, p := range c.Phases {
		r.Steps = append(r.Steps, Step{p.Name, ms(p.From), ms(p.Took)})
	}
	for _, p := range c.Compiles {
		r.Compiled = append(r.Compiled, p.Package)
	}
	return r
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// problems adds what is broken to r.
func problems(r Program, s engine.State) Program {
	r.Config = s.Mistake()
	for _, g := range s.Troubles() {
		for _, t := range g.Troubles {
			r.Diagnostics = append(r.Diagnostics, diagnostic(t))
			for _, e := range t.Echoes {
				d := diagnostic(e)
				d.Echo = true
				r.Diagnostics = append(r.Diagnostics, d)
			}
		}
	}
	for _, t := range s.Process.Reports {
		c := Crash{Kind: string(t.Kind), Message: t.Message, Count: max(1, t.Count)}
		for _, f := range t.Frames {
			if f.Own {
				c.Frames = append(c.Frames, Frame{f.Func, f.File, f.Line})
			}
		}
		for _, g := range t.Goroutines {
			for _, f := range g.Frames {
				if own := (Frame{f.Func, f.File, f.Line}); f.Own && !slices.Contains(c.Frames, own) {
					c.Frames = append(c.Frames, own)
				}
			}
		}
		if len(c.Frames) > 0 {
			at := c.Frames[0]
			c.File, c.Line = at.File, at.Line
			for _, x := range s.Process.Excerpts {
				if x.File == at.File && x.Line == at.Line {
					c.Excerpt, c.First = x.Lines, x.First
				}
			}
		}
		r.Crashes = append(r.Crashes, c)
	}
	return r
}

func diagnostic(t engine.Trouble) Diagnostic {
	d := t.Diagnostic
	return Diagnostic{
		Package: d.Package, File: d.File, Line: d.Line, Column: d.Column,
		Message: d.Message, More: d.More, Excerpt: d.Excerpt, First: d.First, Suggest: d.Suggest, Since: t.Since,
	}
}

// Place is that of the n-th problem that has one, from 1: first the errors of the
// build that follow from no other, then crashes, then those of the tests.
func (r Report) Place(n int) (at Diagnostic, ok bool) {
	for _, p := range r.Programs {
		for _, d := range p.Diagnostics {
			if d.Echo || d.File == "" {
				continue
			}
			if n--; n == 0 {
				return d, true
			}
		}
		for _, c := range p.Crashes {
			if c.File == "" {
				continue
			}
			if n--; n == 0 {
				return Diagnostic{File: c.File, Line: c.Line, Message: c.Kind + ": " + c.Message}, true
			}
		}
	}
	for _, d := range r.Tests.places() {
		if n--; n == 0 {
			return d, true
		}
	}
	return Diagnostic{}, false
}

// Lines has a line "file:line:column: message" for each problem that has a place, as
// editors read them; paths are absolute.
func (r Report) Lines() string {
	var b strings.Builder
	for _, p := range r.Programs {
		for _, d := range p.Diagnostics {
			if d.File != "" {
				fmt.Fprintf(&b, "%s:%d:%d: %s\n", d.File, max(1, d.Line), max(1, d.Column), d.Message)
			}
		}
		for _, c := range p.Crashes {
			if c.File != "" {
				fmt.Fprintf(&b, "%s:%d:1: %s: %s\n", c.File, max(1, c.Line), c.Kind, c.Message)
			}
		}
	}
	for _, d := range r.Tests.places() {
		fmt.Fprintf(&b, "%s:%d:%d: %s\n", d.File, max(1, d.Line), max(1, d.Column), d.Message)
	}
	return b.String()
}
