//go:build linux

// Package terminal runs a program in a real pseudo-terminal and reads its screen, for
// benchmarks and pictures.
package terminal

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"

	"github.com/hotdev/hotdev/internal/procfs"
)

// A Terminal is a program in a pseudo-terminal.
type Terminal struct {
	// Keys takes keys, as bytes.
	Keys *os.File

	cmd   *exec.Cmd
	drawn chan struct{}
	ended chan struct{} // closed when there is no more output

	mu    sync.Mutex
	term  vt10x.Terminal
	wrote int
}

// Open starts a program with these arguments in folder dir, in a terminal of
// cols by rows cells. env is added to the environment.
func Open(cols, rows int, dir string, argv []string, env ...string) (*Terminal, error) {
	t := &Terminal{
		cmd: exec.Command(argv[0], argv[1:]...), drawn: make(chan struct{}, 1), ended: make(chan struct{}),
		term: vt10x.New(vt10x.WithSize(cols, rows), vt10x.WithWriter(io.Discard)),
	}
	t.cmd.Dir = dir
	t.cmd.Env = append(os.Environ(), append(env, "TERM=xterm-256color", "LANG=C.UTF-8")...)
	var err error
	if t.Keys, err = pty.StartWithSize(t.cmd, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)}); err != nil {
		return nil, err
	}
	go t.read() // ends with the terminal, which Close closes
	return t, nil
}

func (t *Terminal) read() {
	defer close(t.ended)
	buf := make([]byte, 64<<10)
	for {
		n, err := t.Keys.Read(buf)
		t.mu.Lock()
		t.term.Write(buf[:n])
		t.wrote += n
		t.mu.Unlock()
		select {
		case t.drawn <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

// Written returns how many bytes the program has written to the terminal.
func (t *Terminal) Written() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.wrote
}

// Until waits, for 30 s at most, until text is on the screen.
func (t *Terminal) Until(text string) error {
	late := time.After(30 * time.Second)
	for {
		t.mu.Lock()
		screen := t.term.String()
		t.mu.Unlock()
		if strings.Contains(screen, text) {
			return nil
		}
		select {
		case <-t.drawn:
		case <-late:
			return fmt.Errorf("no %q on the screen:\n%s", text, screen)
		}
	}
}

// CPU returns the processor time of the program itself, to about 10 ms.
func (t *Terminal) CPU() time.Duration {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", t.cmd.Process.Pid))
	f := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// Peak returns the largest memory that the program has had, in bytes.
func (t *Terminal) Peak() int { return procfs.Status(t.cmd.Process.Pid, "VmHWM") << 10 }

// Drawn returns a channel that receives when the screen may have changed.
func (t *Terminal) Drawn() <-chan struct{} { return t.drawn }

// A Cell is one character of the screen.
type Cell struct {
	Char   rune
	FG, BG vt10x.Color
	Bold   bool
}

// Cells returns the screen, row by row.
func (t *Terminal) Cells() [][]Cell {
	t.mu.Lock()
	defer t.mu.Unlock()
	const bold = 1 << 2 // vt10x does not export it
	cols, rows := t.term.Size()
	out := make([][]Cell, rows)
	for y := range out {
		out[y] = make([]Cell, cols)
		for x := range out[y] {
			g := t.term.Cell(x, y)
			out[y][x] = Cell{Char: g.Char, FG: g.FG, BG: g.BG, Bold: g.Mode&bold != 0}
		}
	}
	return out
}

// Close asks the program to end, by the key q, and kills it if it does not.
func (t *Terminal) Close() {
	t.Keys.WriteString("q")
	gone := make(chan struct{})
	go func() { t.cmd.Wait(); close(gone) }()
	select {
	case <-gone:
	case <-time.After(20 * time.Second):
		t.cmd.Process.Kill()
		<-gone
	}
	t.Keys.Close()
	<-t.ended
}
