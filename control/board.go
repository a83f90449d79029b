package control

import (
	"context"
	"maps"
	"sync"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/tester"
)

// A board has the last state of each program up for all to see.
type board struct {
	mu       sync.Mutex
	programs map[string]engine.State
	synced   map[string]int // the newest Synced that came out of each loop
	lastSync int
	changed  chan struct{} // closed at the next news; nil while nobody waits
	over     bool          // there will be no news

	tests       tester.State
	testsSynced int
}

func newBoard() *board {
	return &board{programs: map[string]engine.State{}, synced: map[string]int{}}
}

// put shows a state. It is called for every event of every loop, and so does
// little.
func (b *board) put(program string, s engine.State, e engine.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.programs[program] = s
	switch e := e.(type) {
	case engine.Wrote: // nobody waits for output, and there may be a flood of it
		return
	case engine.Synced:
		b.synced[program] = max(b.synced[program], e.ID)
	}
	b.tell()
}

// putTests shows the state of the tests.
func (b *board) putTests(s tester.State, e tester.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tests = s
	if e, ok := e.(tester.Synced); ok {
		b.testsSynced = max(b.testsSynced, e.ID)
	}
	b.tell()
}

// end wakes all that wait, for nothing will come any more.
func (b *board) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.over = true
	b.tell()
}

func (b *board) tell() {
	if b.changed != nil {
		close(b.changed)
		b.changed = nil
	}
}

// A look is what is up at one moment.
type look struct {
	programs map[string]engine.State
	synced   map[string]int
	over     bool

	tests       tester.State
	testsSynced int
}

// see is what is up now; changed is closed when something else is.
func (b *board) see() (l look, changed <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.changed == nil {
		b.changed = make(chan struct{})
	}
	return look{maps.Clone(b.programs), maps.Clone(b.synced), b.over, b.tests, b.testsSynced}, b.changed
}

// nextSync is a number for a Synced.
func (b *board) nextSync() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lastSync++
	return b.lastSync
}

// wait waits until done is true of what is up, hotdev is over, or ctx has ended; it
// reports in ok whether it is true.
func (b *board) wait(ctx context.Context, done func(look) bool) (l look, ok bool) {
	for {
		l, changed := b.see()
		if done(l) {
			return l, true
		}
		if l.over {
			return l, false
		}
		select {
		case <-changed:
		case <-ctx.Done():
			l, _ := b.see()
			return l, done(l)
		}
	}
}
