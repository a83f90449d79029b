package engine

import (
	"maps"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/task"
)

// A task is a command that ends. When it runs is decided elsewhere (package task, by
// way of the session), so that neither the start nor a save leads to anything here. A
// run ends as a build does: passed, or broken, with what its output complains about.

// TaskState is what there is to know of a task beside its process and its verdict.
type TaskState struct {
	// Run is the ID of the last RunTask.
	Run int

	told int  // the last generation of whose end all that it concerns were told
	last bool // the run at the end has begun
}

// credit remembers who wrote files.
func (s State) credit(e WrittenBy) State {
	s.credits = maps.Clone(s.credits)
	if s.credits == nil {
		s.credits = map[string]string{}
	}
	for _, p := range e.Paths {
		s.credits[p] = e.Task
	}
	return s
}

// author is the task that wrote all of the files; empty if there is none, or several.
func (s State) author(paths []string) (by string) {
	for i, p := range paths {
		if one := s.credits[p]; one == "" || i > 0 && one != by {
			return ""
		}
		by = s.credits[p]
	}
	return by
}

// withheld is a build that waits for tasks.
type withheld struct {
	open  bool
	cause Cause
	want  want
	paths []string // as those of begin
}

// isTask reports whether the program is a task.
func (s State) isTask() bool { return s.Settings.Task != nil }

// run has the task run, in place of the run under way.
func (s State) run(e RunTask) (State, []Effect) {
	if s.Phase != Running || !s.isTask() {
		return s, nil
	}
	s.Task.Run = e.ID
	s.Process.Desire = ToRun
	cause := Cause{Kind: BySave, Paths: e.Paths}
	switch {
	case e.By != "":
		cause.Kind, cause.By = ByTask, e.By
	case len(e.Paths) == 0 && s.Gen == 0:
		cause.Kind = ByFirst
	case len(e.Paths) == 0:
		cause.Kind = ByConfig
	}
	return s.notice("loop", "").begin(cause, wantNewStart, nil)
}

// runsLast reports whether the command is still to run before the loop is over.
func (s State) runsLast() bool {
	return s.isTask() && s.Settings.Task.When == task.AtQuit && s.Phase == Quitting && !s.Task.last
}

// runLast runs the command for the last time, unless the user is having it run.
func (s State) runLast() (State, []Effect) {
	s.Task.last = true
	if p := s.Process.Phase; p == Starting || p == Up || p == Stopping {
		return s, nil
	}
	cause := Cause{Kind: ByQuit}
	s.Gen++
	b := &s.Build
	b.Gen, b.Published, b.Cause, b.Since = s.Gen, s.Gen, cause, s.Now
	s.Process.cycle = begun(s.Gen, cause, s.Now)
	return s.launch(s.Gen)
}

// ran judges the run that has just ended.
func (s State) ran(exit runner.Exit, then after) (State, []Effect) {
	p := &s.Process
	last := s.Phase != Running
	if last {
		s.Phase = Over
	}
	switch {
	case last && !s.Task.last:
		return s, nil
	case then == afterStart && !last:
		return s.start()
	case exit.Stopped: // by the user, which is no verdict
		return s, nil
	}
	cycle, complaints := p.cycle, p.complaints
	cycle.Build = exit.Uptime
	if exit.Code == 0 && exit.Err == "" {
		s.Build.Phase = Idle
		return s.complain(p.Gen, nil, false).outcome(cycle, OutcomePassed), nil
	}
	if len(complaints) == 0 {
		complaints = []builder.Diagnostic{{Message: strings.TrimSpace(s.Settings.Name + ": " + exit.Err)}}
	}
	s.Build.Phase = Broken
	return s.complain(p.Gen, complaints, false).outcome(cycle, OutcomeBroken), nil
}

// complained takes what the output of a run complains about.
func (s State) complained(e Complained) State {
	if e.Gen == s.Process.Gen {
		s.Process.complaints = e.Diagnostics
	}
	return s
}

// mustHold reports whether a build for this cause waits for tasks. A key builds
// without those that have failed.
func (s State) mustHold(c Cause) bool {
	b := s.Blocked
	return !s.isTask() && (len(b.By) > 0 || len(b.Failed) > 0 && c.Kind != ByKey)
}

// holdBuild keeps what was asked for until the tasks have passed.
func (s State) holdBuild(cause Cause, w want, paths []string) State {
	s.Pending = union(s.Pending, cause.Paths)
	s.withheld = s.withheld.with(cause, w, paths)
	return s.sayBlocked()
}

// with adds what is asked for.
func (h withheld) with(cause Cause, w want, paths []string) withheld {
	if !h.open {
		return withheld{true, cause, w, paths}
	}
	cause.Paths = union(h.cause.Paths, cause.Paths)
	if h.cause.Kind == ByStart {
		cause.Kind = ByStart
	}
	h.cause, h.want = cause, max(h.want, w)
	if h.paths == nil || paths == nil {
		h.paths = nil
	} else {
		h.paths = union(h.paths, paths)
	}
	return h
}

// blocked takes which tasks the program waits for now.
func (s State) blocked(e Blocked) (State, []Effect) {
	s.Blocked = e
	s = s.sayBlocked()
	if h := s.withheld; h.open && s.Phase == Running && s.Attention == Following && !s.mustHold(h.cause) {
		return s.begin(h.cause, h.want, h.paths)
	}
	if s.withheld.open && s.Gen == 0 && len(e.By) == 0 && !s.listing.open && !s.Settings.Command {
		// So that a save of the program's own is seen, too.
		s, list := s.list(nil)
		return s, []Effect{list}
	}
	return s, nil
}

// sayBlocked says what waits for tasks that have failed. The others are soon over.
func (s State) sayBlocked() State {
	text := ""
	if b := s.Blocked; s.withheld.open && len(b.By) == 0 && len(b.Failed) > 0 {
		what := "what was saved is"
		if s.Gen == 0 {
			what = "the first build is"
		}
		if s.Settings.Command {
			what = "the start is"
		}
		text = what + " waiting for " + strings.Join(b.Failed, ", ") + ", which failed; r (hotdev ctl reload) continues without it"
	}
	return s.notice("task", text)
}

// WaitsFor are the tasks that a build or a start waits for.
func (s State) WaitsFor() []string {
	if !s.withheld.open {
		return nil
	}
	return slices.Concat(s.Blocked.By, s.Blocked.Failed)
}
