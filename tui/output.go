package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/tui/internal/pager"
)

// feed returns the log for the Process pane.
func (m model) feed() pager.Feed { return m.process.Feed(m.look.Look, m.log()) }

// outputSize returns the size of the log on the screen; zero if it is not visible.
func (m model) outputSize() (w, h int) {
	r := m.layout().body(processPane)
	if r.empty() {
		return 0, 0
	}
	return r.w, max(0, m.process.room(m.look, m.state, r.w, r.h)-m.lineRows())
}

// sift continues filtering and searching if some results are not known yet.
func (m model) sift() (model, tea.Cmd) {
	var cmd tea.Cmd
	m.process.Output, cmd = m.feed().Sift()
	return m, cmd
}

// sifted takes the results of sift.
func (m model) sifted(msg pager.Sifted) (model, tea.Cmd) {
	w, h := m.outputSize()
	m.process.Output = m.feed().Take(msg, w, h)
	return m.sift()
}

// refollow follows the end again if the filter has left nothing below the top line.
func (m model) refollow() model {
	w, h := m.outputSize()
	m.process.Output = m.feed().Refollow(w, h)
	return m
}

// toMatch moves to the next match, or with by < 0 to the previous one.
func (m model) toMatch(by int) model {
	w, h := m.outputSize()
	m.process.Output = m.feed().ToMatch(by, w, h)
	return m
}
