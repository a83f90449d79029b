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

// A Place is where a key is set.
type Place struct {
	File         string // as in an Error
	Line, Column int
	Key          string // in full, such as run.dir
}

// Error is a mistake in the key there; text continues a sentence that the
// key begins.
func (p Place) Error(text string) *Error {
	return &Error{File: p.File, Line: p.Line, Column: p.Column, Message: p.Key + text}
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
