package tui

import (
	tea "charm.land/bubbletea/v2"
)

// A page covers the panes until it is closed. It stores how it is looked at;
// what it shows comes from the state.
type page interface {
	// press answers a key; a nil page closes it.
	press(m model, k tea.KeyPressMsg) (model, page, tea.Cmd)
	// box and view are as a pane's; h is the height inside of the border.
	box(m model) box
	view(m model, w, h int) (lines []string, foot string)
	// scroll is the wheel's.
	scroll(m model, by int) page
}

// cover opens a page in place of the one there is.
func (m model) cover(p page) (model, tea.Cmd) {
	m.page = p
	return m, nil
}

// turnPage hands a key to the page.
func (m model) turnPage(k tea.KeyPressMsg) (tea.Model, tea.Cmd) {
	if k.String() == "ctrl+c" {
		return m.quit()
	}
	m, next, cmd := m.page.press(m, k)
	m.page = next
	return m, cmd
}

// drawPage puts the page where the panes stand.
func (m model) drawPage(lay layout, out []string) []string {
	in := m.pageArea(lay)
	lines, foot := m.page.view(m, in.w, in.h)
	if lay.bare {
		lines = append(lines, blank(in.w, in.h-len(lines))...)
	} else {
		b := m.page.box(m)
		b.foot, b.focused = foot, true
		lines = m.look.draw(b, m.width, m.height-2, lines)
	}
	copy(out[1:], lines)
	return out
}

// A list is a cursor over n rows of which h are seen: what the pages and the
// Packages pane have in common.
type list struct{ at, top int }

// move puts the cursor by rows further, within n.
func (l list) move(n, by int) list {
	l.at = max(0, min(l.at+by, n-1))
	return l
}

// window is what of n rows is seen in h, the cursor among it.
func (l list) window(n, h int) (from, to int) {
	top := l.top
	if l.at < top {
		top = l.at
	}
	if l.at >= top+h {
		top = l.at - h + 1
	}
	return window(n, h, top)
}

// steps is how far a key moves a cursor over a list with pages of h rows; false
// if it is no such key.
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
