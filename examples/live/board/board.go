// Package board is a page with state: a counter, the uptime, and how many pages are
// looking.
package board

import (
	_ "embed"
	"fmt"
	"net/http"
	"sync"
	"time"
)

//go:embed page.html
var page []byte

// A Board is what all pages show. It serves the page at /, a stream of its line at
// /line, and counts at /click.
type Board struct {
	began time.Time

	mu      sync.Mutex // guards what follows
	clicks  int
	streams int
}

// New is a Board that counts its uptime from began.
func New(began time.Time) *Board { return &Board{began: began} }

// Line says how things are.
func (b *Board) Line() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return fmt.Sprintf("%d clicks, up %v, %d open streams", b.clicks, time.Since(b.began).Round(time.Second), b.streams)
}

// Click is what the button does.
func (b *Board) Click() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clicks++
}

func (b *Board) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/":
		_, _ = w.Write(page)
	case "/click":
		b.Click()
	case "/line":
		b.stream(w, r)
	default:
		http.NotFound(w, r)
	}
}

// stream sends the line again and again for as long as the page is open.
func (b *Board) stream(w http.ResponseWriter, r *http.Request) {
	b.look(1)
	defer b.look(-1)
	w.Header().Set("Content-Type", "text/event-stream")
	for {
		if _, err := fmt.Fprintf(w, "data: %s\n\n", b.Line()); err != nil {
			return
		}
		if err := http.NewResponseController(w).Flush(); err != nil {
			return
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-r.Context().Done():
			return
		}
	}
}

// look counts the open streams.
func (b *Board) look(by int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.streams += by
}
