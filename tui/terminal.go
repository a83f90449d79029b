package tui

import (
	"io"

	"github.com/charmbracelet/x/term"
)

// IsTerminal reports whether w is a terminal that a screen can be drawn on.
func IsTerminal(w io.Writer) bool {
	f, ok := w.(term.File)
	return ok && term.IsTerminal(f.Fd())
}
