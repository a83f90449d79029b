package proxy

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/hotdev/hotdev/engine"
)

// tabs counts the tabs in which pages are open. All tabs of one browser share a stream of
// snapshots, whose worker reports how many they are; a page with its own stream is one.
type tabs struct {
	mu      sync.Mutex // guards streams
	streams map[*stream]bool
	changed chan struct{} // of capacity 1
}

type stream struct {
	worker string // empty: it is a page's own
	tabs   int
}

// begin counts a stream; end is to be called when it is over.
func (t *tabs) begin(worker string) (end func()) {
	s := &stream{worker, 1}
	t.change(func() { t.streams[s] = true })
	return func() { t.change(func() { delete(t.streams, s) }) }
}

// tell takes the number of tabs that share the stream of a worker.
func (t *tabs) tell(worker string, n int) {
	t.change(func() {
		for s := range t.streams {
			if s.worker == worker && worker != "" {
				s.tabs = n
			}
		}
	})
}

func (t *tabs) change(do func()) {
	t.mu.Lock()
	do()
	t.mu.Unlock()
	select {
	case t.changed <- struct{}{}:
	default: // the count is taken after this
	}
}

func (t *tabs) count() (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for s := range t.streams {
		n += s.tabs
	}
	return n
}

// visits is how long the number of tabs has to stay: a page that leads to another one
// is gone for a moment.
const visits = 500 * time.Millisecond

// tellVisits sends [engine.Visited] when the number of tabs has changed, until ctx ends.
func (p *Proxy) tellVisits(ctx context.Context) {
	last := 0
	for ctx.Err() == nil {
		wait(ctx, p.tabs.changed, nil)
		wait(ctx, nil, time.After(visits))
		if n := p.tabs.count(); n != last && ctx.Err() == nil {
			p.opts.Send(engine.Visited{Tabs: n})
			last = n
		}
	}
}

// visited takes word of a worker how many pages it serves.
func (p *Proxy) visited(w http.ResponseWriter, r *http.Request) {
	var now struct {
		Worker string
		Tabs   int
	}
	if !read(w, r, &now) {
		return
	}
	const most = 10_000 // more is nonsense
	p.tabs.tell(now.Worker, max(0, min(now.Tabs, most)))
	w.WriteHeader(http.StatusNoContent)
}
