// Package termtest is a virtual terminal in fake time, for films: a whole
// Bubble Tea program is run inside a [testing/synctest] bubble, keys go in, and
// the text on the screen comes out.
//
// It knows terminals, not programs. It is for tests only.
//
// # Theory of operation
//
// The program writes escape sequences to the [Terminal], which feeds them to an
// emulator; keys are bytes in a pipe made inside the bubble, so that waiting for
// a key counts as waiting. Time in the bubble passes only while every goroutine
// in it waits. [Terminal.Screen] therefore lets a few frames of it pass and then
// is certain that everything has been drawn that will be. The emulator gives
// every rune one cell: films keep to narrow characters.
package termtest

import (
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/hinshun/vt10x"
)

// settled is a few frames of a program that draws sixty a second, and longer
// than an escape key is waited on for the rest of a sequence.
const settled = 200 * time.Millisecond

// Terminal is a terminal of some size. It is made inside a synctest bubble and
// used by one test goroutine.
type Terminal struct {
	vt    vt10x.Terminal
	in    *io.PipeReader
	keys  *io.PipeWriter
	size  [2]int
	sizes []func(w, h int)
	newer *regexp.Regexp // sequences that the emulator does not know

	mu  sync.Mutex // the program writes on its own goroutine
	raw strings.Builder
}

// New makes a terminal of w by h cells. When the test ends its input ends.
func New(t testing.TB, w, h int) *Terminal {
	t.Helper()
	in, keys := io.Pipe()
	term := &Terminal{
		vt: vt10x.New(vt10x.WithSize(w, h)), in: in, keys: keys, size: [2]int{w, h},
		newer: regexp.MustCompile(`\x1b\[[<>=?][0-9;]*[um]`),
	}
	t.Cleanup(func() { term.Close() })
	return term
}

// Options connect a program to the terminal.
func (t *Terminal) Options() []tea.ProgramOption {
	return []tea.ProgramOption{
		tea.WithInput(t.in),
		tea.WithOutput(t),
		tea.WithWindowSize(t.size[0], t.size[1]),
		tea.WithEnvironment([]string{"TERM=xterm-256color", "COLORTERM=truecolor"}),
		tea.WithColorProfile(colorprofile.TrueColor), // or it would look for a real terminal
		tea.WithoutSignalHandler(),
	}
}

// Attach makes Resize reach p, which a terminal does by a signal.
func (t *Terminal) Attach(p *tea.Program) {
	t.sizes = append(t.sizes, func(w, h int) { p.Send(tea.WindowSizeMsg{Width: w, Height: h}) })
}

// Write is the program's side.
func (t *Terminal) Write(b []byte) (int, error) {
	t.mu.Lock()
	t.raw.Write(b)
	t.mu.Unlock()
	// A program without a real terminal counts on the line discipline to return
	// the carriage, and the emulator takes the requests of newer keyboard
	// protocols for what their last letter once meant (restore the cursor).
	out := strings.ReplaceAll(t.newer.ReplaceAllString(string(b), ""), "\n", "\r\n")
	if _, err := io.WriteString(t.vt, out); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Send types: the bytes that the keys produce.
func (t *Terminal) Send(keys string) {
	// A program that is over reads no more; its test looks at the screen.
	_, _ = io.WriteString(t.keys, keys)
}

// Resize changes the size, and tells the program.
func (t *Terminal) Resize(w, h int) {
	t.size = [2]int{w, h}
	t.vt.Resize(w, h)
	for _, f := range t.sizes {
		f(w, h)
	}
}

// Settle returns when nothing moves any more but what waits for time.
func (t *Terminal) Settle() {
	time.Sleep(settled) // fake
	synctest.Wait()
}

// Screen is the text on the screen once it is settled, without trailing blanks and
// empty lines at the end.
func (t *Terminal) Screen() string {
	t.Settle()
	lines := strings.Split(t.vt.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}

// Modes tell how the terminal was left.
type Modes struct{ AltScreen, CursorHidden, Mouse bool }

// Modes are those in force now.
func (t *Terminal) Modes() Modes {
	t.vt.Lock()
	defer t.vt.Unlock()
	mode := t.vt.Mode()
	return Modes{
		AltScreen:    mode&vt10x.ModeAltScreen != 0,
		CursorHidden: !t.vt.CursorVisible(),
		Mouse:        mode&vt10x.ModeMouseMask != 0,
	}
}

// Raw is all that was written so far.
func (t *Terminal) Raw() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.raw.String()
}

// Close ends the input.
func (t *Terminal) Close() { _ = t.keys.Close() }

// Input is where the program reads its keys from.
func (t *Terminal) Input() io.Reader { return t.in }
