package runner

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"
)

const (
	// maxLine cuts endless lines: longer than any line a person reads, short
	// enough for a screen to measure.
	maxLine = 16 << 10
	// maxCSI bounds a control sequence. The longest real ones set a handful of
	// colours; what is longer is binary output that happened to hold an ESC [.
	maxCSI = 256
	// maxString bounds an OSC, DCS, APC, SOS or PM string that nobody ends. It
	// is far more than a title or a link needs; a newline ends it earlier.
	maxString = 64 << 10
)

// A parse is the state of a filter between two bytes of input.
type parse uint8

const (
	ground     parse = iota
	escape           // after ESC
	escapeMore       // after ESC and an intermediate byte, such as ESC (
	control          // in a CSI sequence
	text             // in an OSC, DCS, APC, SOS or PM string
	textEscape       // in such a string, after ESC
)

// A filter turns one stream of a program's output into safe lines. It is pure:
// it knows bytes, not time or files.
//
// Each line is self-contained: it begins with the colours that an earlier line left
// on, and leaves none on at its end. So code that shows one line without the others,
// or puts its own words between them, need not know about colours.
//
// Its out holds the filtered bytes of the line that has no end yet; during a
// write also the lines before it, so that all lines of a write share one string.
type filter struct {
	stream Stream
	out    []byte
	start  int   // of the unfinished line in out
	ends   []int // of the finished lines in out, during a write
	pen    pen   // what is printed next is drawn with it
	// returned: the line's text ends in a lone CR, so that what is printed next
	// replaces it.
	returned bool
	inked    bool // the unfinished line has text
	shown    bool // partial gave it as it is now
	given    bool // and the last that partial gave had text

	parse parse
	seq   []byte // the CSI sequence under way; or the last byte of the string
	long  int    // bytes of the string under way
	split []byte // a rune, incomplete at the end of the last write
}

func newFilter(s Stream) *filter { return &filter{stream: s} }

// write consumes p and gives the lines that it finished. They do not alias p.
func (f *filter) write(p []byte) []Line {
	for len(f.split) > 0 && len(p) > 0 {
		// The rune that the last read split is completed apart, so that all the
		// rest needs no copy.
		n := min(utf8.UTFMax-1, len(p))
		joined := append(f.split, p[:n]...)
		f.split = nil
		f.feed(joined)
		p = p[n:]
	}
	f.feed(p)
	return f.cut()
}

// close ends the stream: what has no end yet becomes the last line.
func (f *filter) close() []Line {
	if len(f.split) > 0 {
		f.split = nil
		f.print(replacement)
	}
	if f.inked {
		f.end()
	}
	return f.cut()
}

// partial gives the unfinished line, if it is another than was given before.
func (f *filter) partial() []Line {
	if !f.changed() {
		return nil
	}
	f.shown, f.given = true, f.inked
	text := string(f.out[f.start:])
	if f.open() {
		text += Reset
	}
	return []Line{{Stream: f.stream, Text: text, Partial: true}}
}

// changed reports whether the unfinished line is another than partial gave.
func (f *filter) changed() bool { return !f.shown && (f.inked || f.given) }

// cut takes the finished lines out of out.
func (f *filter) cut() []Line {
	if len(f.ends) == 0 {
		return nil
	}
	all := string(f.out[:f.start])
	lines := make([]Line, len(f.ends))
	from := 0
	for i, to := range f.ends {
		lines[i] = Line{Stream: f.stream, Text: all[from:to]}
		from = to
	}
	f.out = f.out[:copy(f.out, f.out[f.start:])]
	f.start, f.ends = 0, f.ends[:0]
	return lines
}

// end finishes the line.
func (f *filter) end() {
	if f.open() {
		f.out = append(f.out, Reset...)
	}
	f.ends = append(f.ends, len(f.out))
	f.start = len(f.out)
	f.returned, f.inked, f.shown, f.given = false, false, false, false
}

// open reports whether the unfinished line's last colours are still on.
func (f *filter) open() bool { return f.inked && !f.returned && f.pen != pen{} }

// room is how much more the line can hold.
func (f *filter) room() int {
	n := maxLine - (len(f.out) - f.start)
	if f.pen != (pen{}) {
		n -= len(Reset)
	}
	return n
}

// ink makes the line ready for more text.
func (f *filter) ink() {
	if f.returned {
		f.erase()
	}
	if !f.inked {
		f.out = f.pen.appendTo(f.out)
		f.inked = true
	}
	f.shown = false
}

// print appends a rune.
func (f *filter) print(r []byte) {
	f.ink()
	if f.room() < len(r) {
		f.end()
		f.ink()
	}
	f.out = append(f.out, r...)
}

// colour changes the pen. Where text will follow the line's own, the sequence
// stays as it is; elsewhere the pen says all.
func (f *filter) colour(seq []byte) {
	if f.inked && !f.returned {
		if len(f.out)-f.start+len(seq)+len(Reset) > maxLine {
			f.end()
		} else {
			f.out = append(f.out, seq...)
		}
	}
	f.pen.apply(seq)
}

// erase forgets the line's text.
func (f *filter) erase() {
	f.out = f.out[:f.start]
	f.returned, f.inked, f.shown = false, false, false
}

// carriageReturn: the next text takes the place of what the line has.
func (f *filter) carriageReturn() {
	if f.open() {
		f.out = append(f.out, Reset...)
	}
	f.returned = f.inked
}

// plain bytes stand for themselves: printable ASCII and the tab.
func plain(b byte) bool { return b >= ' ' && b <= '~' || b == '\t' }

// plainRun is how many plain bytes p begins with. Nearly all that programs print
// are such, so it looks at eight at a time.
func plainRun(p []byte) int {
	const each, high = 0x0101010101010101, 0x8080808080808080
	n := 0
	for ; n+8 <= len(p); n += 8 {
		x := binary.LittleEndian.Uint64(p[n:])
		below := (x - each*' ') &^ x // has a high bit if any byte is less than a blank
		above := x + each | x        // has one if any is more than a tilde
		if (below|above)&high != 0 {
			break
		}
	}
	for n < len(p) && plain(p[n]) {
		n++
	}
	return n
}

// feed runs the filter over p, which ends with a whole rune or with an
// incomplete one that is kept.
func (f *filter) feed(p []byte) {
	for len(p) > 0 {
		if f.parse == text {
			p = f.skip(p)
			continue
		}
		if f.parse != ground {
			p = f.sequence(p)
			continue
		}
		if n := plainRun(p); n > 0 {
			f.ascii(p[:n])
			p = p[n:]
			continue
		}
		switch b := p[0]; {
		case b == '\n':
			f.end()
		case b == '\r':
			f.carriageReturn()
		case b == 0x1b:
			f.parse = escape
		case b >= utf8.RuneSelf:
			if !utf8.FullRune(p) {
				f.split = append([]byte(nil), p...)
				return
			}
			p = p[f.wide(p):]
			continue
		}
		// Whatever else there is in C0, and DEL, moves a cursor or rings a bell.
		p = p[1:]
	}
}

// ascii prints a run of plain bytes.
func (f *filter) ascii(p []byte) {
	for {
		f.ink()
		room := f.room()
		if len(p) <= room {
			f.out = append(f.out, p...)
			return
		}
		f.out = append(f.out, p[:room]...)
		p = p[room:]
		f.end()
	}
}

var replacement = []byte(string(utf8.RuneError))

// wide prints the first rune of p, or acts on it, and gives its size.
func (f *filter) wide(p []byte) int {
	r, size := utf8.DecodeRune(p)
	switch {
	case r < 0xa0: // the C1 controls: the eight-bit forms of ESC @ to ESC _
		f.begin(byte(r) - 0x40)
		return size
	case r == utf8.RuneError && size == 1,
		r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069: // bidi overrides hide what a line says
		f.print(replacement)
	default:
		f.print(p[:size])
	}
	return size
}

// begin goes on from ESC b.
func (f *filter) begin(b byte) {
	f.parse, f.seq, f.long = ground, f.seq[:0], 0
	switch b {
	case '[':
		f.parse = control
		f.seq = append(f.seq, "\x1b["...)
	case ']', 'P', '_', 'X', '^':
		f.parse = text
	case 'c': // the terminal is as new
		f.pen = pen{}
	}
}

// skip consumes the part of p that belongs to a string (OSC and its kin).
func (f *filter) skip(p []byte) []byte {
	var last byte
	if len(f.seq) > 0 {
		last = f.seq[0]
	}
	for i, b := range p {
		f.long++
		switch {
		case b == '\n':
			f.parse = ground
			return p[i:]
		case b == 0x1b:
			f.parse = textEscape
			return p[i+1:]
		case b == 0x07, b == 0x18, b == 0x1a, // BEL ends it; CAN and SUB abandon it
			b == 0x9c && last == 0xc2, // ST as one rune
			f.long >= maxString:
			f.parse = ground
			return p[i+1:]
		}
		last = b
	}
	f.seq = append(f.seq[:0], last)
	return nil
}

// sequence consumes one byte of an escape sequence, or none if that byte does
// not belong to it.
func (f *filter) sequence(p []byte) []byte {
	b := p[0]
	switch {
	case b == 0x1b: // starts a new sequence, even inside another
		f.parse = escape
		return p[1:]
	case b == 0x18, b == 0x1a:
		f.parse = ground
		return p[1:]
	case b == '\n', b == '\r', b >= utf8.RuneSelf: // cut off
		f.parse = ground
		return p
	case b < ' ', b == 0x7f:
		return p[1:]
	}
	switch f.parse {
	case escape, escapeMore:
		switch {
		case b < '0':
			f.parse = escapeMore
		case f.parse == escape:
			f.begin(b)
		default:
			f.parse = ground
		}
	case textEscape:
		// ESC \ is the string's end; any other ESC begins something else.
		f.parse = escape
		if b == '\\' {
			f.parse = ground
			break
		}
		return p
	case control:
		if b >= '@' {
			f.parse = ground
			f.seq = append(f.seq, b)
			f.command(f.seq)
			break
		}
		if f.seq = append(f.seq, b); len(f.seq) >= maxCSI {
			f.parse = ground
		}
	}
	return p[1:]
}

// command acts on a CSI sequence: colours, and the erasing of the line.
func (f *filter) command(seq []byte) {
	params, last := seq[len("\x1b["):len(seq)-1], seq[len(seq)-1]
	switch {
	case last == 'm' && !slices.ContainsFunc(params, foreignToColour): // a private one, such as ESC [ > 4 m, changes the keyboard
		f.colour(seq)
	case last == 'K' && string(params) == "2",
		last == 'K' && f.returned && (len(params) == 0 || string(params) == "0"):
		f.erase()
	}
}

// foreignToColour reports whether a byte is no part of a colour's codes: digits
// and the two that separate them.
func foreignToColour(b byte) bool { return b < '0' || b > ';' }
