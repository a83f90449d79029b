package vt

import (
	"strings"
	"time"
	"unicode/utf8"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	emulator "github.com/charmbracelet/x/vt"

	"github.com/hotdev/hotdev/internal/safe"
)

// A Frame is the picture at one moment.
type Frame struct {
	// Lines are the rows, each exactly Cols cells wide and safe to print: text and
	// colours.
	Lines []string
	Cols  int
	// Cursor is the program's cursor.
	Cursor Cursor
	// Title is the title of the program's window. It may contain anything.
	Title string
	// Draws: the program does more with its terminal than print lines, so the lines
	// alone are not enough.
	Draws bool
	// Alt: the program uses the alternate screen, where nothing scrolls out.
	Alt bool
	// Mouse is which mouse events the program wants.
	Mouse Wish
}

// A Cursor is the cursor of a terminal.
type Cursor struct {
	X, Y   int
	Hidden bool
	Shape  int // 0 a block, 1 an underline, 2 a bar
	Blink  bool
}

// A Wish is which mouse events a program wants.
type Wish int

// The wishes, each including those before it.
const (
	NoMouse Wish = iota
	Clicks
	Drags
	Motion
)

// patience is how long a program may take to complete a picture.
const patience = 150 * time.Millisecond

// Frame returns the picture. width returns the width of a character in cells, as the
// screen counts it; the text is what the screen will draw, so the screen must decide.
func (t *Terminal) Frame(width func(string) int) Frame {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.top()
	l.flush()
	if !l.sync.IsZero() && time.Since(l.sync) < patience && len(l.last.Lines) == l.rows && l.last.Cols == l.cols {
		t.change() // take the frame again later
		return l.last
	}
	l.last = l.frame(width)
	return l.last
}

func (l *life) frame(width func(string) int) Frame {
	pos := l.emu.CursorPosition()
	f := Frame{
		Lines: make([]string, l.rows), Cols: l.cols,
		Cursor: Cursor{X: pos.X, Y: pos.Y, Hidden: l.modes.hidden},
		Title:  l.modes.title,
		Draws:  l.modes.draws,
		Alt:    l.emu.IsAltScreen(),
		Mouse:  l.modes.mouse(),
	}
	style, blink := l.emu.CursorStyle()
	f.Cursor.Blink = blink
	switch style {
	case emulator.CursorUnderline:
		f.Cursor.Shape = 1
	case emulator.CursorBar:
		f.Cursor.Shape = 2
	}
	for y := range f.Lines {
		f.Lines[y] = l.line(y, width)
	}
	return f
}

// line draws a row.
func (l *life) line(y int, width func(string) int) string {
	var b strings.Builder
	pen := uv.Style{}
	for x := 0; x < l.cols; {
		text, n, style := " ", 1, uv.Style{}
		if c := l.emu.CellAt(x, y); c != nil && !c.IsZero() {
			style = c.Style
			if c.Content != "" {
				text, n = c.Content, max(1, c.Width)
			}
		}
		if x+n > l.cols {
			text, n = " ", 1
		}
		if !style.Equal(&pen) {
			b.WriteString(ansi.ResetStyle)
			if !style.IsZero() {
				b.WriteString(style.String())
			}
			pen = style
		}
		b.WriteString(fitting(text, n, width))
		x += n
	}
	if !pen.IsZero() {
		b.WriteString(ansi.ResetStyle)
	}
	return b.String()
}

// fitting returns the text of a cell if it takes n cells, else the part of it that
// does.
func fitting(text string, n int, width func(string) int) string {
	if len(text) == 1 && text[0] >= ' ' && text[0] <= '~' && n == 1 {
		return text
	}
	clean := strings.Map(func(r rune) rune {
		if !safe.Rune(r) {
			return utf8.RuneError
		}
		return r
	}, text)
	if width(clean) == n {
		return clean
	}
	if first, _ := utf8.DecodeRuneInString(clean); width(string(first)) == n {
		return string(first)
	}
	return strings.Repeat(" ", n)
}

// mouse returns which mouse events the program wants.
func (m *modes) mouse() Wish {
	switch {
	case m.set[ansi.ModeMouseAnyEvent]:
		return Motion
	case m.set[ansi.ModeMouseButtonEvent]:
		return Drags
	case m.set[ansi.ModeMouseNormal], m.set[ansi.ModeMouseX10]:
		return Clicks
	}
	return NoMouse
}
