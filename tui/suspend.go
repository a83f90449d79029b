package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/tui/internal/cells"
)

// suspendMsg: somebody asked from outside (SIGTSTP).
type suspendMsg struct{}

// awaitSuspend waits until somebody asks.
func (m model) awaitSuspend() tea.Cmd {
	if m.asked == nil {
		return nil
	}
	return func() tea.Msg {
		select {
		case <-m.asked:
			return suspendMsg{}
		case <-m.done:
			return nil
		}
	}
}

// suspend gives the terminal back to the shell until hotdev is continued; the
// screen is then drawn anew, at the size that the terminal has by then. (Bubble
// Tea's own Suspend waits for ever where there is no shell.)
func (m model) suspend() (model, tea.Cmd) {
	if m.opts.Suspend == nil {
		m.flash = "hotdev cannot be suspended here"
		return m, nil
	}
	return m, suspend(m.opts.Suspend)
}

func suspend(c Command) tea.Cmd {
	return tea.Exec(unhurried{c}, func(err error) tea.Msg {
		if err == nil {
			return openedMsg{}
		}
		return openedMsg{cells.Clean(fmt.Sprintf("suspend: %v", err))}
	})
}
