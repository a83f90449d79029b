package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// ErrKilled says that the loop ended at the user's second request to quit, by
// killing the program.
var ErrKilled = errors.New("program killed")

// Run is the loop: it feeds events to [Step], has w carry out the effects, and
// shows every event to the views. It returns when the loop is over, with nil or
// ErrKilled, or with ctx's error when ctx ends, which is the hard way: every
// effect is cut off. In all cases every effect's goroutine has been joined, and
// a panic in one of them goes on on the caller's goroutine.
//
// events are those of the outside world (keys, files, signals). They go first:
// a talkative program cannot delay a key. log bounds what is kept of the output.
func Run(ctx context.Context, log Budget, w World, events <-chan Event, views ...View) error {
	l := loop{
		world:   w,
		views:   views,
		answers: make(chan Event),
		ended:   make(chan *panicked),
		queues:  map[string]chan struct{}{},
		state: State{
			Phase:     Running,
			Attention: Following,
			LiveCode:  LiveOn,
			Build:     BuildState{Phase: Idle},
			Process:   ProcessState{Phase: Down, Desire: ToRun},
			Log:       NewLog(log),
		},
	}
	ctx, cancel := context.WithCancel(ctx)
	defer l.drain(ctx, events)
	defer cancel()

	l.perform(ctx, Configure{})
	killed := false
	for l.state.Phase != Over {
		if ctx.Err() != nil { // before events: they would only start what is cut off
			return ctx.Err()
		}
		select {
		case e := <-events:
			l.step(ctx, e)
		default:
			select {
			case e := <-events:
				l.step(ctx, e)
			case e := <-l.answers:
				l.step(ctx, e)
			case c := <-l.ended:
				l.join(c)
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		killed = killed || l.state.Phase == Killing
	}
	if killed {
		return ErrKilled
	}
	return nil
}

// loop is what Run's goroutine alone touches.
type loop struct {
	world   World
	views   []View
	state   State
	answers chan Event
	ended   chan *panicked // one for each effect that is done; nil is well
	active  int            // effects not yet joined

	// build and list are the newest of each; the one before is cut off.
	buildGen int
	build    context.CancelFunc
	list     context.CancelFunc
	// queues: effects of one kind are carried out one after the other, in order.
	queues map[string]chan struct{}
}

// A panicked is what is known of a panic on an effect's goroutine.
type panicked struct {
	value any
	stack []byte
}

func (l *loop) step(ctx context.Context, e Event) {
	l.state.Now = time.Now()
	before := l.state.ended
	var effects []Effect
	l.state, effects = Step(l.state, e)
	l.show(e)
	for _, c := range l.state.History[len(l.state.History)-(l.state.ended-before):] {
		l.show(Ended{Cycle: c})
	}
	for _, f := range effects {
		l.perform(ctx, f)
	}
}

func (l *loop) show(e Event) {
	for _, v := range l.views {
		v.Show(l.state, e)
	}
}

// perform carries out an effect on a goroutine that ends by telling l.ended.
func (l *loop) perform(ctx context.Context, e Effect) {
	switch e := e.(type) {
	case Cancel:
		if l.build != nil && l.buildGen == e.Gen {
			l.build()
		}
		return
	case Build:
		ctx = l.newBuild(ctx, e.Gen)
	case BuildPlugin:
		ctx = l.newBuild(ctx, e.Gen)
	case List:
		if l.list != nil {
			l.list()
		}
		ctx, l.list = context.WithCancel(ctx)
	}
	before, after := l.queue(e)
	l.active++
	go func() {
		var c *panicked
		defer func() {
			if v := recover(); v != nil {
				c = &panicked{v, debug.Stack()}
			}
			close(after)
			l.ended <- c
		}()
		if before != nil {
			<-before
		}
		l.world.Do(ctx, e, func(answer Event) { l.answers <- answer })
	}()
}

// newBuild is the context of a build in place of the last one, which has
// answered, but may be preparing the next.
func (l *loop) newBuild(ctx context.Context, gen int) context.Context {
	if l.build != nil {
		l.build()
	}
	ctx, l.build = context.WithCancel(ctx)
	l.buildGen = gen
	return ctx
}

// queue gives the end of the effect that e has to wait for (nil for none) and
// the channel to close at e's own end.
func (l *loop) queue(e Effect) (before, after chan struct{}) {
	after = make(chan struct{})
	kind := ""
	switch e.(type) {
	case Watch, Configure, List:
		kind = fmt.Sprintf("%T", e)
	case Publish, Discard:
		kind = "artifact"
	case Load:
		kind = "load"
	case Stop, Kill, Signal:
		kind = "order"
	case CloseDebugger:
		kind = "debugger"
	case OpenDebugger:
		// It lasts until it is closed, and wants the address of the one before.
		return l.queues["debugger"], after
	case Start:
		// A program may be started again with the same generation: no order to the
		// one before may be late and reach it. The start itself lasts as long as the
		// program, and holds up no order.
		return l.queues["order"], after
	default:
		return nil, after
	}
	before = l.queues[kind]
	l.queues[kind] = after
	return before, after
}

func (l *loop) join(c *panicked) {
	l.active--
	if c != nil {
		panic(fmt.Sprintf("%v\n\n%s", c.value, c.stack))
	}
}

// drain joins what is still active. What a build left is discarded; nothing
// else happens any more. Events are taken, so that nobody who sends one, and may
// hold what an effect waits for, waits for the end.
func (l *loop) drain(ctx context.Context, events <-chan Event) {
	l.state.Phase = Over
	for l.active > 0 {
		select {
		case <-events:
		case e := <-l.answers:
			l.step(ctx, e)
		case c := <-l.ended:
			l.join(c)
		}
	}
}
