package vt

import (
	"image/color"
	"io"
	"slices"
	"sync"
	"time"

	emulator "github.com/charmbracelet/x/vt"
)

// A life is one program's part of a Terminal: its picture, and what it is to read. Its
// methods are called with the Terminal's mutex held.
type life struct {
	gen        int
	queue      queue
	emu        *emulator.Emulator
	modes      modes
	cols, rows int
	program    Program // nil before it is served, and after its end
	ended      bool
	answering  sync.WaitGroup // who takes the emulator's answers

	// pending was printed and is not drawn yet; see later.
	pending []byte
	held    []byte // printed after that, up to the middle of a sequence

	sync time.Time // since when a picture is under way; zero if none is
	last Frame     // the newest that was taken
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

// renew begins with an empty picture.
func (l *life) renew() {
	emu := emulator.NewEmulator(l.cols, l.rows)
	// What has scrolled away is in the log, in lines.
	emu.SetScrollbackSize(1)
	l.emu, l.modes, l.last, l.sync, l.alt, l.region = emu, modes{}, Frame{}, time.Time{}, 0, false
	l.listen()
	l.answering.Go(func() { // ends with silence
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
	// Not by the emulator's own Close, which may not be called beside Read.
	if c, ok := l.emu.InputPipe().(io.Closer); ok {
		_ = c.Close()
	}
}

func (l *life) end() {
	l.queue.close()
	l.program, l.ended = nil, true
	l.silence()
}

// ground says which colours there are; nil is not known.
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

// put has the emulator draw.
func (l *life) put(p []byte) {
	defer func() {
		// The emulator is fed what programs print by mistake, too. A fault of it costs
		// the picture, not hotdev.
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

// tell has the program know the size.
func (l *life) tell() {
	if l.program != nil {
		_ = l.program.Resize(uint16(l.rows), uint16(l.cols)) // an error means that it is gone
	}
}
