package tester

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// Run is the loop: it feeds events to [Step], has w carry out the effects, and shows
// every event to the views. It returns when the loop is over, with nil, or when ctx
// ends, with its error. Every effect's goroutine has been joined then, and a panic in
// one of them goes on on the caller's goroutine.
func Run(ctx context.Context, w World, events <-chan Event, views ...View) error {
	l := loop{world: w, views: views, answers: make(chan Event), broken: make(chan string, 1)}
	ctx, cancel := context.WithCancel(ctx)
	defer l.drain(events)
	defer cancel()
	l.perform(ctx, Configure{})
	for !l.state.Over {
		select {
		case e := <-events:
			l.step(ctx, e)
		case e := <-l.answers:
			l.step(ctx, e)
		case why := <-l.broken:
			panic(why)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// loop is what Run's goroutine alone touches.
type loop struct {
	world   World
	views   []View
	state   State
	answers chan Event
	broken  chan string // what an effect panicked with
	active  sync.WaitGroup

	run, list, debug context.CancelFunc // of the newest of each; nil is none
	watched          chan struct{}      // closed at the end of the last Watch: they are in order
}

func (l *loop) step(ctx context.Context, e Event) {
	l.state.Now = time.Now()
	before := l.state
	var effects []Effect
	l.state, effects = Step(before, e)
	l.show(e)
	if r := l.state.Run; before.running() && before.Run.Gen == r.Gen && !l.state.running() && !r.Interrupted {
		c := l.state.Count()
		l.show(Ended{Gen: r.Gen, Phase: l.state.Phase(), Passed: c.Passed, Failed: c.Failed, Skipped: c.Skipped, Broken: c.Broken, Cached: c.Cached, First: r.First, Took: r.Took})
	}
	if r := l.state.Run; r.Gen > before.Run.Gen {
		l.show(Began{Gen: r.Gen, Cause: r.Cause, Paths: r.Paths, Packages: r.Packages, Affected: r.Affected, Total: r.Total, All: r.All, Filter: r.Filter})
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

// perform carries out an effect on a goroutine of its own.
func (l *loop) perform(ctx context.Context, e Effect) {
	var before, after chan struct{}
	switch e.(type) {
	case Cancel:
		if l.run != nil {
			l.run()
		}
		return
	case EndDebug:
		if l.debug != nil {
			l.debug()
		}
		return
	case DebugTest:
		if l.debug != nil {
			l.debug() // it is over, too
		}
		ctx, l.debug = context.WithCancel(ctx)
	case RunTests:
		if l.run != nil {
			l.run() // it is over, and would be kept as long as the loop
		}
		ctx, l.run = context.WithCancel(ctx)
	case List:
		if l.list != nil {
			l.list()
		}
		ctx, l.list = context.WithCancel(ctx)
	case Watch:
		before, after = l.watched, make(chan struct{})
		l.watched = after
	}
	l.active.Go(func() {
		defer func() {
			if v := recover(); v != nil {
				select {
				case l.broken <- fmt.Sprintf("%v\n\n%s", v, debug.Stack()):
				default:
				}
			}
			if after != nil {
				close(after)
			}
		}()
		if before != nil {
			<-before
		}
		l.world.Do(ctx, e, func(answer Event) {
			select {
			case l.answers <- answer:
			case <-ctx.Done(): // nobody waits for it
			}
		})
	})
}

// drain joins what is still active. Events are taken, so that nobody who sends one
// waits for the end.
func (l *loop) drain(events <-chan Event) {
	done := make(chan struct{})
	go func() {
		l.active.Wait()
		close(done)
	}()
	for {
		select {
		case <-events:
		case <-l.answers:
		case <-done:
			return
		}
	}
}
