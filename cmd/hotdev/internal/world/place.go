package world

import (
	"context"
	"os"
	"slices"
	"sync"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/runner"
)

// Places are where programs run: one, or two while a restart is a swap. Every method
// takes a generation and reaches only that program. This matters because an effect runs
// on a goroutine of its own, perhaps after its program has ended and the next one has
// the place.
//
// The methods may be called on any goroutine.
type places struct {
	mu  sync.Mutex
	all []*place // the newest last; those before it are still running
}

// A place holds one program, together with its generation. The effect that starts the
// program and has claimed the place calls take, connect and leave, in this order.
type place struct {
	*places // whose mutex guards the fields below
	gen     int
	process *runner.Process // nil while it is being started, and after its end
	link    *link           // to the process, if it has a control socket
	live    *builder.Live   // patches the process; nil if that is not possible
	notLive error           // why it is not possible, if it was tried
	learns  chan struct{}   // closed when that is known; nil if it is not being found out
	under   debugged        // the debugger, if the program runs under it
	// starting: orders are kept until there is a process to carry them out.
	starting bool
	orders   []func(*runner.Process)
}

// claim makes a place for the program of generation gen, which is about to be started.
func (ps *places) claim(gen int) *place {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	pl := &place{places: ps, gen: gen, starting: true}
	ps.all = append(slices.DeleteFunc(ps.all, (*place).left), pl)
	return pl
}

// left reports whether the program is gone. The caller holds the mutex.
func (pl *place) left() bool { return pl.process == nil && !pl.starting }

// of returns the place of generation gen, or an empty one if that program is not
// running. The caller holds the mutex.
func (ps *places) of(gen int) *place {
	for _, pl := range slices.Backward(ps.all) {
		if pl.gen == gen {
			return pl
		}
	}
	return &place{}
}

// take sets the process of the program, and gives it the orders that came before.
func (pl *place) take(p *runner.Process) {
	pl.mu.Lock()
	orders := pl.orders
	pl.process, pl.starting, pl.orders = p, false, nil
	pl.mu.Unlock()
	for _, do := range orders {
		do(p)
	}
}

func (pl *place) connect(l *link) {
	pl.mu.Lock()
	defer pl.mu.Unlock()
	pl.link = l
}

func (pl *place) debug(d debugged) {
	pl.mu.Lock()
	defer pl.mu.Unlock()
	pl.under = d
}

// release has the debugger let go of the program of generation gen, which is about to be
// stopped.
func (ps *places) release(gen int) {
	ps.mu.Lock()
	target := ps.of(gen).under.target
	ps.mu.Unlock()
	if target != nil {
		target.Release()
	}
}

// leave is called before the loop learns of the program's end: from then on the next
// program may claim the place.
func (pl *place) leave() {
	pl.mu.Lock()
	live := pl.live
	pl.process, pl.link, pl.live, pl.under, pl.starting, pl.orders = nil, nil, nil, debugged{}, false, nil
	pl.mu.Unlock()
	if live != nil {
		live.Close()
	}
}

// socket returns hotdev's end of a socket of the program of generation gen; nil if that
// is not running or has no such socket.
func (ps *places) socket(gen int, variable string) *os.File {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if p := ps.of(gen).process; p != nil {
		return p.Socket(variable)
	}
	return nil
}

// learning has newest wait until known is called, once learned or unlearned have been.
func (ps *places) learning(gen int) (known func()) {
	c := make(chan struct{})
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.of(gen).learns = c
	return func() { close(c) }
}

// learned sets what patches the program of generation gen. ok is false if the program
// is gone.
func (ps *places) learned(gen int, live *builder.Live) (ok bool) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	pl := ps.of(gen)
	pl.live = live // without effect if there is no such place
	return pl.process != nil
}

// patchable returns what patches the program of generation gen; nil if it cannot be
// patched.
func (ps *places) patchable(gen int) *builder.Live {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return ps.of(gen).live
}

// newest is what the program that was learned last is patched by; nil if there is none.
// While a program is being learned it waits for that, or until ctx ends.
func (ps *places) newest(ctx context.Context) *builder.Live {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	for _, pl := range slices.Clone(ps.all) {
		if c := pl.learns; c != nil {
			ps.mu.Unlock()
			select {
			case <-c:
			case <-ctx.Done():
			}
			ps.mu.Lock()
		}
	}
	for _, pl := range slices.Backward(ps.all) {
		if pl.live != nil {
			return pl.live
		}
	}
	return nil
}

// unlearned keeps why the program of generation gen cannot be patched.
func (ps *places) unlearned(gen int, why error) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.of(gen).notLive = why
}

// unpatchable is why newest returns nil.
func (ps *places) unpatchable() string {
	if why, ok := builder.CanPatch(); !ok {
		return why
	}
	ps.mu.Lock()
	defer ps.mu.Unlock()
	for _, pl := range slices.Backward(ps.all) {
		switch {
		case pl.under.target != nil:
			return "the program runs under the debugger"
		case pl.notLive != nil:
			return pl.notLive.Error()
		}
	}
	return "it is off, or the program has only just started"
}

// order calls do with the program of generation gen: now, or as soon as it has started;
// never if the program is gone.
func (ps *places) order(gen int, do func(*runner.Process)) {
	ps.mu.Lock()
	pl := ps.of(gen)
	p := pl.process
	if pl.starting {
		pl.orders = append(pl.orders, do)
	}
	ps.mu.Unlock()
	if p != nil {
		do(p)
	}
}

// running reports whether the program of generation gen is running, and returns the
// link to it, which may be nil.
func (ps *places) running(gen int) (*link, bool) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	pl := ps.of(gen)
	return pl.link, pl.process != nil
}

// latest reports whether the program of generation gen is among those that were started
// last; it may have ended.
func (ps *places) latest(gen int) bool {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return ps.of(gen).gen == gen && gen > 0
}
