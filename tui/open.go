package tui

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/tui/internal/cells"
	"github.com/hotdev/hotdev/tui/internal/sheet"
)

type (
	// readyMsg: the editor's command is known.
	readyMsg struct {
		command  Command
		terminal bool
	}
	// openedMsg: the editor has ended, or could not be started.
	openedMsg struct{ complaint string }
)

// open opens the chosen location in the editor, or unfolds the chosen fold.
func (m model) open() (model, tea.Cmd) {
	all := m.items()
	if len(all) == 0 || m.opts.Open == nil {
		return m, nil
	}
	if all[m.selected].Folded {
		return m.unfold(), nil
	}
	at := all[m.selected].At
	if at.File == "" {
		m.flash = "this message names no file"
		return m, nil
	}
	return m.edit(at)
}

// edit opens a place in the editor.
func (m model) edit(at sheet.Place) (model, tea.Cmd) {
	if m.opts.Open == nil {
		return m, nil
	}
	return m, func() tea.Msg {
		c, terminal, err := m.opts.Open(at.File, at.Line, at.Column)
		if err != nil {
			return complaint(err)
		}
		return readyMsg{c, terminal}
	}
}

// launch runs the editor, in the terminal or beside the screen.
func (m model) launch(r readyMsg) (tea.Model, tea.Cmd) {
	if r.terminal {
		return m, tea.Exec(unhurried{r.command}, func(err error) tea.Msg { return complaint(err) })
	}
	return m, func() tea.Msg { return complaint(r.command.Run()) }
}

// unhurried is a command that waits a moment before it runs. Bubble Tea stops the
// ticker of its renderer on another goroutine, without waiting, and starts the same
// ticker again after the command. If a command fails at once (for example without an
// editor), the start could come first, and the screen would never be drawn again.
type unhurried struct{ Command }

func (u unhurried) Run() error {
	time.Sleep(20 * time.Millisecond) // not noticeable compared with an editor's start
	return u.Command.Run()
}

func complaint(err error) tea.Msg {
	if err == nil {
		return openedMsg{}
	}
	return openedMsg{cells.Clean(fmt.Sprintf("open: %v", err))}
}
