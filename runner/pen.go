package runner

import (
	"bytes"
	"strconv"
	"strings"
)

// A pen is what the colour sequences (SGR) of a stream have come to: what the
// next character is drawn with. The zero pen is a terminal's own.
type pen struct {
	fore, back, line colour // line is the underline's
	attrs            uint16 // bit n is set by SGR n, from bold (1) to overline (overline)
	underline        uint8  // its style, from 1 (single) to 5 (dashed); 0 is none
}

// A colour is what follows 38, 48 or 58; the zero colour is the default.
type colour struct {
	kind    uint8 // 0; basicColour, 2 (R, G, B) or 5 (an index), as in the sequence
	r, g, b uint8 // r is also the index, or the whole SGR code of a basic colour
}

const basicColour = 1

// Reset ends all colours. A Line that would leave some on ends with it.
const Reset = "\x1b[m"

const (
	overline = 10 // the bit of SGR 53; 1 to 9 are their own
	penBytes = len("\x1b[1;2;3;4:5;5;6;7;8;9;53;38;2;255;255;255;48;2;255;255;255;58;2;255;255;255m")
)

// apply takes a sequence ESC [ … m.
func (p *pen) apply(seq []byte) {
	codes := seq[len("\x1b[") : len(seq)-1]
	for more := true; more; {
		var code []byte
		code, codes, more = bytes.Cut(codes, []byte(";"))
		head, sub, hasSub := bytes.Cut(code, []byte(":"))
		n := number(head)
		switch n {
		case 4:
			p.underline = 1
			if hasSub {
				p.underline = uint8(number(sub))
				if p.underline > 5 {
					p.underline = 1
				}
			}
		case 38, 48, 58:
			var c colour
			if hasSub {
				c = subColour(sub)
			} else {
				c, codes, more = longColour(codes, more)
			}
			switch n {
			case 38:
				p.fore = c
			case 48:
				p.back = c
			default:
				p.line = c
			}
		default:
			p.set(n)
		}
	}
}

// set applies a code that has no parameters.
func (p *pen) set(n int) {
	switch {
	case n < 0:
	case n == 0:
		*p = pen{}
	case n <= 9:
		p.attrs |= 1 << n
	case n == 21:
		p.underline = 2
	case n == 22: // neither bold nor faint
		p.attrs &^= 1<<1 | 1<<2
	case n == 24:
		p.underline = 0
	case n == 25: // blinks neither slowly nor fast
		p.attrs &^= 1<<5 | 1<<6
	case n == 23, n >= 27 && n <= 29:
		p.attrs &^= 1 << (n - 20)
	case n >= 30 && n <= 37, n >= 90 && n <= 97:
		p.fore = colour{kind: basicColour, r: uint8(n)}
	case n >= 40 && n <= 47, n >= 100 && n <= 107:
		p.back = colour{kind: basicColour, r: uint8(n)}
	case n == 39:
		p.fore = colour{}
	case n == 49:
		p.back = colour{}
	case n == 53:
		p.attrs |= 1 << overline
	case n == 55:
		p.attrs &^= 1 << overline
	case n == 59:
		p.line = colour{}
	} // fonts, frames and what else terminals leave out
}

// longColour reads "5;n" or "2;r;g;b", and gives what is left.
func longColour(codes []byte, more bool) (c colour, rest []byte, left bool) {
	next := func() int {
		if !more {
			return 0
		}
		var code []byte
		code, codes, more = bytes.Cut(codes, []byte(";"))
		return number(code)
	}
	switch next() {
	case 5:
		c = colour{kind: 5, r: uint8(next())}
	case 2:
		c = colour{kind: 2, r: uint8(next()), g: uint8(next()), b: uint8(next())}
	}
	return c, codes, more
}

// subColour reads "5:n", "2:r:g:b" or "2:space:r:g:b".
func subColour(sub []byte) colour {
	f := bytes.Split(sub, []byte(":"))
	at := func(i int) uint8 { return uint8(number(f[i])) }
	switch n := len(f); {
	case n >= 2 && at(0) == 5:
		return colour{kind: 5, r: at(1)}
	case n == 4 && at(0) == 2:
		return colour{kind: 2, r: at(1), g: at(2), b: at(3)}
	case n >= 5 && at(0) == 2:
		return colour{kind: 2, r: at(2), g: at(3), b: at(4)}
	}
	return colour{}
}

// number is what the digits say, an empty one 0; -1 is more than any code or
// level is.
func number(digits []byte) int {
	n := 0
	for _, d := range digits {
		if d < '0' || d > '9' {
			return -1
		}
		if n = n*10 + int(d-'0'); n > 255 {
			return -1
		}
	}
	return n
}

// appendTo appends the sequence that sets a reset terminal to the pen, at most
// penBytes; nothing for the zero pen.
func (p pen) appendTo(b []byte) []byte {
	if p == (pen{}) {
		return b
	}
	b = append(b, "\x1b["...)
	for n := 1; n <= 9; n++ {
		if n == 4 && p.underline == 1 {
			b = append(b, "4;"...)
		} else if n == 4 && p.underline > 1 {
			b = append(b, '4', ':', '0'+p.underline, ';')
		}
		if p.attrs&(1<<n) != 0 {
			b = append(b, '0'+byte(n), ';')
		}
	}
	if p.attrs&(1<<overline) != 0 {
		b = append(b, "53;"...)
	}
	b = p.fore.appendTo(b, "38")
	b = p.back.appendTo(b, "48")
	b = p.line.appendTo(b, "58")
	b[len(b)-1] = 'm'
	return b
}

func (c colour) appendTo(b []byte, code string) []byte {
	level := func(n uint8) {
		b = append(strconv.AppendUint(b, uint64(n), 10), ';')
	}
	switch c.kind {
	case basicColour:
		level(c.r)
	case 5:
		b = append(append(b, code...), ";5;"...)
		level(c.r)
	case 2:
		b = append(append(b, code...), ";2;"...)
		level(c.r)
		level(c.g)
		level(c.b)
	}
	return b
}

// Uncoloured is the text of a Line without its colours.
func Uncoloured(s string) string {
	at := strings.IndexByte(s, 0x1b)
	if at < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for at >= 0 {
		b.WriteString(s[:at])
		s = s[at:]
		end := strings.IndexByte(s, 'm')
		if end < 0 {
			return b.String()
		}
		s = s[end+1:]
		at = strings.IndexByte(s, 0x1b)
	}
	b.WriteString(s)
	return b.String()
}
