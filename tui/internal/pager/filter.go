package pager

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
)

// A Filter decides which lines are shown: those that its regexp matches or, with a
// leading "!", those that it does not match. The zero Filter shows all lines.
type Filter struct {
	Text    string // as it was typed
	exclude bool
	re      *regexp.Regexp
	plain   Pattern // replaces re for a plain text, which is much faster
	Stderr  bool    // only what was written to stderr
	pretty  bool    // JSON lines are matched in the words in which they are shown
}

// NewFilter compiles what was typed. Case matters as in a search.
func NewFilter(text string) (Filter, error) {
	f := Filter{Text: text}
	expr, exclude := strings.CutPrefix(text, "!")
	f.exclude = exclude
	if expr == "" {
		return Filter{}, nil
	}
	if regexp.QuoteMeta(expr) == expr {
		f.plain = NewPattern(expr)
		return f, nil
	}
	if !upper(expr) {
		expr = "(?i)" + expr
	}
	var err error
	f.re, err = regexp.Compile(expr)
	return f, err
}

// upper reports whether a regexp contains an upper-case letter that matches itself.
func upper(expr string) bool {
	escaped := false
	for _, r := range expr {
		if !escaped && unicode.IsUpper(r) {
			return true
		}
		escaped = !escaped && r == '\\'
	}
	return false
}

// match reports whether to show a line, given without its colours.
func (f Filter) match(s string) bool {
	switch {
	case f.re != nil:
		return f.re.MatchString(s) != f.exclude
	case f.plain.Text != "":
		at, _ := f.plain.index(s)
		return at >= 0 != f.exclude
	}
	return true
}

func (f Filter) Active() bool { return f.Text != "" || f.Stderr }

// Complaint returns the error of a regexp, without the prefix of package regexp.
func Complaint(err error) string {
	var e *syntax.Error
	if errors.As(err, &e) {
		return fmt.Sprintf("%s: %s", e.Code, strings.TrimPrefix(e.Expr, "(?i)"))
	}
	return err.Error()
}
