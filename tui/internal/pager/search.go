package pager

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

// A Pattern is a text to search for. Case is ignored if the text has no upper-case
// letter.
type Pattern struct {
	Text string
	fold bool
	re   *regexp.Regexp // ignores case beyond ASCII; nil if that is not needed
}

func NewPattern(text string) Pattern {
	p := Pattern{Text: text, fold: !strings.ContainsFunc(text, unicode.IsUpper)}
	if p.fold && strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		p.re = regexp.MustCompile("(?i)" + regexp.QuoteMeta(text))
	}
	return p
}

// index returns the first place of the pattern in s; from is -1 if there is none.
func (p Pattern) index(s string) (from, to int) {
	switch {
	case p.Text == "":
		return -1, -1
	case p.re != nil:
		if at := p.re.FindStringIndex(s); at != nil {
			return at[0], at[1]
		}
		return -1, -1
	case p.fold:
		from = indexFold(s, p.Text)
	default:
		from = strings.Index(s, p.Text)
	}
	return from, from + len(p.Text)
}

// indexFold is strings.Index for a lower-case ASCII text, ignoring the case of s. A
// regexp that ignores case takes some thirty times as long.
func indexFold(s, lower string) int {
	first := lower[0]
	other := first
	if 'a' <= first && first <= 'z' {
		other -= 'a' - 'A'
	}
next:
	for i := 0; i+len(lower) <= len(s); i++ {
		if s[i] != first && s[i] != other {
			continue
		}
		for k := 1; k < len(lower); k++ {
			c := s[i+k]
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			if c != lower[k] {
				continue next
			}
		}
		return i
	}
	return -1
}

// highlight shows every match of the pattern in a coloured line in reverse video.
func (p Pattern) highlight(s string) string {
	bare := runner.Uncoloured(s)
	from, to := p.index(bare)
	if from < 0 {
		return s
	}
	var b strings.Builder
	at := 0 // the position in bare that corresponds to the start of s
	for len(s) > 0 {
		if s[0] == 0x1b {
			n := strings.IndexByte(s, 'm') + 1
			if n == 0 {
				break
			}
			b.WriteString(s[:n])
			if s = s[n:]; from >= 0 && at > from { // the sequence may have ended the reverse video
				b.WriteString(cells.Found)
			}
			continue
		}
		if at == from {
			b.WriteString(cells.Found)
		}
		_, n := utf8.DecodeRuneInString(s)
		b.WriteString(s[:n])
		s, at = s[n:], at+n
		if from >= 0 && at >= to {
			b.WriteString(cells.FoundEnd)
			next, end := p.index(bare[at:])
			if from, to = next, end; from >= 0 {
				from, to = from+at, to+at
			}
		}
	}
	return b.String()
}
