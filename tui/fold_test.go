package tui

import (
	"testing"

	"github.com/hotdev/hotdev/engine"
)

// TestFolds: x opens what hangs on an error and closes it again, from inside
// too; what is open stays so while it is built again.
func TestFolds(t *testing.T) {
	m := screen(stateErrors(), 120, 36)
	m.focus = buildPane
	if n := len(m.items()); n != 3 {
		t.Fatalf("%d items with all folded, want 3", n)
	}
	if m = press(m, key('x')); m.flash == "" || len(m.items()) != 3 {
		t.Errorf("x on an error without echoes: %d items, %q", len(m.items()), m.flash)
	}
	m = press(m, key('n'), key('n'), key('x'))
	if n := len(m.items()); n != 8 || m.selected != 2 {
		t.Errorf("x on a cause: %d items, %d selected; want 8, 2", n, m.selected)
	}
	s := m.state
	s.Build.Phase = engine.Compiling
	next, _ := m.show(shown{State: alone(s)})
	if m = next.(model); len(m.items()) != 8 {
		t.Error("a rebuild closes the fold")
	}
	if m = press(m, key('n'), key('n'), key('x')); len(m.items()) != 3 || m.selected != 2 {
		t.Errorf("x on an echo: %d items, %d selected; want 3, 2", len(m.items()), m.selected)
	}
	opened := ""
	m = screen(stateCrashed(), 120, 36)
	m.opts.Open = func(file string, _, _ int) (Command, bool, error) { opened = file; return nil, false, ErrNoEditor }
	m = m.choose(-1) // the line of the fold
	next, cmd := m.open()
	if m = next.(model); cmd != nil || len(m.items()) != 5 {
		t.Errorf("enter on a fold: %d items, want 5", len(m.items()))
	}
	m = m.choose(-1)
	if _, cmd = m.open(); cmd == nil {
		t.Fatal("enter on a frame of a library does nothing")
	}
	if cmd(); opened != "/usr/local/go/src/net/http/server.go" {
		t.Errorf("enter on a frame of a library opens %q", opened)
	}
}
