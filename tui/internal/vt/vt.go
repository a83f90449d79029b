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
// A Terminal outlives programs: Begin gives the next one an empty picture. Its bytes
// are drawn where they are read, on the goroutine of the program's output, so a
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
	"sync"
	"time"

	emulator "github.com/charmbracelet/x/vt"
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

// A Terminal is one program's. Its methods may be called on any goroutine, but
// where it says otherwise.
type Terminal struct {
	changed chan struct{}
	queue   queue

	mu         sync.Mutex // guards what follows
	emu        *emulator.Emulator
	modes      modes
	cols, rows int
	program    Program // nil while there is none
	fore, back color.Color
	last       Frame // the newest that was taken
	sync       time.Time
	alt        int            // bytes drawn on the alternate screen since its history was dropped
	answering  sync.WaitGroup // who takes the emulator's answers
}

// New is a terminal with an empty picture.
func New() *Terminal {
	t := &Terminal{changed: make(chan struct{}, 1), cols: defaultCols, rows: defaultRows}
	t.queue.more = make(chan struct{}, 1)
	t.renew()
	t.silence()
	return t
}

// Begin gives the next program an empty picture, and the size to start with. The
// program's side calls Begin, Write, Serve and End, in this order but for Write, which
// may overlap Serve.
func (t *Terminal) Begin() (rows, cols uint16) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.queue.open()
	t.renew()
	t.change()
	return uint16(t.rows), uint16(t.cols)
}

// Serve writes what is typed to the program until End is called, or until the program
// takes no more.
func (t *Terminal) Serve(p Program) {
	t.mu.Lock()
	t.program = p
	// The size may have changed since Begin. An error means that the program is gone.
	_ = p.Resize(uint16(t.rows), uint16(t.cols))
	t.mu.Unlock()
	in := p.Input()
	for {
		b, end, ok := t.queue.take()
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
	return t.program != nil
}

// End says that the program is gone. The picture stays.
func (t *Terminal) End() {
	t.queue.close()
	t.mu.Lock()
	t.program = nil
	t.silence()
	t.change()
	t.mu.Unlock()
	t.answering.Wait()
}

// Write draws what the program prints.
func (t *Terminal) Write(p []byte) {
	for len(p) > 0 {
		n := breakAt(p, piece)
		t.draw(p[:n])
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
		if b := p[at]; b < 0x7f && b <= ' ' || b == 0x1b {
			return at
		}
	}
	return n
}

func (t *Terminal) draw(p []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	defer t.change()
	defer func() {
		// The emulator is fed what programs print by mistake, too. A fault of it costs
		// the picture, not hotdev.
		if recover() != nil {
			t.silence()
			t.renew()
		}
	}()
	for _, part := range parts(p) {
		_, _ = t.emu.Write(part)
		t.inside()
	}
	t.forget(p)
}

// Resize says how large the picture is to be, and tells the program.
func (t *Terminal) Resize(cols, rows int) {
	cols, rows = max(cols, leastCols), max(rows, leastRows)
	t.mu.Lock()
	defer t.mu.Unlock()
	if cols == t.cols && rows == t.rows {
		return
	}
	t.reshape(cols, rows)
	t.change()
	if t.program != nil {
		_ = t.program.Resize(uint16(rows), uint16(cols)) // an error means that it is gone
	}
}

// Ground says which colours the screen itself has, for programs that ask; nil is not
// known.
func (t *Terminal) Ground(fore, back color.Color) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fore, t.back = fore, back
	t.ground()
}

func (t *Terminal) ground() {
	if t.fore != nil {
		t.emu.SetDefaultForegroundColor(t.fore)
	}
	if t.back != nil {
		t.emu.SetDefaultBackgroundColor(t.back)
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

// renew begins with an empty picture.
func (t *Terminal) renew() {
	t.silence()
	emu := emulator.NewEmulator(t.cols, t.rows)
	// What has scrolled away is in the log, in lines.
	emu.SetScrollbackSize(1)
	t.emu, t.modes, t.last, t.sync, t.alt = emu, modes{}, Frame{}, time.Time{}, 0
	t.ground()
	t.listen()
	t.answering.Go(func() { // ends with silence
		b := make([]byte, 4<<10)
		for {
			n, err := emu.Read(b)
			if err != nil {
				return
			}
			t.queue.add(b[:n], answerRoom)
		}
	})
}

// silence ends the emulator's answers.
func (t *Terminal) silence() {
	if t.emu == nil {
		return
	}
	// Not by the emulator's own Close, which may not be called beside Read.
	if c, ok := t.emu.InputPipe().(io.Closer); ok {
		_ = c.Close()
	}
}
