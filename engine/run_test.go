package engine

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/watcher"
)

// fake is a World in fake time: a build takes a second, a program prints and
// lives until it is stopped.
type fake struct {
	mu        sync.Mutex
	done      []string
	stops     chan struct{}
	deaf      bool          // the program ignores Stop
	buildTime time.Duration // zero is a second
	panics    bool          // a build panics
	late      bool          // a cancelled build answers all the same
	flood     bool          // the program prints without end
}

func (f *fake) note(s string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.done = append(f.done, s)
}

func (f *fake) Do(ctx context.Context, e Effect, emit func(Event)) {
	f.note(tell(e))
	switch e := e.(type) {
	case Configure:
		emit(Configured{Settings: Settings{Build: builder.Request{Output: "/bin/app"}}})
	case Build:
		if f.panics {
			panic("boom")
		}
		built := Built{Gen: e.Gen, Result: builder.Result{Artifact: builder.Artifact{Temp: "/bin/.app"}}}
		select {
		case <-time.After(max(f.buildTime, time.Second)):
			emit(built)
		case <-ctx.Done():
			f.note("cut off")
			if f.late {
				emit(built)
			}
		}
	case Publish:
		emit(Published{Gen: e.Gen})
	case Start:
		emit(Started{Gen: e.Gen, Pid: 1})
		exit := func() { emit(Exited{Gen: e.Gen, Exit: runner.Exit{Code: -1, Stopped: true}}) }
		for f.flood {
			select {
			case <-f.stops:
				exit()
				return
			default:
				emit(Wrote{Gen: e.Gen, Lines: []runner.Line{{Text: "x"}}})
			}
		}
		select {
		case <-f.stops:
		case <-ctx.Done():
			f.note("killed by the end")
		}
		exit()
	case Stop:
		if !f.deaf {
			f.stops <- struct{}{}
		}
	case Kill:
		f.stops <- struct{}{}
	}
}

// watch is a View that hands states on.
type watch func(State, Event)

func (w watch) Show(s State, e Event) { w(s, e) }

// when sends an event as soon as a state is reached, once each, in order.
func when(events chan<- Event, steps ...func(State, Event) (Event, bool)) View {
	return watch(func(s State, e Event) {
		if len(steps) == 0 {
			return
		}
		if next, ok := steps[0](s, e); ok {
			steps = steps[1:]
			if next != nil {
				events <- next
			}
		}
	})
}

func up(gen int, next Event) func(State, Event) (Event, bool) {
	return func(s State, _ Event) (Event, bool) {
		return next, s.Process.Phase == Up && s.Process.Gen == gen
	}
}

func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{stops: make(chan struct{})}
		events := make(chan Event, 9)
		err := Run(t.Context(), Budget{}, f, events, when(events,
			up(1, Changed{Batch: watcher.Batch{Paths: []string{"a.go"}}}),
			up(2, Quit{})))
		if err != nil {
			t.Fatal(err)
		}
		want := "configure|build 1|publish 1: /bin/.app over |start 1: /bin/app|" +
			"build 2|publish 2: /bin/.app over |stop 1|start 2: /bin/app|stop 2"
		// List and Watch run beside the others, in no order.
		got := slices.DeleteFunc(f.done, func(s string) bool {
			return strings.HasPrefix(s, "watch") || strings.HasPrefix(s, "list")
		})
		if g := strings.Join(got, "|"); g != want {
			t.Errorf("did\n%s\nwant\n%s", g, want)
		}
	})
}

func TestRunCutsOffBuild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{stops: make(chan struct{}), buildTime: time.Hour, late: true}
		events := make(chan Event, 9)
		began := time.Now()
		err := Run(t.Context(), Budget{}, f, events, when(events,
			func(s State, e Event) (Event, bool) {
				return Changed{Batch: watcher.Batch{Paths: []string{"a.go"}}}, s.Build.Gen == 1
			},
			func(s State, e Event) (Event, bool) { return Quit{}, s.Build.Gen == 2 }))
		if err != nil {
			t.Fatal(err)
		}
		if d := time.Since(began); d != 0 {
			t.Errorf("waited %v for builds that nobody wants", d)
		}
		// Both answers came late, one before and one after the end: both binaries
		// are discarded.
		n := 0
		for _, d := range f.done {
			if d == "discard /bin/.app" {
				n++
			}
		}
		if n != 2 {
			t.Errorf("%d binaries discarded, want 2: %v", n, f.done)
		}
	})
}

func TestRunSecondQuitKills(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{stops: make(chan struct{}), deaf: true}
		events := make(chan Event, 9)
		err := Run(t.Context(), Budget{}, f, events, when(events,
			up(1, Quit{}),
			func(s State, e Event) (Event, bool) { return Quit{}, s.Phase == Quitting }))
		if !errors.Is(err, ErrKilled) {
			t.Errorf("err = %v, want ErrKilled", err)
		}
	})
}

func TestRunEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{stops: make(chan struct{})}
		ctx, cancel := context.WithCancel(t.Context())
		err := Run(ctx, Budget{}, f, nil, watch(func(s State, e Event) {
			if s.Process.Phase == Up {
				cancel()
			}
		}))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v", err)
		}
		if last := f.done[len(f.done)-1]; last != "killed by the end" {
			t.Errorf("last was %q: Run did not wait for the program", last)
		}
	})
}

// A program that prints without end cannot keep a key waiting: between the key
// and its consequence at most the one event that was being handled passes.
func TestRunKeyBeforeOutput(t *testing.T) {
	f := &fake{stops: make(chan struct{}), flood: true}
	events := make(chan Event, 9)
	sent, lines := false, 0
	err := Run(t.Context(), Budget{}, f, events, watch(func(s State, e Event) {
		if _, ok := e.(Wrote); ok {
			lines++
			if lines == 1000 {
				events <- Quit{}
				sent = true
				return
			}
			if sent && s.Phase == Running {
				t.Error("output came before the key")
			}
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
}

func TestRunPanicGoesOnAtCaller(t *testing.T) {
	defer func() {
		if v := recover(); v == nil || !strings.Contains(v.(string), "boom") {
			t.Errorf("recovered %v, want the effect's panic", v)
		}
	}()
	_ = Run(t.Context(), Budget{}, &fake{panics: true, stops: make(chan struct{})}, nil)
	t.Error("Run returned")
}

// dawdler is a World whose program crashes as soon as it is asked to stop, and
// whose order to stop is carried out long after that.
type dawdler struct {
	fake
	crash  chan struct{}
	starts int
	struck int // how many programs the order reached
}

func (d *dawdler) Do(ctx context.Context, e Effect, emit func(Event)) {
	switch e := e.(type) {
	case Start:
		d.mu.Lock()
		d.starts++
		d.mu.Unlock()
		emit(Started{Gen: e.Gen, Pid: 1})
		select {
		case <-d.crash:
		case <-ctx.Done():
		}
		emit(Exited{Gen: e.Gen, Exit: runner.Exit{Code: 2}})
	case Stop:
		d.crash <- struct{}{}
		time.Sleep(time.Second) // in fake time: all else happens first
		d.mu.Lock()
		defer d.mu.Unlock()
		d.struck = d.starts
	default:
		d.fake.Do(ctx, e, emit)
	}
}

// A program that is started again is of the same generation: an order to the one
// before is carried out before that, or never.
func TestRunLateOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &dawdler{crash: make(chan struct{})}
		ctx, cancel := context.WithCancel(t.Context())
		events := make(chan Event, 9)
		ups := 0
		err := Run(ctx, Budget{}, d, events, watch(func(s State, e Event) {
			switch e.(type) {
			case Started:
				if ups++; ups == 1 {
					events <- StopStart{} // s
				} else {
					cancel()
				}
			case Exited:
				events <- StopStart{}
			}
		}))
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if d.starts != 2 || d.struck != 1 {
			t.Errorf("%d starts; the order to the first was carried out after %d of them", d.starts, d.struck)
		}
	})
}

// Every cycle's end is told once, after the event that led to it.
func TestRunTellsEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{stops: make(chan struct{})}
		events := make(chan Event, 9)
		var told []string
		err := Run(t.Context(), Budget{}, f, events, watch(func(s State, e Event) {
			if ended, ok := e.(Ended); ok {
				text, err := json.Marshal(ended)
				if err != nil {
					t.Error(err)
				}
				told = append(told, string(text))
			} else {
				told = append(told, e.Name())
			}
		}), when(events,
			up(1, Changed{Batch: watcher.Batch{Paths: []string{"a.go"}}}),
			up(2, Rebuild{}),
			up(3, Quit{})))
		if err != nil {
			t.Fatal(err)
		}
		var ends []string
		for i, e := range told {
			if strings.HasPrefix(e, "{") {
				ends = append(ends, told[i-1]+" "+e)
			}
		}
		want := []string{
			`started {"gen":1,"cause":"start","outcome":"started","build_ns":0,"took_ns":1000000000}`,
			`started {"gen":2,"cause":"save","paths":["a.go"],"outcome":"started","build_ns":0,"took_ns":1000000000}`,
			`started {"gen":3,"cause":"key","outcome":"started","build_ns":0,"took_ns":1000000000}`,
		}
		if !slices.Equal(ends, want) {
			t.Errorf("told\n%s\nwant\n%s", strings.Join(ends, "\n"), strings.Join(want, "\n"))
		}
	})
}
