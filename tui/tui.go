// Package tui is the screen: it draws a [session.State] and turns keys into
// engine events.
//
// It knows terminals, layout and words. It knows only as much of files, processes and
// time as a State says, and it decides nothing about the program: a key becomes an
// event, and its effect appears in a later State.
//
// # Theory of operation
//
//	engine ──Show──► one slot ──► listen (a tea.Cmd) ──► model.Update ──► model.View
//	                                                        │
//	engine ◄──Send── a tea.Cmd at a time, in order ◄── key ─┘
//
// The slot holds only the newest State and is read at most once per frame, so the
// engine never waits for the screen, and a flood of output costs one frame, not one
// frame per line. There is one tea.Model; its panes are small structs that store how to
// display something (scroll, selection), never the content. [layout.go] is pure: size
// and focus in, rectangles out. Text from outside is cleaned before it is drawn, and
// every line is cut or padded to the exact width of its rectangle, so that no content
// can move the borders.
package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/profiler"
	"github.com/hotdev/hotdev/session"
	"github.com/hotdev/hotdev/tester"
	"github.com/hotdev/hotdev/tui/internal/vt"
)

// frame is the least time between two states on the screen. People cannot read text
// faster than thirty times a second. Keys are not delayed by it.
const frame = 33 * time.Millisecond

// Command is a program to run, such as an editor, in the form of [tea.ExecCommand]. Run
// is called once and returns when the program has ended; the setters are called before
// it, and only for a program that uses the terminal.
type Command = tea.ExecCommand

// Options connect a screen to the rest of hotdev.
type Options struct {
	// Send passes an event to the engine of a program. It may block for a while: it is
	// called on its own goroutine, one call at a time and in the order of the keys,
	// except that Quit overtakes. It must return once the engine has ended.
	Send func(program int, e engine.Event)
	// Input and Output are the terminal; nil means the process's own. Env is the
	// environment, as in os.Environ; nil means the process's own.
	Input  io.Reader
	Output io.Writer
	Env    []string
	// NoColor removes all colours, including the program's. ASCII replaces the screen's
	// own symbols beyond ASCII. NoMouse leaves the mouse to the terminal.
	NoColor, ASCII, NoMouse bool
	// Layout is the layout at the start. Remember is called with a layout that the user
	// has changed, on its own goroutine. If it is nil, the layout is not remembered.
	Layout   Layout
	Remember func(Layout) error
	// Theme is like that of engine.Screen, and applies until a State has one.
	Theme string
	// Dir is the absolute folder that paths are shown relative to.
	Dir string
	// Host is the host of Dir, for links to locations; it may be empty.
	Host string
	// Open returns the command that opens file in the user's editor; see [Editor]. If
	// terminal is set, the screen is suspended while the command runs; otherwise it
	// runs beside the screen and must not touch the terminal. Line and column count
	// from 1; 0 is unknown. If Open is nil, nothing can be opened.
	Open func(file string, line, column int) (c Command, terminal bool, err error)
	// Browse returns the command that opens an address in the user's browser, beside
	// the screen. It may be nil.
	Browse func(address string) Command
	// Requests returns the latest requests to a program's web address, the oldest
	// first. It is called on its own goroutine. If it is nil, they are not known.
	Requests func(program int) []Request
	// Profile takes a profile of the program that listens at addrs, on its own
	// goroutine; ctx ends if nobody waits for it any more. If it is nil, none can be
	// taken.
	Profile func(ctx context.Context, program int, k profiler.Kind, addrs []string) (profiler.Profile, error)
	// ShowProfile opens the web view of a profile in the user's browser, on its own
	// goroutine, and returns its address. It may be nil.
	ShowProfile func(profiler.Profile) (address string, err error)
	// Suspend stops this process until its shell continues it. Meanwhile the terminal
	// is as it was found. It may be nil.
	Suspend Command
	// Page returns the command that shows, in the user's pager, what write writes, and
	// a function to call when the command has ended. Terminal is as for Open. Page may
	// be nil.
	Page func(write func(io.Writer) error) (c Command, terminal bool, done func(), err error)
	// Save writes a new file and returns its name; name is what the user typed. If it
	// is nil, nothing can be saved.
	Save func(name string, write func(io.Writer) error) (file string, err error)
}

// A Screen shows a session. It implements [session.View].
type Screen struct {
	opts   Options
	states chan shown // the newest state, if it has not been drawn yet
	merged merged
	asked  chan struct{} // requests to suspend
	pulse  pulse
	// terminals are those of the programs for which Terminal was called.
	terminals []*vt.Terminal
}

// New returns a screen; Run draws it.
func New(o Options) *Screen {
	return &Screen{opts: o, states: make(chan shown, 1), asked: make(chan struct{}, 1)}
}

// Show makes st the state to draw. It never blocks. Only one goroutine may call it at a
// time. It may be called before Run and after it.
func (s *Screen) Show(st session.State, program int, e engine.Event) {
	s.put(shown{st, s.merged.add(st, program, e)})
}

// ShowTests implements [session.TestView]; it is like Show.
func (s *Screen) ShowTests(st session.State, _ tester.Event) {
	if len(st.Programs) > 0 && st.Programs[0].State.Now.IsZero() {
		return // the first state of a program decides about the screen
	}
	s.put(shown{st, s.merged.log})
}

// put makes next the next state to draw.
func (s *Screen) put(next shown) {
	for {
		select {
		case s.states <- next:
			return
		default:
		}
		select {
		case <-s.states: // never drawn, and older than next
		default:
		}
	}
}

// Terminal returns what a program is typed into and draws on. It must be called before
// Run.
func (s *Screen) Terminal(program int) *vt.Terminal {
	for len(s.terminals) <= program {
		s.terminals = append(s.terminals, vt.New())
	}
	return s.terminals[program]
}

// Suspend does the same as the key. It may be called on any goroutine, and does not
// block.
func (s *Screen) Suspend() {
	select {
	case s.asked <- struct{}{}:
	default: // there is a request already
	}
}

// Run draws until the session is over: it returns nil after a State that is Over was
// shown, or ctx's cause if ctx ends first. When it returns, the terminal is restored,
// also after a panic of the screen, which is reported as [tea.ErrProgramPanic]. While
// an editor has the terminal, Run waits for it. Run is called once.
func (s *Screen) Run(ctx context.Context) error {
	inner, cancel := context.WithCancel(ctx)
	defer cancel() // ends the commands that wait for a state or for time
	defer s.pulse.end()
	final, err := s.program(inner).Run()
	if ctx.Err() != nil && s.over(final) {
		return nil // if both ended, only the engine's end counts
	}
	return runError("screen", ctx, err)
}

// over reports whether the last state, drawn or not, was the end.
func (s *Screen) over(final tea.Model) bool {
	select {
	case st := <-s.states:
		return st.Over()
	default:
		m, ok := final.(model)
		return ok && m.session.Over()
	}
}

// program connects the model to a terminal. Options in first are those of a test.
func (s *Screen) program(ctx context.Context, first ...tea.ProgramOption) *tea.Program {
	m := newModel(s.opts, s.states, ctx.Done())
	m.asked, m.terminals, m.frames = s.asked, s.terminals, make([]vt.Frame, len(s.terminals))
	var p *tea.Program
	// When the first message comes, the program runs and has its ticker.
	find := sync.OnceFunc(func() { s.pulse.watch(p) })
	m.beat = func() {
		find()
		s.pulse.beat()
	}
	p = tea.NewProgram(m, append(first, programOptions(ctx, s.opts)...)...)
	return p
}

func programOptions(ctx context.Context, o Options) []tea.ProgramOption {
	opts := []tea.ProgramOption{
		tea.WithContext(ctx),
		// Signals are events for the engine, which decides when to end.
		tea.WithoutSignalHandler(),
		tea.WithFPS(int(time.Second / refresh)),
	}
	if o.Input != nil {
		opts = append(opts, tea.WithInput(o.Input))
	}
	if o.Output != nil {
		opts = append(opts, tea.WithOutput(o.Output))
	}
	if o.Env != nil {
		opts = append(opts, tea.WithEnvironment(o.Env))
	}
	if o.NoColor {
		opts = append(opts, tea.WithColorProfile(colorprofile.ASCII))
	}
	return opts
}

// runError distinguishes the end of ctx from a failure of the terminal.
func runError(what string, ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, tea.ErrProgramPanic):
		return fmt.Errorf("%s: %w", what, err)
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return fmt.Errorf("%s: %w", what, err)
}
