package lines

import (
	"strings"
	"unicode/utf8"
)

// Safe is text that hotdev itself prints on a terminal, where names of files
// and what tools say may hold anything: what a terminal would act on, and what
// turns the direction of writing, becomes a replacement. Lines and tabs stay.
func Safe(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case r < ' ', r >= 0x7f && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x2028, r == 0x2029:
			return utf8.RuneError
		}
		return r // an invalid byte has become a replacement already
	}, text)
}
