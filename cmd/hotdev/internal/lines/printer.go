package lines

import (
	"io"
	"sync"
	"time"
)

// A Printer writes to slow outputs, in order, without ever blocking in print. The
// producer of the bulk calls Room first.
type Printer struct {
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

// printerRoom is how many bytes may be queued before the program that prints them has
// to wait: enough for a short stall of the terminal.
const printerRoom = 1 << 20

// NewPrinter starts the writing goroutine. The caller must call Close, which joins it.
func NewPrinter() *Printer {
	p := &Printer{done: make(chan struct{})}
	p.changed.L = &p.mu
	go p.run()
	return p
}

func (p *Printer) run() {
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
func (p *Printer) print(w io.Writer, text []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = append(p.queue, chunk{w, text})
	p.size += len(text)
	p.changed.Broadcast()
}

// Room blocks while more than printerRoom bytes are queued.
func (p *Printer) Room() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.size > printerRoom && p.err == nil && !p.closed {
		p.changed.Wait()
	}
}

// Failed blocks until a write has failed or the printer is closed. It returns the error
// of the write, or nil.
func (p *Printer) Failed() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.err == nil && !p.closed {
		p.changed.Wait()
	}
	return p.err
}

// flushTime is how long Close waits for a reader that does not read.
const flushTime = 2 * time.Second

// Close waits until everything is written, or flushTime has passed. Nothing may be
// printed after it.
func (p *Printer) Close() {
	p.mu.Lock()
	p.closed = true
	p.changed.Broadcast()
	p.mu.Unlock()
	select {
	case <-p.done:
	case <-time.After(flushTime):
	}
}
