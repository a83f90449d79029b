//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"

	"github.com/hotdev/hotdev/internal/procfs"
)

// terminal is hotdev in a pseudo-terminal whose screen can be read.
type terminal struct {
	cmd    *exec.Cmd
	master *os.File
	drawn  chan struct{}

	mu    sync.Mutex
	term  vt10x.Terminal
	wrote int
}

func open(hotdev, app string, env ...string) (*terminal, error) {
	const cols, rows = 120, 36
	t := &terminal{
		cmd: exec.Command(hotdev), drawn: make(chan struct{}, 1),
		term: vt10x.New(vt10x.WithSize(cols, rows), vt10x.WithWriter(io.Discard)),
	}
	t.cmd.Dir = app
	t.cmd.Env = append(os.Environ(), append(env, "TERM=xterm-256color", "LANG=C.UTF-8")...)
	var err error
	if t.master, err = pty.StartWithSize(t.cmd, &pty.Winsize{Cols: cols, Rows: rows}); err != nil {
		return nil, err
	}
	go t.read() // ends with the terminal, which close closes
	return t, nil
}

func (t *terminal) read() {
	buf := make([]byte, 64<<10)
	for {
		n, err := t.master.Read(buf)
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

func (t *terminal) written() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.wrote
}

// until waits for text on the screen.
func (t *terminal) until(text string) error {
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

// cpu is the time that hotdev itself has used; a clock tick is 10 ms.
func (t *terminal) cpu() time.Duration {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", t.cmd.Process.Pid))
	f := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// peak is the most memory that hotdev has had, in bytes.
func (t *terminal) peak() int { return procfs.Status(t.cmd.Process.Pid, "VmHWM") << 10 }

func (t *terminal) close() {
	t.master.WriteString("q")
	ended := make(chan struct{})
	go func() { t.cmd.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.cmd.Process.Kill()
		<-ended
	}
	t.master.Close()
}

func own(cmd *exec.Cmd)       { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
func killGroup(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
