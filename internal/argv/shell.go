package argv

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Dialect is how a command line is read that its user could as well have typed
// in a shell. In all of them blanks end a word, and '…' and "…" keep them in it.
type Dialect int

const (
	// POSIX is a shell's own: a backslash quotes what follows it; within "…" only
	// what is special there.
	POSIX Dialect = iota
	// Paths is for commands that may be written on Windows: a backslash quotes a
	// blank or a quote, and is an ordinary character before anything else.
	Paths
	// Script is for commands that were written for a shell, or may look so: a
	// backslash quotes a blank, a quote or itself, and what only a shell understands
	// is told apart: operators, variables, substitutions and patterns.
	Script
)

// A Token is a word or an operator of a command line.
type Token struct {
	// Text is a word without its quotes, or an operator.
	Text     string
	Operator bool // "&&", or one of & | ; < > ( ) and the end of a line
	From, To int  // its place in the line, in bytes
	// Special are the places in the line of what only a shell can replace in this
	// word: $… and `…`, also within "…", * ? [ and a leading ~.
	Special []int
}

// An Error says what of a command line has no end.
type Error struct {
	Column int // counted in runes from 1
	Reason string
}

func (e *Error) Error() string { return fmt.Sprintf("column %d: %s", e.Column, e.Reason) }

// Split is the words of a line, in which a shell's operators, variables and
// patterns mean nothing. An error is an [*Error].
func Split(line string, d Dialect) ([]string, error) {
	tokens, err := Scan(line, d)
	if err != nil {
		return nil, err
	}
	var words []string
	for _, t := range tokens {
		words = append(words, t.Text)
	}
	return words, nil
}

// Scan is the tokens of a line; there are operators and special places in
// [Script] only. With an error, which is an [*Error], it gives those up to it,
// the unfinished word included.
func Scan(line string, d Dialect) ([]Token, error) {
	var (
		tokens []Token
		text   strings.Builder
		word   = Token{From: -1} // there is none yet
		quote  byte              // the one that is open, or 0
		since  int               // where
	)
	end := func(at int) {
		if word.From >= 0 {
			word.Text, word.To = text.String(), at
			tokens = append(tokens, word)
		}
		text.Reset()
		word = Token{From: -1}
	}
	fail := func(at int, reason string, args ...any) ([]Token, error) {
		end(len(line))
		return tokens, &Error{utf8.RuneCountInString(line[:at]) + 1, fmt.Sprintf(reason, args...)}
	}
	for at := 0; at < len(line); {
		c, rest, n := line[at], line[at:], 1
		if d == POSIX && quote != '\'' && strings.HasPrefix(rest, "\\\n") { // joined lines
			at += 2
			continue
		}
		if operator := d.operator(rest); operator != "" && quote == 0 {
			end(at)
			n = len(operator)
			tokens = append(tokens, Token{Text: operator, Operator: true, From: at, To: at + n})
			at += n
			continue
		}
		if quote == 0 && strings.IndexByte(blanks, c) >= 0 {
			end(at)
			at++
			continue
		}
		first := word.From < 0
		if first {
			word.From = at
		}
		switch {
		case c == '\\' && d == POSIX && quote != '\'' && len(rest) == 1:
			return fail(at, "nothing follows the backslash")
		case c == '\\' && len(rest) > 1 && d.quotes(rest[1], quote):
			text.WriteByte(rest[1])
			n = 2
		case c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote, since = c, at
		case d == Script && quote != '\'' && (c == '$' || c == '`'):
			word.Special = append(word.Special, at)
			if n = substitution(rest); n == 0 {
				return fail(at, "what begins with %c has no end", c)
			}
			text.WriteString(rest[:n])
		default:
			if d == Script && quote == 0 && (strings.IndexByte("*?[", c) >= 0 || c == '~' && first) {
				word.Special = append(word.Special, at)
			}
			text.WriteByte(c)
		}
		at += n
	}
	if quote != 0 {
		return fail(since, "the quote %c is not closed", quote)
	}
	end(len(line))
	return tokens, nil
}

// operator is the one that rest begins with; empty if there is none.
func (d Dialect) operator(rest string) string {
	switch {
	case d != Script || strings.IndexByte("&|;<>()\n", rest[0]) < 0:
		return ""
	case strings.HasPrefix(rest, "&&"):
		return rest[:2]
	}
	return rest[:1]
}

// quotes reports whether a backslash quotes c, where the given quote is open.
func (d Dialect) quotes(c, quote byte) bool {
	special := ` '"` // Paths
	switch {
	case quote == '\'':
		return false
	case d == POSIX && quote == 0:
		return true
	case d == POSIX:
		special = "$`\"\\"
	case d == Script:
		special = ` '"\`
	}
	return strings.IndexByte(special, c) >= 0
}

// substitution is how long what a shell would replace at the beginning of s is;
// 0 if it has no end.
func substitution(s string) int {
	switch {
	case s[0] == '`':
		return strings.IndexByte(s[1:], '`') + 1 + min(1, strings.Count(s[1:], "`"))
	case !strings.HasPrefix(s, "$("):
		return 1
	}
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}
