//go:build unix

package main

import (
	"bufio"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/exit"
)

// Whatever the standard input is, keys come from the controlling terminal.
func TestKeysFromTerminal(t *testing.T) {
	pipe, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pipe.Close(); writer.Close() }) // open, and silent: make -j
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { null.Close() })
	file, err := os.Open("keyboard_test.go")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	for _, c := range []struct {
		name    string
		stdin   *os.File
		command []string
	}{
		{"null", null, []string{"hotdev", "app"}},
		{"file", file, []string{"hotdev", "app"}},
		{"pipe", pipe, []string{"hotdev", "app"}},
		{"closed", nil, []string{"sh", "-c", "exec hotdev app 0<&-"}},
		{"stderr elsewhere", null, []string{"sh", "-c", "exec hotdev app 2>errors"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newReal(t)
			r.stdin = c.stdin
			r.process()
			r.start(nil, c.command[0], c.command[1:]...)
			r.sees("hello 1", "3 Process")
			r.keys("?")
			r.sees("any other key closes")
			r.keys("x")
			r.sees("3 Process")
			r.keys("q")
			r.ends(exit.OK)
		})
	}
}

// Where no key can be read, there are lines, and a sentence that says why.
func TestLinesWithoutKeys(t *testing.T) {
	for _, c := range []struct {
		name    string
		bare    bool
		env     []string
		command []string
		want    string
		end     func(*real)
	}{
		{"no controlling terminal", true, nil, []string{"hotdev", "app"}, "there is no terminal to read keys from",
			func(r *real) { r.cmd.Process.Signal(os.Interrupt) }},
		{"dumb", false, []string{"TERM=dumb"}, []string{"hotdev", "app"}, "TERM is dumb",
			func(r *real) { r.keys("\x03") }},
		{"background", false, nil, []string{"sh", "-m", "-c", "hotdev app & read line; fg"}, "hotdev is in the background of its terminal",
			func(r *real) {
				r.keys("\n")
				r.until(func(string) bool { return r.front() != r.cmd.Process.Pid }, "hotdev in the foreground")
				r.keys("\x03")
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newReal(t)
			r.bare = c.bare
			r.process()
			r.start(c.env, c.command[0], c.command[1:]...)
			r.sees("hotdev: lines instead of the screen: "+c.want, "hello 1", "hotdev: started")
			c.end(r)
			r.ends(exit.OK)
			if raw := r.all(); strings.Contains(raw, "\x1b[?1049h") {
				t.Errorf("there was a screen:\n%q", raw)
			}
		})
	}
}

// front is the terminal's foreground process group.
func (r *real) front() int {
	group, err := unix.IoctlGetInt(int(r.master.Fd()), unix.TIOCGPGRP)
	if err != nil {
		r.t.Fatal(err)
	}
	return group
}

const answeringProgram = `package main

import (
	"bufio"
	"fmt"
	"os"
)

func main() {
	ask, _ := os.OpenFile("ask", os.O_RDWR, 0)
	answer, _ := os.OpenFile("answer", os.O_RDWR, 0)
	fmt.Println("hello 1")
	fmt.Println("main pid", os.Getpid())
	for lines := bufio.NewScanner(ask); lines.Scan(); {
		fmt.Fprintln(answer, "still here,", lines.Text())
	}
}
`

// ctrl-Z, and SIGTSTP from elsewhere, give the terminal back to the shell as it
// was found; the program goes on; fg draws the screen at the terminal's size.
func TestSuspend(t *testing.T) {
	r := newReal(t)
	r.module()
	r.write("main.go", answeringProgram)
	var pipes [2]*os.File
	for i, name := range []string{"ask", "answer"} {
		file := filepath.Join(r.dir, name)
		if err := unix.Mkfifo(file, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(file, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		pipes[i] = f
	}
	answers := bufio.NewReader(pipes[1])
	shell := r.suspendable()
	for i, stop := range []func(){
		func() { r.keys("\x1a") },
		func() { syscall.Kill(r.front(), syscall.SIGTSTP) },
	} {
		r.sees("hello 1", "3 Process")
		stop()
		r.sees([]string{"stopped once", "stopped twice"}[i])
		if r.front() != shell {
			t.Errorf("the shell does not have the terminal")
		}
		if modes := r.termios(); !reflect.DeepEqual(modes, r.before) {
			t.Errorf("terminal modes are\n%+v, were\n%+v", modes, r.before)
		}
		pipes[0].WriteString("you?\n")
		pipes[1].SetReadDeadline(time.Now().Add(10 * time.Minute)) // as long as patience at most
		if said, err := answers.ReadString('\n'); said != "still here, you?\n" {
			t.Errorf("the program says %q, %v", said, err)
		}
		r.resize(90-10*i, 24)
		r.keys("\n")
		r.until(func(screen string) bool {
			for line := range strings.Lines(screen) {
				if strings.Contains(line, "3 Process") {
					return strings.HasSuffix(strings.TrimSpace(line), "╮") && len([]rune(strings.TrimRight(line, "\n"))) == 90-10*i
				}
			}
			return false
		}, "screen of another size")
	}
	r.keys("?")
	r.sees("any other key closes")
	r.keys("xq")
	r.ends(exit.OK)
}

// suspendable starts hotdev under a shell that brings it back twice, each time
// when it has read a line. It gives the shell's process.
func (r *real) suspendable() int {
	r.start(nil, "sh", "-m", "-c", "hotdev; echo stopped once; read line; fg; echo stopped twice; read line; fg")
	return r.cmd.Process.Pid
}

// Where no shell could bring it back, hotdev goes on.
func TestSuspendWithoutShell(t *testing.T) {
	r := startSimple(t, "hotdev")
	r.keys("\x1a")
	r.sees("suspend: no shell is there to come back from", "3 Process")
	r.cmd.Process.Signal(syscall.SIGTSTP)
	r.keys("?")
	r.sees("any other key closes")
	r.keys("xq")
	r.ends(exit.OK)
}
