package tui

import (
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/hotdev/hotdev/engine"
)

// The header has the web address and what a page did last; O opens it, or says how
// there would be one.
func TestWeb(t *testing.T) {
	m := screen(engine.State{}, 160, 24)
	opened := ""
	m.opts.Browse = func(address string) Command {
		opened = address
		return &fakeEditor{ran: make(chan struct{}), err: errors.New("exit status 3")}
	}
	next, cmd := m.browse()
	if cmd != nil || !strings.Contains(next.flash, "web.port") {
		t.Errorf("%q", next.flash)
	}
	m.state.Settings.Web.Offer = 7777
	if next, _ = m.browse(); !strings.Contains(next.flash, "127.0.0.1:7777") {
		t.Errorf("%q", next.flash)
	}
	m.state.Web = engine.WebState{Addr: "http://127.0.0.1:7777", Shown: &engine.Shown{Tier: "morph", Took: 63 * time.Millisecond}}
	if _, cmd = m.browse(); cmd == nil || opened != "http://127.0.0.1:7777" {
		t.Errorf("opened %q", opened)
	}
	if msg := cmd().(openedMsg); !strings.Contains(msg.complaint, "exit status 3") || !strings.Contains(msg.complaint, "http://127.0.0.1:7777") {
		t.Errorf("where there is no browser it says %q", msg.complaint)
	}
	if got := m.look.header(m.state, nil, time.Time{}, 160); !strings.Contains(ansi.Strip(got), "127.0.0.1:7777   morphed 63 ms") {
		t.Errorf("%q", ansi.Strip(got))
	}
}

// With an address in the local network, O shows it for a camera first; enter opens the
// browser here. The header says how many tabs there are.
func TestPhone(t *testing.T) {
	m := screen(engine.State{}, 160, 40)
	opened := ""
	m.opts.Browse = func(address string) Command { opened = address; return &fakeEditor{} }
	m.state.Web = engine.WebState{Addr: "http://127.0.0.1:7777", LAN: "http://192.168.1.5:7777", Tabs: 2}
	if got := ansi.Strip(m.look.header(m.state, nil, time.Time{}, 160)); !strings.Contains(got, "127.0.0.1:7777 + LAN   2 tabs") {
		t.Errorf("%q", got)
	}
	m, cmd := m.browse()
	if cmd != nil || m.page == nil {
		t.Fatal("O opens no page")
	}
	_, lines := m.page.view(m, 100, 30)
	text := ansi.Strip(strings.Join(lines, "\n"))
	if !strings.Contains(text, "http://192.168.1.5:7777") || !strings.Contains(text, "source lines") || strings.Count(text, "█") < 50 {
		t.Errorf("the page is\n%s", text)
	}
	if _, lines := m.page.view(m, 100, 10); strings.Contains(strings.Join(lines, ""), "█") {
		t.Error("half a code")
	}
	m, cmd = m.press(tea.KeyPressMsg{Code: tea.KeyEnter})
	if m.page != nil || cmd == nil || opened != "http://127.0.0.1:7777" {
		t.Errorf("enter opens %q", opened)
	}
	if m, _ = m.browse(); m.page != nil {
		m, _ = m.press(tea.KeyPressMsg{Code: tea.KeyEscape})
	}
	if m.page != nil {
		t.Error("esc leaves the page open")
	}
}

// While one program takes over from another, the header says how far that is.
func TestBeside(t *testing.T) {
	s := engine.State{Process: engine.ProcessState{Phase: engine.Up, Life: engine.Life{Gen: 3}}}
	for want, b := range map[string]engine.Beside{
		"gen 4 starting":      {Life: engine.Life{Gen: 4}, Phase: engine.Starting, Coming: true},
		"gen 4 not ready yet": {Life: engine.Life{Gen: 4}, Phase: engine.Up, Coming: true},
		"gen 2 stopping":      {Life: engine.Life{Gen: 2}, Phase: engine.Stopping},
	} {
		s.Process.Beside = &b
		m := screen(s, 160, 24)
		if got := ansi.Strip(m.look.header(s, nil, time.Time{}, 160)); !strings.Contains(got, "gen 3   "+want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
