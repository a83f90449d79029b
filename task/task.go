// Package task decides when tasks run, and what waits for them. A task is a command
// that ends, such as a generator.
//
//	configuration ─► Configured ─┐              ┌─► Run      the task's command, for a cause
//	files ─────────► Changed ────┤              │
//	commands ──────► Began ──────┼─► Step ─► State
//	                 Ended ──────┤              │
//	programs ──────► Retry ──────┘              └─► Notice   that a chain came back
//
// It knows names, files and who may have written them. It starts nothing, watches
// nothing and has no clock; a session does and has (see package session).
//
// # Theory of operation
//
// A task is due at the start and when one of its files has new content, and for no
// other reason: a file that is rewritten with the same bytes has not changed. One that
// runs on saves alone is not due at the start, and one that runs at the end never is:
// the session has it run. Tasks run
// one after the other, in the order of the configuration, so that a file that changes
// meanwhile can be attributed to a task. While a task is due or runs, the programs and
// tasks in its Before wait; if it failed, they wait until it has passed.
//
// A file that changes while a task runs was written by the task, or saved. The system
// does not say which, so
//
//   - what the task declares as its outputs is its own, and so is what carries Go's
//     mark of generated code;
//   - so is what has changed in a run before and never while nothing ran;
//   - all else may be a save. Where it is a file that the running task reads, the run
//     is cancelled, and begins again. A task that rewrites what it reads does that in
//     run after run: after few of them a run is let through, and followed by one more.
//     If that one is let through as well and the file has changed in it again, it is the
//     task's own: no user saves during so many runs in a row.
//
// A run carries the chain that led to it: which task wrote which file that triggered
// which task. A save has none. A task that is already in the chain does not run again;
// a notice names the chain. Where the writer of the file is in doubt, it runs once more.
package task

import (
	"slices"

	"github.com/hotdev/hotdev/watcher"
)

// Settings are a task's configuration.
type Settings struct {
	// Command represents all that a run depends on besides files: when it changes, the
	// task is due.
	Command string `json:"command"`
	// Files are those whose change makes the task due, Outputs those of them and of
	// others that it writes itself. Both have Rules and Ignore alone.
	Files   watcher.Set `json:"files"`
	Outputs watcher.Set `json:"outputs"`
	// Before are the names of programs and tasks that wait for it.
	Before []string `json:"before,omitempty"`
	// Dir is what files are named relative to.
	Dir string `json:"dir"`
	// When is when it runs.
	When When `json:"when,omitempty"`
}

// When is when a task runs: at the start and when its files change, which is the zero
// value; only when they change; or at the end, when all else has ended.
type When string

// The times.
const (
	AtStart When = ""
	OnSave  When = "save"
	AtQuit  When = "quit"
)

// A Phase is how far a task has come.
type Phase string

// A task waits for its turn, runs, and has passed or failed. It rests if the user
// has stopped it, and before its first run if that is not the start.
const (
	Due     Phase = "due"
	Running Phase = "running"
	Passed  Phase = "passed"
	Failed  Phase = "failed"
	Resting Phase = "resting"
)

// A Task is one of a [State].
type Task struct {
	Name     string
	Settings Settings
	Phase    Phase
	// Cause is why it is due, or runs, or ran.
	Cause Cause

	known  bool // its settings were read
	held   bool // its start waits for something else, so that others may run
	paused bool // it is not to run by itself
	wrote  map[string]bool
	// touched is in how many runs in a row a file changed that the task reads, and that
	// may be its own, by file; those of the run under way are in current as well.
	touched map[string]int
	current map[string]bool
	// again are files for which it runs once more when the run under way has ended.
	again []string
}

// A Cause is why a task runs.
type Cause struct {
	// Paths are the files that changed; none at the start.
	Paths []string
	// Chain is what led to it, beginning with a run that had none; empty for a save.
	Chain Chain
}

// State is that of all tasks, in their order. It is a value: [Step] makes new ones.
type State struct {
	Tasks []Task
}

// New is the state in which nothing has run yet.
func New(names ...string) State {
	var s State
	for _, n := range names {
		s.Tasks = append(s.Tasks, Task{Name: n, Phase: Due})
	}
	return s
}

// Know gives a task the settings that are known before the configuration is read by
// it, so that what it is before waits from the beginning.
func (s State) Know(name string, settings Settings) State {
	return s.with(s.index(name), func(t *Task) {
		if t.Settings = settings; settings.When != AtStart {
			t.Phase = Resting
		}
	})
}

func (s State) index(name string) int {
	return slices.IndexFunc(s.Tasks, func(t Task) bool { return t.Name == name })
}

// with is s with a task changed.
func (s State) with(i int, change func(*Task)) State {
	if i < 0 {
		return s
	}
	s.Tasks = slices.Clone(s.Tasks)
	change(&s.Tasks[i])
	return s
}

// A Block is why a program or a task waits.
type Block struct {
	// By are the tasks that are due or run, and Failed those that have failed, or that
	// keep a task from running which is due.
	By, Failed []string
}

// Blocked returns what the program or task of this name waits for.
func (s State) Blocked(name string) Block {
	var b Block
	for _, t := range s.Tasks {
		if !slices.Contains(t.Settings.Before, name) {
			continue
		}
		switch {
		case t.Phase == Failed:
			b.Failed = add(b.Failed, t.Name)
		case t.Phase == Due && !t.paused:
			if own := s.Blocked(t.Name); len(own.By) == 0 && len(own.Failed) > 0 {
				b.Failed = add(b.Failed, own.Failed...)
				break
			}
			fallthrough
		case t.Phase == Running:
			b.By = append(b.By, t.Name)
		}
	}
	return b
}

// add appends what is not there yet.
func add(to []string, more ...string) []string {
	for _, one := range more {
		if !slices.Contains(to, one) {
			to = append(to, one)
		}
	}
	return to
}

// Busy reports whether a command may be writing files.
func (s State) Busy() bool { return slices.ContainsFunc(s.Tasks, Task.writes) }

// writes reports whether its command may be writing files.
func (t Task) writes() bool { return t.Phase == Running && !t.held }

// A match is what the patterns of a task say of files.
type match struct{ files, outputs map[string]bool }

// match has every pattern read once for all of the paths.
func (s State) match(paths []string) []match {
	set := func(these []string) map[string]bool {
		m := map[string]bool{}
		for _, p := range these {
			m[p] = true
		}
		return m
	}
	var all []match
	for _, t := range s.Tasks {
		all = append(all, match{set(t.Settings.Files.Covered(paths)), set(t.Settings.Outputs.Covered(paths))})
	}
	return all
}

// triggers reports whether a change of the file makes the task due.
func (m match) triggers(path string) bool { return m.files[path] && !m.outputs[path] }
