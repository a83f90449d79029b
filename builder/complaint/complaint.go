// Package complaint turns what the toolchain prints into diagnostics.
//
// It knows the messages of the go command, the compilers and the linkers, and how to
// find the source that they refer to. It knows nothing of running a tool, or of builds:
// its caller passes the lines of a tool's output, and answers questions about the
// packages by a [Report]'s functions.
//
// # Theory of operation
//
// One parser reads everything, line by line. A line is understood, belongs to the line
// before it, or becomes a message as it is; no line is lost because it was not
// understood. When the output ends, each diagnostic gets the source lines around its
// place, suggestions for misspelt names, and a mark if it follows from an earlier one.
// All text is bounded and printable.
package complaint

import "strconv"

// A Diagnostic is one complaint of the toolchain (or of a Before command).
type Diagnostic struct {
	// Package is an import path; empty if the complaint belongs to none.
	Package string `json:"package,omitempty"`
	// File is absolute; empty if the complaint has no place. Line and Column
	// count from 1, in bytes; 0 is unknown.
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	// Message is one line. More are its continuation lines, unindented.
	Message string   `json:"message"`
	More    []string `json:"more,omitempty"`
	// Excerpt are the source lines around Line, read right after the build, without
	// line ends; First is the number of the first. Empty if the file cannot be read.
	Excerpt []string `json:"excerpt,omitempty"`
	First   int      `json:"first,omitempty"`
	// Suggest are names in scope that may have been meant, the nearest first.
	Suggest []string `json:"suggest,omitempty"`
	// Echo: this diagnostic follows from an earlier one of the same build, and will
	// probably disappear with it.
	Echo bool `json:"echo,omitempty"`
}

// String returns the diagnostic in one line, as a compiler prints it.
func (d Diagnostic) String() string {
	if d.File == "" {
		return d.Message
	}
	s := d.File
	for _, n := range []int{d.Line, d.Column} {
		if n == 0 {
			break
		}
		s += ":" + strconv.Itoa(n)
	}
	return s + ": " + d.Message
}
