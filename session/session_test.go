package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
)

// A fake is a world in which builds and starts succeed at once, and programs end
// only when they are told to.
type fake struct {
	panics bool // a build panics
	deaf   bool // the program ignores Stop
	stop   chan string
}

func (f *fake) Do(ctx context.Context, e engine.Effect, emit func(engine.Event)) {
	switch e := e.(type) {
	case engine.Configure:
		emit(engine.Configured{Settings: engine.Settings{Build: builder.Request{Output: "/bin/app"}}})
	case engine.Build:
		if f.panics {
			panic("boom")
		}
		emit(engine.Built{Gen: e.Gen, Result: builder.Result{Artifact: builder.Artifact{Temp: "/bin/.app"}}})
	case engine.Publish:
		emit(engine.Published{Gen: e.Gen})
	case engine.Start:
		emit(engine.Started{Gen: e.Gen, Pid: 1})
		exit := runner.Exit{Code: -1, Stopped: true}
		select {
		case how := <-f.stop:
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

func newFake() *fake { return &fake{stop: make(chan string)} }

// A view is a func as a View.
type view func(s State, program string, e engine.Event)

func (v view) Show(s State, program string, e engine.Event) { v(s, program, e) }

// up calls do once all programs are up.
func up(do func()) View {
	done := false
	return view(func(s State, _ string, _ engine.Event) {
		for _, p := range s.Programs {
			if p.Process.Phase != engine.Up {
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
	s := New("api", "worker")
	api, worker := newFake(), newFake()
	var states []State
	events := map[string]map[string]int{"api": {}, "worker": {}}
	look := view(func(s State, program string, e engine.Event) {
		if len(s.Programs) != 2 {
			t.Errorf("%s of %s is shown with %d programs", e.Name(), program, len(s.Programs))
		}
		states = append(states, s)
		events[program][e.Name()]++
	})
	paused := view(func(st State, program string, e engine.Event) {
		if e.Name() == (engine.Pause{}).Name() {
			go s.Send("worker", engine.Quit{})
		}
	})
	err := s.Run(t.Context(), map[string]engine.World{"api": api, "worker": worker}, look, paused, up(func() { s.Send("api", engine.Pause{}) }))
	if err != nil {
		t.Error(err)
	}
	pause, quit := (engine.Pause{}).Name(), (engine.Quit{}).Name()
	for program, want := range map[string]int{"api": 1, "worker": 0} {
		if got := events[program]; got[pause] != want || got[quit] != 1 || got["started"] != 1 || got["exited"] != 1 {
			t.Errorf("%s: %v", program, got)
		}
	}
	if last := states[len(states)-1]; last.Programs["api"].Phase != engine.Over || last.Programs["worker"].Phase != engine.Over {
		t.Error("the last state is not that of the end")
	}
	if first := states[0].Programs; (first["api"].Phase == "") == (first["worker"].Phase == "") {
		t.Error("a state that was shown has changed since")
	}
	s.Send("api", engine.Pause{}) // goes nowhere, and does not wait
	s.Quit()
}

// The second quit kills, and that one was killed is the session's error.
func TestKill(t *testing.T) {
	s := New("api", "worker")
	api, worker := newFake(), newFake()
	api.deaf = true
	quits := view(func(_ State, program string, e engine.Event) {
		if program == "api" && e.Name() == (engine.Quit{}).Name() {
			go s.Quit()
		}
	})
	err := s.Run(t.Context(), map[string]engine.World{"api": api, "worker": worker}, quits, up(s.Quit))
	if !errors.Is(err, engine.ErrKilled) {
		t.Errorf("%v, want that a program was killed", err)
	}
}

// A panic in one loop cuts the others off, and goes on with where it began.
func TestPanic(t *testing.T) {
	s := New("api", "worker")
	api, worker := newFake(), newFake()
	worker.panics = true
	defer func() {
		if v := fmt.Sprint(recover()); !strings.Contains(v, "boom") || !strings.Contains(v, "session_test.go") {
			t.Errorf("panicked with %q", v)
		}
	}()
	err := s.Run(t.Context(), map[string]engine.World{"api": api, "worker": worker})
	t.Errorf("no panic, but %v", err)
}

// Only shows one program to a view that knows no other.
func TestOnly(t *testing.T) {
	var gens []int
	v := Only(engineView(func(s engine.State, e engine.Event) { gens = append(gens, s.Gen) }))
	v.Show(State{Programs: map[string]engine.State{"api": {Gen: 3}}}, "api", engine.Pause{})
	if len(gens) != 1 || gens[0] != 3 {
		t.Error(gens)
	}
}

type engineView func(s engine.State, e engine.Event)

func (v engineView) Show(s engine.State, e engine.Event) { v(s, e) }
