package tui

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/tui/internal/cells"
	"github.com/hotdev/hotdev/tui/internal/pager"
)

// run gives the model after a command and all that follow from it.
func run(m model, cmd tea.Cmd) model {
	if cmd == nil {
		return m
	}
	switch msg := cmd().(type) {
	case tea.BatchMsg:
		for _, c := range msg {
			m = run(m, c)
		}
		return m
	case pager.Sifted, pagerMsg, openedMsg:
		next, cmd := m.Update(msg)
		return run(next.(model), cmd)
	}
	return m
}

// keys types, and waits for what is searched to be found.
func keys(m model, text string) model {
	for _, r := range text {
		k := key(r)
		switch r {
		case '\n':
			k = tea.KeyPressMsg{Code: tea.KeyEnter}
		case '\x1b':
			k = tea.KeyPressMsg{Code: tea.KeyEscape}
		}
		next, cmd := m.Update(k)
		m = run(next.(model), cmd)
	}
	return m
}

func counted(l engine.Log, from, n int) engine.Log {
	for i := range n {
		l = l.Append(1, runner.Line{Stream: runner.Stdout, Text: fmt.Sprintf("line %d", from+i)})
	}
	return l
}

// grown gives the model after its log has grown.
func grown(m model, log engine.Log) model {
	m.state.Log = log
	m, cmd := m.sift()
	return run(m, cmd)
}

// TestStaleSearch: what an older search found changes nothing.
func TestStaleSearch(t *testing.T) {
	m := screen(stateUp(), 80, 24)
	m.state.Log = counted(engine.Log{}, 0, 1000)
	next, _ := m.Update(key('/'))
	m = next.(model)
	next, old := m.Update(key('7'))
	m = next.(model)
	next, newer := m.Update(key('9'))
	m = run(run(next.(model), newer), old)
	if got := m.process.Matches.Count(0, 1000); got != 20 {
		t.Errorf("79 is found in %d lines, want 20", got)
	}
}

// TestSearch: the nearest match is chosen, n and N go round, esc in the prompt
// goes back, and n is for errors again after it.
func TestSearch(t *testing.T) {
	m := screen(stateBroken(), 120, 36)
	m.state.Log = counted(engine.Log{}, 0, 100_000)
	for i := range 20 {
		m.state.Log = m.state.Log.Append(1, runner.Line{Stream: runner.Stderr, Text: fmt.Sprintf("ERROR %d", i)})
	}
	m.state.Log = counted(m.state.Log, 100_000, 100_000)
	before := m.process.Tail
	m = keys(m, "/error")
	if !m.process.Chosen || m.process.Match != 100_019 {
		t.Fatalf("line %d is chosen", m.process.Match)
	}
	w, h := m.outputSize()
	rows, _ := m.process.Tail.Visible(m.feed(), w, h)
	if !strings.Contains(ansi.Strip(strings.Join(rows, "\n")), "ERROR 19") {
		t.Errorf("it is not seen: %q", rows)
	}
	if m = keys(m, "\x1b"); m.process.Search.Text != "" || m.process.Tail != before {
		t.Error("esc in the prompt does not go back")
	}
	m = keys(m, "/error\n")
	for _, c := range []struct {
		key  string
		want int
	}{{"n", 100_000}, {"N", 100_019}, {"N", 100_018}, {"nn", 100_000}} {
		if m = keys(m, c.key); m.process.Match != c.want {
			t.Errorf("%s leads to line %d, want %d", c.key, m.process.Match, c.want)
		}
	}
	if got, want := m.process.Foot(m.look.Look, m.state.Log), "search: error 1/20"; !strings.HasPrefix(got, want) {
		t.Errorf("the border says %q", got)
	}
	selected := m.selected
	if m = keys(m, "\x1bn"); m.process.Search.Text != "" || m.selected == selected {
		t.Error("after esc, n does not lead to the next error")
	}
}

// TestFilterPrompt: it filters while it is typed, a bad regexp keeps the filter
// before it, a search is within what is shown, and esc ends first the one and
// then the other.
func TestFilterPrompt(t *testing.T) {
	m := screen(stateUp(), 120, 36)
	m.state.Log = counted(engine.Log{}, 0, 3411)
	lines := func() string {
		w, h := m.outputSize()
		rows, _ := m.process.Tail.Visible(m.feed(), w, h)
		var last []string
		for _, r := range rows[max(0, len(rows)-2):] {
			last = append(last, strings.TrimSpace(ansi.Strip(r)))
		}
		return strings.Join(last, ", ")
	}
	m = keys(m, "f7[12]$")
	if got, want := lines(), "line 3371, line 3372"; got != want {
		t.Errorf("shows %q, want %q", got, want)
	}
	if m = keys(m, "("); m.prompt.complaint == "" || lines() != "line 3371, line 3372" || keys(m, "\n").prompt.asking == nothing {
		t.Errorf("a bad regexp: %q, shows %q", m.prompt.complaint, lines())
	}
	m.prompt.input.SetValue("7[12]$")
	m = keys(grown(m.typed("7[12]$"), m.state.Log), "\n")
	if got, want := m.process.Foot(m.look.Look, m.state.Log), "filter: 7[12]$  68 of 3,411 lines"; got != want {
		t.Errorf("the border says %q, want %q", got, want)
	}
	m = grown(m, counted(m.state.Log, 3411, 100))
	if got, want := lines(), "line 3471, line 3472"; got != want {
		t.Errorf("grown, it shows %q, want %q", got, want)
	}
	m = keys(m, "/2\n")
	if got, want := m.process.Foot(m.look.Look, m.state.Log), "search: 2 "; !strings.HasPrefix(got, want) || strings.Contains(lines(), "3473") {
		t.Errorf("the border says %q", got)
	}
	if m = keys(m, "\x1b"); m.process.Search.Text != "" || m.process.Only.Text == "" {
		t.Error("the first esc ends more than the search")
	}
	if m = keys(m, "\x1b"); m.process.Only.Active() {
		t.Error("the second esc does not end the filter")
	}
	if m = keys(m, "|"); lines() != "" {
		t.Errorf("of stderr it shows %q", lines())
	}
	m = grown(m, m.state.Log.Append(1, runner.Line{Stream: runner.Stderr, Text: "oh no"}, runner.Line{Stream: runner.Stderr, Text: "wait", Partial: true}))
	if got, want := lines(), "▎ oh no, ▎ wait"; got != want {
		t.Errorf("of stderr it shows %q, want %q", got, want)
	}
	m = keys(m, "|.")
	m = grown(m, m.state.Log.Mark(2, engine.Mark{Gen: 2}).Append(2, runner.Line{Text: "new"}))
	if got := lines(); !strings.HasPrefix(got, "── gen 2") || !strings.HasSuffix(got, "new") {
		t.Errorf("of this generation it shows %q", got)
	}
}

// clipboard gives what a command copies.
func clipboard(cmd tea.Cmd) string {
	if cmd == nil {
		return ""
	}
	return fmt.Sprintf("%s", cmd())
}

func TestSelectLines(t *testing.T) {
	m := screen(stateUp(), 120, 36)
	m = keys(m, "v")
	up, down := tea.KeyPressMsg{Code: tea.KeyUp}, tea.KeyPressMsg{Code: tea.KeyDown}
	m = press(m, up, up, up, down)
	if got := m.process.Foot(m.look.Look, m.state.Log); !strings.HasPrefix(got, "3 lines selected") {
		t.Errorf("the border says %q", got)
	}
	next, cmd := m.Update(key('y'))
	m = next.(model)
	want := "12:00:04 GET /cart 200 1.2ms\n" +
		"12:00:05 payment: provider answered slowly: 412ms, retrying in 1s with the same idempotency key 5f2c-11\n" +
		"12:00:06\tGET\t/catalog\t200\n"
	if got := clipboard(cmd); got != want || m.flash != "3 lines copied" || m.process.Selection.Lines {
		t.Errorf("copied %q, said %q", got, m.flash)
	}
	if m = keys(m, "v\x1b"); m.process.Selection.Lines {
		t.Error("esc does not leave")
	}
	big := strings.Repeat("x", 16<<10)
	for range 200 {
		m.state.Log = m.state.Log.Append(14, runner.Line{Text: big})
	}
	m = press(keys(m, "v"), tea.KeyPressMsg{Code: tea.KeyUp})
	m.process.Selection.From.Line = 0
	if next, cmd := m.Update(key('y')); cmd != nil || !strings.Contains(next.(model).flash, "too much") {
		t.Error("three megabytes are handed to the terminal")
	}
}

// TestDraw: the mouse copies what it is drawn over, in either direction; a line
// that was wrapped is one line.
func TestDraw(t *testing.T) {
	m := screen(stateUp(), 80, 24)
	r := m.layout().body(processPane)
	at := func(text string) (x, y int) {
		for y, line := range strings.Split(picture(m), "\n") {
			if i := strings.Index(line, text); i >= 0 && y >= r.y {
				return ansi.StringWidth(line[:i]), y
			}
		}
		t.Fatalf("no %q on the screen", text)
		return 0, 0
	}
	x1, y1 := at("GET /cart")
	x2, y2 := at("idempotency")
	want := "GET /cart 200 1.2ms\n12:00:05 payment: provider answered slowly: 412ms, retrying in 1s with the same idemp"
	for _, way := range [][4]int{{x1, y1, x2 + 4, y2}, {x2 + 4, y2, x1, y1}} {
		next, _ := m.Update(tea.MouseClickMsg{X: way[0], Y: way[1], Button: tea.MouseLeft})
		next, _ = next.(model).Update(tea.MouseMotionMsg{X: way[2], Y: way[3], Button: tea.MouseLeft})
		if lines := strings.Join(next.(model).lines(), ""); !strings.Contains(lines, cells.Found+"GET /cart") {
			t.Error("what is selected is not seen")
		}
		next, cmd := next.(model).Update(tea.MouseReleaseMsg{X: way[2], Y: way[3], Button: tea.MouseLeft})
		if got := clipboard(cmd); got != want || next.(model).flash != "2 lines copied" {
			t.Errorf("copied %q, want %q; said %q", got, want, next.(model).flash)
		}
	}
	next, _ := m.Update(tea.MouseClickMsg{X: x1, Y: y1, Button: tea.MouseLeft})
	if _, cmd := next.(model).Update(tea.MouseReleaseMsg{X: x1, Y: y1}); cmd != nil {
		t.Error("a click copies")
	}
}

// TestPrettyIsSearched: what is searched and filtered is what is read, and p
// asks the same question of the other words.
func TestPrettyIsSearched(t *testing.T) {
	m := screen(stateUp(), 120, 36)
	m.state.Log = engine.Log{}
	for i := range 10_000 {
		m.state.Log = m.state.Log.Append(1, runner.Line{Text: fmt.Sprintf(`{"level":"info","msg":"request","hits":%d}`, i)})
	}
	foot := func(m model) string { return m.process.Foot(m.look.Look, m.state.Log) }
	m = keys(m, "/INFO  request hits=99\n")
	if got, want := foot(m), "search: INFO  request hits=99 no match"; !strings.HasPrefix(got, want) {
		t.Errorf("of JSON as it is: %q, want %q", got, want)
	}
	m = keys(m, "p")
	if got, want := foot(m), "/111"; !strings.Contains(got, want) || !m.process.Chosen {
		t.Errorf("after p: %q, want %q", got, want)
	}
	m = keys(m, "\x1bf!hits=.*[1-9]\n")
	if got, want := foot(m), "filter: !hits=.*[1-9]  1 of 10,000 lines"; !strings.HasPrefix(got, want) {
		t.Errorf("filtered: %q, want %q", got, want)
	}
	m = keys(m, "p")
	if got, want := foot(m), "filter: !hits=.*[1-9]  10,000 of 10,000 lines"; !strings.HasPrefix(got, want) {
		t.Errorf("after p again: %q, want %q", got, want)
	}
}

// page is a pager that is a function.
type pageCommand func() error

func (p pageCommand) Run() error        { return p() }
func (pageCommand) SetStdin(io.Reader)  {}
func (pageCommand) SetStdout(io.Writer) {}
func (pageCommand) SetStderr(io.Writer) {}

// TestWholeOutput: it is paged and saved as plain text with its marks.
func TestWholeOutput(t *testing.T) {
	m := screen(stateTwoRuns(), 120, 36)
	var shown, saved strings.Builder
	order := ""
	m.opts.Page = func(write func(io.Writer) error) (Command, bool, func(), error) {
		if err := write(&shown); err != nil {
			t.Error(err)
		}
		return pageCommand(func() error { order += "run "; return nil }), false, func() { order += "done" }, nil
	}
	m.opts.Save = func(name string, write func(io.Writer) error) (string, error) {
		if name == "there" {
			return "", errors.New("there: file exists")
		}
		return "/code/me/" + name, write(&saved)
	}
	m = keys(m, "e")
	if order != "run done" {
		t.Errorf("the pager: %q", order)
	}
	m = keys(m, "S\n")
	if want := "11 lines saved to /code/me/hotdev-api-20260504-120042.log"; m.flash != want {
		t.Errorf("said %q, want %q", m.flash, want)
	}
	if shown.String() != saved.String() || !strings.Contains(saved.String(), "listening on :8080\n") || !strings.Contains(saved.String(), "── gen 15 · main.go and 1 more saved · 412 ms ──\n") {
		t.Errorf("saved\n%s", saved.String())
	}
	m = keys(m, "S")
	m.prompt.input.SetValue("there")
	if m = keys(m, "\n"); m.flash != "save: there: file exists" {
		t.Errorf("said %q", m.flash)
	}
}

// TestOutputScreens are pictures of the ways to look at the output.
func TestOutputScreens(t *testing.T) {
	json := stateUp()
	for i, level := range []string{"DEBUG", "INFO", "WARN", "ERROR"} {
		json.Log = json.Log.Append(14, runner.Line{Stream: runner.Stdout,
			Text: fmt.Sprintf(`{"time":"2026-11-24T12:00:0%d.042Z","level":"%s","msg":"cart saved","id":%d,"user":"ann lee"}`, i, level, 70+i)})
	}
	json.Log = json.Log.Append(14, runner.Line{Stream: runner.Stdout, Text: `{"some":"other JSON"}`})
	long := stateUp()
	long.Log = longLog(3000).Mark(14, engine.Mark{Gen: 14, Cause: engine.Cause{Kind: "save", Paths: []string{"main.go"}}, Took: 412e6})
	long.Log = shopLog(long.Log, 14)
	for _, c := range []struct {
		name  string
		state engine.State
		keys  string
	}{
		{"searching", long, "/line 12"},
		{"search", long, "/line 12\nN"},
		{"no-match", long, "/nowhere"},
		{"filtering", long, "f^line .*5"},
		{"filter", long, "f^line .*5\n|"},
		{"bad-filter", long, "fa(b"},
		{"stderr", long, "|."},
		{"select", long, "vkkkkj"},
		{"pretty", json, "p"},
		{"unwrapped", long, "w"},
		{"unwrapped-match", long, "w/0123456\n"},
		{"saving", long, "S"},
	} {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s-%dx%d", c.name, size[0], size[1]), func(t *testing.T) {
				m := screen(c.state, size[0], size[1])
				m.opts.Save = func(string, func(io.Writer) error) (string, error) { return "", nil }
				m = keys(m, c.keys)
				checkSize(t, m)
				golden.RequireEqual(t, picture(m))
			})
		}
	}
}

// TestUnwrappedFollows: where cut lines leave nothing below what is held, the end
// is followed again.
func TestUnwrappedFollows(t *testing.T) {
	s := stateUp()
	for i := range 12 {
		s.Log = s.Log.Append(14, runner.Line{Stream: runner.Stdout, Text: fmt.Sprint(i, strings.Repeat(" long", 100))})
	}
	m := screen(s, 80, 24)
	m = keys(m, "kkk")
	if !m.process.Tail.Held {
		t.Fatal("the output is not held")
	}
	if m = keys(m, "w"); m.process.Tail.Held {
		t.Error("it is still held, with nothing below")
	}
}
