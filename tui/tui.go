// Package tui is the screen: it draws a [session.State] and turns keys into
// engine events.
//
// It knows terminals, layout and words. It does not know files, processes or
// time beyond what a State says, and it decides nothing about the program: a
// key is handed on as an event and what comes of it is seen in the next State.
//
// # Theory of operation
//
//	engine ──Show──► one slot ──► listen (a tea.Cmd) ──► model.Update ──► model.View
//	                                                        │
//	engine ◄──Send── a tea.Cmd at a time, in order ◄── key ─┘
//
// The slot holds the newest State only and is read at most once a frame, so the
// engine never waits for the screen and a flood of output costs one frame, not
// one frame a line. There is one tea.Model; its panes are small structs that
// hold how to show (scroll, selection), never what. [layout.go] is pure:
// size and focus in, rectangles out. Text that comes from outside is cleaned
// before it is drawn, and every line is cut or padded to exactly its
// rectangle's width, so that no content can push the borders about.
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

// frame is the least time between two states on the screen. Nobody reads text
// faster than thirty times a second; keys are not subject to it.
const frame = 33 * time.Millisecond

// Command is a program to be run, such as an editor. It is what
// [tea.ExecCommand] asks for. Run is called once and returns when the program
// has ended; the setters are called before it, and only for a terminal program.
type Command = tea.ExecCommand

// Options say what a screen is connected to.
type Options struct {
	// Send hands an event to the engine of a program. It may block for a while; it is called
	// on a goroutine of its own, one call at a time and in the order of the keys,
	// except that Quit overtakes. It must return once the engine is over.
	Send func(program int, e engine.Event)
	// Input and Output are the terminal; nil means the process's own. Env is its
	// environment, as in os.Environ; nil means the process's own.
	Input  io.Reader
	Output io.Writer
	Env    []string
	// NoColor leaves out every colour, also the program's; ASCII every symbol
	// beyond ASCII of the screen's own; NoMouse leaves the mouse to the terminal.
	NoColor, ASCII, NoMouse bool
	// Layout is what the screen begins with; Remember is told when the user changes
	// it, on a goroutine of its own. Nil forgets.
	Layout   Layout
	Remember func(Layout) error
	// Theme is that of engine.Screen, until a State says which.
	Theme string
	// Dir is the absolute folder that paths are shown relative to.
	Dir string
	// Host is where Dir is, for the links of locations; empty is unsaid.
	Host string
	// Open gives the command that opens file in the user's editor; see [Editor].
	// With terminal set the screen is suspended while it runs; otherwise it runs
	// beside the screen and must leave the terminal alone. Line and column count
	// from 1; 0 is unknown. Nil means that nothing can be opened.
	Open func(file string, line, column int) (c Command, terminal bool, err error)
	// Browse gives the command that opens an address in the user's browser, beside the
	// screen. Nil means that there is none.
	Browse func(address string) Command
	// Requests are the last that a program's web address got, the oldest first. It is
	// called on a goroutine of its own. Nil: they are not known.
	Requests func(program int) []Request
	// Profile takes a profile of the program that listens at addrs, on a goroutine of its
	// own. Nil: none can be taken.
	Profile func(k profiler.Kind, addrs []string) (profiler.Profile, error)
	// ShowProfile opens the web view of a profile in the user's browser, on a goroutine of
	// its own, and says where it is. Nil: there is none.
	ShowProfile func(profiler.Profile) (address string, err error)
	// Suspend stops this process until its shell continues it, while the terminal
	// is as it was found. Nil means that nothing can.
	Suspend Command
	// Page gives the command that shows what write writes, in the user's pager, and
	// what is to be called when it has ended. Terminal is as for Open. Nil means
	// that there is none.
	Page func(write func(io.Writer) error) (c Command, terminal bool, done func(), err error)
	// Save writes a new file and says where; name is what the user typed. Nil means
	// that nothing can be saved.
	Save func(name string, write func(io.Writer) error) (file string, err error)
}

// A Screen shows a session. It is a [session.View].
type Screen struct {
	opts   Options
	states chan shown // the newest one, if it was not yet drawn
	merged merged
	asked  chan struct{} // to suspend
	pulse  pulse
	// terminals are those of the programs that were asked for.
	terminals []*vt.Terminal
}

// New makes a screen; Run draws it.
func New(o Options) *Screen {
	return &Screen{opts: o, states: make(chan shown, 1), asked: make(chan struct{}, 1)}
}

// Show makes s the state to be drawn. It never blocks. It is to be called by
// one goroutine at a time, and may be called before Run and after.
func (s *Screen) Show(st session.State, program int, e engine.Event) {
	s.put(shown{st, s.merged.add(st, program, e)})
}

// ShowTests makes it a [session.TestView]; it is as Show.
func (s *Screen) ShowTests(st session.State, _ tester.Event) {
	if len(st.Programs) > 0 && st.Programs[0].State.Now.IsZero() {
		return // the first state of a program says how the screen is to be
	}
	s.put(shown{st, s.merged.log})
}

// put makes next what is drawn next.
func (s *Screen) put(next shown) {
	for {
		select {
		case s.states <- next:
			return
		default:
		}
		select {
		case <-s.states: // never drawn: st is newer
		default:
		}
	}
}

// Terminal is what a program is typed into and draws on. It is asked for before Run.
func (s *Screen) Terminal(program int) *vt.Terminal {
	for len(s.terminals) <= program {
		s.terminals = append(s.terminals, vt.New())
	}
	return s.terminals[program]
}

// Suspend does what the key does. It may be called on any goroutine, and does not
// block.
func (s *Screen) Suspend() {
	select {
	case s.asked <- struct{}{}:
	default: // asked already
	}
}

// Run draws until the session is over (a State that is Over was shown; nil
// is returned) or ctx ends first (its cause is returned). When it returns, the
// terminal is as it was, also after a panic on the screen's side, which is
// reported as [tea.ErrProgramPanic]. While a terminal editor has the screen, Run
// waits for it. Run is called once.
func (s *Screen) Run(ctx context.Context) error {
	inner, cancel := context.WithCancel(ctx)
	defer cancel() // ends the commands that wait for a state or for time
	defer s.pulse.end()
	final, err := s.program(inner).Run()
	if ctx.Err() != nil && s.over(final) {
		return nil // both at once: the engine's end is what counts
	}
	return runError("screen", ctx, err)
}

// over reports whether the last state shown, drawn or not, was the end.
func (s *Screen) over(final tea.Model) bool {
	select {
	case st := <-s.states:
		return st.Over()
	default:
		m, ok := final.(model)
		return ok && m.session.Over()
	}
}

// program wires the model to a terminal. The first options are a test's.
func (s *Screen) program(ctx context.Context, first ...tea.ProgramOption) *tea.Program {
	m := newModel(s.opts, s.states, ctx.Done())
	m.asked, m.terminals, m.frames = s.asked, s.terminals, make([]vt.Frame, len(s.terminals))
	var p *tea.Program
	// By the first message the program runs, and has its ticker.
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
		// Signals are events for the engine; it says when all is over.
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

// runError tells the end of ctx from a failure of the terminal.
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
