// Package argv splits command lines and lists of flags into words, by the rules of the
// programs that usually read them.
package argv

import (
	"errors"
	"fmt"
	"strings"
)

// SplitQuoted splits a list as the go command splits GOFLAGS, CC and the values of
// -ldflags and similar flags: at white space, which '…' or "…" around a whole element
// preserves. Quotes within an element are ordinary characters, there are no escapes,
// and an element ends with its closing quote, with or without a space. The error for a
// missing closing quote is the go command's.
func SplitQuoted(s string) ([]string, error) {
	var words []string
	for {
		s = strings.TrimLeft(s, blanks)
		if s == "" {
			return words, nil
		}
		end, next := strings.IndexAny(s, blanks), 0
		if q := s[0]; q == '\'' || q == '"' {
			s = s[1:]
			if end = strings.IndexByte(s, q); end < 0 {
				return nil, fmt.Errorf("unterminated %c string", q)
			}
			next = 1
		} else if end < 0 {
			end = len(s)
		}
		words, s = append(words, s[:end]), s[end+next:]
	}
}

const blanks = " \t\n\r"

// JoinQuoted returns the list that SplitQuoted splits into words. It returns an error
// for a word that contains quotes of both kinds.
func JoinQuoted(words []string) (string, error) {
	list := make([]string, len(words))
	for i, w := range words {
		switch {
		case w != "" && !strings.ContainsAny(w, blanks+`'"`):
			list[i] = w
		case !strings.Contains(w, "'"):
			list[i] = "'" + w + "'"
		case !strings.Contains(w, `"`):
			list[i] = `"` + w + `"`
		default:
			return "", errors.New("a word with quotes of both kinds cannot be quoted: " + w)
		}
	}
	return strings.Join(list, " "), nil
}
