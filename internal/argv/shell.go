package argv

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Dialect is a set of rules for a command line that its user could have typed in a
// shell. In all of them spaces end a word, and '…' and "…" preserve them.
type Dialect int

const (
	// POSIX is a shell's own rules: a backslash quotes the next character; within "…"
	// only those that are special there.
	POSIX Dialect = iota
	// Paths is for commands that may be written on Windows: a backslash quotes a space
	// or a quote, and is an ordinary character before anything else.
	Paths
	// Script is for commands that were written for a shell, or may have been: a
	// backslash quotes a space, a quote or itself. Operators, variables, substitutions
	// and patterns, which only a shell understands, are recognised.
	Script
)

// A Token is a word or an operator of a command line.
type Token struct {
	// Text is a word without its quotes, or an operator.
	Text     string
	Operator bool // "&&", or one of & | ; < > ( ) and the end of a line
	From, To int  // its place in the line, as byte offsets
	// Special are the places in the line of what only a shell can expand in this word:
	// $… and `…`, also within "…", * ? [ and a leading ~.
	Special []int
}

// An Error is an unfinished part of a command line.
type Error struct {
	Column int // in runes, from 1
	Reason string
}

func (e *Error) Error() string { return fmt.Sprintf("column %d: %s", e.Column, e.Reason) }

// Split returns the words of a line. A shell's operators, variables and patterns have
// no special meaning. The error is an [*Error].
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

// Scan returns the tokens of a line; only [Script] has operators and special places.
// The error is an [*Error]; the tokens up to it are returned with it, including the
// unfinished word.
func Scan(line string, d Dialect) ([]Token, error) {
	var (
		tokens []Token
		text   strings.Builder
		word   = Token{From: -1} // no word has begun
		quote  byte              // the open quote, or 0
		since  int               // its place
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
		if d == POSIX && quote != '\'' && strings.HasPrefix(rest, "\\\n") { // a joined line
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

// operator returns the operator that rest begins with, or "".
func (d Dialect) operator(rest string) string {
	switch {
	case d != Script || strings.IndexByte("&|;<>()\n", rest[0]) < 0:
		return ""
	case strings.HasPrefix(rest, "&&"):
		return rest[:2]
	}
	return rest[:1]
}

// quotes reports whether a backslash quotes c, inside the open quote if it is not 0.
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

// substitution returns the length of the expansion at the beginning of s; 0 if it has
// no end.
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
