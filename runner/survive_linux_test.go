package runner

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hotdev/hotdev/internal/patience"
)

// Whatever ends hotdev, its programs' trees do not survive it.
func TestHotdevKilled(t *testing.T) {
	for _, args := range [][]string{
		{"deaf"},
		{"spawn", "group", "deaf", "deaf"},
		{"spawn", "daemon", "deaf", "deaf"},
		{"spawn", "daemon", "stopped", "spawn", "session", "deaf", "polite"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			r := newRoll(t)
			hotdev := exec.Command(os.Args[0], append([]string{"play", "hotdev"}, args...)...)
			out, err := hotdev.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := hotdev.Start(); err != nil {
				t.Fatal(err)
			}
			line, _ := bufio.NewReader(out).ReadString('\n')
			supervisor := 0
			fmt.Sscanf(line, "supervisor %d", &supervisor)
			all := r.join(strings.Count(strings.Join(args, " "), "spawn") + 1)
			if name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", supervisor)); string(name) != "supervisor\n" {
				t.Errorf("the supervisor is called %q", name) // killall hotdev would hit it
			}
			ended := ending(t, supervisor)
			// What is meant for others does not end the supervisor.
			for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
				syscall.Kill(supervisor, s)
			}
			hotdev.Process.Kill()
			hotdev.Wait()
			r.gone(all...)
			ended()
		})
	}
}

// A killed supervisor takes the program with it; the rest is hotdev's to end.
func TestSupervisorKilled(t *testing.T) {
	for _, args := range [][]string{
		{"deaf"},
		{"spawn", "group", "deaf", "polite"},
		{"spawn", "daemon", "stopped", "spawn", "session", "deaf", "deaf"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			r := newRoll(t)
			p, _ := run(t, Spec{}, args...)
			n := strings.Count(strings.Join(args, " "), "spawn") + 1
			all := r.join(n)
			if u, ok := p.Usage(); !ok || u.Processes != n {
				t.Errorf("%+v", u)
			}
			syscall.Kill(p.supervisor, syscall.SIGKILL)
			<-p.Done()
			if e := p.Exit(); e.Err != "supervisor: signal: killed" || e.Code != -1 {
				t.Errorf("%+v", e)
			}
			r.extinct(all...)
		})
	}
}

// The supervisor holds no end of the program's output: or else that would stay
// open after the tree's end. Nor does it hold a folder of the user's.
func TestSupervisorHoldsNothing(t *testing.T) {
	r := newRoll(t)
	for _, tty := range []bool{false, true} {
		p, _ := run(t, Spec{TTY: tty}, "plain")
		r.join(1)
		output := map[string]bool{}
		for fd := range 3 {
			to, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", p.Pid(), fd))
			if err != nil {
				t.Fatal(err)
			}
			output[to] = to != os.DevNull
		}
		dir := fmt.Sprintf("/proc/%d/", p.supervisor)
		fds, err := os.ReadDir(dir + "fd")
		if err != nil {
			t.Fatal(err)
		}
		for _, fd := range fds {
			if to, _ := os.Readlink(dir + "fd/" + fd.Name()); output[to] {
				t.Errorf("tty %v: it holds %s", tty, to)
			}
		}
		if wd, _ := os.Readlink(dir + "cwd"); wd != "/" {
			t.Errorf("its folder is %s", wd)
		}
	}
}

// hotdev adopts orphans that have nothing to do with the program. They are left
// alone while they live, and reaped when they are dead.
func TestStrangers(t *testing.T) {
	r := newRoll(t)
	p, _ := run(t, Spec{}, "plain")
	r.join(1)
	stranger := exec.Command(os.Args[0], "play", "spawn", "daemon", "plain", "silent")
	if err := stranger.Run(); err != nil {
		t.Fatal(err)
	}
	orphan := r.join(1)[0]
	syscall.Kill(p.supervisor, syscall.SIGKILL)
	<-p.Done()
	if err := syscall.Kill(orphan.pid, 0); err != nil {
		t.Fatalf("the stranger: %v", err)
	}
	p, _ = run(t, Spec{}, "plain")
	r.join(1)
	syscall.Kill(orphan.pid, syscall.SIGKILL)
	r.gone(orphan)
	for syscall.Kill(orphan.pid, 0) == nil {
		p.Usage()
	}
}

// A hundred restarts leave nothing: no descriptor, goroutine or zombie.
func TestCycles(t *testing.T) {
	r := newRoll(t)
	cycle := func(tty bool) {
		p, _ := run(t, Spec{TTY: tty}, "spawn", "session", "plain", "polite")
		all := r.join(2)
		p.Stop()
		<-p.Done()
		if e := p.Exit(); e.Code != 3 {
			t.Fatalf("%+v", e)
		}
		for _, m := range all {
			m.conn.Close()
		}
	}
	cycle(false)
	cycle(true)
	fds, goroutines, children := count(t)
	for i := range 40 {
		cycle(i%4 == 0)
	}
	fds2, goroutines2, children2 := count(t)
	// What closes Done has a few instructions left then, and there is no other
	// sign of its end.
	_ = patience.Until(func() bool {
		goroutines2 = runtime.NumGoroutine()
		return goroutines2 <= goroutines
	})
	if fds2 != fds || goroutines2 > goroutines || children2 != children {
		t.Errorf("descriptors %d → %d, goroutines %d → %d, children %d → %d",
			fds, fds2, goroutines, goroutines2, children, children2)
	}
}

func count(t *testing.T) (fds, goroutines, children int) {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range processes() {
		if p.parent == os.Getpid() {
			children++
		}
	}
	return len(entries), runtime.NumGoroutine(), children
}

// The supervisor is this very binary, even if it was replaced by another.
func TestReplaced(t *testing.T) {
	copied := filepath.Join(t.TempDir(), "hotdev")
	binary, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(copied, binary, 0o755); err != nil {
		t.Fatal(err)
	}
	r := newRoll(t)
	cmd := exec.Command(copied, "play", "replaced", os.Args[0])
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	all := r.join(1)
	cmd.Process.Kill()
	cmd.Wait()
	r.gone(all...)
}

// A binary that something still holds open for writing is waited for: a process
// that is forked just then has it open, up to its own exec.
func TestBusyBinary(t *testing.T) {
	path := filepath.Join(t.TempDir(), "busy")
	if err := os.WriteFile(path, []byte("#!/bin/sh\nexit 5\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(20*time.Millisecond, func() { f.Close() })
	p, err := Start(Spec{Path: path}, func([]Line) {})
	if err != nil {
		t.Fatal(err)
	}
	ends(t, p, Exit{Code: 5})
}

func TestUsage(t *testing.T) {
	r := newRoll(t)
	p, _ := run(t, Spec{}, "spawn", "daemon", "busy", "plain")
	r.join(2)
	// The busy one has said so only after some ticks of work.
	u, ok := p.Usage()
	if !ok || u.Processes != 2 || u.RSS < 1<<20 || u.CPU <= 0 {
		t.Errorf("%+v %v", u, ok)
	}
	p.Kill()
	<-p.Done()
	if u, ok := p.Usage(); ok {
		t.Errorf("%+v", u)
	}
}

func TestParseProcess(t *testing.T) {
	p, ok := parseProcess([]byte("42 (a) b (c)) S 1 40 39 0 -1 4194560 1 0 0 0 7 5 0 0 20 0 8 0 12345 1000 321 18446744073709551615 0 0"))
	want := process{pid: 42, parent: 1, group: 40, session: 39, name: "a) b (c)", state: 'S', ticks: 12, start: 12345, pages: 321}
	if !ok || p != want {
		t.Errorf("%+v, %v", p, ok)
	}
	for _, s := range []string{"", "1", "1 (x", "1 (x) S", "x) (y"} {
		if p, ok := parseProcess([]byte(s)); ok {
			t.Errorf("%q: %+v", s, p)
		}
	}
}

func BenchmarkProcesses(b *testing.B) {
	n := 0
	for b.Loop() {
		n = len(processes())
	}
	b.ReportMetric(float64(n), "processes")
}

// ending gives a function that waits for the end of a process that is no child.
func ending(t *testing.T, pid int) func() {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		t.Skip(err)
	}
	return func() {
		defer unix.Close(fd)
		for {
			n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1)
			if n == 1 {
				return
			}
			if err != unix.EINTR {
				t.Fatal(n, err)
			}
		}
	}
}

// A prepared supervisor starts its program, is replaced where it does not fit or
// is no more, and ends where it is not needed.
func TestSpare(t *testing.T) {
	_, _, before := count(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		like Spec
		kill bool
		used bool
	}{
		{"fits", Spec{}, false, true},
		{"another shape", Spec{TTY: true}, false, false},
		{"killed meanwhile", Spec{}, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRoll(t)
			spec := Spec{Path: self, Args: []string{"play", "plain"}}
			c.like.Path = self
			s, err := Prepare(c.like)
			if err != nil {
				t.Fatal(err)
			}
			pid := s.cmd.Process.Pid
			if c.kill {
				if err := s.cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
			p, err := s.Start(spec, func([]Line) {})
			if err != nil {
				t.Fatal(err)
			}
			r.join(1)
			if used := p.supervisor == pid; used != c.used {
				t.Errorf("the spare was used: %v", used)
			}
			p.Stop()
			<-p.Done()
		})
	}
	s, err := Prepare(Spec{Path: self})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	if _, _, after := count(t); after != before {
		t.Errorf("%d children before, %d after", before, after)
	}
}
