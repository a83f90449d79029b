// Package session knows who runs beside whom: each program has an engine, and
// with it a loop of its own; a session starts them together, hands each what is
// sent to it, shows all of them as one [State], and ends when all have ended.
//
// It makes no decision about a program, and holds no words.
package session

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"sync"

	"github.com/hotdev/hotdev/engine"
)

// State is that of all programs, by name. It is a value: nobody changes the map.
type State struct {
	Programs map[string]engine.State
}

// A View looks on.
type View interface {
	// Show is called for every event of a program, with the state that it led to; one
	// at a time. It must not block.
	Show(s State, program string, e engine.Event)
}

// Only shows v the program of a session that has one.
func Only(v engine.View) View { return only{v} }

type only struct{ view engine.View }

func (o only) Show(s State, program string, e engine.Event) {
	o.view.Show(s.Programs[program], e)
}

// A Session is of programs by name. Send may be called before it runs, and on
// any goroutine.
type Session struct {
	inboxes map[string]inbox
}

// An inbox is how keys, signals and the watcher reach a program's loop.
type inbox struct {
	events chan engine.Event // those of a moment; the loop takes them at once
	done   chan struct{}     // closed when it takes no more
}

// New is a session of programs of these names.
func New(names ...string) *Session {
	s := &Session{inboxes: map[string]inbox{}}
	for _, name := range names {
		s.inboxes[name] = inbox{events: make(chan engine.Event, 64), done: make(chan struct{})}
	}
	return s
}

// Send hands a program an event. There is one quit: that of one is that of all.
func (s *Session) Send(program string, e engine.Event) {
	if _, ok := e.(engine.Quit); ok {
		s.Quit()
		return
	}
	s.inboxes[program].send(e)
}

// Quit asks all programs to end; the second time, they are killed.
func (s *Session) Quit() {
	for _, in := range s.inboxes {
		in.send(engine.Quit{})
	}
}

// send does nothing when the loop is over.
func (in inbox) send(e engine.Event) {
	select {
	case in.events <- e:
	case <-in.done:
	}
}

// Run runs each program in its world, as [engine.Run] does, and returns when all
// have ended: with nil, or with an error of each that ended otherwise. What there
// is for logs is shared between them. If a loop panics, the others are cut off,
// and the panic goes on here.
func (s *Session) Run(ctx context.Context, worlds map[string]engine.World, views ...View) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	st := stage{views: views, state: State{Programs: map[string]engine.State{}}}
	for name := range s.inboxes {
		st.state.Programs[name] = engine.State{}
	}
	var (
		wg     sync.WaitGroup
		mu     sync.Mutex // guards what follows
		errs   []error
		broken string // what a loop panicked with
	)
	for name, in := range s.inboxes {
		wg.Go(func() {
			defer close(in.done)
			defer func() {
				if v := recover(); v != nil {
					mu.Lock()
					broken = fmt.Sprintf("%v\n\n%s", v, debug.Stack())
					mu.Unlock()
					cancel()
				}
			}()
			err := engine.Run(ctx, engine.Share(len(s.inboxes)), worlds[name], in.events, programView{&st, name})
			mu.Lock()
			errs = append(errs, err)
			mu.Unlock()
		})
	}
	wg.Wait()
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
}

// A programView is how one loop is seen on the stage.
type programView struct {
	stage *stage
	name  string
}

func (p programView) Show(s engine.State, e engine.Event) {
	st := p.stage
	st.mu.Lock()
	defer st.mu.Unlock()
	st.state.Programs = maps.Clone(st.state.Programs)
	st.state.Programs[p.name] = s
	for _, v := range st.views {
		v.Show(st.state, p.name, e)
	}
}
