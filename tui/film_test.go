package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/termtest"
	"github.com/hotdev/hotdev/runner"
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
		o.Send = func(e engine.Event) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.keys = append(f.keys, e)
		}
	}
	o.Dir = module
	f.screen = New(o)
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

// show shows a state and waits for it to be drawn.
func (f *film) show(s engine.State) {
	f.screen.Show(s, nil)
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

// TestKeys: what the keys send, in their order.
func TestKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := roll(t, 80, 24, Options{})
		f.show(at(stateUp(), 0))
		f.term.Settle()
		for keys, want := range map[string]string{
			"r": "Reload", "R": "Rebuild", "b": "BuildOnly", "s": "StopStart", " ": "Pause",
			"q": "Quit", "\x03": "Quit", "/": "", "x": "", "\x1b": "", "qq": "Quit Quit",
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
		f := roll(t, 80, 24, Options{Send: func(e engine.Event) {
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

// TestShownBeforeRun: what was shown before Run is drawn, also that all is over.
func TestShownBeforeRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{})
		s.Show(stateUp(), nil)
		over := stateStopped()
		over.Phase = engine.Over
		s.Show(over, nil)
		term := termtest.New(t, 80, 24)
		if _, err := s.program(t.Context(), term.Options()...).Run(); err != nil {
			t.Error(err)
		}
	})
}

// TestStillness: when nothing moves, nothing is drawn; uptime is drawn each
// second for a minute and each minute after that.
func TestStillness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := roll(t, 80, 24, Options{ASCII: true})
		s := at(stateUp(), 57*time.Second)
		f.show(s)
		var seen []string
		last := ""
		for range 4 * 60 * 4 {
			screen := f.term.Screen()
			_, up, _ := strings.Cut(screen, "* up ")
			up, _, _ = strings.Cut(up, " ")
			if up != last {
				seen = append(seen, up)
				last = up
			}
			time.Sleep(50 * time.Millisecond) // with Screen's own wait, a quarter of a second
		}
		if got, want := strings.Join(seen, " "), "57s 58s 59s 1m 2m 3m 4m"; got != want {
			t.Errorf("uptime went %s, want %s", got, want)
		}
		s = at(stateStopped(), 0)
		f.show(s)
		f.term.Settle()
		before := len(f.term.Raw())
		time.Sleep(time.Hour)
		if more := f.term.Raw()[before:]; more != "" {
			t.Errorf("a still screen wrote %q within an hour", more)
		}
		f.over()
	})
}

// TestFlood: a program that prints without end makes the screen neither slow
// nor big, and the last line is seen.
func TestFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := roll(t, 80, 24, Options{ASCII: true})
		s := at(stateUp(), 0)
		f.show(s)
		f.term.Settle()
		before := len(f.term.Raw())
		const lines = 1_000_000
		var l engine.Log
		for i := range lines {
			l = l.Append(14, runner.Line{Stream: runner.Stdout, Text: fmt.Sprintf("request %d", i)})
			s.Log = l
			f.screen.Show(s, nil)
		}
		if !strings.Contains(f.term.Screen(), fmt.Sprintf("request %d", lines-1)) {
			t.Errorf("the last line is not seen:\n%s", f.term.Screen())
		}
		// No time passes in the bubble while it is flooded, so a frame or two is
		// all there is to draw.
		if n := len(f.term.Raw()) - before; n > 64<<10 {
			t.Errorf("%d lines made the screen write %d bytes", lines, n)
		}
		f.over()
	})
}

// TestFrames: a steady stream of states is drawn once a frame at most.
func TestFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		states := make(chan engine.State, 1)
		done := make(chan struct{})
		m := newModel(Options{}, states, done)
		m.width, m.height = 80, 24
		go func() { // a state each millisecond for a second
			for i := range 1000 {
				s := stateStopped()
				s.Gen = i
				select {
				case <-states:
				default:
				}
				states <- s
				time.Sleep(time.Millisecond)
			}
		}()
		frames, gen := 0, 0
		cmd := m.listen(0)
		for gen < 999 {
			msg := cmd().(stateMsg)
			gen = msg.Gen
			frames++
			next, _ := m.show(engine.State(msg))
			m = next.(model)
			cmd = m.listen(frame)
		}
		if most := int(time.Second/frame) + 2; frames > most {
			t.Errorf("%d frames in a second, want at most %d", frames, most)
		}
		close(done)
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
	if !m.process.tail.held {
		t.Error("the wheel over the Process pane does not hold it")
	}
	next, _ = m.Update(tea.MouseWheelMsg{X: 40, Y: 20, Button: tea.MouseWheelDown})
	m = next.(model)
	if m.process.tail.held {
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

// fakeEditor is a Command that notes what it was given.
type fakeEditor struct {
	ran    chan struct{}
	err    error
	stdin  io.Reader
	stdout io.Writer
}

func (e *fakeEditor) Run() error            { close(e.ran); return e.err }
func (e *fakeEditor) SetStdin(r io.Reader)  { e.stdin = r }
func (e *fakeEditor) SetStdout(w io.Writer) { e.stdout = w }
func (e *fakeEditor) SetStderr(io.Writer)   {}

// TestOpen: enter opens the chosen location, in place of the screen or beside it.
func TestOpen(t *testing.T) {
	for _, terminal := range []bool{true, false} {
		t.Run(fmt.Sprintf("terminal=%v", terminal), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				editor := &fakeEditor{ran: make(chan struct{}), err: errors.New("exit status 3")}
				where := make(chan string, 1)
				f := roll(t, 80, 24, Options{Open: func(file string, line, column int) (Command, bool, error) {
					where <- fmt.Sprint(file, " ", line, " ", column)
					return editor, terminal, nil
				}})
				f.show(at(stateBroken(), 0))
				f.term.Send("n\r")
				if got, want := <-where, module+"/internal/db/query.go 7 26"; got != want {
					t.Errorf("opened %s, want %s", got, want)
				}
				<-editor.ran
				if (editor.stdin != nil) != terminal || (editor.stdout != nil) != terminal {
					t.Errorf("the editor was given the terminal: %v", editor.stdout != nil)
				}
				if s := f.term.Screen(); !strings.Contains(s, "open: exit status 3") || !strings.Contains(s, "3 Process") {
					t.Errorf("after the editor failed:\n%s", s)
				}
				// Any key takes the complaint away. The first is read by the reader from
				// before the suspension, which on a pipe cannot be called back.
				f.term.Send("j")
				f.term.Send("j")
				if s := f.term.Screen(); strings.Contains(s, "open: exit") {
					t.Errorf("still complaining:\n%s", s)
				}
				f.over()
			})
		})
	}
}

// TestOpenNothing: there may be nothing to open, nothing to open it with, or no
// file in the message.
func TestOpenNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := roll(t, 80, 24, Options{Open: func(string, int, int) (Command, bool, error) { return nil, false, ErrNoEditor }})
		f.show(at(stateUp(), 0))
		f.term.Send("o")
		f.term.Settle()
		s := stateBroken()
		f.show(at(s, 0))
		f.term.Send("o")
		if screen := f.term.Screen(); !strings.Contains(screen, "no editor is set") {
			t.Errorf("no complaint:\n%s", screen)
		}
		s.Build.DiagnosticsGen++
		s.Build.Diagnostics = s.Build.Diagnostics[:1:1]
		s.Build.Diagnostics[0].File = ""
		f.show(at(s, 0))
		f.term.Send("o")
		if screen := f.term.Screen(); !strings.Contains(screen, "names no file") {
			t.Errorf("no complaint:\n%s", screen)
		}
		f.over()
	})
}
