package tui

import (
	"context"
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/profiler"
	"github.com/hotdev/hotdev/runner"
)

// The page of profiles: a menu, a profile that takes a while, its table, its places.
func TestProfiles(t *testing.T) {
	m := screen(stateUp(), 110, 14)
	m.state.Process.Usage.Ports = []runner.Port{{Addr: "[::]:8080"}}
	if next, _ := m.openProfiles(); next.page != nil || next.flash == "" {
		t.Error("nobody takes profiles, and there is a page")
	}
	var asked []string
	var opened, shown string
	answer := error(nil)
	m.opts.Profile = func(_ context.Context, _ int, k profiler.Kind, addrs []string) (profiler.Profile, error) {
		asked = append(asked, k.Name+" "+strings.Join(addrs, " "))
		return profiler.Profile{Kind: k, File: "/cache/1-cpu.pb.gz", From: "http://127.0.0.1:8080", Unit: "nanoseconds", Total: 2e9, Rows: []profiler.Row{
			{Function: "runtime.memmove", File: "/go/src/runtime/memmove.s", Line: 30, Flat: 12e8, Cum: 12e8, Library: true},
			{Function: "main.copies", File: module + "/main.go", Line: 12, Flat: 8e8, Cum: 19e8},
			{Function: "main.\x1b[31mmain", File: module + "/main.go", Line: 5, Cum: 2e9},
		}}, answer
	}
	m.opts.Open = func(file string, line, _ int) (Command, bool, error) {
		opened = file
		return nil, false, errors.New("no editor")
	}
	m.opts.ShowProfile = func(p profiler.Profile) (string, error) { shown = p.File; return "http://127.0.0.1:1234", nil }

	down := m
	down.state.Process.Phase = engine.Down
	if next, _ := down.openProfiles(); next.page != nil {
		t.Error("nothing runs, and there is a menu")
	}
	m, _ = m.openProfiles()
	lines := func() string {
		_, lines := m.page.view(m, 108, 11)
		for i, l := range lines {
			lines[i] = strings.TrimRight(ansi.Strip(l), " ")
		}
		return strings.Join(lines, "\n")
	}
	do := func(keys string) (cmd tea.Cmd) {
		for _, k := range keys {
			msg := tea.KeyPressMsg{Text: string(k), Code: k}
			switch k {
			case '\n':
				msg = tea.KeyPressMsg{Code: tea.KeyEnter}
			case '\x1b':
				msg = tea.KeyPressMsg{Code: tea.KeyEscape}
			}
			m, cmd = m.press(msg)
		}
		return cmd
	}
	take := func(msg tea.Msg) {
		next, _ := m.take(msg)
		m = next.(model)
	}
	holds := func(what string, texts ...string) {
		t.Helper()
		for _, text := range texts {
			if !strings.Contains(lines(), text) {
				t.Errorf("%s: %q is missing in\n%s", what, text, lines())
			}
		}
	}
	holds("the menu", "cpu", "heap", "trace")
	do("jjjj")
	holds("block chosen", "SetBlockProfileRate")
	do("g")

	cmd := do("\n")
	holds("taking", "10 s")
	late := cmd()
	do("\x1b") // gives up
	take(late)
	holds("what comes late changes nothing", "heap")

	take(do("\n")())
	if asked[len(asked)-1] != "cpu [::]:8080" {
		t.Errorf("asked for %q", asked)
	}
	want := `/cache/1-cpu.pb.gz
2.0 s in all, from http://127.0.0.1:8080
        own        with calls        function and place
▸     1.2 s   60%       1.2 s   60%  runtime.memmove  /go/src/runtime/memmove.s:30
     800 ms   40%       1.9 s   95%  main.copies  main.go:12
       0 ms    0%       2.0 s  100%  main.main  main.go:5`
	if got := lines(); got != want {
		t.Errorf("have\n%s\nwant\n%s", got, want)
	}
	do("c")
	if got := lines(); strings.Index(got, "main.main") > strings.Index(got, "memmove") {
		t.Errorf("by calls:\n%s", got)
	}
	do("x")
	if got := lines(); strings.Contains(got, "memmove") {
		t.Errorf("own code:\n%s", got)
	}
	take(do("j\n")())
	if opened != module+"/main.go" || !strings.Contains(m.flash, "no editor") {
		t.Errorf("opened %q, %q", opened, m.flash)
	}
	take(do("w")())
	if shown != "/cache/1-cpu.pb.gz" || !strings.Contains(m.flash, "http://127.0.0.1:1234") {
		t.Errorf("shown %q, %q", shown, m.flash)
	}
	answer = errors.New("no port of the program has it")
	take(do("\x1bj\n")())
	holds("it failed", "no port of the program has it", "goroutines")
	do("\x1b")
	if m.page != nil {
		t.Error("esc leaves the menu open")
	}
}

// Where there is no room, the package's path goes, not the place.
func TestProfileRow(t *testing.T) {
	m := screen(stateUp(), 110, 14)
	p := profiles{taken: &profiler.Profile{Unit: "count", Total: 4}}
	r := profiler.Row{Function: "example.com/app/goods.Sort[example.com/app/x.T]", File: module + "/goods/sort.go", Line: 12, Flat: 1, Cum: 4}
	for w, want := range map[int]string{
		110: "          1   25%           4  100%  example.com/app/goods.Sort[example.com/app/x.T]  goods/sort.go:12",
		90:  "          1   25%           4  100%  goods.Sort[example.com/app/x.T]  goods/sort.go:12",
		80:  "          1   25%           4  100%  goods.Sort[example.com/app/x.T]  sort.go:12",
	} {
		if got := strings.TrimRight(ansi.Strip(m.look.Paint(p.row(m, r, w, false), w)), " "); got != want {
			t.Errorf("in %d cells: %q", w, got)
		}
	}
}
