package world

import (
	"os"
	"slices"
	"sync"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/runner"
)

// Places are where programs run: one, or two while a restart is a swap. What names
// another generation reaches nothing: an effect is carried out on a goroutine of its
// own, perhaps after the program that it is about has ended and the next one has the
// place.
//
// The methods may be called on any goroutine.
type places struct {
	mu  sync.Mutex
	all []*place // the newest last; those before it run
}

// A place holds one program, together with its generation. The methods of one
// program's life (take, connect, leave) are called in this order by the effect that
// starts it and has claimed the place.
type place struct {
	*places // whose mutex guards what follows
	gen     int
	process *runner.Process // nil while it is being started, and after its end
	link    *link           // to that process, if it has a control socket
	live    *builder.Live   // to patch that process by; nil if it was not learned
	// starting: orders are kept until there is a process that can take them.
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

// left reports whether the program is gone. The mutex is held.
func (pl *place) left() bool { return pl.process == nil && !pl.starting }

// of is the place of generation gen; an empty one if that does not run. The mutex is
// held.
func (ps *places) of(gen int) *place {
	for _, pl := range slices.Backward(ps.all) {
		if pl.gen == gen {
			return pl
		}
	}
	return &place{}
}

// take says which process it became, and hands it the orders that came before.
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

// leave is called before the loop hears of the program's end: from then on the
// next one may claim the place.
func (pl *place) leave() {
	pl.mu.Lock()
	live := pl.live
	pl.process, pl.link, pl.live, pl.starting, pl.orders = nil, nil, nil, false, nil
	pl.mu.Unlock()
	if live != nil {
		live.Close()
	}
}

// socket is hotdev's end of a socket of the program of generation gen; nil if that
// does not run or has none.
func (ps *places) socket(gen int, variable string) *os.File {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if p := ps.of(gen).process; p != nil {
		return p.Socket(variable)
	}
	return nil
}

// learned keeps what the program of generation gen is patched by, unless that is
// gone.
func (ps *places) learned(gen int, live *builder.Live) (ok bool) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	pl := ps.of(gen)
	pl.live = live // of nobody, if that is no place
	return pl.process != nil
}

// patchable is what the program of generation gen is patched by; nil if it cannot be.
func (ps *places) patchable(gen int) *builder.Live {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return ps.of(gen).live
}

// order has do reach the program of generation gen: now, or as soon as it is
// started; never if that program is gone.
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

// running reports whether the program of generation gen runs, and gives the link
// to it, if it has one.
func (ps *places) running(gen int) (*link, bool) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	pl := ps.of(gen)
	return pl.link, pl.process != nil
}

// latest reports whether that of generation gen is among the programs that were started
// last; it may have ended.
func (ps *places) latest(gen int) bool {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return ps.of(gen).gen == gen && gen > 0
}
