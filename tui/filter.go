package tui

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
)

// A filter says which lines are shown: those that its regexp matches or, with a
// leading "!", those that it does not. The zero filter shows all.
type filter struct {
	text    string // as it was typed
	exclude bool
	re      *regexp.Regexp
	plain   pattern // in place of re where that is a plain text, which is much quicker
	stderr  bool    // only what was written to the standard error
	pretty  bool    // JSON lines are matched as the words they are shown as
}

// newFilter compiles what was typed. Case matters as in a search.
func newFilter(text string) (filter, error) {
	f := filter{text: text}
	expr, exclude := strings.CutPrefix(text, "!")
	f.exclude = exclude
	if expr == "" {
		return filter{}, nil
	}
	if regexp.QuoteMeta(expr) == expr {
		f.plain = newPattern(expr)
		return f, nil
	}
	if !upper(expr) {
		expr = "(?i)" + expr
	}
	var err error
	f.re, err = regexp.Compile(expr)
	return f, err
}

// upper reports whether a regexp has an upper-case letter that stands for itself.
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

// match reports whether a line without its colours is to be shown.
func (f filter) match(s string) bool {
	switch {
	case f.re != nil:
		return f.re.MatchString(s) != f.exclude
	case f.plain.text != "":
		at, _ := f.plain.index(s)
		return at >= 0 != f.exclude
	}
	return true
}

func (f filter) active() bool { return f.text != "" || f.stderr }

// regexpComplaint is what is wrong with a regexp, without the package's own
// prefix.
func regexpComplaint(err error) string {
	var e *syntax.Error
	if errors.As(err, &e) {
		return fmt.Sprintf("%s: %s", e.Code, strings.TrimPrefix(e.Expr, "(?i)"))
	}
	return err.Error()
}
