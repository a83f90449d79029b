// Package session runs programs side by side. Each program has an engine with a loop of
// its own; the session starts the loops together, routes events and changed files to
// each, shows all programs as one [State], and ends when all have ended. It may run tests
// beside them, in a loop of their own.
//
// It makes no decision about a program, and has no sentences for the user.
package session

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/task"
	"github.com/hotdev/hotdev/tester"
	"github.com/hotdev/hotdev/watcher"
)

// State is the state of all programs, in their order, and of the tests. It is a value and
// never changes.
type State struct {
	Programs []Program
	Tests    tester.State
}

// Program is one program of a [State].
type Program struct {
	// Name is unique in the session.
	Name  string
	State engine.State
}

// Over reports whether all programs have come to their end; where there are none,
// the tests.
func (s State) Over() bool {
	if len(s.Programs) == 0 {
		return s.Tests.Over
	}
	return !slices.ContainsFunc(s.Programs, func(p Program) bool { return p.State.Phase != engine.Over })
}

// A View is shown what happens.
type View interface {
	// Show is called for every event of s.Programs[program], with the state that the
	// event led to. Calls never overlap. Show must not block.
	Show(s State, program int, e engine.Event)
}

// A World carries out the effects of one program.
type World interface {
	engine.World
	// Found receives the changes of files that the program watches. It must not wait
	// for an effect.
	Found(watcher.Batch)
}

// A Session runs engines side by side.
type Session struct {
	// Generated reports whether a file carries Go's mark of generated code; nil is of
	// none. It is set before the session runs.
	Generated func(path string) bool

	engines []*Engine
	tests   *Tests    // nil is none
	members []*member // who watches files: the engines, then the tests
	watch   watch
	rules   rules
}

// New returns a session without programs; w watches the files of all of them.
func New(w Files) *Session { return &Session{watch: watch{files: w, told: told{}}} }

// An Engine is the session's side of one program. Its methods may be called on any
// goroutine, and Send also before the session runs.
type Engine struct {
	// World must be set before the session runs.
	World World
	// Task are the settings of a task at the start; nil if it is a program. It is to be
	// set before the session runs, too.
	Task *task.Settings

	member
	name   string
	events chan engine.Event // those of a moment; the loop takes them at once
	done   chan struct{}     // closed when it takes no more
}

// Add adds a program. All programs must be added before the session runs.
func (s *Session) Add(name string) *Engine {
	e := &Engine{name: name, events: make(chan engine.Event, 64), done: make(chan struct{})}
	e.member = member{session: s, engine: e, found: func(b watcher.Batch) { e.World.Found(b) }}
	s.engines = append(s.engines, e)
	s.members = append(s.members, &e.member)
	return e
}

// Send hands an event to the program with this index, or to the tests if it is one of
// theirs; see [Engine.Send].
func (s *Session) Send(program int, e engine.Event) {
	if t, ok := e.(tester.Event); ok {
		s.tests.Send(t)
		return
	}
	s.engines[program].Send(e)
}

// Send hands the program an event, or drops it if the program's loop has ended. An
// [engine.Quit] goes to all programs.
func (e *Engine) Send(event engine.Event) {
	if _, ok := event.(engine.Quit); ok {
		e.session.Quit()
		return
	}
	e.send(event)
}

// Quit asks all programs to end; the second call kills them.
func (s *Session) Quit() {
	for _, e := range s.engines {
		e.send(engine.Quit{})
	}
	s.tests.Send(tester.Quit{})
}

// send does nothing when the loop is over.
func (e *Engine) send(event engine.Event) {
	select {
	case e.events <- event:
	case <-e.done:
	}
}

// Run runs each program in its world, as [engine.Run] does, and returns when all have
// ended, with the joined errors of those that did not end well. The programs share the
// budget for logs. If a loop panics, the others are cancelled, and Run panics.
func (s *Session) Run(ctx context.Context, views ...View) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.begin()
	st := stage{views: views, news: make(chan struct{}, 1)}
	for _, e := range s.engines {
		st.state.Programs = append(st.state.Programs, Program{Name: e.name})
	}
	var (
		loops, others sync.WaitGroup // others: the watch, and who tells what waits for what
		mu            sync.Mutex     // guards what follows
		errs          []error
		broken        string // what a loop panicked with
	)
	others.Go(func() { s.run(ctx) })
	if !s.alone() {
		others.Go(func() { s.conduct(ctx, &st) })
	}
	// guarded runs a loop: a panic of one ends all.
	guarded := func(done chan struct{}, loop func() error) {
		defer close(done)
		defer func() {
			if v := recover(); v != nil {
				mu.Lock()
				broken = fmt.Sprintf("%v\n\n%s", v, debug.Stack())
				mu.Unlock()
				cancel()
			}
		}()
		err := loop()
		mu.Lock()
		errs = append(errs, err)
		mu.Unlock()
	}
	for i, e := range s.engines {
		loops.Go(func() {
			guarded(e.done, func() error {
				return engine.Run(ctx, engine.Share(len(s.engines)), e.World, e.events, programView{&st, i, e})
			})
		})
	}
	var testing sync.WaitGroup
	if t := s.tests; t != nil {
		testing.Go(func() {
			guarded(t.done, func() error { return tester.Run(ctx, t.World, t.events, testView{&st}) })
		})
	}
	loops.Wait()
	if len(s.engines) > 0 {
		s.tests.Send(tester.Quit{}) // there is nothing to be beside
	}
	testing.Wait()
	cancel()
	others.Wait()
	if broken != "" {
		panic(broken)
	}
	return errors.Join(errs...)
}

// A stage is what the loops show together.
type stage struct {
	mu    sync.Mutex // guards state, and that one view is called at a time
	state State
	views []View
	news  chan struct{} // state is not what it was
	heard []heard       // of tasks, and not followed yet
}

// now is the newest state, with what was heard of tasks until then.
func (st *stage) now() (State, []heard) {
	st.mu.Lock()
	defer st.mu.Unlock()
	all := st.heard
	st.heard = nil
	return st.state, all
}

// A programView is how one loop is seen on the stage.
type programView struct {
	stage   *stage
	program int
	engine  *Engine
}

func (p programView) Show(s engine.State, e engine.Event) {
	st := p.stage
	st.mu.Lock()
	defer st.mu.Unlock()
	st.state.Programs = slices.Clone(st.state.Programs)
	if p.engine.Task != nil {
		st.hear(p.engine, st.state.Programs[p.program].State, s, e)
	}
	st.state.Programs[p.program].State = s
	for _, v := range st.views {
		v.Show(st.state, p.program, e)
	}
	select {
	case st.news <- struct{}{}:
	default: // the state is looked at after this
	}
}
