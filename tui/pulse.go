package tui

import (
	"reflect"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
)

const (
	// refresh is how often the renderer checks whether there is something to draw: a
	// key waits up to this long.
	refresh = 25 * time.Millisecond
	// asleep is how often it checks when nothing has come for a while (drowsy). It must
	// not stop: what is written without the model, such as a copied text, waits for it.
	asleep = 500 * time.Millisecond
	drowsy = time.Second
)

// A pulse slows the renderer's clock down while nothing happens. Bubble Tea's clock
// always has the same speed, and forty times a second is more work than everything else
// that a static screen costs. There is no setting for it, so the ticker is taken from
// inside the program; if a later version has no such ticker, the clock keeps its speed.
type pulse struct {
	mu     sync.Mutex
	ticker *time.Ticker
	rest   *time.Timer // nil before the first beat
	slow   bool
	over   bool
}

// watch finds the ticker of a running program.
func (p *pulse) watch(program *tea.Program) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := reflect.ValueOf(program).Elem().FieldByName("ticker")
	if f.IsValid() && f.Type() == reflect.TypeFor[*time.Ticker]() {
		p.ticker = (*time.Ticker)(f.UnsafePointer())
	}
}

// beat is called for everything that may change the screen.
func (p *pulse) beat() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ticker == nil || p.over {
		return
	}
	if p.slow {
		p.slow = false
		p.ticker.Reset(refresh)
	}
	if p.rest == nil {
		p.rest = time.AfterFunc(drowsy, p.doze)
	} else {
		p.rest.Reset(drowsy)
	}
}

func (p *pulse) doze() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.over {
		p.slow = true
		p.ticker.Reset(asleep)
	}
}

// end never touches the ticker again; the program has stopped it.
func (p *pulse) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	if p.rest != nil {
		p.rest.Stop()
	}
}
