package tui

import (
	"io"
	"os"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/term"
)

// IsTerminal reports whether w is a terminal that a screen can be drawn on.
func IsTerminal(w io.Writer) bool {
	f, ok := w.(term.File)
	return ok && term.IsTerminal(f.Fd())
}

// OpenKeyboard opens the controlling terminal for reading, whatever stdin is. An error
// means that there is no such terminal.
func OpenKeyboard() (*os.File, error) {
	in, out, err := tea.OpenTTY()
	if err != nil {
		return nil, err
	}
	if out != in { // Windows has a separate file for each
		out.Close()
	}
	return in, nil
}
