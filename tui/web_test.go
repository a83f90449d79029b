package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/hotdev/hotdev/engine"
)

// The header has the web address and what a page did last; O opens it, or says how
// there would be one.
func TestWeb(t *testing.T) {
	m := screen(engine.State{}, 160, 24)
	opened := ""
	m.opts.Browse = func(address string) Command { opened = address; return &fakeEditor{} }
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
	if got := m.look.header(m.state, nil, time.Time{}, 160); !strings.Contains(ansi.Strip(got), "127.0.0.1:7777   morphed 63 ms") {
		t.Errorf("%q", ansi.Strip(got))
	}
}
