package vt

import (
	"bytes"

	"github.com/charmbracelet/x/ansi"
)

// lateMost limits the bytes that are kept to be drawn later.
const lateMost = 256 << 10

// later keeps text lines that need not be drawn until the picture is shown; it reports
// whether it kept p. Most programs that print much print nothing else, and only the end
// of it is visible. Scrolling by a line moves the whole picture in an emulator, so
// drawing every line would make a program with a terminal a hundred times slower than
// one without.
func (l *life) later(p []byte) bool {
	if l.region || l.emu.IsAltScreen() || !onlyLines(p) {
		return false
	}
	if l.pending = append(l.pending, p...); len(l.pending) >= lateMost {
		l.flush()
	}
	return true
}

// flush draws the visible part of what was kept.
func (l *life) flush() {
	if len(l.pending) == 0 {
		return
	}
	p := l.pending
	l.pending = l.pending[:0]
	// As many lines as there are rows move the cursor down to the last row, wherever it
	// is, and as many again scroll the old content away. The first line that is drawn
	// must begin in the first column.
	from := bytes.LastIndexByte(p, '\n')
	for rows := 0; from >= 0 && (rows < 2*l.rows || from == 0 || p[from-1] != '\r'); {
		end := from
		from = bytes.LastIndexByte(p[:end], '\n')
		rows += l.takes(p[from+1 : end])
	}
	first := bytes.IndexByte(p, '\n') // it may complete a sequence that is half drawn
	if from <= first {
		l.put(p)
		return
	}
	l.put(p[:first+1])
	l.put(colours(p[first+1 : from+1]))
	l.put([]byte{'\r'})
	l.put(p[from+1:])
}

// takes returns how many rows a line takes at least.
func (l *life) takes(line []byte) int {
	line = bytes.TrimSuffix(line, []byte{'\r'})
	if wrap, set := l.modes.set[ansi.ModeAutoWrap]; len(line) < l.cols || set && !wrap || bytes.IndexByte(line, '\r') >= 0 {
		return 1
	}
	cells := 0
	for i := 0; i < len(line); i++ {
		switch b := line[i]; {
		case b == 0x1b:
			i += max(colour(line[i:]), 1) - 1
		case b >= ' ' && b < 0x7f:
			cells++
		}
	}
	return max(1, (cells+l.cols-1)/l.cols)
}

// onlyLines reports whether p is only text, in lines and colours.
func onlyLines(p []byte) bool {
	for i := 0; i < len(p); i++ {
		switch b := p[i]; {
		case b == 0x1b:
			n := colour(p[i:])
			if n == 0 {
				return false
			}
			i += n - 1
		case b < ' ' && b != '\n' && b != '\r' && b != '\t', b == 0x7f, b == 0xc2 && p[i+1] < 0xa0: // C1
			return false
		}
	}
	return true
}

// cutOff returns the offset at which p is incomplete, in the middle of something that
// onlyLines must see as a whole: a colour, or a character that may be a control
// character. It returns len(p) if p is complete. The part that is held back has no
// effect until its rest comes.
func cutOff(p []byte) int {
	if len(p) > 0 && p[len(p)-1] == 0xc2 {
		return len(p) - 1
	}
	at := bytes.LastIndexByte(p, 0x1b)
	if at < 0 || at < len(p)-maxColour || at+1 < len(p) && p[at+1] != '[' {
		return len(p)
	}
	for _, b := range p[min(at+2, len(p)):] {
		if b < '0' || b > ';' {
			return len(p)
		}
	}
	return at
}

// maxColour is longer than any colour sequence.
const maxColour = 64

// colour returns the length of the colour sequence at the beginning of p; 0 if there is
// none.
func colour(p []byte) int {
	if len(p) < 3 || p[1] != '[' {
		return 0
	}
	for i := 2; i < len(p); i++ {
		switch b := p[i]; {
		case b == 'm':
			return i + 1
		case b < '0' || b > ';':
			return 0
		}
	}
	return 0
}

// colours returns the colour sequences of p.
func colours(p []byte) []byte {
	var all []byte
	for {
		at := bytes.IndexByte(p, 0x1b)
		if at < 0 {
			return all
		}
		p = p[at:]
		n := colour(p)
		all = append(all, p[:n]...)
		p = p[max(n, 1):]
	}
}
