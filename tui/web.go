package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

// web returns the address for browsers, and how a page came to show the last save.
func (l look) web(s engine.State) []cells.Segment {
	if s.Web.Addr == "" {
		return nil
	}
	segments := []cells.Segment{{Row: cells.Row{l.Accent.Of(strings.TrimPrefix(s.Web.Addr, "http://"))}, Weight: 45}}
	if s.Web.LAN != "" {
		segments[0].Row = append(segments[0].Row, l.Warn.Of(" + LAN"))
	}
	if n := s.Web.Tabs; n > 0 {
		segments = append(segments, cells.Segment{Row: cells.Row{l.Dim.Of(words.Tabs(n))}, Weight: 33})
	}
	if e := s.Web.Shown; e != nil {
		segments = append(segments, cells.Segment{Row: cells.Row{l.Dim.Of(words.Tier(e.Tier) + " "), l.Text.Of(words.Took(e.Took))}, Weight: 35})
	}
	return segments
}

// browse opens the address in the browser, or shows it for another device first.
func (m model) browse() (model, tea.Cmd) {
	if m.state.Web.LAN != "" {
		return m.turnTo(phone{})
	}
	return m.browseHere()
}

func (m model) browseHere() (model, tea.Cmd) {
	switch web := m.state.Settings.Web; {
	case m.state.Web.Addr == "" && web.Port == 0 && web.Offer > 0:
		m.flash = fmt.Sprintf("the program is served at http://127.0.0.1:%d from now on", web.Offer)
		return m.send(engine.OpenWeb{})
	case m.state.Web.Addr == "":
		m.flash = "there is no web address: set web.port, or start hotdev with --web"
		return m, nil
	case m.opts.Browse == nil:
		m.flash = "no browser was found"
		return m, nil
	}
	addr := m.state.Web.Addr
	command := m.opts.Browse(addr)
	return m, func() tea.Msg {
		if err := command.Run(); err != nil {
			return openedMsg{cells.Clean(fmt.Sprintf("no browser was opened (%v): go to %s", err, addr))}
		}
		return openedMsg{}
	}
}

func browseWord(m model) (string, int) {
	if m.state.Web.Addr == "" || m.opts.Browse == nil {
		return "browser", 0
	}
	return "browser", 25
}
