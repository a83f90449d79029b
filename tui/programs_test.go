package tui

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/session"
)

// three are programs that fare differently.
func three() session.State {
	api, worker, crashed := stateUp(), stateBroken(), stateCrashed()
	api.Process.Usage = runner.Usage{CPU: 3, RSS: 41 << 20, Processes: 1, Ports: []runner.Port{{Addr: "127.0.0.1:8080"}}}
	for i, s := range []*engine.State{&api, &worker, &crashed} {
		s.Now = api.Now
		s.Log = engine.Log{}.Append(s.Process.Gen, runner.Line{Stream: runner.Stdout, Text: fmt.Sprintf("printed by %d", i)})
	}
	return session.State{Programs: []session.Program{{Name: "api", State: api}, {Name: "worker", State: worker}, {Name: "mailer", State: crashed}}}
}

// The Programs pane, as narrow as it can be and zoomed.
func TestProgramsPane(t *testing.T) {
	var b strings.Builder
	for _, c := range []struct {
		what string
		w, h int
		keys string
	}{
		{"beside the others", 80, 24, ""},
		{"the second is chosen", 100, 24, "]"},
		{"all", 100, 24, "["},
		{"zoomed", 100, 10, "4z"},
		{"below each other", 60, 24, ""},
		{"below each other, focused", 60, 24, "4"},
	} {
		m := newModel(Options{NoColor: true}, nil, nil)
		m.width, m.height = c.w, c.h
		var log merged
		s := three()
		for i, p := range s.Programs {
			log.add(s, i, engine.Wrote{Gen: p.State.Process.Gen, Lines: []runner.Line{{Stream: runner.Stdout, Text: fmt.Sprintf("printed by %d", i)}}})
		}
		next, _ := m.show(shown{s, log.log})
		m = next.(model)
		m = keys(m, c.keys)
		fmt.Fprintf(&b, "%s\n%s\n", c.what, ansi.Strip(strings.Join(m.lines(), "\n")))
	}
	golden.RequireEqual(t, b.String())
}

// Keys are about the program that is shown, or about all; a key with two meanings
// has one for all of them.
func TestKeysOfPrograms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent []string
		m := newModel(Options{Send: func(program int, e engine.Event) { sent = append(sent, fmt.Sprint(program, " ", e.Name())) }}, nil, nil)
		m.width, m.height = 80, 24
		next, _ := m.show(shown{State: three()})
		m = next.(model)
		for _, c := range []struct{ keys, want string }{
			{"r", "0 reload"},
			{"]r", "1 reload"},
			{"]s", "2 stop_start"},
			{"]R", "0 rebuild, 1 rebuild, 2 rebuild"}, // all
			{"s", "0 stop_start, 1 stop_start"},       // those that are up
			{"]b", "0 build_only"},
			{"[b", "0 build_only, 1 build_only, 2 build_only"},
		} {
			sent = nil
			m = keys(m, c.keys)
			for len(m.outbox) > 0 || m.sending {
				m.sending = false
				if len(m.outbox) == 0 {
					break
				}
				e := m.outbox[0]
				m.outbox = m.outbox[1:]
				m.opts.Send(e.program, e.event)
			}
			if got := strings.Join(sent, ", "); got != c.want {
				t.Errorf("%s sends %q, want %q", c.keys, got, c.want)
			}
		}
	})
}

// The footer says what a key does to all programs, not to the one that was shown last.
func TestWordsOfAllPrograms(t *testing.T) {
	m := newModel(Options{}, nil, nil)
	m.width, m.height = 100, 24
	next, _ := m.show(shown{State: three()})
	m = keys(next.(model), "]]")
	if word, _ := stopWord(m); word != "start" {
		t.Errorf("s is to %q the program that has crashed", word)
	}
	if word, _ := stopWord(keys(m, "]")); word != "stop" {
		t.Errorf("s is to %q all programs, of which two are up", word)
	}
	s := three()
	s.Programs[2].State.Attention = engine.Paused
	next, _ = m.show(shown{State: s})
	m = next.(model)
	if word, _ := pauseWord(m); word != "go on" {
		t.Errorf("space is to %q the program that is paused", word)
	}
	if word, _ := pauseWord(keys(m, "]")); word != "pause" {
		t.Errorf("space is to %q all programs, of which one is paused", word)
	}
}

// What is looked at in one program is found again there: the scroll, the search,
// the chosen error. One program has neither pane nor keys of this.
func TestOutlooks(t *testing.T) {
	m := newModel(Options{}, nil, nil)
	m.width, m.height = 80, 24
	s := three()
	for i := range s.Programs {
		for n := range 100 {
			p := &s.Programs[i].State
			p.Log = p.Log.Append(p.Process.Gen, runner.Line{Stream: runner.Stdout, Text: fmt.Sprintf("line %d of %d", n, i)})
		}
	}
	next, _ := m.show(shown{State: s})
	m = next.(model)
	sees := func(text string) bool { return strings.Contains(ansi.Strip(strings.Join(m.lines(), "\n")), text) }
	m = keys(m, "g")
	if !sees("line 5 of 0") {
		t.Error("the first program is not scrolled to its top")
	}
	if m = keys(m, "]"); !sees("line 99 of 1") || sees("of 0") {
		t.Error("the second program's output is not at its end")
	}
	if m = keys(m, "["); !sees("line 5 of 0") {
		t.Error("the first program's output is no longer where it was")
	}
	if m = keys(m, "p"); !m.process.Pretty {
		t.Fatal("not pretty")
	}
	if m = keys(m, "]"); !m.process.Pretty {
		t.Error("how lines are drawn is no habit")
	}

	one := newModel(Options{}, nil, nil)
	one.width, one.height = 80, 24
	next, _ = one.show(shown{State: alone(stateUp())})
	one = next.(model)
	for _, k := range []string{"]", "4"} {
		if _, ok := one.lookUp(k); ok {
			t.Errorf("%s is a key where there is one program", k)
		}
	}
	if got := arrange(seats(), 80, 24, processPane, false, one.demand()); !got.panes[programsPane].empty() {
		t.Error("one program has a Programs pane")
	}
}
