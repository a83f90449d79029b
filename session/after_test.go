package session

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
)

// What has come true is not waited for; what names nobody is, for ever.
func TestUnmet(t *testing.T) {
	exited := func(x runner.Exit, phase engine.ProcessPhase) engine.State {
		return engine.State{Process: engine.ProcessState{Phase: phase, Exit: &x}}
	}
	up := engine.State{Process: engine.ProcessState{Phase: engine.Up}}
	ready := up
	ready.Process.Ready = time.Unix(1, 0)
	for _, c := range []struct {
		what  string
		state engine.State
		has   []engine.Milestone
	}{
		{"down", engine.State{Process: engine.ProcessState{Phase: engine.Down}}, nil},
		{"up", up, []engine.Milestone{engine.HasStarted}},
		{"ready", ready, []engine.Milestone{engine.HasStarted, engine.HasReady}},
		{"ended well", exited(runner.Exit{}, engine.Down), []engine.Milestone{engine.HasStarted, engine.HasDone, engine.HasSucceeded}},
		{"stopped", exited(runner.Exit{Stopped: true}, engine.Down), []engine.Milestone{engine.HasStarted, engine.HasDone}},
		{"crashed", exited(runner.Exit{Code: 1}, engine.Crashed), []engine.Milestone{engine.HasStarted, engine.HasDone}},
		{"up again", engine.State{Process: engine.ProcessState{Phase: engine.Up, Exit: &runner.Exit{}}}, []engine.Milestone{engine.HasStarted}},
	} {
		s := State{Programs: []Program{{Name: "db", State: c.state}}}
		for _, m := range engine.Milestones() {
			unmet := s.unmet([]engine.After{{Program: "db", Word: m}, {Program: "nobody", Word: m}})
			if met := len(unmet) == 1; met != slices.Contains(c.has, m) || !slices.Contains(unmet, "nobody: "+string(m)) {
				t.Errorf("%s, %s: unmet are %s", c.what, m, strings.Join(unmet, ", "))
			}
		}
	}
}

// A program starts when the other is ready, and not before.
func TestAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api, db := newFake(), newFake()
		api.after = []engine.After{{Program: "worker", Word: engine.HasReady}}
		db.ready = time.Minute
		s := side(api, db)
		began := time.Now()
		var awaited [][]string
		var started time.Duration
		look := view(func(st State, program int, e engine.Event) {
			switch e := e.(type) {
			case engine.Awaits:
				awaited = append(awaited, e.For)
			case engine.Started:
				if program == 0 {
					started = time.Since(began)
				}
			}
		})
		if err := s.Run(t.Context(), look, up(s.Quit)); err != nil {
			t.Error(err)
		}
		if started != time.Minute {
			t.Errorf("started after %v", started)
		}
		if len(awaited) < 2 || !slices.Equal(awaited[0], []string{"worker: ready"}) || len(awaited[1]) != 0 {
			t.Errorf("told to wait for %q", awaited)
		}
	})
}

// At a quit, what others came after is stopped when these have ended, and the second
// quit kills all at once.
func TestQuitOrder(t *testing.T) {
	for _, killed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			api, db := newFake(), newFake()
			api.after = []engine.After{{Program: "worker", Word: engine.HasStarted}}
			api.ending, db.ending = time.Minute, time.Second
			s := side(api, db)
			ended := map[int]time.Duration{}
			var quit time.Time
			look := view(func(st State, program int, e engine.Event) {
				if e.Name() == "exited" {
					ended[program] = time.Since(quit)
				}
				if killed && e.Name() == (engine.Quit{}).Name() && program == 1 && st.Programs[1].State.Phase == engine.Quitting {
					go s.Quit()
				}
			})
			err := s.Run(t.Context(), look, up(func() {
				quit = time.Now()
				s.Quit()
			}))
			want := map[int]time.Duration{0: time.Minute, 1: time.Minute + time.Second}
			if killed {
				want = map[int]time.Duration{0: time.Minute, 1: 0} // the fake takes no second order
			}
			if errors.Is(err, engine.ErrKilled) != killed || !maps.Equal(ended, want) {
				t.Errorf("killed: %v: ended after %v, want %v (%v)", killed, ended, want, err)
			}
		})
	}
}
