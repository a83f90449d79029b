package tui

import (
	"reflect"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
)

const (
	// refresh is how often the renderer looks whether there is something to draw:
	// a key waits for it.
	refresh = 25 * time.Millisecond
	// asleep is how often it looks when nothing has come for a while (drowsy). Not
	// never: what is written past the model, such as a copied text, waits for it.
	asleep = 500 * time.Millisecond
	drowsy = time.Second
)

// A pulse slows the renderer's clock down while nothing happens. Bubble Tea's
// ticks for ever at one speed, and forty times a second is more than all else
// that a still screen costs. It has no setting for that, so the ticker is taken
// from inside of the program; where a later version has none, it ticks on.
type pulse struct {
	mu     sync.Mutex
	ticker *time.Ticker
	rest   *time.Timer // nil before the first beat
	slow   bool
	over   bool
}

// watch finds the ticker of a program that runs.
func (p *pulse) watch(program *tea.Program) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := reflect.ValueOf(program).Elem().FieldByName("ticker")
	if f.IsValid() && f.Type() == reflect.TypeFor[*time.Ticker]() {
		p.ticker = (*time.Ticker)(f.UnsafePointer())
	}
}

// beat is called at whatever may change the screen.
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

// end leaves the ticker alone for good; the program has stopped it.
func (p *pulse) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	if p.rest != nil {
		p.rest.Stop()
	}
}
