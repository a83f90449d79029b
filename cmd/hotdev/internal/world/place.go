package world

import (
	"os"
	"sync"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/runner"
)

// A place holds the one program that runs, together with its generation. What
// names another generation reaches nothing: an effect is carried out on a
// goroutine of its own, perhaps after the program that it is about has ended and
// the next one has the place.
//
// The methods may be called on any goroutine; those of one program's life (claim,
// take, connect, leave) are called in this order by the effect that starts it.
type place struct {
	mu sync.Mutex
	// gen is the program that has the place, or had it last; 0 before the first.
	gen     int
	process *runner.Process // nil while it is being started, and after its end
	link    *link           // to that process, if it has a control socket
	live    *builder.Live   // to patch that process by; nil if it was not learned
	// starting: orders are kept until there is a process that can take them.
	starting bool
	orders   []func(*runner.Process)
}

// claim gives the place to the program of generation gen, which is about to be
// started.
func (pl *place) claim(gen int) {
	pl.mu.Lock()
	defer pl.mu.Unlock()
	pl.gen, pl.process, pl.link, pl.live, pl.starting, pl.orders = gen, nil, nil, nil, true, nil
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
func (pl *place) socket(gen int, variable string) *os.File {
	pl.mu.Lock()
	defer pl.mu.Unlock()
	if gen != pl.gen || pl.process == nil {
		return nil
	}
	return pl.process.Socket(variable)
}

// learned keeps what the program of generation gen is patched by, unless that is
// gone.
func (pl *place) learned(gen int, live *builder.Live) (ok bool) {
	pl.mu.Lock()
	defer pl.mu.Unlock()
	if gen != pl.gen || pl.process == nil {
		return false
	}
	pl.live = live
	return true
}

// patchable is what the program of generation gen is patched by; nil if it cannot be.
func (pl *place) patchable(gen int) *builder.Live {
	pl.mu.Lock()
	defer pl.mu.Unlock()
	if gen != pl.gen || pl.process == nil {
		return nil
	}
	return pl.live
}

// order has do reach the program of generation gen: now, or as soon as it is
// started; never if that program is gone.
func (pl *place) order(gen int, do func(*runner.Process)) {
	pl.mu.Lock()
	p := pl.process
	if gen != pl.gen {
		p = nil
	} else if pl.starting {
		pl.orders = append(pl.orders, do)
	}
	pl.mu.Unlock()
	if p != nil {
		do(p)
	}
}

// running reports whether the program of generation gen runs, and gives the link
// to it, if it has one.
func (pl *place) running(gen int) (*link, bool) {
	pl.mu.Lock()
	defer pl.mu.Unlock()
	if gen != pl.gen || pl.process == nil {
		return nil, false
	}
	return pl.link, true
}

// latest reports whether no other program has had the place since that of
// generation gen, which may have ended.
func (pl *place) latest(gen int) bool {
	pl.mu.Lock()
	defer pl.mu.Unlock()
	return gen == pl.gen
}
