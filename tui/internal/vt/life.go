package vt

import (
	"image/color"
	"io"
	"slices"
	"sync"
	"time"

	emulator "github.com/charmbracelet/x/vt"
)

// A life is one program's part of a Terminal: its picture, and its input. The
// Terminal's mutex is held when its methods are called.
type life struct {
	gen        int
	queue      queue
	emu        *emulator.Emulator
	modes      modes
	cols, rows int
	program    Program // nil before Serve, and after its end
	ended      bool
	answering  sync.WaitGroup // for the goroutine that reads the emulator's answers

	// pending was printed and has not been drawn yet; see later.
	pending []byte
	held    []byte // printed after pending, and incomplete

	sync time.Time // the start of a picture that is not complete; zero if there is none
	last Frame     // the last one returned
	// region: only a part of the main screen scrolls.
	region bool
	alt    int // bytes drawn on the alternate screen since its history was dropped
}

func newLife(t *Terminal, gen int) *life {
	l := &life{gen: gen, cols: t.cols, rows: t.rows}
	l.queue.more = make(chan struct{}, 1)
	l.renew()
	l.ground(t.fore, t.back)
	return l
}

// renew starts with an empty picture.
func (l *life) renew() {
	emu := emulator.NewEmulator(l.cols, l.rows)
	// What has scrolled out is in the log, as lines.
	emu.SetScrollbackSize(1)
	l.emu, l.modes, l.last, l.sync, l.alt, l.region = emu, modes{}, Frame{}, time.Time{}, 0, false
	l.listen()
	l.answering.Go(func() { // ended by silence
		b := make([]byte, 4<<10)
		for {
			n, err := emu.Read(b)
			if err != nil {
				return
			}
			l.queue.add(b[:n], answerRoom)
		}
	})
}

// silence ends the emulator's answers.
func (l *life) silence() {
	// The emulator's own Close must not be called concurrently with Read.
	if c, ok := l.emu.InputPipe().(io.Closer); ok {
		_ = c.Close()
	}
}

func (l *life) end() {
	l.queue.close()
	l.program, l.ended = nil, true
	l.silence()
}

// ground sets the terminal's colours; nil is unknown.
func (l *life) ground(fore, back color.Color) {
	if fore != nil {
		l.emu.SetDefaultForegroundColor(fore)
	}
	if back != nil {
		l.emu.SetDefaultBackgroundColor(back)
	}
}

// draw draws what was printed, or keeps it for later.
func (l *life) draw(p []byte) {
	if len(l.held) > 0 {
		p = append(l.held, p...)
		l.held = nil
	}
	if at := cutOff(p); at < len(p) {
		p, l.held = p[:at], slices.Clone(p[at:])
	}
	if !l.later(p) {
		l.flush()
		l.put(p)
	}
}

// put passes bytes to the emulator.
func (l *life) put(p []byte) {
	defer func() {
		// The emulator also gets what programs print by mistake. A panic in it costs
		// the picture, but must not end hotdev.
		if recover() != nil {
			l.silence()
			l.renew()
		}
	}()
	for _, part := range parts(p) {
		_, _ = l.emu.Write(part)
		l.inside()
	}
	l.forget(p)
}

// tell tells the program its size.
func (l *life) tell() {
	if l.program != nil {
		_ = l.program.Resize(uint16(l.rows), uint16(l.cols)) // an error means that the program is gone
	}
}
