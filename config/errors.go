package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// An Error is one thing that is wrong at one place of a file.
type Error struct {
	// File is the path as it was given to [Load] or [Environ].
	File string
	// Line and Column count from 1, the column in bytes, as the go command's do.
	// Column is 0 where only the line is known.
	Line, Column int
	// Message is one line, without the place.
	Message string
}

func (e *Error) Error() string {
	if e.Column == 0 {
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// Errors are all that is wrong, in the order of the files. There is at least
// one. The text is a line each.
type Errors []*Error

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As find an *Error.
func (e Errors) Unwrap() []error {
	errs := make([]error, len(e))
	for i, one := range e {
		errs[i] = one
	}
	return errs
}

// sorted is e as an error, in the order of one file; nil if there is none.
func (e Errors) sorted() error {
	if len(e) == 0 {
		return nil
	}
	slices.SortStableFunc(e, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Message, b.Message))
	})
	return e
}

// Nearest is the one of known that word was most likely meant to be, or "" if
// none is near. Letters' case does not count; of equally near ones the first
// wins.
func Nearest(word string, known []string) string {
	best, least := "", -1
	a := []rune(strings.ToLower(word))
	for _, k := range known {
		b := []rune(strings.ToLower(k))
		n := distance(a, b)
		// A third of the letters may be wrong. More of them, and any short word
		// would be near to any other.
		if n <= max(len(a), len(b))/3 && (least < 0 || n < least) {
			best, least = k, n
		}
	}
	return best
}

// distance counts the letters to insert, delete, replace or swap with their
// neighbour on the way from a to b.
func distance(a, b []rune) int {
	// Three rows of the usual table: two back (for swaps), the last, and this.
	var two []int
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], two[j-1]+1)
			}
		}
		two, last = last, row
	}
	return last[len(b)]
}
