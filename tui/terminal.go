package tui

import (
	"io"
	"os"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
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

// wholeScreen makes the terminal scroll as a whole again, and draws everything. While a
// terminal grows, a frame may be on its way that scrolls a part of it: the renderer then
// ends the scroll region at what was the last line, and from the next frame on, text that
// goes beyond that line scrolls the lines above it away.
func wholeScreen() tea.Cmd {
	return tea.Sequence(tea.Raw(ansi.SetTopBottomMargins(0, 0)), tea.ClearScreen)
}
