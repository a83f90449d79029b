// Package session knows who runs beside whom: each program has an engine, and
// with it a loop of its own; a session starts them together, hands each what is
// sent to it and what changed of its own files, shows all of them as one [State],
// and ends when all have ended. Beside them it may have tests, with a loop too.
//
// It makes no decision about a program, and holds no words.
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

// State is that of all programs, in their order, and of the tests. It is a value:
// nobody changes what it holds.
type State struct {
	Programs []Program
	Tests    tester.State
}

// Program is one of a [State].
type Program struct {
	// Name tells it from the others.
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

// A View looks on.
type View interface {
	// Show is called for every event of a program, which is s.Programs[program], with
	// the state that it led to; one at a time. It must not block.
	Show(s State, program int, e engine.Event)
}

// A World carries out the effects of one program.
type World interface {
	engine.World
	// Found takes what changed of the files that the program watches. It must not
	// wait for an effect.
	Found(watcher.Batch)
}

// A Session is of engines side by side.
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

// New is a session without programs, whose files w watches.
func New(w Files) *Session { return &Session{watch: watch{files: w, told: told{}}} }

// An Engine is that of one program of a session. What it is told may be told
// before the session runs, and on any goroutine.
type Engine struct {
	// World is to be set before the session runs.
	World World
	// Task are the settings of a task at the start; nil if it is a program. It is to be
	// set before the session runs, too.
	Task *task.Settings

	member
	name   string
	events chan engine.Event // those of a moment; the loop takes them at once
	done   chan struct{}     // closed when it takes no more
}

// Add gives the session another program. All are added before it runs.
func (s *Session) Add(name string) *Engine {
	e := &Engine{name: name, events: make(chan engine.Event, 64), done: make(chan struct{})}
	e.member = member{session: s, engine: e, found: func(b watcher.Batch) { e.World.Found(b) }}
	s.engines = append(s.engines, e)
	s.members = append(s.members, &e.member)
	return e
}

// Send hands an event to the program with this index, or to the tests if it is one of
// theirs.
func (s *Session) Send(program int, e engine.Event) {
	if t, ok := e.(tester.Event); ok {
		s.tests.Send(t)
		return
	}
	s.engines[program].Send(e)
}

// Send hands the program an event. There is one quit: that of one is that of all.
func (e *Engine) Send(event engine.Event) {
	if _, ok := event.(engine.Quit); ok {
		e.session.Quit()
		return
	}
	e.send(event)
}

// Quit asks all programs to end; the second time, they are killed.
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

// Run runs each program in its world, as [engine.Run] does, and returns when all
// have ended: with nil, or with an error of each that ended otherwise. What there
// is for logs is shared between them. If a loop panics, the others are cut off,
// and the panic goes on here.
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
	for i, e := range s.engines {
		loops.Go(func() {
			defer close(e.done)
			defer func() {
				if v := recover(); v != nil {
					mu.Lock()
					broken = fmt.Sprintf("%v\n\n%s", v, debug.Stack())
					mu.Unlock()
					cancel()
				}
			}()
			err := engine.Run(ctx, engine.Share(len(s.engines)), e.World, e.events, programView{&st, i, e})
			mu.Lock()
			errs = append(errs, err)
			mu.Unlock()
		})
	}
	var testing sync.WaitGroup
	if t := s.tests; t != nil {
		testing.Go(func() {
			defer close(t.done)
			defer func() {
				if v := recover(); v != nil {
					mu.Lock()
					broken = fmt.Sprintf("%v\n\n%s", v, debug.Stack())
					mu.Unlock()
					cancel()
				}
			}()
			err := tester.Run(ctx, t.World, t.events, testView{&st})
			mu.Lock()
			errs = append(errs, err)
			mu.Unlock()
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
