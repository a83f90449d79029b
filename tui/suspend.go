package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/tui/internal/cells"
)

// suspendMsg: the process received a request to suspend (SIGTSTP).
type suspendMsg struct{}

// awaitSuspend waits for such a request.
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

// suspend returns the terminal to the shell until hotdev is continued; the screen is
// then redrawn, at the terminal's size at that time. (Bubble Tea's own Suspend waits
// for ever if there is no shell.)
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
