package tui

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/tui/internal/sheet"
)

// TestLinksReachTheTerminal: through the renderer, which takes the screen apart
// into cells; but for a terminal that would print them.
func TestLinksReachTheTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		evil := stateBroken()
		evil.Build.Diagnostics = append([]builder.Diagnostic{{File: module + "/a\x1b]0;owned\x07.go", Line: 1, Message: "x"}}, evil.Build.Diagnostics...)
		evil.Log = evil.Log.Append(14, runner.Line{Text: "ready: http://localhost:8080/ \x1b]8;;http://elsewhere\x07click\x1b]8;;\x07", Stream: runner.Stdout})
		for term, want := range map[string]int{"TERM=xterm": 1, "TERM=linux": 0} {
			f := roll(t, 120, 36, Options{Host: "box", Env: []string{term}})
			f.show(at(evil, 0))
			f.term.Settle()
			raw := f.term.Raw()
			if got := strings.Count(raw, "file://box/code/ann/shop/internal/db/open.go"); min(got, 1) != want {
				t.Errorf("%s: %d links to open.go", term, got)
			}
			if got := strings.Count(raw, ";http://localhost:8080/\x1b\\") + strings.Count(raw, ";http://localhost:8080/\x07"); min(got, 1) != want {
				t.Errorf("%s: %d links to what the program prints", term, got)
			}
			if strings.Contains(raw, "elsewhere") {
				t.Errorf("%s: a link of the program's reached the terminal", term)
			}
			if strings.Contains(raw, "\x1b]0;owned") {
				t.Errorf("%s: a file's name reached the terminal as a sequence", term)
			}
			f.over()
		}
	})
}

// TestCopy: what y and Y hand to the terminal.
func TestCopy(t *testing.T) {
	m := screen(stateErrors(), 120, 36)
	const first = "internal/db/open.go:41:16: undefined: pgx.Conect\n" +
		"    40 | func Open(ctx context.Context, dsn string) (*DB, error) {\n" +
		"    41 | \tc, err := pgx.Conect(ctx, dsn)\n"
	got, cmd := m.copyOne()
	if got.flash != "copied error 1: internal/db/open.go:41:16" || cmd == nil {
		t.Errorf("y says %q", got.flash)
	}
	if text := m.items()[0].Text(); text != first {
		t.Errorf("y copies\n%swant\n%s", text, first)
	}
	if got, _ := m.copyAll(); got.flash != "copied 8 errors" {
		t.Errorf("Y says %q", got.flash)
	}
	m = screen(stateCrashed(), 120, 36)
	const crash = "panic: runtime error: index out of range [5] with length 3\n" +
		"\tinternal/cart/cart.go:88: example.com/shop/internal/cart.(*Cart).Item\n" +
		"\t/usr/local/go/src/net/http/server.go:2322: net/http.HandlerFunc.ServeHTTP\n" +
		"\tcmd/api/main.go:31: main.main\n" +
		"\t/usr/local/go/src/runtime/proc.go:290: runtime.main\n"
	if text := m.items()[1].Text(); text != crash {
		t.Errorf("y on a frame copies\n%swant\n%s", text, crash)
	}
	if got, _ := m.copyOne(); got.flash != "copied the panic" {
		t.Errorf("y on a frame says %q", got.flash)
	}
	if got, cmd := screen(stateUp(), 120, 36).copyOne(); cmd != nil || got.flash == "" {
		t.Error("y with nothing to copy copies, or says nothing")
	}
	for _, s := range []string{"a\x1b]52;c;eA==\x07b", "a\x1b[31mb", "a\tb\x00"} {
		d := builder.Diagnostic{Message: s, More: []string{s}, File: "/f", Line: 1, First: 1, Excerpt: []string{s}}
		if text := sheet.ErrorText(d, ""); strings.ContainsAny(text, "\x1b\x07\x00") {
			t.Errorf("%q is copied as %q", s, text)
		}
	}
}

// TestCopyReachesTheTerminal: as OSC 52.
func TestCopyReachesTheTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := roll(t, 120, 36, Options{})
		f.show(at(stateBroken(), 0))
		f.term.Send("y")
		if screen := f.term.Screen(); !strings.Contains(screen, "copied error 1: internal/db/open.go:41:16") {
			t.Errorf("it is not said what was copied:\n%s", screen)
		}
		if !strings.Contains(f.term.Raw(), "\x1b]52;c;aW50ZXJuYWwvZGIvb3Blbi5nbzo0MToxNjog") { // internal/db/open.go:41:16:
			t.Error("the clipboard was not set")
		}
		f.over()
	})
}

// TestHolder: K ends what is ours only, \ asks only a program that runs.
func TestHolder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := roll(t, 120, 36, Options{})
		for _, c := range []struct {
			what  string
			state engine.State
			keys  string
			want  string
		}{
			{"a leftover", stateConflict(), "K", "EndHolder"},
			{"somebody else's", stateForeignConflict(), "K", ""},
			{"no conflict", stateUp(), "K", ""},
			{"it runs", stateUp(), "\\", "Dump"},
			{"it does not", stateCrashed(), "\\", ""},
		} {
			f.show(at(c.state, 0))
			f.term.Send(c.keys)
			if got := f.sent(); got != c.want {
				t.Errorf("%s: %s sent %q, want %q", c.what, c.keys, got, c.want)
			}
		}
		f.over()
	})
}
