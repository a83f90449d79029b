package main

import (
	"io"
	"sync"
	"time"
)

// A printer writes to slow outputs in order without ever keeping its caller
// waiting. Whoever produces the bulk calls room first.
type printer struct {
	mu      sync.Mutex
	changed sync.Cond // queue, size or err changed
	queue   []chunk
	size    int // bytes in queue
	closed  bool
	err     error // of the first write that failed; nothing is written after it
	done    chan struct{}
}

type chunk struct {
	w    io.Writer
	text []byte
}

// printerRoom is how much may wait to be printed before the program that prints
// it has to wait too: enough to ride out a terminal's hiccup.
const printerRoom = 1 << 20

// newPrinter starts the writing goroutine; close joins it.
func newPrinter() *printer {
	p := &printer{done: make(chan struct{})}
	p.changed.L = &p.mu
	go p.run()
	return p
}

func (p *printer) run() {
	defer close(p.done)
	for {
		p.mu.Lock()
		for len(p.queue) == 0 && !p.closed {
			p.changed.Wait()
		}
		queue := p.queue
		p.queue = nil
		failed := p.err != nil
		p.mu.Unlock()
		if len(queue) == 0 {
			return
		}
		for _, c := range queue {
			var err error
			if !failed {
				_, err = c.w.Write(c.text)
			}
			p.mu.Lock()
			p.size -= len(c.text)
			if err != nil {
				p.err, failed = err, true
			}
			p.changed.Broadcast()
			p.mu.Unlock()
		}
	}
}

// print queues text for w. It does not block.
func (p *printer) print(w io.Writer, text []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = append(p.queue, chunk{w, text})
	p.size += len(text)
	p.changed.Broadcast()
}

// room blocks while more than printerRoom waits.
func (p *printer) room() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.size > printerRoom && p.err == nil && !p.closed {
		p.changed.Wait()
	}
}

// failed blocks until a write has failed or the printer is closed; it tells
// which.
func (p *printer) failed() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.err == nil && !p.closed {
		p.changed.Wait()
	}
	return p.err
}

// flushTime is how long a reader that does not read may delay the end.
const flushTime = 2 * time.Second

// close waits until all is written, or flushTime has passed. No print may
// follow.
func (p *printer) close() {
	p.mu.Lock()
	p.closed = true
	p.changed.Broadcast()
	p.mu.Unlock()
	select {
	case <-p.done:
	case <-time.After(flushTime):
	}
}
