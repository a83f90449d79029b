// Package termtest is a virtual terminal in fake time, for films: a complete Bubble Tea
// program runs inside a [testing/synctest] bubble, keys go in, and the text on the
// screen comes out.
//
// It knows terminals, not programs. It is for tests only.
//
// # Theory of operation
//
// The program writes escape sequences to the [Terminal], which feeds them to an
// emulator. Keys are bytes in a pipe that is made inside the bubble, so that waiting
// for a key counts as waiting. Time in the bubble passes only while every goroutine in
// it waits. So [Terminal.Screen] lets the time of a few frames pass, after which
// everything has been drawn. The emulator gives every rune one cell, so films use only
// narrow characters.
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

// settled is the time of a few frames of a program that draws sixty a second, and
// longer than a program waits after an escape key for the rest of a sequence.
const settled = 200 * time.Millisecond

// Terminal is a terminal of a given size. It is made inside a synctest bubble and used
// by one test goroutine.
type Terminal struct {
	vt    vt10x.Terminal
	in    *io.PipeReader
	keys  *io.PipeWriter
	size  [2]int
	sizes []func(w, h int)
	newer *regexp.Regexp // matches sequences that the emulator does not know

	mu  sync.Mutex // because the program writes on its own goroutine
	raw strings.Builder
}

// New returns a terminal of w by h cells. Its input ends with the test.
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

// Options returns the options that connect a program to the terminal.
func (t *Terminal) Options() []tea.ProgramOption {
	return []tea.ProgramOption{
		tea.WithInput(t.in),
		tea.WithOutput(t),
		tea.WithWindowSize(t.size[0], t.size[1]),
		tea.WithEnvironment([]string{"TERM=xterm-256color", "COLORTERM=truecolor"}),
		tea.WithColorProfile(colorprofile.TrueColor), // otherwise it would look for a real terminal
		tea.WithoutSignalHandler(),
	}
}

// Attach makes Resize notify p. A real terminal sends a signal.
func (t *Terminal) Attach(p *tea.Program) {
	t.sizes = append(t.sizes, func(w, h int) { p.Send(tea.WindowSizeMsg{Width: w, Height: h}) })
}

// Write is called by the program.
func (t *Terminal) Write(b []byte) (int, error) {
	t.mu.Lock()
	t.raw.Write(b)
	t.mu.Unlock()
	// Without a real terminal, the program relies on the line discipline to return the
	// carriage. And the emulator mistakes the requests of newer keyboard protocols for
	// the old meaning of their last letter (restore the cursor).
	out := strings.ReplaceAll(t.newer.ReplaceAllString(string(b), ""), "\n", "\r\n")
	if _, err := io.WriteString(t.vt, out); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Send types keys, given as the bytes that they produce.
func (t *Terminal) Send(keys string) {
	// A program that has ended reads nothing more; its test looks at the screen.
	_, _ = io.WriteString(t.keys, keys)
}

// Resize changes the size, and notifies the program.
func (t *Terminal) Resize(w, h int) {
	t.size = [2]int{w, h}
	t.vt.Resize(w, h)
	for _, f := range t.sizes {
		f(w, h)
	}
}

// Settle returns when everything in the bubble only waits for time.
func (t *Terminal) Settle() {
	time.Sleep(settled) // fake
	synctest.Wait()
}

// Screen returns the text on the screen once it has settled, without trailing spaces
// and empty lines at the end.
func (t *Terminal) Screen() string {
	t.Settle()
	lines := strings.Split(t.vt.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}

// Modes are the modes of a terminal.
type Modes struct{ AltScreen, CursorHidden, Mouse bool }

// Modes returns the current modes.
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

// Raw returns everything that was written so far.
func (t *Terminal) Raw() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.raw.String()
}

// Close ends the input.
func (t *Terminal) Close() { _ = t.keys.Close() }

// Input is the reader of the program's keys.
func (t *Terminal) Input() io.Reader { return t.in }
