//go:build unix

package runner

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A transcript is what a Process emitted.
type transcript struct {
	mu    sync.Mutex
	lines []Line
	more  chan struct{} // closed and replaced with every line
}

func newTranscript() *transcript { return &transcript{more: make(chan struct{})} }

func (tr *transcript) emit(lines []Line) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.lines = append(tr.lines, lines...)
	close(tr.more)
	tr.more = make(chan struct{})
}

// await waits for a line that begins with prefix.
func (tr *transcript) await(prefix string) Line {
	for {
		tr.mu.Lock()
		more := tr.more
		for _, l := range tr.lines {
			if strings.HasPrefix(l.Text, prefix) {
				tr.mu.Unlock()
				return l
			}
		}
		tr.mu.Unlock()
		<-more
	}
}

func (tr *transcript) String() string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	var b strings.Builder
	for _, l := range tr.lines {
		if l.Partial {
			b.WriteString("partial ")
		}
		b.WriteString(string(l.Stream) + ": " + l.Text + "\n")
	}
	return b.String()
}

// run starts a role.
func run(t *testing.T, spec Spec, args ...string) (*Process, *transcript) {
	t.Helper()
	tr := newTranscript()
	spec.Path, spec.Args = os.Args[0], append([]string{"play"}, args...)
	if spec.StopTimeout == 0 {
		spec.StopTimeout = time.Minute // only what is meant to run out does
	}
	p, err := Start(spec, tr.emit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Kill()
		<-p.Done()
	})
	return p, tr
}

func ends(t *testing.T, p *Process, want Exit) {
	t.Helper()
	<-p.Done()
	got := p.Exit()
	if got.Uptime <= 0 && got.Err == "" {
		t.Errorf("uptime %v", got.Uptime)
	}
	got.Uptime = 0
	if got != want {
		t.Errorf("exit:\n got %+v\nwant %+v", got, want)
	}
}

func TestExit(t *testing.T) {
	p, tr := run(t, Spec{}, "exit", "7")
	ends(t, p, Exit{Code: 7})
	if s := tr.String(); s != "stdout: out\nstderr: err\n" && s != "stderr: err\nstdout: out\n" {
		t.Errorf("output:\n%s", s)
	}
}

func TestStop(t *testing.T) {
	tests := []struct {
		name   string
		spec   Spec
		args   []string
		living int
		want   Exit
	}{
		{"polite", Spec{}, []string{"polite"}, 1, Exit{Code: 3, Stopped: true}},
		{"other signal", Spec{StopSignal: "SIGUSR1"}, []string{"polite"}, 1, Exit{Code: 3, Stopped: true}},
		{"dies of it", Spec{}, []string{"plain"}, 1, Exit{Code: -1, Signal: "SIGINT", Stopped: true}},
		{"deaf", Spec{StopTimeout: time.Millisecond}, []string{"deaf"}, 1, Exit{Code: -1, Signal: "SIGKILL", Stopped: true, Killed: true, Overdue: time.Millisecond}},
		{"stopped", Spec{}, []string{"stopped"}, 1, Exit{Code: -1, Signal: "SIGINT", Stopped: true}},
		{"terminal", Spec{TTY: true}, []string{"polite"}, 1, Exit{Code: 3, Stopped: true}},

		{"group", Spec{}, []string{"spawn", "group", "polite", "polite"}, 2, Exit{Code: 3, Stopped: true}},
		{"session", Spec{}, []string{"spawn", "session", "polite", "polite"}, 2, Exit{Code: 3, Stopped: true}},
		{"daemon", Spec{}, []string{"spawn", "daemon", "polite", "polite"}, 2, Exit{Code: 3, Stopped: true}},
		{"deaf group", Spec{}, []string{"spawn", "group", "deaf", "polite"}, 2, Exit{Code: 3, Stopped: true, Left: 1}},
		{"deaf daemon", Spec{}, []string{"spawn", "daemon", "deaf", "polite"}, 2, Exit{Code: 3, Stopped: true, Left: 1}},
		{"deaf daemon, terminal", Spec{TTY: true}, []string{"spawn", "daemon", "deaf", "polite"}, 2, Exit{Code: 3, Stopped: true, Left: 1}},
		{"all deaf", Spec{StopTimeout: time.Millisecond}, []string{"spawn", "daemon", "deaf", "deaf"}, 2, Exit{Code: -1, Signal: "SIGKILL", Stopped: true, Killed: true, Overdue: time.Millisecond}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRoll(t)
			p, _ := run(t, test.spec, test.args...)
			all := r.join(test.living)
			p.Stop()
			p.Stop()
			ends(t, p, test.want)
			r.extinct(all...)
		})
	}
}

// What the program leaves behind when it ends by itself is ended as well.
func TestLeftBehind(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want Exit
	}{
		{"group", []string{"spawn", "group", "plain", "exit", "0"}, Exit{Left: 1}},
		{"daemon", []string{"spawn", "daemon", "plain", "exit", "1"}, Exit{Code: 1, Left: 1}},
		{"deaf daemon", []string{"spawn", "daemon", "deaf", "exit", "0"}, Exit{Left: 1}},
		{"stopped", []string{"spawn", "session", "stopped", "exit", "0"}, Exit{Left: 1}},
		{"crash", []string{"spawn", "daemon", "deaf", "suicide", "9"}, Exit{Code: -1, Signal: "SIGKILL", Left: 1}},
		{"two", []string{"spawn", "group", "plain", "spawn", "daemon", "deaf", "exit", "0"}, Exit{Left: 2}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRoll(t)
			// The program ends only when its children are on the roll.
			gate := filepath.Join(t.TempDir(), "gate")
			if err := syscall.Mkfifo(gate, 0o600); err != nil {
				t.Fatal(err)
			}
			t.Setenv("GATE", gate)
			p, _ := run(t, Spec{}, test.args...)
			all := r.join(test.want.Left)
			if err := os.WriteFile(gate, nil, 0); err != nil {
				t.Fatal(err)
			}
			ends(t, p, test.want)
			r.extinct(all...)
		})
	}
}

func TestSignals(t *testing.T) {
	for n, name := range map[string]string{"1": "SIGHUP", "9": "SIGKILL", "15": "SIGTERM"} {
		p, _ := run(t, Spec{}, "suicide", n)
		ends(t, p, Exit{Code: -1, Signal: name})
	}
}

func TestKill(t *testing.T) {
	for _, args := range [][]string{
		{"polite"},
		{"spawn", "daemon", "deaf", "deaf"},
		{"spawn", "daemon", "stopped", "spawn", "session", "deaf", "polite"},
	} {
		r := newRoll(t)
		p, _ := run(t, Spec{}, args...)
		all := r.join(strings.Count(strings.Join(args, " "), "spawn") + 1)
		p.Kill()
		p.Kill()
		ends(t, p, Exit{Code: -1, Signal: "SIGKILL", Stopped: true, Killed: true})
		r.extinct(all...)
	}
}

func TestKillDuringStop(t *testing.T) {
	r := newRoll(t)
	p, _ := run(t, Spec{}, "spawn", "daemon", "deaf", "deaf") // a minute's grace
	all := r.join(2)
	p.Stop()
	p.Kill()
	ends(t, p, Exit{Code: -1, Signal: "SIGKILL", Stopped: true, Killed: true})
	r.extinct(all...)
}

// A tree that grows while it is killed, in and out of its group.
func TestBomb(t *testing.T) {
	r := newRoll(t)
	p, _ := run(t, Spec{}, "bomb", "4")
	first := r.join(5) // of 31
	p.Kill()
	ends(t, p, Exit{Code: -1, Signal: "SIGKILL", Stopped: true, Killed: true})
	r.extinct(first...)
}

// Every process of a chain forks the next, in a session of its own, and ends.
func TestChain(t *testing.T) {
	p, tr := run(t, Spec{}, "chain")
	tr.await("link")
	<-p.Done()
	if e := p.Exit(); e.Code != 0 || e.Err != "" {
		t.Errorf("%+v", e)
	}
	for _, l := range strings.Fields(tr.String()) {
		if pid, err := strconv.Atoi(l); err == nil && syscall.Kill(pid, 0) != syscall.ESRCH {
			t.Errorf("link %d is alive", pid)
		}
	}
}

func TestPrompt(t *testing.T) {
	for _, tty := range []bool{false, true} {
		r := newRoll(t)
		p, tr := run(t, Spec{TTY: tty}, "prompt")
		r.join(1)
		if l := tr.await("name"); l != (Line{Stream: Stdout, Text: "name? ", Partial: true}) {
			t.Errorf("%+v", l)
		}
		p.Kill()
		<-p.Done()
		if s := tr.String(); s != "partial stdout: name? \nstdout: name? \n" {
			t.Error(s)
		}
	}
}

func TestFlood(t *testing.T) {
	for _, tty := range []bool{false, true} {
		lines, bytes := 0, 0
		p, err := Start(Spec{Path: os.Args[0], Args: []string{"play", "flood", "20000"}, TTY: tty}, func(ls []Line) {
			for _, l := range ls {
				if !l.Partial {
					lines++
					bytes += len(l.Text)
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		<-p.Done()
		if lines != 20000 || bytes != 20000*99 {
			t.Errorf("tty %v: %d lines, %d bytes", tty, lines, bytes)
		}
	}
}

// While emit blocks the program can be killed, and nothing that it printed is
// lost.
func TestBackPressure(t *testing.T) {
	r := newRoll(t)
	first, resume := make(chan struct{}), make(chan struct{})
	var once sync.Once
	lines := 0
	p, err := Start(Spec{Path: os.Args[0], Args: []string{"play", "flood", "500", "plain"}}, func(ls []Line) {
		once.Do(func() { close(first) })
		<-resume
		lines += len(ls)
	})
	if err != nil {
		t.Fatal(err)
	}
	<-first
	all := r.join(1)
	p.Kill()
	r.gone(all...)
	select {
	case <-p.Done():
		t.Error("done before its output was emitted")
	case <-time.After(2 * drainIdle): // blocked for longer than any wait for pipes
	}
	close(resume)
	ends(t, p, Exit{Code: -1, Signal: "SIGKILL", Stopped: true, Killed: true})
	if lines != 500 {
		t.Errorf("%d lines", lines)
	}
}

// An endless flood is held up while emit blocks.
func TestKillBlocked(t *testing.T) {
	first, resume := make(chan struct{}), make(chan struct{})
	var once sync.Once
	p, err := Start(Spec{Path: os.Args[0], Args: []string{"play", "flood", "1000000000"}}, func([]Line) {
		once.Do(func() { close(first) })
		<-resume
	})
	if err != nil {
		t.Fatal(err)
	}
	<-first
	p.Kill()
	close(resume)
	ends(t, p, Exit{Code: -1, Signal: "SIGKILL", Stopped: true, Killed: true})
}

// A pipe's end that a stranger holds does not keep a dead program alive.
func TestHeldPipe(t *testing.T) {
	r := newRoll(t)
	p, tr := run(t, Spec{}, "prompt")
	r.join(1)
	held, err := os.OpenFile(fmt.Sprintf("/proc/%d/fd/1", p.Pid()), os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err) // no /proc
	}
	defer held.Close()
	p.Kill()
	<-p.Done()
	if s := tr.String(); !strings.HasSuffix(s, "stdout: name? \n") {
		t.Error(s)
	}
}

func TestSurroundings(t *testing.T) {
	leak, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer leak.Close()
	syscall.Syscall(syscall.SYS_FCNTL, leak.Fd(), syscall.F_SETFD, 0) // as a shell would leave it
	dir, _ := filepath.EvalSymlinks(t.TempDir())
	env := []string{"A=1", "B=\xff", "A=2"}
	for _, tty := range []bool{false, true} {
		p, tr := run(t, Spec{Dir: dir, Env: env, TTY: tty, Cols: 132}, "look", "", "a b", "\xfe")
		ends(t, p, Exit{})
		want := "fd 0 /dev/null\nfd 1 pipe\nfd 2 pipe\n"
		if tty {
			want = "fd 0 /dev/pts\nfd 1 /dev/pts\nfd 2 /dev/pts\n"
		}
		want += "env B=\ufffd\nenv A=2\nenv HOTDEV_SUPERVISOR=pid\ndir " + dir + "\n" + `args ["" "a b" "\xfe"]` + "\n"
		if tty {
			want += "tty true\nsize 24 132\n"
		} else {
			want += "tty false\n"
		}
		got := strings.ReplaceAll(tr.String(), "stdout: ", "")
		got = regexp.MustCompile(`HOTDEV_SUPERVISOR=[1-9]\d*\n`).ReplaceAllString(got, "HOTDEV_SUPERVISOR=pid\n")
		if got = ptsNumber.ReplaceAllString(got, "/dev/pts\n"); got != want {
			t.Errorf("got:\n%s\nwant:\n%s", got, want)
		}
	}
	p, tr := run(t, Spec{}, "read")
	ends(t, p, Exit{})
	if got := tr.String(); got != "stdout: 0 EOF\n" {
		t.Error(got)
	}
}

var ptsNumber = regexp.MustCompile(`/dev/pts/\d+\n`)

func TestStartErrors(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	os.WriteFile(text, []byte("no program"), 0o755)
	locked := filepath.Join(dir, "locked")
	os.WriteFile(locked, nil, 0o644)
	for _, test := range []struct {
		spec Spec
		want string
	}{
		{Spec{Path: "no-such-command"}, "start no-such-command: \"no-such-command\" cannot be run: it is not in PATH: install it, or take it out of the configuration"},
		{Spec{Path: "a", Wrapper: []string{"b"}}, "start a: the path is not absolute"},
		{Spec{}, "start : the path is not absolute"},
		{Spec{Path: "/no/such"}, "start /no/such: exec: no such file or directory"},
		{Spec{Path: text}, "start " + text + ": exec: exec format error"},
		{Spec{Path: locked}, "start " + locked + ": exec: permission denied"},
		{Spec{Path: os.Args[0], Dir: "/no/such"}, "start " + os.Args[0] + ": stat /no/such: no such file or directory"},
		{Spec{Path: os.Args[0], StopSignal: "SIGHELLO"}, "start " + os.Args[0] + `: unknown signal "SIGHELLO"`},
		{Spec{Path: os.Args[0], Env: []string{"A=\x00"}}, "start " + os.Args[0] + ": the environment holds a NUL byte"},
	} {
		p, err := Start(test.spec, nil)
		if err == nil || err.Error() != test.want {
			t.Errorf("%v, %v; want %s", p, err, test.want)
		}
	}
}

// However orders and the program's own end meet, there is one end, and nothing
// is left.
func TestRaces(t *testing.T) {
	for i := range 30 {
		p, _ := run(t, Spec{StopTimeout: time.Millisecond}, []string{"exit", "silent", "plain"}[i%3], "0")
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(p.Stop)
			wg.Go(func() { p.Usage() })
			wg.Go(func() { p.Exit() })
			if i%2 == 0 {
				wg.Go(p.Kill)
			}
		}
		wg.Wait()
		p.Stop()
		<-p.Done()
		if e := p.Exit(); e.Err != "" || e.Left != 0 || e.Code < 0 == (e.Signal == "") {
			t.Errorf("%+v", e)
		}
		p.Kill()
		if _, ok := p.Usage(); ok {
			t.Error("usage of the dead")
		}
		if err := syscall.Kill(p.Pid(), 0); err != syscall.ESRCH {
			t.Error(err)
		}
	}
}
