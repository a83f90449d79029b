package complaint

import (
	"strings"
	"unicode/utf8"
)

// maxText bounds a message: longer than any line that a person reads, and short
// enough for a screen that wraps it (a linker prints its whole command line).
const maxText = 1000

// clean makes a line printable: valid UTF-8 without escape sequences and
// control characters, tabs kept, cut at maxText.
func Clean(s string) string {
	if !printable(s) {
		var b strings.Builder
		for i := 0; i < len(s); {
			if s[i] == 0x1b {
				i = skipEscape(s, i)
				continue
			}
			r, n := utf8.DecodeRuneInString(s[i:])
			i += n
			if r == '\t' || r >= 0x20 && r != 0x7f && (r < 0x80 || r > 0x9f) {
				b.WriteRune(r) // an invalid byte is U+FFFD here
			}
		}
		s = b.String()
	}
	if len(s) > maxText {
		cut := maxText
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	return s
}

func printable(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 && c != '\t' || c >= 0x7f {
			return false
		}
	}
	return true
}

// skipEscape gives the index after the escape sequence that begins at i.
func skipEscape(s string, i int) int {
	i++
	if i >= len(s) {
		return i
	}
	switch s[i] {
	case '[': // CSI, up to its final byte
		for i++; i < len(s); i++ {
			if s[i] >= 0x40 && s[i] <= 0x7e {
				return i + 1
			}
		}
	case ']': // OSC, up to BEL or ST
		for i++; i < len(s); i++ {
			if s[i] == 0x07 {
				return i + 1
			}
			if s[i] == 0x1b {
				return min(i+2, len(s))
			}
		}
	default:
		return i + 1
	}
	return i
}
