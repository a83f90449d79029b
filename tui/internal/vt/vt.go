// Package vt is the terminal that a program with run.tty has: what it prints
// becomes a picture, and keys, pastes and the mouse become what it reads. For a
// program that reads lines from a pipe it is what lines are typed into.
//
// It knows terminals, not programs, states or panes.
//
// # Theory of operation
//
//	program ──Write──► emulator ──Frame──► screen
//	   ▲                   │ answers          │ Press, Click, Paste, Line
//	   └──── Serve ◄──── queue ◄──────────────┘
//
// A Terminal outlives programs: each has a life there, with a picture of its own, and
// the newest of those that have not ended is the one that is seen and typed into. What
// a program prints is drawn where it is read, on the goroutine of the program's output, so a
// program that prints faster than the emulator draws is slowed down by its own
// terminal. Whoever shows the picture is told that it changed, through a slot for one,
// and takes a Frame when it has the time: a flood costs one frame, not one frame a
// line.
//
// What goes to the program is queued, and written by Serve on a goroutine of its own:
// neither the screen nor the emulator, which answers the program's questions (where
// is the cursor, what is the background), ever waits for a program that does not
// read. The queue is bounded; what does not fit is refused.
package vt

import (
	"image/color"
	"io"
	"slices"
	"sync"
)

const (
	// piece is how much is drawn at a time: a key or a frame waits for a millisecond
	// at most.
	piece = 8 << 10
	// The size until the screen knows better, and the least: emulators and programs
	// are at a loss with less.
	defaultCols, defaultRows = 80, 24
	leastCols, leastRows     = 2, 1
)

// A Program is what a Terminal serves; see [runner.Process]. It has no type of its own,
// so that who starts programs need not know this package.
type Program = interface {
	Input() io.WriteCloser
	Resize(rows, cols uint16) error
}

// A Terminal is that of a program and of those after it. Its methods may be called on
// any goroutine; for each program Begin, Serve and End in this order, with the number
// of its generation, and Write between Begin and End. Programs may overlap.
type Terminal struct {
	changed chan struct{}

	mu         sync.Mutex // guards what follows, and all of the lives but their queues
	lives      []*life    // the oldest first; never none
	cols, rows int
	fore, back color.Color
}

// New is a terminal with an empty picture.
func New() *Terminal {
	t := &Terminal{changed: make(chan struct{}, 1), cols: defaultCols, rows: defaultRows}
	l := newLife(t, 0)
	l.end()
	t.lives = []*life{l}
	return t
}

// Begin gives a program an empty picture, and says which size it starts with.
func (t *Terminal) Begin(gen int) (rows, cols uint16) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lives = append(t.alive(), newLife(t, gen))
	t.change()
	return uint16(t.rows), uint16(t.cols)
}

// alive are the lives that have not ended.
func (t *Terminal) alive() []*life {
	return slices.DeleteFunc(t.lives, func(l *life) bool { return l.ended })
}

// top is the life that is seen.
func (t *Terminal) top() *life { return t.lives[len(t.lives)-1] }

// of is the life of a generation; nil if it has ended.
func (t *Terminal) of(gen int) *life {
	for _, l := range t.lives {
		if l.gen == gen && !l.ended {
			return l
		}
	}
	return nil
}

// Serve writes what is typed to the program until End is called, or until the program
// takes no more.
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

// Served reports whether a program is there to be typed into.
func (t *Terminal) Served() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.top().program != nil
}

// End says that the program is gone. Its picture stays until there is another.
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

// breakAt is where at most n bytes can be cut off: where no character is split, if that
// can be told.
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

// Resize says how large the picture is to be, and tells the programs.
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

// Ground says which colours the screen itself has, for programs that ask; nil is not
// known.
func (t *Terminal) Ground(fore, back color.Color) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fore, t.back = fore, back
	for _, l := range t.lives {
		l.ground(fore, back)
	}
}

// Changed receives when there may be a new frame.
func (t *Terminal) Changed() <-chan struct{} { return t.changed }

func (t *Terminal) change() {
	select {
	case t.changed <- struct{}{}:
	default:
	}
}
