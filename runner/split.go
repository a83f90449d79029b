package runner

import (
	"fmt"
	"strings"
)

// Split splits a command line into its words as a POSIX shell would: at blanks,
// with '…', "…" and \ to quote. It knows nothing else of shells: no variables,
// no globs, no operators. An error tells the column, counted in runes from 1,
// of the quote or backslash that misses its end.
func Split(s string) ([]string, error) {
	var (
		words []string
		word  strings.Builder
		begun bool // also by "", which is an empty word
		quote rune // the one that is open, or 0
		since int  // its column
		slash int  // the column of a backslash right before, or 0
		col   int
	)
	for _, r := range s {
		col++
		switch {
		case slash > 0:
			// Within "…" a backslash quotes only what is special there.
			if quote == '"' && !strings.ContainsRune("$`\"\\\n", r) {
				word.WriteByte('\\')
			}
			if r != '\n' { // joined lines
				word.WriteRune(r)
			}
			slash = 0
		case r == '\\' && quote != '\'':
			slash, begun = col, true
		case quote != 0:
			if r == quote {
				quote = 0
			} else {
				word.WriteRune(r)
			}
		case r == '\'' || r == '"':
			quote, since, begun = r, col, true
		case r == ' ' || r == '\t' || r == '\n' || r == '\r':
			if begun {
				words = append(words, word.String())
				word.Reset()
				begun = false
			}
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	switch {
	case slash > 0:
		return nil, fmt.Errorf("column %d: nothing follows the backslash", slash)
	case quote != 0:
		return nil, fmt.Errorf("column %d: the quote %c is not closed", since, quote)
	}
	if begun {
		words = append(words, word.String())
	}
	return words, nil
}
