package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
)

// stateWithPast has lived through a few cycles.
func stateWithPast() engine.State {
	s := stateUp()
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	start := engine.Cycle{
		Gen: 11, Cause: engine.Cause{Kind: "start"}, Outcome: engine.OutcomeStarted, Build: ms(2900), Took: ms(3100), At: noon,
		Full: "nothing built yet",
	}
	broken := engine.Cycle{
		Gen: 12, Cause: engine.Cause{Kind: "save", Paths: []string{module + "/internal/db/open.go"}}, Outcome: engine.OutcomeBroken, Took: ms(96),
	}
	same := engine.Cycle{
		Gen: 13, Cause: engine.Cause{Kind: "save", Paths: []string{module + "/internal/db/open.go", module + "/go.mod"}},
		Outcome: engine.OutcomeUnchanged, Took: ms(120),
	}
	last := s.Last
	last.Phases = []engine.Phased{
		{Name: "waiting", Took: ms(20)},
		{Name: "compiling", From: ms(20), Took: ms(162)},
		{Name: "linking", From: ms(182), Took: ms(230)},
		{Name: "stopping", From: ms(412), Took: ms(6)},
		{Name: "starting", From: ms(418), Took: ms(9)},
		{Name: "until ready", From: ms(427), Took: ms(20)},
	}
	for i, p := range s.Graph.Packages {
		last.Compiles = append(last.Compiles, builder.Compile{Package: p.ImportPath, Took: ms(10 * (i + 1))})
	}
	s.History = []engine.Cycle{start, broken, same, last}
	s.Kept = 11
	return s
}

func stateImports() engine.State {
	s := stateWithPast()
	s.Graph.Packages = slices.Clone(s.Graph.Packages)
	web := &s.Graph.Packages[7]
	web.Imports = []string{"fmt", "net/http", "github.com/jackc/pgx", "example.com/shop/internal/db", "example.com/shop/internal/log"}
	web.EmbedFiles = []string{module + "/internal/web/page.html"}
	s.Graph.Packages[8].Imports = []string{"example.com/shop/internal/web"}
	s.Ignored = []string{"example.com/shop/internal/log"}
	return s
}

// TestPages are the pictures of what covers the panes.
func TestPages(t *testing.T) {
	for _, c := range []struct {
		name string
		m    func(w, h int) model
	}{
		{"commands", func(w, h int) model { return press(screen(stateUp(), w, h), key(':')) }},
		{"commands-found", func(w, h int) model {
			return press(screen(stateUp(), w, h), key(':'), key('l'), key('a'), key('y'), tea.KeyPressMsg{Code: tea.KeyDown})
		}},
		{"commands-none", func(w, h int) model { return press(screen(stateUp(), w, h), key(':'), key('%'), key('%')) }},
		{"history", func(w, h int) model { return press(screen(stateWithPast(), w, h), key('h')) }},
		{"history-older", func(w, h int) model { return press(screen(stateWithPast(), w, h), key('h'), key('G')) }},
		{"history-empty", func(w, h int) model { return press(screen(stateFirst(), w, h), key('h')) }},
		{"package", func(w, h int) model {
			m := press(screen(stateImports(), w, h), key('1'), key('j'))
			return press(m, tea.KeyPressMsg{Code: tea.KeyEnter})
		}},
		{"packages-chosen", func(w, h int) model { return press(screen(stateImports(), w, h), key('1'), key('j'), key('j')) }},
		{"divided", func(w, h int) model { return press(screen(stateUp(), w, h), key('>'), key('>'), key('+'), key('+')) }},
	} {
		for _, size := range append(slices.Clone(sizes), [2]int{40, 10}, [2]int{20, 5}) {
			t.Run(fmt.Sprintf("%s-%dx%d", c.name, size[0], size[1]), func(t *testing.T) {
				m := c.m(size[0], size[1])
				checkSize(t, m)
				golden.RequireEqual(t, picture(m))
			})
		}
	}
}

func TestPalette(t *testing.T) {
	m := press(screen(stateUp(), 100, 30), key(':'), key('z'), key('o'), key('o'), tea.KeyPressMsg{Code: tea.KeyEnter})
	if m.page != nil || !m.zoom {
		t.Errorf("the page is %v, zoomed %t after the command zoom", m.page, m.zoom)
	}
	m = press(m, key(':'), key('h'), key('i'), key('s'), tea.KeyPressMsg{Code: tea.KeyEnter})
	if _, ok := m.page.(history); !ok {
		t.Errorf("the command history opens %T", m.page)
	}
	m = press(m, key('x'), key(':'), key('q'), tea.KeyPressMsg{Code: tea.KeyBackspace}, tea.KeyPressMsg{Code: tea.KeyBackspace})
	if m.page != nil {
		t.Errorf("%T is open after everything was taken back", m.page)
	}
	// Every action can be found by its name, and is then the first.
	for _, b := range m.keys {
		if b.action == paletteAction {
			continue
		}
		if found := (palette{query: b.action}).matches(m); len(found) == 0 || found[0].action != b.action {
			t.Errorf("%s is not found by its name", b.action)
		}
	}
}

// Going back can be asked for from the history, which then closes.
func TestGoBack(t *testing.T) {
	var sent []engine.Event
	m := screen(stateWithPast(), 100, 30)
	m.opts.Send = func(_ int, e engine.Event) { sent = append(sent, e) }
	m = press(m, key('h'))
	next, cmd := m.Update(key('u'))
	if m = next.(model); m.page != nil || cmd == nil {
		t.Fatalf("the page is %T, command %t", m.page, cmd != nil)
	}
	cmd()
	if len(sent) != 1 || sent[0] != (engine.GoBack{}) {
		t.Errorf("sent %v", sent)
	}
	s := stateWithPast()
	s.Kept = 0
	m = screen(s, 100, 30)
	m.opts.Send = func(_ int, e engine.Event) { sent = append(sent, e) }
	if m = press(m, key('u')); m.flash == "" || len(m.outbox) > 0 {
		t.Errorf("without a binary to go back to it says %q and asks for %v", m.flash, m.outbox)
	}
	s.Kept, s.Process.Old, s.Process.Phase = s.Process.Gen, true, engine.Up
	m = screen(s, 100, 30)
	if m = press(m, key('u')); !strings.Contains(m.flash, "runs already") || len(m.outbox) > 0 {
		t.Errorf("where the old one runs it says %q and asks for %v", m.flash, m.outbox)
	}
}

// A package is chosen by name, so that it stays chosen where the order changes,
// and toggled by what is chosen.
func TestChoosePackage(t *testing.T) {
	var sent []engine.Event
	m := press(screen(stateUp(), 100, 30), key('1'), key('j'), key('j'))
	m.opts.Send = func(_ int, e engine.Event) { sent = append(sent, e) }
	chosen := m.packages.chosen
	s := stateUp()
	s.Build.Diagnostics = diagnostics()
	next, _ := m.show(shown{State: alone(s)})
	m = next.(model)
	if m.packages.current(m.state) != chosen {
		t.Errorf("%s is chosen, was %s", m.packages.current(m.state), chosen)
	}
	_, cmd := m.Update(key('w'))
	cmd()
	if len(sent) != 1 || sent[0] != (engine.Ignore{Package: chosen}) {
		t.Errorf("sent %v, want %s ignored", sent, chosen)
	}
	m.focus = processPane
	if _, cmd := m.Update(key('w')); cmd != nil {
		t.Error("another pane toggles a package")
	}
}

// Lines between panes are dragged, and what comes of it is remembered once.
func TestDrag(t *testing.T) {
	var kept []Layout
	m := screen(stateUp(), 120, 36)
	m.opts.Remember = func(s Layout) error { kept = append(kept, s); return nil }
	do := func(msgs ...tea.Msg) {
		for _, msg := range msgs {
			next, cmd := m.Update(msg)
			m = next.(model)
			if _, ok := msg.(tea.MouseReleaseMsg); ok && cmd != nil {
				cmd()
			}
		}
	}
	left := m.layout().panes[buildPane].x
	do(tea.MouseClickMsg{X: left, Y: 5, Button: tea.MouseLeft}, tea.MouseMotionMsg{X: 40, Y: 9}, tea.MouseMotionMsg{X: 50, Y: 11}, tea.MouseReleaseMsg{X: 50, Y: 11})
	if got := m.layout().panes[packagesPane].w; got != 50 {
		t.Errorf("Packages is %d cells wide, dragged to 50", got)
	}
	top := m.layout().panes[processPane].y
	do(tea.MouseClickMsg{X: 80, Y: top, Button: tea.MouseLeft}, tea.MouseMotionMsg{X: 81, Y: 20}, tea.MouseReleaseMsg{X: 81, Y: 20})
	if got := m.layout().panes[processPane].y; got != 20 {
		t.Errorf("Process begins in row %d, dragged to 20", got)
	}
	do(tea.MouseMotionMsg{X: 10, Y: 10}, tea.MouseReleaseMsg{X: 10, Y: 10}) // nothing is held
	if want := []Layout{{Split: Split{Left: 50}}, {Split: Split{Left: 50, Build: 19}}}; !slices.Equal(kept, want) {
		t.Errorf("remembered %v, want %v", kept, want)
	}
	if m = press(m, key('0')); m.split != (Split{}) {
		t.Errorf("divided %v after a reset", m.split)
	}
}

// How the output is looked at is remembered, and what the next screen begins
// with.
func TestLooksAreRemembered(t *testing.T) {
	var kept []Layout
	m := screen(stateUp(), 120, 36)
	m.opts.Remember = func(l Layout) error { kept = append(kept, l); return nil }
	for _, k := range "pw" {
		next, cmd := m.Update(key(k))
		m = next.(model)
		cmd()
	}
	if want := []Layout{{Pretty: true}, {Pretty: true, Unwrapped: true}}; !slices.Equal(kept, want) {
		t.Fatalf("remembered %v, want %v", kept, want)
	}
	next := newModel(Options{Layout: kept[1]}, nil, nil)
	if !next.process.Pretty || !next.process.Unwrapped {
		t.Error("the next screen begins without")
	}
}

func TestTitleAndProgress(t *testing.T) {
	for _, c := range []struct {
		state    engine.State
		title    string
		progress tea.ProgressBarState
	}{
		{stateUp(), "./cmd/api: up - hotdev", tea.ProgressBarNone},
		{stateFirst(), "./cmd/api: building - hotdev", tea.ProgressBarIndeterminate},
		{stateBroken(), "./cmd/api: 2 errors - hotdev", tea.ProgressBarError},
		{stateCrashed(), "./cmd/api: crashed - hotdev", tea.ProgressBarError},
		{stateStopped(), "./cmd/api: down - hotdev", tea.ProgressBarNone},
	} {
		v := screen(c.state, 80, 24).View()
		progress := tea.ProgressBarNone
		if v.ProgressBar != nil {
			progress = v.ProgressBar.State
		}
		if v.WindowTitle != c.title || progress != c.progress {
			t.Errorf("title %q, progress %v; want %q, %v", v.WindowTitle, progress, c.title, c.progress)
		}
	}
}

// Breaking, mending and crashing are announced, once, to those who wished so.
func TestAnnounce(t *testing.T) {
	wish := func(s engine.State) engine.State {
		s.Settings.Screen = engine.Screen{Bell: true, Notify: true}
		return s
	}
	up, broken, crashed := wish(stateUp()), wish(stateBroken()), wish(stateCrashed())
	for _, c := range []struct {
		from, to engine.State
		want     string
	}{
		{up, broken, "2 errors"}, {broken, up, "fixed"}, {up, crashed, "crashed"}, {broken, broken, ""}, {up, up, ""}, {crashed, crashed, ""},
	} {
		if got := news(c.from, c.to); !strings.HasSuffix(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("news %q, want %q", got, c.want)
		}
	}
	m := screen(up, 80, 24)
	m = m.adopt(up.Settings.Screen)
	raw, ok := m.announce("x crashed")().(tea.RawMsg)
	if text := fmt.Sprint(raw.Msg); !ok || text != "\a\x1b]9;hotdev: x crashed\a" {
		t.Errorf("announced by %q", text)
	}
	if cmd := m.adopt(engine.Screen{}).announce("x crashed"); cmd != nil {
		t.Error("announced to somebody who did not wish so")
	}
}
