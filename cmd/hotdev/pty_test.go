//go:build unix

package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
	"golang.org/x/sys/unix"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/exit"
	"github.com/hotdev/hotdev/internal/patience"
)

// real is hotdev in a real pseudo-terminal with a screen that can be read.
type real struct {
	t      *testing.T
	dir    string
	cmd    *exec.Cmd
	stdin  *os.File // in place of the terminal; nil is the terminal
	bare   bool     // the terminal does not control hotdev
	master *os.File
	slave  *os.File // kept open: the terminal outlives hotdev, as a user's does
	before *unix.Termios

	mu     sync.Mutex
	term   vt10x.Terminal
	raw    strings.Builder
	drawn  chan struct{}
	ended  chan struct{}
	waited error
}

// It prints by print, as most programs of the tests: the linker takes twice as long
// for one with package fmt.
const ptyProgram = `package main

import (
	"strconv"
	"syscall"
	"time"
)

func main() {
	print("hello " + strconv.Itoa(Version) + "\n")
	print("main pid " + strconv.Itoa(syscall.Getpid()) + "\n")
	time.Sleep(time.Hour)
}
`

// startReal runs the command (a name that TestMain knows) in a 100x30 terminal
// on a little module, and waits until the program's output is on the screen.
func startReal(t *testing.T, command string, args ...string) *real {
	t.Helper()
	r := newReal(t)
	r.module()
	r.start(nil, command, args...)
	r.sees("hello 1")
	return r
}

// module writes the little module.
func (r *real) module() {
	r.t.Helper()
	r.write("go.mod", "module example.com/app\n\ngo 1.24\n")
	r.write("main.go", ptyProgram)
	r.write("version.go", "package main\n\nvar Version = 1\n")
}

// startSimple is the same for a process that need not be built, where the program is
// not what matters.
func startSimple(t *testing.T, command string, args ...string) *real {
	t.Helper()
	r := newReal(t)
	r.process()
	r.start(nil, command, append(args, "app")...)
	r.sees("hello 1")
	return r
}

// process configures one, by the name of app, that prints what the little module does.
func (r *real) process() {
	r.t.Helper()
	r.write(".air-like.toml", "[[process]]\nname = \"app\"\ncmd = [\"sh\", \"-c\", \"echo hello 1; echo main pid $$; exec sleep 3600\"]\n")
}

func newReal(t *testing.T) *real {
	r := &real{t: t, dir: t.TempDir(), drawn: make(chan struct{}, 1), ended: make(chan struct{})}
	// A save is to be another program, which prints anew.
	r.write(".air-like.toml", "[live]\nmode = \"off\"\n")
	return r
}

// start runs the command in r's folder, with env in addition.
func (r *real) start(env []string, command string, args ...string) {
	t := r.t
	t.Helper()
	path, err := exec.LookPath(command)
	if err != nil {
		t.Fatal(err)
	}
	if r.master, r.slave, err = pty.Open(); err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	t.Cleanup(func() { r.master.Close(); r.slave.Close() })
	r.resize(100, 30)
	r.before = r.termios()
	r.cmd = exec.Command(path, args...)
	r.cmd.Dir = r.dir
	r.cmd.Env = append(os.Environ(), "TERM=xterm-256color", "GOCACHE="+goCache(t), "XDG_CACHE_HOME="+shareTrial(t.TempDir()), "XDG_CONFIG_HOME="+t.TempDir(), "GOFLAGS=", "GOPROXY=off", "NO_COLOR=", "LANG=C.UTF-8", "LC_ALL=", "LC_CTYPE=")
	r.cmd.Env = append(r.cmd.Env, env...)
	r.cmd.Stdin, r.cmd.Stdout, r.cmd.Stderr = r.slave, r.slave, r.slave
	if r.stdin != nil {
		r.cmd.Stdin = r.stdin
	}
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: !r.bare, Ctty: 1}
	diesWithTest(r.cmd)
	time.Sleep(older)
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go r.read()
	go func() {
		r.waited = r.cmd.Wait()
		close(r.ended)
	}()
	t.Cleanup(func() {
		r.cmd.Process.Kill()
		<-r.ended
	})
}

func (r *real) read() {
	buf := make([]byte, 1<<16)
	for {
		n, err := r.master.Read(buf)
		r.mu.Lock()
		r.raw.Write(buf[:n])
		r.term.Write(buf[:n])
		r.mu.Unlock()
		select {
		case r.drawn <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

func (r *real) resize(cols, rows int) {
	r.t.Helper()
	r.mu.Lock()
	if r.term == nil {
		r.term = vt10x.New(vt10x.WithSize(cols, rows), vt10x.WithWriter(io.Discard))
	}
	r.term.Resize(cols, rows)
	r.mu.Unlock()
	if err := pty.Setsize(r.master, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)}); err != nil {
		r.t.Fatal(err)
	}
}

func (r *real) termios() *unix.Termios {
	r.t.Helper()
	s, err := unix.IoctlGetTermios(int(r.slave.Fd()), ioctlGetTermios)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

func (r *real) screen() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.term.String()
}

// sees waits until all texts are on the screen.
func (r *real) sees(texts ...string) {
	r.t.Helper()
	r.until(func(screen string) bool {
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				return false
			}
		}
		return true
	}, strings.Join(texts, ", "))
}

func (r *real) until(ok func(screen string) bool, what string) {
	r.t.Helper()
	wait := patience.New()
	for {
		screen := r.screen()
		if ok(screen) {
			return
		}
		select {
		case <-r.drawn: // no news: the program's age is drawn every second
		case <-r.ended:
			r.t.Fatalf("hotdev ended (%v) before %s:\n%s", r.waited, what, r.screen())
		case <-wait.Look():
			if err := wait.Lost(); err != nil {
				r.t.Fatalf("no %s: %v\n%s", what, err, screen)
			}
		}
	}
}

func (r *real) write(name, text string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

func (r *real) keys(s string) {
	r.t.Helper()
	if _, err := io.WriteString(r.master, s); err != nil {
		r.t.Fatal(err)
	}
}

// ends waits for hotdev's end and holds it to the promise: the exit code, a
// terminal as it was found, and no process left.
func (r *real) ends(code exit.Code) {
	r.t.Helper()
	if _, err := patience.Receive(r.ended); err != nil {
		r.t.Fatalf("hotdev does not end: %v\n%s", err, r.screen())
	}
	if got := exit.Code(r.cmd.ProcessState.ExitCode()); got != code {
		r.t.Errorf("exit code %d, want %d\n%s", got, code, r.screen())
	}
	if after := r.termios(); !reflect.DeepEqual(after, r.before) {
		r.t.Errorf("terminal modes are\n%+v, were\n%+v", after, r.before)
	}
	raw := r.all()
	for _, mode := range []struct{ on, off, what string }{
		{"\x1b[?1049h", "\x1b[?1049l", "the alternate screen"},
		{"\x1b[?25l", "\x1b[?25h", "the hidden cursor"},
		{"\x1b[?1002h", "\x1b[?1002l", "mouse reports"},
		{"\x1b[?1003h", "\x1b[?1003l", "mouse reports"},
		{"\x1b[?1006h", "\x1b[?1006l", "mouse reports"},
		{"\x1b[?2004h", "\x1b[?2004l", "bracketed paste"},
		{"\x1b[>1u", "\x1b[<1u", "kitty's keyboard protocol"},
	} {
		if strings.LastIndex(raw, mode.on) > strings.LastIndex(raw, mode.off) {
			r.t.Errorf("left behind: %s", mode.what)
		}
	}
	for _, pid := range r.pids() {
		if alive(pid) {
			r.t.Errorf("process %d is alive", pid)
		}
	}
}

// all is everything that hotdev wrote, once it has ended: what was written before
// may still be on its way through the terminal, which keeps the order.
func (r *real) all() string {
	r.t.Helper()
	const last = "\x1b]7777;that was all\x07" // no terminal draws it
	if _, err := r.slave.WriteString(last); err != nil {
		r.t.Fatal(err)
	}
	wait := patience.New()
	for {
		r.mu.Lock()
		raw, whole := strings.CutSuffix(r.raw.String(), last)
		r.mu.Unlock()
		if whole {
			return raw
		}
		select {
		case <-r.drawn:
		case <-wait.Look():
			if err := wait.Lost(); err != nil {
				r.t.Fatal("the terminal does not pass on what was written to it: ", err)
			}
		}
	}
}

// pids are those that the program has ever printed.
func (r *real) pids() []int {
	r.mu.Lock()
	defer r.mu.Unlock()
	var pids []int
	for _, m := range mainPid.FindAllStringSubmatch(r.raw.String(), -1) {
		pid, err := strconv.Atoi(m[1])
		if err != nil {
			r.t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}

// A developer's day in a minute.
func TestTerminal(t *testing.T) {
	t.Parallel()
	r := startReal(t, "hotdev")
	r.sees("watching 1 package", "gen 1")
	r.write("version.go", "package main\n\nvar Version = undefinedName\n")
	r.sees("version.go:3:15", "undefined: undefinedName", "^^^", "hello 1")
	r.resize(60, 15)
	r.sees("undefined: undefinedName")
	r.resize(120, 40)
	r.write("version.go", "package main\n\nvar Version = 2\n")
	r.sees("hello 2")
	r.until(func(s string) bool {
		return strings.Contains(s, "✓ fixed: version.go:3") && !strings.Contains(s, "^^^")
	}, "fixed screen")
	r.keys("R")
	r.until(func(s string) bool { return strings.Count(s, "hello 2") >= 2 }, "second start")
	r.keys("s")
	r.sees("stopped")
	r.keys("s")
	r.until(func(s string) bool { return strings.Count(s, "hello 2") >= 3 }, "third start")
	r.keys("?")
	r.sees("any other key closes this page")
	r.keys("?")
	r.sees("3 Process")
	r.keys("/hello\r")
	r.sees("search: hello", "/")
	r.keys("\x1b")
	r.until(func(s string) bool { return !strings.Contains(s, "search: hello") }, "end of the search")
	r.keys("f!hello\r")
	r.until(func(s string) bool {
		return strings.Contains(s, "filter: !hello") && strings.Contains(s, "main pid") && !strings.Contains(s, "hello 2")
	}, "filter")
	r.keys("\x1b")
	r.sees("hello 2")
	r.keys(" ")
	r.sees("paused")
	r.keys("q")
	r.ends(exit.OK)
}

// Whatever ends hotdev, the terminal is left as it was found.
func TestTerminalRestored(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		start func(t *testing.T, command string, args ...string) *real
		end   func(*real)
		code  exit.Code
	}{
		{"ctrl-C", startReal, func(r *real) { r.keys("\x03") }, exit.OK},
		{"SIGINT", startSimple, func(r *real) { r.cmd.Process.Signal(os.Interrupt) }, exit.OK},
		{"SIGTERM", startSimple, func(r *real) { r.cmd.Process.Signal(syscall.SIGTERM) }, exit.OK},
		{"SIGHUP", startSimple, func(r *real) { r.cmd.Process.Signal(syscall.SIGHUP) }, exit.OK},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := c.start(t, "hotdev")
			c.end(r)
			r.ends(c.code)
		})
	}
	t.Run("panic", func(t *testing.T) {
		t.Parallel()
		r := startReal(t, "hotdev-panics")
		r.write("version.go", "package main\n\nvar Version = 2\n")
		r.ends(2)
		raw := r.all()
		if !strings.Contains(raw[strings.LastIndex(raw, "\x1b[?1049l"):], "panic: at the first save") {
			t.Errorf("the panic is not on the screen:\n%s", r.screen())
		}
	})
}
