package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/tui/internal/cells"
)

// A page hides the panes until it is closed. It stores how it is displayed; its content
// comes from the state.
type page interface {
	// press handles a key; if it returns a nil page, the page closes.
	press(m model, k tea.KeyPressMsg) (model, page, tea.Cmd)
	// view returns the border and the lines in it, for w by h cells.
	view(m model, w, h int) (cells.Box, []string)
	// scroll handles the wheel.
	scroll(m model, by int) page
}

// turnTo opens a page, replacing an open one.
func (m model) turnTo(p page) (model, tea.Cmd) {
	m.page = p
	return m, nil
}

// opened is the open page as a cover.
type opened struct{ page }

func (o opened) press(m model, k tea.KeyPressMsg) (model, tea.Cmd, bool) {
	m, next, cmd := o.page.press(m, k)
	m.page = next
	return m, cmd, true
}

func (opened) click(m model, _ tea.MouseClickMsg) (model, bool) {
	m.page = nil
	return m, true
}

func (o opened) wheel(m model, _, _, by int) (model, bool) {
	m.page = o.scroll(m, by)
	return m, true
}

func (opened) footer(m model, w int) string {
	l := m.look
	return l.Paint(cells.Row{l.Bold.Of(" esc"), l.Dim.Of(" closes the page")}, w)
}

// A list is a cursor over n rows, of which h are visible: the common part of the pages
// and the Packages pane.
type list struct{ at, top int }

// move moves the cursor by rows, within n.
func (l list) move(n, by int) list {
	l.at = max(0, min(l.at+by, n-1))
	return l
}

// window returns the range of n rows that is visible in h, including the cursor.
func (l list) window(n, h int) (from, to int) {
	top := l.top
	if l.at < top {
		top = l.at
	}
	if l.at >= top+h {
		top = l.at - h + 1
	}
	return cells.Window(n, h, top)
}

// steps returns how far a key moves a cursor over a list with pages of h rows; ok is
// false for any other key.
func steps(k string, h int) (by int, ok bool) {
	switch k {
	case "up", "k":
		return -1, true
	case "down", "j":
		return 1, true
	case "pgup":
		return -h, true
	case "pgdown", "space":
		return h, true
	case "g", "home":
		return -far, true
	case "G", "end":
		return far, true
	}
	return 0, false
}
