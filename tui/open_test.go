package tui

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
)

// fakeEditor is a Command that notes what it was given.
type fakeEditor struct {
	ran    chan struct{}
	err    error
	stdin  io.Reader
	stdout io.Writer
}

func (e *fakeEditor) Run() error            { close(e.ran); return e.err }
func (e *fakeEditor) SetStdin(r io.Reader)  { e.stdin = r }
func (e *fakeEditor) SetStdout(w io.Writer) { e.stdout = w }
func (e *fakeEditor) SetStderr(io.Writer)   {}

// TestOpen: enter opens the chosen location, in place of the screen or beside it.
func TestOpen(t *testing.T) {
	for _, terminal := range []bool{true, false} {
		t.Run(fmt.Sprintf("terminal=%v", terminal), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				editor := &fakeEditor{ran: make(chan struct{}), err: errors.New("exit status 3")}
				where := make(chan string, 1)
				f := roll(t, 80, 24, Options{Open: func(file string, line, column int) (Command, bool, error) {
					where <- fmt.Sprint(file, " ", line, " ", column)
					return editor, terminal, nil
				}})
				f.show(at(stateBroken(), 0))
				f.term.Send("n\r")
				if got, want := <-where, module+"/internal/db/query.go 7 26"; got != want {
					t.Errorf("opened %s, want %s", got, want)
				}
				<-editor.ran
				if (editor.stdin != nil) != terminal || (editor.stdout != nil) != terminal {
					t.Errorf("the editor was given the terminal: %v", editor.stdout != nil)
				}
				if s := f.term.Screen(); !strings.Contains(s, "open: exit status 3") || !strings.Contains(s, "3 Process") {
					t.Errorf("after the editor failed:\n%s", s)
				}
				// Any key takes the complaint away. The first is read by the reader from
				// before the suspension, which on a pipe cannot be called back.
				f.term.Send("j")
				f.term.Send("j")
				if s := f.term.Screen(); strings.Contains(s, "open: exit") {
					t.Errorf("still complaining:\n%s", s)
				}
				f.over()
			})
		})
	}
}

// TestOpenNothing: there may be nothing to open, nothing to open it with, or no
// file in the message.
func TestOpenNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := roll(t, 80, 24, Options{Open: func(string, int, int) (Command, bool, error) { return nil, false, ErrNoEditor }})
		f.show(at(stateUp(), 0))
		f.term.Send("o")
		f.term.Settle()
		s := stateBroken()
		f.show(at(s, 0))
		f.term.Send("o")
		if screen := f.term.Screen(); !strings.Contains(screen, "no editor is set") {
			t.Errorf("no complaint:\n%s", screen)
		}
		s.Build.DiagnosticsGen++
		s.Build.Diagnostics = s.Build.Diagnostics[:1:1]
		s.Build.Diagnostics[0].File = ""
		f.show(at(s, 0))
		f.term.Send("o")
		if screen := f.term.Screen(); !strings.Contains(screen, "names no file") {
			t.Errorf("no complaint:\n%s", screen)
		}
		f.over()
	})
}
