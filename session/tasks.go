package session

import (
	"context"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/task"
	"github.com/hotdev/hotdev/watcher"
)

// rules carry out what package task decides: they have the engines of tasks run, and
// tell programs what these wait for.
type rules struct {
	// mu guards what follows. It is taken after that of the watch.
	mu    sync.Mutex
	state task.State
	runs  map[string]int // the ID of the last RunTask of each task
	told  map[*Engine]engine.Blocked
}

// heard is what the loop of a task came to, for the rules.
type heard struct {
	task  *Engine
	event task.Event
	// Of the end of a run: which RunTask led to it, if any did, and its generation.
	run, gen int
}

// alone reports whether there is one program and no task, so that whatever changes is
// for that program.
func (s *Session) alone() bool { return len(s.engines) == 1 && s.engines[0].Task == nil }

// begin has programs wait for the tasks that are before them, and what runs last for
// all else.
func (s *Session) begin() {
	r := &s.rules
	r.runs, r.told = map[string]int{}, map[*Engine]engine.Blocked{}
	var names []string
	for _, e := range s.engines {
		if e.Task != nil {
			names = append(names, e.name)
		}
	}
	r.state = task.New(names...)
	for _, e := range s.engines {
		if e.Task != nil {
			r.state = r.state.Know(e.name, *e.Task)
		}
	}
	var first State
	for _, e := range s.engines {
		first.Programs = append(first.Programs, Program{Name: e.name})
	}
	for i, e := range s.engines {
		if e.runsLast() { // also if it is to quit at once
			e.send(engine.Needed{By: s.needing(first, i)})
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s.tellBlocked()
}

// decide has package task decide what an event leads to, and does it.
func (s *Session) decide(e task.Event) {
	s.rules.mu.Lock()
	defer s.rules.mu.Unlock()
	s.step(e)
}

// step is decide, with the rules locked.
func (s *Session) step(e task.Event) {
	r := &s.rules
	var effects []task.Effect
	r.state, effects = task.Step(r.state, e)
	for _, f := range effects {
		switch f := f.(type) {
		case task.Run:
			run := engine.RunTask{Paths: f.Cause.Paths}
			if chain := f.Cause.Chain; len(chain) > 0 {
				run.By = chain[len(chain)-1].By
			}
			r.runs[f.Name]++
			run.ID = r.runs[f.Name]
			s.called(f.Name).send(run)
		case task.Wrote:
			for _, one := range s.engines {
				if paths := one.set.Told(f.Paths); one.Task == nil && len(paths) > 0 {
					one.send(engine.WrittenBy{Task: f.Name, Paths: paths})
				}
			}
		case task.Notice:
			one := s.called(f.Name)
			one.send(engine.Noticed{Subject: "loop", Text: f.Loop.Words(one.Task.Dir) + ": it does not run again for that"})
		}
	}
	s.tellBlocked()
}

// called is the engine of this name.
func (s *Session) called(name string) *Engine {
	return s.engines[slices.IndexFunc(s.engines, func(e *Engine) bool { return e.name == name })]
}

// tellBlocked tells each what it waits for, if that is not what it was told last. The
// rules are locked.
func (s *Session) tellBlocked() {
	r := &s.rules
	for _, e := range s.engines {
		b := engine.Blocked(r.state.Blocked(e.name))
		if last := r.told[e]; !reflect.DeepEqual(b, last) {
			r.told[e] = b
			e.send(b)
		}
	}
}

// changed has tasks begin that are due by a batch. What waits for them waits from now
// on. The watch is locked.
func (s *Session) changed(b watcher.Batch) {
	r := &s.rules
	if len(b.Paths) == 0 || !slices.ContainsFunc(s.engines, func(e *Engine) bool { return e.Task != nil }) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	busy := r.state.Busy()
	e := task.Changed{Paths: b.Paths}
	for _, path := range b.Paths {
		if busy && s.Generated != nil && s.Generated(path) {
			e.Marked = append(e.Marked, path)
		}
	}
	s.step(e)
	if busy {
		return
	}
	for _, one := range s.engines {
		if len(r.state.Blocked(one.name).Failed) == 0 || one.Task != nil {
			continue
		}
		if paths := one.set.Told(b.Paths); len(paths) > 0 {
			s.step(task.Retry{Program: one.name, Paths: paths})
		}
	}
}

// justNow is how far a file's time may lie behind the clock at the moment of its
// writing; see [watcher.Watcher].
const justNow = 25 * time.Millisecond

// follow takes what the loop of a task came to.
func (s *Session) follow(ctx context.Context, h heard) {
	end, ended := h.event.(task.Ended)
	if !ended {
		s.decide(h.event)
		return
	}
	if h.gen == 1 {
		// Programs have not looked at their files yet. What they find in them that is as
		// new as their look itself would count as saved since.
		select {
		case <-time.After(justNow):
		case <-ctx.Done():
		}
	}
	// All that the run has written is told as long as it counts as running.
	if paths, err := s.watch.files.Sync(ctx); err == nil && len(paths) > 0 {
		s.found(watcher.Batch{Paths: paths})
	}
	s.rules.mu.Lock()
	if h.run == s.rules.runs[h.task.name] { // else it was told to run again meanwhile
		s.step(end)
	}
	s.rules.mu.Unlock()
	h.task.send(engine.Followed{Gen: h.gen})
}

// hear notes what is of interest for the rules in the state that an event has led the
// loop of a task to. The stage is locked.
func (st *stage) hear(one *Engine, old, s engine.State, e engine.Event) {
	name := one.name
	add := func(event task.Event) {
		st.heard = append(st.heard, heard{one, event, s.Task.Run, s.Process.Gen})
	}
	if waits := s.Process.Phase == engine.Waiting; waits != (old.Process.Phase == engine.Waiting) {
		add(task.Waits{Name: name, On: waits})
	}
	if s.Attention != old.Attention && old.Attention != "" {
		add(task.Paused{Name: name, On: s.Attention == engine.Paused})
	}
	switch e := e.(type) {
	case engine.Configured:
		add(task.Configured{Name: name, Settings: *s.Settings.Task})
	case engine.Started:
		if e.Gen == s.Process.Gen {
			add(task.Began{Name: name})
		}
	case engine.Exited:
		if e.Gen == s.Process.Gen && s.Process.Phase == engine.Down {
			add(task.Ended{Name: name, OK: e.Exit.Code == 0 && e.Exit.Err == "", Stopped: e.Exit.Stopped})
		}
	}
}
