// Package vt is the terminal of a program with run.tty: what the program prints becomes
// a picture, and keys, pastes and the mouse become its input. For a program that reads
// lines from a pipe it is where lines are typed.
//
// It knows terminals, not programs, states or panes.
//
// # Theory of operation
//
//	program ──Write──► emulator ──Frame──► screen
//	   ▲                   │ answers          │ Press, Click, Paste, Line
//	   └──── Serve ◄──── queue ◄──────────────┘
//
// A Terminal outlives programs: each has a life there, with a picture of its own. The
// newest life that has not ended is visible and is typed into. What a program prints is
// drawn where it is read, on the goroutine of the program's output, so a program that
// prints faster than the emulator draws is slowed down by its own terminal. The screen
// is notified of changes through a channel for one token, and takes a Frame when it has
// time: a flood costs one frame, not one frame per line.
//
// Input for the program is queued, and written by Serve on a goroutine of its own: so
// neither the screen nor the emulator, which answers the program's questions (where is
// the cursor, what is the background), ever waits for a program that does not read. The
// queue is bounded; what does not fit is refused.
package vt

import (
	"image/color"
	"io"
	"slices"
	"sync"
)

const (
	// piece is how many bytes are drawn at a time: a key or a frame waits a millisecond
	// at most.
	piece = 8 << 10
	// The size until the screen sets it, which is also the smallest: emulators and
	// programs misbehave with less.
	defaultCols, defaultRows = 80, 24
	leastCols, leastRows     = 2, 1
)

// A Program is what a Terminal serves; see [runner.Process]. The type has no name of
// its own, so that packages that start programs need not import this one.
type Program = interface {
	Input() io.WriteCloser
	Resize(rows, cols uint16) error
}

// A Terminal is the terminal of a program and of its successors. The methods may be
// called on any goroutine; for each program Begin, Serve and End in this order, with
// the number of its generation, and Write between Begin and End. Programs may overlap.
type Terminal struct {
	changed chan struct{}

	mu         sync.Mutex // guards the fields below, and the lives except their queues
	lives      []*life    // the oldest first; never empty
	cols, rows int
	fore, back color.Color
}

// New returns a terminal with an empty picture.
func New() *Terminal {
	t := &Terminal{changed: make(chan struct{}, 1), cols: defaultCols, rows: defaultRows}
	l := newLife(t, 0)
	l.end()
	t.lives = []*life{l}
	return t
}

// Begin gives a program an empty picture, and returns the size that it starts with.
func (t *Terminal) Begin(gen int) (rows, cols uint16) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lives = append(t.alive(), newLife(t, gen))
	t.change()
	return uint16(t.rows), uint16(t.cols)
}

// alive returns the lives that have not ended.
func (t *Terminal) alive() []*life {
	return slices.DeleteFunc(t.lives, func(l *life) bool { return l.ended })
}

// top returns the life that is visible.
func (t *Terminal) top() *life { return t.lives[len(t.lives)-1] }

// of returns the life of a generation; nil if it has ended.
func (t *Terminal) of(gen int) *life {
	for _, l := range t.lives {
		if l.gen == gen && !l.ended {
			return l
		}
	}
	return nil
}

// Serve writes what is typed to the program, until End is called or the program reads
// no more.
func (t *Terminal) Serve(gen int, p Program) {
	t.mu.Lock()
	l := t.of(gen)
	if l == nil {
		t.mu.Unlock()
		return
	}
	l.program = p
	l.tell() // the size may have changed since Begin
	t.mu.Unlock()
	in := p.Input()
	for {
		b, end, ok := l.queue.take()
		if !ok {
			return
		}
		if len(b) > 0 {
			if _, err := in.Write(b); err != nil {
				return
			}
		}
		if end {
			_ = in.Close() // an error means that the program is gone
			return
		}
	}
}

// Served reports whether there is a program to type into.
func (t *Terminal) Served() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.top().program != nil
}

// End records that the program is gone. Its picture stays until there is another one.
func (t *Terminal) End(gen int) {
	t.mu.Lock()
	l := t.of(gen)
	if l == nil {
		t.mu.Unlock()
		return
	}
	l.end()
	if rest := t.alive(); len(rest) > 0 {
		t.lives = rest
	} else {
		t.lives = []*life{l}
	}
	t.change()
	t.mu.Unlock()
	l.answering.Wait()
}

// Write draws what the program prints.
func (t *Terminal) Write(gen int, p []byte) {
	for len(p) > 0 {
		n := breakAt(p, piece)
		t.mu.Lock()
		if l := t.of(gen); l != nil {
			l.draw(p[:n])
		}
		t.mu.Unlock()
		t.change()
		p = p[n:]
	}
}

// breakAt returns where to split p within n bytes, without splitting a character, if
// possible.
func breakAt(p []byte, n int) int {
	if len(p) <= n {
		return len(p)
	}
	for at := n; at > n-64; at-- {
		if b := p[at]; b <= ' ' || b == 0x1b {
			return at
		}
	}
	return n
}

// Resize sets the size of the picture, and tells the programs.
func (t *Terminal) Resize(cols, rows int) {
	cols, rows = max(cols, leastCols), max(rows, leastRows)
	t.mu.Lock()
	defer t.mu.Unlock()
	if cols == t.cols && rows == t.rows {
		return
	}
	t.cols, t.rows = cols, rows
	for _, l := range t.lives {
		l.reshape(cols, rows)
	}
	t.change()
}

// Ground sets the screen's own colours, for programs that ask; nil is unknown.
func (t *Terminal) Ground(fore, back color.Color) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fore, t.back = fore, back
	for _, l := range t.lives {
		l.ground(fore, back)
	}
}

// Changed returns a channel that receives when there may be a new frame.
func (t *Terminal) Changed() <-chan struct{} { return t.changed }

func (t *Terminal) change() {
	select {
	case t.changed <- struct{}{}:
	default:
	}
}
