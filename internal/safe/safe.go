// Package safe makes text safe to print on a terminal: names of files and the output of
// tools and programs may contain anything. It alone decides what a terminal must not
// receive. Its callers handle tabs and the length.
package safe

import (
	"strings"
	"unicode/utf8"
)

// Text returns s without escape sequences, and with a replacement character (U+FFFD)
// for every other character for which [Rune] is false, and for every invalid byte.
// Newlines and tabs stay. An escape sequence ends with its line at the latest, so an
// incomplete one does not swallow the next lines.
func Text(s string) string {
	i := firstUnsafe(s)
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.WriteString(s[:i])
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == 0x1b:
			i = skip(s, i)
			continue
		case r == '\n' || r == '\t':
		case !Rune(r):
			r = utf8.RuneError
		}
		b.WriteRune(r) // an invalid byte has already become a replacement character
		i += n
	}
	return b.String()
}

// Rune reports whether a terminal only displays r in its place. It is false for control
// characters, including newline and tab, for line separators, and for bidirectional
// overrides, which make a line of source look like a different one.
func Rune(r rune) bool {
	switch {
	case r < ' ', r >= 0x7f && r < 0xa0,
		r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069,
		r == 0x2028, r == 0x2029:
		return false
	}
	return true
}

// firstUnsafe returns the index of the first byte of s that may have to be removed, or
// -1.
func firstUnsafe(s string) int {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\n' && c != '\t' || c > '~' {
			return i
		}
	}
	return -1
}

// skip returns the index after the escape sequence that begins at i.
func skip(s string, i int) int {
	i++
	for i < len(s) && s[i] >= 0x20 && s[i] <= 0x2f { // intermediate bytes, as in ESC ( B
		i++
	}
	if i == len(s) || s[i] < 0x20 || s[i] > 0x7e {
		return i
	}
	switch s[i] {
	case '[': // CSI: parameters, then a final byte
		for i++; i < len(s) && s[i] >= 0x20 && s[i] <= 0x3f; i++ {
		}
		if i < len(s) && s[i] >= 0x40 && s[i] <= 0x7e {
			i++
		}
		return i
	case ']', 'P', 'X', '^', '_': // a string: OSC and similar, up to BEL or ESC \
		for i++; i < len(s); i++ {
			switch {
			case s[i] == '\n':
				return i
			case s[i] == 0x07:
				return i + 1
			case s[i] == 0x1b:
				if i+1 < len(s) && s[i+1] == '\\' {
					return i + 2
				}
				return i
			}
		}
		return i
	}
	return i + 1
}
