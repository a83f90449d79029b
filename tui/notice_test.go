package tui

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/tui/internal/sheet"
)

// TestNoticeOpens: a mistake in the configuration is walked to, opened and copied
// like an error, with errors below it; a sentence that names no place is not.
func TestNoticeOpens(t *testing.T) {
	s := stateErrors()
	m := screen(s, 120, 36)
	errors := len(m.items())
	file := filepath.Join(m.opts.Dir, ".air-like.toml")
	s.Notices = []engine.Notice{
		{Subject: "watch", Text: "inotify's watches are used up"},
		{Subject: "list", Text: "example.com/a@v1.0.0: dial tcp 127.0.0.1:443: connection refused"},
		{Subject: "config", Text: file + ":3:1: unknown key\n" + file + ":7: unknown table"},
	}
	m = screen(s, 120, 36)
	if n := len(m.items()) - errors; n != 2 {
		t.Fatalf("%d items more, want 2", n)
	}
	if text := ansi.Strip(m.View().Content); strings.Contains(text, file) || !strings.Contains(text, ".air-like.toml:3:1: unknown key") {
		t.Errorf("the place is not relative to the project:\n%s", text)
	}
	var opened sheet.Place
	m.opts.Open = func(file string, line, column int) (Command, bool, error) {
		opened = sheet.Place{File: file, Line: line, Column: column}
		return nil, false, ErrNoEditor
	}
	for _, want := range []sheet.Place{{File: file, Line: 3, Column: 1}, {File: file, Line: 7}} {
		_, cmd := m.open()
		if cmd == nil {
			t.Fatal("enter does nothing")
		}
		if cmd(); opened != want {
			t.Errorf("enter opens %v, want %v", opened, want)
		}
		if text := m.items()[m.selected].Text(); !strings.HasPrefix(text, ".air-like.toml:") {
			t.Errorf("y copies %q", text)
		}
		m = m.choose(1)
	}
	if at := m.items()[m.selected].At; filepath.Ext(at.File) != ".go" {
		t.Errorf("n goes on to %v, want an error", at)
	}
}

// TestNoticeBelowErrors: in a low pane a long sentence about something else does not hide
// what is broken; it comes after that. While all is well it comes first.
func TestNoticeBelowErrors(t *testing.T) {
	long := engine.Notice{Subject: "stop", Text: strings.Repeat("it was killed ", 40)}
	for name, s := range map[string]engine.State{"broken": stateBroken(), "crashed": stateCrashed(), "up": stateUp()} {
		before := screen(s, 80, 24).sheet(50, 8).Rows
		s.Notices = []engine.Notice{long}
		m := screen(s, 80, 24)
		rows := m.look.PaintAll(m.sheet(50, 8).Rows, 50)
		switch first := m.look.PaintAll(before, 50)[0]; {
		case name == "up" && !strings.Contains(ansi.Strip(rows[0]), "it was killed"):
			t.Errorf("%s: the first row is %q", name, ansi.Strip(rows[0]))
		case name != "up" && rows[0] != first:
			t.Errorf("%s: the first row is %q, want %q", name, ansi.Strip(rows[0]), ansi.Strip(first))
		case len(rows) < len(before)+10:
			t.Errorf("%s: %d rows, the notice is not there", name, len(rows))
		}
	}
}

// TestRemarksLast: what is said of each key of an .air.toml, for as long as it is there, comes
// after all else, also where n goes to.
func TestRemarksLast(t *testing.T) {
	for name, s := range map[string]engine.State{"broken": stateBroken(), "crashed": stateCrashed(), "up": stateUp()} {
		plain := screen(s, 80, 24)
		before, items := plain.look.PaintAll(plain.sheet(50, 8).Rows, 50), len(plain.items())
		for _, line := range []string{"46", "48"} {
			s.Notices = append(s.Notices, engine.Notice{Subject: "setting", Text: ".air.toml:" + line + ": build.log has no effect"})
		}
		m := screen(s, 80, 24)
		rows := m.look.PaintAll(m.sheet(50, 8).Rows, 50)
		if len(rows) < len(before)+2 || !slices.Equal(rows[:len(before)], before) {
			t.Errorf("%s:\n%s\nwant first\n%s", name, strings.Join(rows, "\n"), strings.Join(before, "\n"))
		}
		if last := ansi.Strip(rows[len(rows)-1]); !strings.Contains(last, ".air.toml:48") {
			t.Errorf("%s: the last row is %q", name, last)
		}
		if all := m.items(); len(all) != items+2 || all[items].At.Line != 46 {
			t.Errorf("%s: %d items, want %d and two remarks", name, len(all), items)
		}
	}
}

// TestConflictFirst: what ended the program gives the pane its name, and a
// script in the command of the holder does not fill it.
func TestConflictFirst(t *testing.T) {
	s := stateForeignConflict()
	s.Process.Reports = stateCrashed().Process.Reports
	script := strings.Repeat("import socket; ", 40)
	s.Process.Conflict.Command = "python3 -c " + script
	m := screen(s, 120, 36)
	if text := ansi.Strip(m.View().Content); !strings.Contains(text, "address in use and 1 more") {
		t.Errorf("the title is another:\n%s", text)
	}
	it := m.sheet(60, 20).Items[0]
	if text := it.Text(); !strings.Contains(text, "pid 977 (python3 -c import socket;") || it.To-it.From > 5 {
		t.Errorf("%d rows, want 5 at most: %s", it.To-it.From, text)
	}
}
