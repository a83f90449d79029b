package tui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/hotdev/hotdev/engine"
)

// The page of requests shows the newest first, filters by what is typed, and asks for
// more as long as it is open.
func TestRequests(t *testing.T) {
	at := time.Date(2026, 1, 1, 12, 30, 5, 0, time.UTC)
	all := []Request{
		{At: at, Method: "GET", Path: "/api/items?n=1", Status: 200, Took: 12 * time.Millisecond, Size: 5000},
		{At: at, Method: "POST", Path: "/api/items", Status: 502, Took: time.Second, Cut: true, Panicked: true},
		{At: at, Method: "GET", Path: "/\x1b[31m", Status: 404, Took: 3 * time.Millisecond, Size: 19},
	}
	m := screen(engine.State{}, 100, 12)
	if next, cmd := m.openRequests(); cmd != nil || !strings.Contains(next.flash, "web.port") {
		t.Errorf("%q", next.flash)
	}
	m.opts.Requests = func(int) []Request { return append([]Request{}, all...) }
	m.state.Settings.Web.Port = 7777
	m, cmd := m.openRequests()
	take := func(msg tea.Msg) (more tea.Cmd) {
		next, more := m.take(msg)
		m = next.(model)
		return more
	}
	if take(cmd()) == nil {
		t.Error("the page does not look again")
	}
	lines := func() string {
		_, lines := m.page.view(m, 98, 9)
		for i, l := range lines {
			lines[i] = strings.TrimRight(ansi.Strip(l), " ")
		}
		return strings.Join(lines, "\n")
	}
	type_ := func(text string) {
		for _, r := range text {
			m, _ = m.press(tea.KeyPressMsg{Text: string(r), Code: r})
		}
	}
	want := `/ ▏
12:30:05 404       3 ms       19 B  GET  /
12:30:05 panic    1.0 s        0 B  POST /api/items
12:30:05 200      12 ms       5 kB  GET  /api/items?n=1`
	if got := lines(); got != want {
		t.Errorf("have\n%s\nwant\n%s", got, want)
	}
	type_("items !panic")
	if got := lines(); strings.Contains(got, "404") || strings.Contains(got, "POST") || !strings.Contains(got, "n=1") {
		t.Errorf("items !panic:\n%s", got)
	}
	type_(" api/other")
	if got := lines(); !strings.Contains(got, "none of 3 requests matches") {
		t.Errorf("nothing fits:\n%s", got)
	}
	m, _ = m.press(tea.KeyPressMsg{Code: tea.KeyEscape})
	if m.page != nil {
		t.Error("esc leaves the page open")
	}
	if take(requestsMsg{}) != nil {
		t.Error("a page that is closed looks again")
	}
}
