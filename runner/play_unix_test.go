//go:build unix

package runner

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// The tests' children are this binary itself, in a role that TestMain plays.
func TestMain(m *testing.M) {
	Main()
	if len(os.Args) > 2 && os.Args[1] == "play" {
		play(os.Args[2], os.Args[3:])
		os.Exit(0)
	}
	// Children of a race test would sleep for a second at their end.
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	os.Exit(m.Run())
}

// play is the whole life of a child. Roles that live on are listed first on the
// roll of the test, whose address is in ROLL: a connection that ends with them.
func play(role string, args []string) {
	if gate := os.Getenv("GATE"); gate != "" && (role == "exit" || role == "suicide") {
		os.ReadFile(gate) // until the test lets it go
	}
	switch role {
	case "exit":
		code, _ := strconv.Atoi(args[0])
		fmt.Println("out")
		fmt.Fprintln(os.Stderr, "err")
		os.Exit(code)
	case "silent":
	case "flood":
		n, _ := strconv.Atoi(args[0])
		line := strings.Repeat("x", 99) + "\n"
		for range n {
			os.Stdout.WriteString(line)
		}
		if len(args) > 1 {
			play(args[1], args[2:])
		}
	case "torrent": // a flood in big writes
		n, _ := strconv.Atoi(args[0])
		block := strings.Repeat(strings.Repeat("x", 99)+"\n", 100)
		for range n / 100 {
			os.Stdout.WriteString(block)
		}
	case "prompt":
		fmt.Print("name? ")
		enlist(role)
		wait()
	case "polite":
		c := make(chan os.Signal, 1)
		signal.Notify(c, syscall.SIGINT, syscall.SIGTERM, syscall.SIGUSR1)
		enlist(role)
		go wait()
		fmt.Println("got", <-c)
		os.Exit(3)
	case "plain", "stopped": // dies of the first signal; join stops the second
		enlist(role)
		wait()
	case "deaf":
		signal.Ignore(syscall.SIGINT, syscall.SIGTERM)
		enlist(role)
		wait()
	case "suicide":
		signal.Reset()
		n, _ := strconv.Atoi(args[0])
		syscall.Kill(os.Getpid(), syscall.Signal(n))
		wait()
	case "spawn": // kind, role of the child, own role
		spawn(args[0], args[1])
		play(args[2], args[3:])
	case "chain": // flees by forking, for ever
		fmt.Fprintln(os.Stdout, "link", os.Getpid())
		spawnAs(&syscall.SysProcAttr{Setsid: true}, role)
	case "bomb":
		enlist(role)
		if n, _ := strconv.Atoi(args[0]); n > 0 {
			signal.Ignore(syscall.SIGINT)
			for range 2 {
				spawnAs(&syscall.SysProcAttr{Setsid: n%2 == 0}, "bomb", strconv.Itoa(n-1))
			}
		}
		wait()
	case "look":
		fds, _ := os.ReadDir("/proc/self/fd")
		for _, fd := range fds {
			to, err := os.Readlink("/proc/self/fd/" + fd.Name())
			if err == nil && !strings.HasPrefix(to, "anon_inode:") && !strings.HasPrefix(to, "/proc/") && !strings.HasPrefix(to, "/sys/") { // the runtime's own
				kind, _, _ := strings.Cut(to, ":")
				fmt.Println("fd", fd.Name(), kind)
			}
		}
		for _, e := range os.Environ() {
			fmt.Println("env", e)
		}
		wd, _ := os.Getwd()
		fmt.Println("dir", wd)
		fmt.Printf("args %q\n", args)
		_, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
		fmt.Println("tty", err == nil)
		if size, err := pty.GetsizeFull(os.Stdout); err == nil {
			fmt.Println("size", size.Rows, size.Cols)
		}
	case "read":
		n, err := os.Stdin.Read(make([]byte, 1))
		fmt.Println(n, err)
	case "echo": // upper case, until the end of the input; and the terminal's size when it changes
		c := make(chan os.Signal, 1)
		signal.Notify(c, syscall.SIGWINCH)
		go func() {
			for range c {
				if size, err := pty.GetsizeFull(os.Stdin); err == nil {
					fmt.Println("size", size.Rows, size.Cols)
				}
			}
		}()
		fmt.Println("ready")
		for s := bufio.NewScanner(os.Stdin); s.Scan(); {
			fmt.Println(strings.ToUpper(s.Text()))
		}
		fmt.Println("end")
	case "listen":
		time.Sleep(50 * time.Millisecond) // its initialisation
		if _, err := net.Listen("tcp", "127.0.0.1:0"); err != nil {
			panic(err)
		}
		fmt.Println(time.Now().UnixNano())
		wait()
	case "serve": // on the sockets that it was given, in systemd's way
		fmt.Printf("%s of %d for me: %v\n", os.Getenv("LISTEN_FDNAMES"), os.Getpid(), os.Getenv("LISTEN_PID") == strconv.Itoa(os.Getpid()))
		enlist(role)
		os.ReadFile(os.Getenv("GATE")) // until the test lets it go on
		count, _ := strconv.Atoi(os.Getenv("LISTEN_FDS"))
		for fd := 3; fd < 3+count; fd++ {
			l, err := net.FileListener(os.NewFile(uintptr(fd), "listener"))
			if err != nil {
				panic(err)
			}
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						panic(err)
					}
					fmt.Fprintln(c, os.Getpid())
					c.Close()
				}
			}()
		}
		wait()
	case "busy":
		var usage syscall.Rusage
		for usage.Utime.Nano() < 50e6 { // five ticks
			syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
		}
		enlist(role)
		wait()
	case "replaced": // hotdev, whose binary changes under it
		if err := os.WriteFile(os.Args[0]+".new", []byte("no program"), 0o755); err != nil {
			panic(err)
		}
		if err := os.Rename(os.Args[0]+".new", os.Args[0]); err != nil {
			panic(err)
		}
		if _, err := Start(Spec{Path: args[0], Args: []string{"play", "deaf"}}, func([]Line) {}); err != nil {
			panic(err)
		}
		wait()
	case "control": // echoes what it is told, upper case, until it is told to go
		fd, err := strconv.Atoi(os.Getenv("HOTDEV_CONTROL"))
		if err != nil {
			fmt.Println("no control")
			return
		}
		socket := os.NewFile(uintptr(fd), "control")
		fmt.Fprintf(socket, "pid %d\n", os.Getpid())
		for s := bufio.NewScanner(socket); s.Scan() && s.Text() != "go"; {
			fmt.Fprintln(socket, strings.ToUpper(s.Text()))
		}
	case "crash":
		crashAs(args[0])
	case "run editor":
		runEditor()
	case "edit":
		edit()
	case "hotdev": // runs another role, until it is killed itself
		p, err := Start(Spec{Path: os.Args[0], Args: append([]string{"play"}, args...)}, func([]Line) {})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("supervisor", p.supervisor)
		wait()
	default:
		panic("no such role: " + role)
	}
}

// wait lasts longer than any test; if a test leaks a process, it does not live
// for ever.
func wait() {
	time.Sleep(5 * time.Minute)
	os.Exit(99)
}

func enlist(role string) {
	c, err := net.Dial("unix", os.Getenv("ROLL"))
	if err != nil {
		panic(err)
	}
	fmt.Fprintf(c, "%s %d\n", role, os.Getpid())
	c.Read(make([]byte, 1)) // until the test has read it
	held = c
}

var held net.Conn // keeps the connection from being collected

func spawn(kind, role string) {
	switch kind {
	case "group":
		spawnAs(&syscall.SysProcAttr{}, role)
	case "session":
		spawnAs(&syscall.SysProcAttr{Setsid: true}, role)
	case "daemon": // the one in the middle ends
		cmd := spawnAs(&syscall.SysProcAttr{Setsid: true}, "spawn", "session", role, "silent")
		cmd.Wait()
	}
}

func spawnAs(attr *syscall.SysProcAttr, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], append([]string{"play"}, args...)...)
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = os.Stdout, os.Stderr, attr
	if err := cmd.Start(); err != nil {
		os.Exit(1) // the test killed what it needs
	}
	return cmd
}

// A roll knows which processes of a test are alive.
type roll struct {
	t    *testing.T
	addr string
	l    net.Listener
}

type member struct {
	role string
	pid  int
	conn net.Conn
}

func newRoll(t *testing.T) *roll {
	dir, err := os.MkdirTemp("", "roll") // t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	addr := filepath.Join(dir, "s")
	l, err := net.Listen("unix", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	t.Setenv("ROLL", addr)
	return &roll{t: t, addr: addr, l: l}
}

// join waits for n processes. It is what stops those whose role that is: one that
// stopped itself could do so between the SIGINT and the SIGCONT of a Stop and its
// own end, and nobody would wake it.
func (r *roll) join(n int) []member {
	r.t.Helper()
	var ms []member
	for range n {
		c, err := r.l.Accept()
		if err != nil {
			r.t.Fatal(err)
		}
		r.t.Cleanup(func() { c.Close() })
		m := member{conn: c}
		if _, err := fmt.Fscanf(c, "%s %d\n", &m.role, &m.pid); err != nil {
			r.t.Fatal(err)
		}
		if m.role == "stopped" {
			if err := syscall.Kill(m.pid, syscall.SIGSTOP); err != nil {
				r.t.Fatal(err)
			}
		}
		c.Write([]byte{1})
		ms = append(ms, m)
	}
	return ms
}

// gone waits for the end of m.
func (r *roll) gone(ms ...member) {
	r.t.Helper()
	for _, m := range ms {
		if n, err := io.Copy(io.Discard, m.conn); n != 0 {
			r.t.Fatal(n, err)
		}
	}
}

// extinct asserts that m is gone now, not even a zombie.
func (r *roll) extinct(ms ...member) {
	r.t.Helper()
	for _, m := range ms {
		m.conn.SetReadDeadline(time.Now())
		if err := syscall.Kill(m.pid, 0); err != syscall.ESRCH {
			state, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", m.pid))
			r.t.Errorf("%s %d: %v, want it gone: %s", m.role, m.pid, err, state)
		}
	}
}
