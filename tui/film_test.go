package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/termtest"
	"github.com/hotdev/hotdev/session"
)

// A film is a screen on a virtual terminal, with a stand-in for the engine that
// the test plays.
type film struct {
	t      *testing.T
	term   *termtest.Terminal
	screen *Screen
	cancel context.CancelCauseFunc
	ended  chan error

	mu   sync.Mutex
	keys []engine.Event // what the screen sent
}

// roll starts a film; it is called in a synctest bubble.
func roll(t *testing.T, w, h int, o Options) *film {
	f := &film{t: t, term: termtest.New(t, w, h), ended: make(chan error, 1)}
	if o.Send == nil {
		o.Send = func(_ int, e engine.Event) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.keys = append(f.keys, e)
		}
	}
	o.Dir = module
	f.screen = New(o)
	f.screen.Terminal(0)
	ctx, cancel := context.WithCancelCause(t.Context())
	f.cancel = cancel
	// A film that waits for what never comes ends in a deadlock, which synctest
	// reports; without this the renderer would tick for ever.
	inner, stop := context.WithTimeout(ctx, 3*time.Hour)
	// The same as Run, on a terminal that is not one.
	p := f.screen.program(inner, f.term.Options()...)
	f.term.Attach(p)
	go func() {
		defer stop()
		_, err := p.Run()
		f.ended <- runError("screen", ctx, err)
	}()
	return f
}

// alone is a session of one program.
func alone(s engine.State) session.State {
	return session.State{Programs: []session.Program{{State: s}}}
}

// show shows a state and waits for it to be drawn.
func (f *film) show(s engine.State) {
	f.screen.Show(alone(s), 0, nil)
	f.term.Settle()
}

// sent takes what the keys led to so far.
func (f *film) sent() string {
	f.term.Settle()
	f.mu.Lock()
	defer f.mu.Unlock()
	var names []string
	for _, e := range f.keys {
		names = append(names, strings.TrimPrefix(fmt.Sprintf("%T", e), "engine."))
	}
	f.keys = nil
	return strings.Join(names, " ")
}

// end waits for the screen to be gone and looks at how it left the terminal.
func (f *film) end() error {
	f.t.Helper()
	err := <-f.ended
	f.term.Close()
	synctest.Wait()
	if modes := f.term.Modes(); modes != (termtest.Modes{}) {
		f.t.Errorf("the terminal was left as %+v", modes)
	}
	return err
}

func (f *film) over() {
	f.t.Helper()
	s := stateStopped()
	s.Phase = engine.Over
	f.show(s)
	if err := f.end(); err != nil {
		f.t.Errorf("Run: %v", err)
	}
}

// at gives a state a moment of the bubble's clock.
func at(s engine.State, since time.Duration) engine.State {
	now := time.Now()
	s.Now = now
	if !s.Process.Since.IsZero() {
		s.Process.Since = now.Add(-since)
	}
	if !s.Build.Since.IsZero() {
		s.Build.Since = now.Add(-since)
	}
	return s
}

// TestFilm: start, up, broken, mended, resized, quit.
func TestFilm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := roll(t, 100, 24, Options{})
		var reel strings.Builder
		scene := func(name string) {
			fmt.Fprintf(&reel, "== %s\n%s", name, f.term.Screen())
		}
		scene("before anything happened")
		f.show(at(stateFirst(), 0))
		scene("the first build")
		time.Sleep(2 * time.Second)
		scene("two seconds later, by itself")
		f.show(at(stateUp(), 0))
		scene("up")
		f.show(at(stateBroken(), 5*time.Second))
		scene("broken")
		f.term.Send("n")
		scene("the next error")
		f.show(at(stateRebuilding(), 0))
		scene("rebuilding")
		f.show(at(stateUp(), 0))
		scene("mended")
		f.term.Resize(60, 15)
		scene("a smaller terminal")
		f.term.Resize(100, 24)
		f.term.Send("?")
		scene("help")
		f.term.Send("x")
		f.term.Send("q")
		if got := f.sent(); got != "Quit" {
			t.Errorf("q sent %q", got)
		}
		f.show(at(stateQuitting(), 0))
		scene("quitting")
		f.over()
		scene("over")
		golden.RequireEqual(t, reel.String())
	})
}

// TestGrowWhileItScrolls: a frame that was drawn for a smaller terminal, and scrolled a part
// of it, may arrive after the terminal has grown. All lines are there nevertheless.
func TestGrowWhileItScrolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := roll(t, 100, 15, Options{})
		f.show(at(stateUp(), 0))
		f.term.Resize(100, 24)
		if _, err := f.term.Write([]byte("\x1b[1;15r")); err != nil {
			t.Fatal(err)
		}
		got := f.term.Screen()
		f.term.Resize(99, 24)
		f.term.Resize(100, 24)
		if _, err := f.term.Write([]byte("\x1b[r")); err != nil {
			t.Fatal(err)
		}
		if want := f.term.Screen(); got != want {
			t.Errorf("the screen is\n%s\nwant\n%s", got, want)
		}
		f.over()
	})
}

// TestKeys: what the keys send, in their order.
func TestKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := roll(t, 80, 24, Options{})
		f.show(at(stateUp(), 0))
		f.term.Settle()
		for keys, want := range map[string]string{
			"r": "Reload", "R": "Rebuild", "b": "BuildOnly", "s": "StopStart", " ": "Pause",
			"q": "Quit", "\x03": "Quit", "x": "", "\x1b": "", "qq": "Quit Quit",
			"rRbs ": "Reload Rebuild BuildOnly StopStart Pause",
			"?q":    "", // q closes the page
			"?\x03": "Quit",
		} {
			f.term.Send(keys)
			if got := f.sent(); got != want {
				t.Errorf("keys %q sent %q, want %q", keys, got, want)
			}
			f.term.Send("?x") // whatever is open is closed
			f.term.Settle()
		}
		f.over()
	})
}

// TestBusyEngine: a Send that blocks holds up neither the screen nor Quit.
func TestBusyEngine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var mu sync.Mutex
		var got []engine.Event
		f := roll(t, 80, 24, Options{Send: func(_ int, e engine.Event) {
			if _, quit := e.(engine.Quit); !quit {
				<-release
			}
			mu.Lock()
			defer mu.Unlock()
			got = append(got, e)
		}})
		f.show(at(stateUp(), 0))
		f.term.Send("rbs")
		f.term.Send("?")
		if !strings.Contains(f.term.Screen(), "any other key") {
			t.Errorf("the help does not come up while the engine is busy:\n%s", f.term.Screen())
		}
		f.term.Send("x")
		f.term.Send("q")
		f.term.Settle()
		close(release)
		f.term.Settle()
		mu.Lock()
		order := fmt.Sprint(len(got))
		for _, e := range got {
			order += fmt.Sprintf(" %T", e)
		}
		mu.Unlock()
		if want := "4 engine.Quit engine.Reload engine.BuildOnly engine.StopStart"; order != want {
			t.Errorf("sent %s, want %s", order, want)
		}
		f.over()
	})
}

// TestContext: the end of ctx is an end, and leaves the terminal sane.
func TestContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := roll(t, 80, 24, Options{})
		f.show(at(stateUp(), 0))
		f.term.Settle()
		why := errors.New("the engine panicked")
		f.cancel(why)
		if err := f.end(); !errors.Is(err, why) {
			t.Errorf("Run: %v, want the cause", err)
		}
		f.show(at(stateUp(), 0)) // nobody is there; it does not block
		f.show(at(stateUp(), 0))
	})
}

// TestOverAndCancelled: whoever ends the engine may cancel at once; the end was
// shown, so it is a good one, drawn or not.
func TestOverAndCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		term := termtest.New(t, 80, 24)
		s := New(Options{Input: term.Input(), Output: term, Env: []string{"TERM=xterm"}})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- s.Run(ctx) }()
		s.Show(alone(stateUp()), 0, nil)
		term.Settle()
		over := stateStopped()
		over.Phase = engine.Over
		s.Show(alone(stateUp()), 0, nil)
		s.Show(alone(over), 0, nil)
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

// TestShownBeforeRun: what was shown before Run is drawn, also that all is over.
func TestShownBeforeRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{})
		s.Show(alone(stateUp()), 0, nil)
		over := stateStopped()
		over.Phase = engine.Over
		s.Show(alone(over), 0, nil)
		term := termtest.New(t, 80, 24)
		if _, err := s.program(t.Context(), term.Options()...).Run(); err != nil {
			t.Error(err)
		}
	})
}

// TestNoColor: not one colour reaches a terminal that shall have none, not even
// the program's own.
func TestNoColor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, s := range states() {
			f := roll(t, 120, 36, Options{NoColor: true})
			f.show(at(s, 0))
			f.term.Settle()
			for seq := range strings.SplitSeq(f.term.Raw(), "\x1b[") {
				params, _, ok := strings.Cut(seq, "m")
				if !ok || strings.Trim(params, "0123456789;:") != "" {
					continue
				}
				for p := range strings.SplitSeq(params, ";") {
					if len(p) >= 2 && (p[0] == '3' || p[0] == '4' || p[0] == '9' || strings.HasPrefix(p, "10")) {
						t.Errorf("colour %q", "\x1b["+params+"m")
					}
				}
			}
			f.over()
		}
	})
}

// TestBackground: the answer of the terminal chooses the palette.
func TestBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := roll(t, 80, 24, Options{})
		f.show(at(stateBroken(), 0))
		f.term.Settle()
		dark := f.term.Raw()
		f.term.Send("\x1b]11;rgb:ffff/ffff/ffff\x1b\\")
		f.term.Settle()
		light := f.term.Raw()[len(dark):]
		if !strings.Contains(dark, "38;2;242;119;122") { // #f2777a
			t.Error("the dark palette's red is not used before the answer")
		}
		if !strings.Contains(light, "38;2;198;40;40") { // #c62828
			t.Error("the light palette's red is not used after the answer")
		}
		f.over()
	})
}

// TestMouse: the wheel scrolls what is beneath it, a click focuses and chooses.
func TestMouse(t *testing.T) {
	m := screen(stateBroken(), 80, 24)
	m.state.Log = longLog(500)
	next, _ := m.Update(tea.MouseWheelMsg{X: 40, Y: 20, Button: tea.MouseWheelUp})
	m = next.(model)
	if !m.process.Tail.Held {
		t.Error("the wheel over the Process pane does not hold it")
	}
	next, _ = m.Update(tea.MouseWheelMsg{X: 40, Y: 20, Button: tea.MouseWheelDown})
	m = next.(model)
	if m.process.Tail.Held {
		t.Error("scrolled back to the end, it does not follow")
	}
	next, _ = m.Update(tea.MouseWheelMsg{X: 40, Y: 5, Button: tea.MouseWheelDown})
	m = next.(model)
	if m.build.top != 3 || m.focus != processPane {
		t.Errorf("the wheel over the Build pane: top %d, focus %d", m.build.top, m.focus)
	}
	next, _ = m.Update(tea.MouseClickMsg{X: 40, Y: 6, Button: tea.MouseLeft})
	m = next.(model)
	if m.focus != buildPane || m.selected != 1 {
		t.Errorf("a click on the second error: focus %d, selected %d", m.focus, m.selected)
	}
	for _, click := range []tea.MouseClickMsg{{X: -1, Y: -1}, {X: 500, Y: 500, Button: tea.MouseLeft}, {Button: tea.MouseLeft}} {
		next, _ = m.Update(click)
		if got := next.(model); got.focus != m.focus || got.selected != m.selected {
			t.Errorf("click at %d,%d moved something", click.X, click.Y)
		}
	}
}
