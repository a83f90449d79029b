package tui

import (
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/tui/internal/vt"
)

// changed names what of two models is not the same.
func changed(a, b model) string {
	var what []string
	add := func(name string, same bool) {
		if !same {
			what = append(what, name)
		}
	}
	add("obstacle", a.obstacle == b.obstacle)
	add("page", a.page == b.page)
	add("prompt", a.prompt.input.Value() == b.prompt.input.Value() && a.prompt.asking == b.prompt.asking)
	add("selection", a.process.Selection == b.process.Selection)
	add("build", a.build.top == b.build.top)
	add("focus", a.focus == b.focus)
	add("typing", a.typing.on == b.typing.on)
	return strings.Join(what, " ")
}

// TestCovers: with all that can lie over the panes there at once, every input
// goes to the topmost, what that one lets through goes to the next, and the
// footer and the drawing agree. Then the topmost goes away, and so on.
func TestCovers(t *testing.T) {
	m := screen(stateBroken(), 80, 12)
	m.state.Log = longLog(500)
	m = press(m, key('v'))
	m, _ = m.ask(aSearch, "")
	m, _ = m.turnTo(help{})
	m.state.Obstacle = &builder.Obstacle{Kind: builder.NoModule, Dir: "/code/ann"}
	m.terminals, m.frames, m.state.Settings.Run.TTY = []*vt.Terminal{vt.New()}, make([]vt.Frame, 1), true
	in := m.layout().body(buildPane)

	for _, c := range []struct {
		cover             string
		key, click, wheel string // what they change
		paste             string
		footer, drawn     string // what is read there
		gone              func(model) model
	}{
		{"obstacle", "obstacle", "", "obstacle", "", "look again", "Not started",
			func(m model) model { m.state.Obstacle = nil; return m }},
		{"page", "page", "page", "page", "", "closes the page", "any other key closes",
			func(m model) model { return press(m, tea.KeyPressMsg{Code: tea.KeyEscape}) }},
		{"prompt", "prompt", "focus", "build", "prompt", "search:", "2 Build",
			func(m model) model { return press(m, tea.KeyPressMsg{Code: tea.KeyEnter}) }},
		{"selection", "selection", "focus", "build", "", "extend", "1 line selected",
			func(m model) model {
				m = press(m, tea.KeyPressMsg{Code: tea.KeyEscape})
				m.typing.on = true
				return m
			}},
		{"keyboard", "", "focus typing", "build", "", "ctrl+] back to hotdev", "2 Build",
			func(m model) model { return press(m, tea.KeyPressMsg{Code: ']', Mod: tea.ModCtrl}) }},
		{"panes", "focus", "focus", "build", "", "reload", "2 Build", nil},
	} {
		send := func(msg tea.Msg) model {
			next, _ := m.Update(msg)
			return next.(model)
		}
		k := key('k')
		switch c.cover {
		case "panes":
			k = tea.KeyPressMsg{Code: tea.KeyTab}
		case "obstacle", "page":
			k = key('j')
		}
		if got := changed(m, send(k)); got != c.key {
			t.Errorf("%s: the key %s changes %q, want %q", c.cover, k, got, c.key)
		}
		if got := changed(m, send(tea.MouseClickMsg{X: in.x, Y: in.y, Button: tea.MouseLeft})); got != c.click {
			t.Errorf("%s: a click changes %q, want %q", c.cover, got, c.click)
		}
		if got := changed(m, send(tea.MouseWheelMsg{X: in.x, Y: in.y, Button: tea.MouseWheelDown})); got != c.wheel {
			t.Errorf("%s: the wheel changes %q, want %q", c.cover, got, c.wheel)
		}
		if got := changed(m, send(tea.PasteMsg{Content: "pasted"})); got != c.paste {
			t.Errorf("%s: what is pasted changes %q, want %q", c.cover, got, c.paste)
		}
		lines := strings.Split(picture(m), "\n")
		if got := lines[m.height-1]; !strings.Contains(got, c.footer) {
			t.Errorf("%s: the footer is %q, want it to have %q", c.cover, got, c.footer)
		}
		if !slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, c.drawn) }) {
			t.Errorf("%s: drawn is\n%s\nwant it to have %q", c.cover, picture(m), c.drawn)
		}
		if cursor := m.cursor(m.layout()) != nil; cursor != (c.cover == "prompt" || c.cover == "keyboard") {
			t.Errorf("%s: it has a cursor: %t", c.cover, cursor)
		}
		if c.gone != nil {
			if m = c.gone(m); len(m.covers()) == 0 {
				t.Fatalf("%s: nothing is left beneath it", c.cover)
			}
		}
	}
	if n := len(m.covers()); n != 1 {
		t.Errorf("%d covers are left, want the panes only", n)
	}
}

// TestUncovered: what every cover lets the user do.
func TestUncovered(t *testing.T) {
	bare := screen(stateUp(), 80, 24)
	searching, _ := bare.ask(aSearch, "")
	reading, _ := bare.turnTo(help{})
	finding, _ := bare.turnTo(palette{})
	hindered := bare
	hindered.state.Obstacle = &builder.Obstacle{Kind: builder.NoGo}
	for name, m := range map[string]model{
		"panes": bare, "prompt": searching, "help": reading, "palette": finding,
		"selection": press(bare, key('v')), "obstacle": hindered,
	} {
		var sent []engine.Event
		m.opts.Send = func(_ int, e engine.Event) { sent = append(sent, e) }
		next, cmd := m.Update(tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl})
		if cmd != nil {
			cmd()
		}
		if len(sent) != 1 || sent[0] != (engine.Quit{}) {
			t.Errorf("%s: ctrl+c sends %v", name, sent)
		}
		if got := changed(m, next.(model)); got != "" {
			t.Errorf("%s: ctrl+c changes %s", name, got)
		}
		if next, _ = m.Update(tea.KeyPressMsg{Code: 'z', Mod: tea.ModCtrl}); next.(model).flash == "" {
			t.Errorf("%s: ctrl+z is not answered", name)
		}
	}
}

// The footer says with which key hotdev ends at once, and that key does it.
func TestLeavingLine(t *testing.T) {
	s := stateUp()
	s.Phase = engine.Quitting
	m := screen(s, 80, 24)
	reading, _ := m.turnTo(help{})
	for want, m := range map[string]model{"; q again": m, "; ctrl+c again": reading} {
		if got := m.footer(80); !strings.Contains(ansi.Strip(got), want) {
			t.Errorf("the footer says %q, want %q", ansi.Strip(got), want)
		}
	}
}
