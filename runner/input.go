package runner

import (
	"io"
	"os"
)

// An input is what a program reads: its terminal, a pipe, or nothing.
type input struct {
	screen *os.File // our end of the terminal, which is also where its output comes from
	pipe   *os.File
}

// Input is what the program reads: its terminal, or the pipe of Spec.Input; nil if it
// has neither. A write blocks while the program does not read, and fails once nothing
// of its tree is alive. Close ends the input where it is a pipe; a terminal has no end.
// Calls of Write come one at a time.
func (p *Process) Input() io.WriteCloser {
	switch {
	case p.input.screen != nil:
		return endless{p.input.screen}
	case p.input.pipe != nil:
		return p.input.pipe
	}
	return nil
}

// Terminal reports whether that is a terminal.
func (p *Process) Terminal() bool { return p.input.screen != nil }

// Resize gives the program's terminal another size, which its foreground is told of
// (SIGWINCH). It does nothing if there is no terminal.
func (p *Process) Resize(rows, cols uint16) error { return resize(p.input.screen, rows, cols) }

// end is called when nothing of the tree is alive. The terminal is closed with the
// output, which is read to its end first.
func (i input) end() {
	if i.pipe != nil {
		i.pipe.Close() // again, perhaps
	}
}

// endless is a writer whose Close does nothing.
type endless struct{ io.Writer }

func (endless) Close() error { return nil }
