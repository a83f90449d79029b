package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/tui/internal/pager"
)

// feed is the log as the Process pane shows it.
func (m model) feed() pager.Feed { return m.process.Feed(m.look.Look, m.log()) }

// outputSize is the room that the log has on the screen; nothing if it is not
// seen.
func (m model) outputSize() (w, h int) {
	r := m.layout().body(processPane)
	if r.empty() {
		return 0, 0
	}
	return r.w, max(0, m.process.room(m.look, m.state, r.w, r.h)-m.lineRows())
}

// sift goes on with what is not known yet of the filter and the search.
func (m model) sift() (model, tea.Cmd) {
	var cmd tea.Cmd
	m.process.Output, cmd = m.feed().Sift()
	return m, cmd
}

// sifted takes an answer.
func (m model) sifted(msg pager.Sifted) (model, tea.Cmd) {
	w, h := m.outputSize()
	m.process.Output = m.feed().Take(msg, w, h)
	return m.sift()
}

// refollow follows the end again where a filter left nothing below what is held.
func (m model) refollow() model {
	w, h := m.outputSize()
	m.process.Output = m.feed().Refollow(w, h)
	return m
}

// toMatch goes to the next match, or with by < 0 to the one before.
func (m model) toMatch(by int) model {
	w, h := m.outputSize()
	m.process.Output = m.feed().ToMatch(by, w, h)
	return m
}
