package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/task"
	"github.com/hotdev/hotdev/watcher"
)

// A fake is a world in which builds and starts succeed at once, and programs end
// only when they are told to.
type fake struct {
	panics bool // a build panics
	deaf   bool // the program ignores Stop
	stop   chan string
	found  []watcher.Batch
	after  []engine.After
	ending time.Duration // a stop takes
	ready  time.Duration // after its start

	task  *task.Settings
	codes []int // with which the task ends, a minute after each start
	tell  func(engine.Event)
}

func (f *fake) Do(ctx context.Context, e engine.Effect, emit func(engine.Event)) {
	switch e := e.(type) {
	case engine.Configure:
		emit(engine.Configured{Settings: engine.Settings{Build: builder.Request{Output: "/bin/app"}, After: f.after, Task: f.task, Command: f.task != nil}})
	case engine.Build:
		if f.panics {
			panic("boom")
		}
		emit(engine.Built{Gen: e.Gen, Result: builder.Result{Artifact: builder.Artifact{Temp: "/bin/.app"}}})
	case engine.Publish:
		emit(engine.Published{Gen: e.Gen})
	case engine.Start:
		emit(engine.Started{Gen: e.Gen, Pid: 1})
		if f.task != nil {
			time.Sleep(time.Minute)
			code := f.codes[0]
			f.codes = f.codes[1:]
			emit(engine.Exited{Gen: e.Gen, Exit: runner.Exit{Code: code}})
			return
		}
		if f.ready > 0 {
			time.Sleep(f.ready) // of a fake clock
			emit(engine.Sampled{Gen: e.Gen, Usage: runner.Usage{Ports: []runner.Port{{Addr: ":1"}}}})
		}
		exit := runner.Exit{Code: -1, Stopped: true}
		select {
		case how := <-f.stop:
			if how == "stop" {
				time.Sleep(f.ending) // of a fake clock
			}
			exit.Killed = how == "kill"
			emit(engine.Exited{Gen: e.Gen, Exit: exit})
		case <-ctx.Done():
			emit(engine.Exited{Gen: e.Gen, Exit: exit})
		}
	case engine.Stop:
		if !f.deaf {
			f.end(ctx, "stop")
		}
	case engine.Kill:
		f.end(ctx, "kill")
	}
}

// end tells the program to, unless it has ended.
func (f *fake) end(ctx context.Context, how string) {
	select {
	case f.stop <- how:
	case <-ctx.Done():
	}
}

func (f *fake) Found(b watcher.Batch) {
	f.found = append(f.found, b)
	if f.tell != nil {
		f.tell(engine.Changed{Batch: b})
	}
}

// side is a session of these worlds.
func side(worlds ...*fake) *Session {
	s := New(&fakeFiles{})
	for i, w := range worlds {
		s.Add([]string{"api", "worker"}[i]).World = w
	}
	return s
}

func newFake() *fake { return &fake{stop: make(chan string)} }

// A view is a func as a View.
type view func(s State, program int, e engine.Event)

func (v view) Show(s State, program int, e engine.Event) { v(s, program, e) }

// up calls do once all programs are up.
func up(do func()) View {
	done := false
	return view(func(s State, _ int, _ engine.Event) {
		for _, p := range s.Programs {
			if p.State.Process.Phase != engine.Up {
				return
			}
		}
		if !done {
			done = true
			go do()
		}
	})
}

// Programs run beside each other: what is sent to one reaches only that one, views
// see both, and one quit ends all.
func TestSideBySide(t *testing.T) {
	api, worker := newFake(), newFake()
	s := side(api, worker)
	var states []State
	events := []map[string]int{{}, {}}
	look := view(func(s State, program int, e engine.Event) {
		if len(s.Programs) != 2 {
			t.Errorf("%s of %d is shown with %d programs", e.Name(), program, len(s.Programs))
		}
		states = append(states, s)
		events[program][e.Name()]++
	})
	paused := view(func(st State, program int, e engine.Event) {
		if e.Name() == (engine.Pause{}).Name() {
			go s.Send(1, engine.Quit{})
		}
	})
	err := s.Run(t.Context(), look, paused, up(func() { s.Send(0, engine.Pause{}) }))
	if err != nil {
		t.Error(err)
	}
	pause, quit := (engine.Pause{}).Name(), (engine.Quit{}).Name()
	for program, want := range []int{1, 0} {
		if got := events[program]; got[pause] != want || got[quit] != 1 || got["started"] != 1 || got["exited"] != 1 {
			t.Errorf("%d: %v", program, got)
		}
	}
	if last := states[len(states)-1]; !last.Over() {
		t.Error("the last state is not that of the end")
	}
	if first := states[0].Programs; (first[0].State.Phase == "") == (first[1].State.Phase == "") || states[0].Over() {
		t.Error("a state that was shown has changed since")
	}
	s.Send(0, engine.Pause{}) // goes nowhere, and does not wait
	s.Quit()
}

// The second quit kills, and that one was killed is the session's error.
func TestKill(t *testing.T) {
	api, worker := newFake(), newFake()
	s := side(api, worker)
	api.deaf = true
	quits := view(func(_ State, program int, e engine.Event) {
		if program == 0 && e.Name() == (engine.Quit{}).Name() {
			go s.Quit()
		}
	})
	err := s.Run(t.Context(), quits, up(s.Quit))
	if !errors.Is(err, engine.ErrKilled) {
		t.Errorf("%v, want that a program was killed", err)
	}
}

// A panic in one loop cuts the others off, and goes on with where it began.
func TestPanic(t *testing.T) {
	api, worker := newFake(), newFake()
	s := side(api, worker)
	worker.panics = true
	defer func() {
		if v := fmt.Sprint(recover()); !strings.Contains(v, "boom") || !strings.Contains(v, "session_test.go") {
			t.Errorf("panicked with %q", v)
		}
	}()
	err := s.Run(t.Context())
	t.Errorf("no panic, but %v", err)
}
