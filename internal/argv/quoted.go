// Package argv splits command lines and lists of flags into words, by the rules
// of whoever reads them otherwise.
package argv

import (
	"errors"
	"fmt"
	"strings"
)

// SplitQuoted splits a list as the go command splits GOFLAGS, CC and the values
// of -ldflags and its like: at blanks, where '…' or "…" around a whole element
// keep them. Quotes within an element are ordinary characters, nothing is
// escaped, and an element ends with its closing quote, blank or not. An error
// says which quote is not closed, in the go command's words.
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

// JoinQuoted is the list that SplitQuoted splits into words. A word with quotes
// of both kinds cannot be in one.
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
