package builder

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotdev/hotdev/internal/patience"
)

// The test binary plays other programs: HOTDEV_ROLE says which, its arguments
// say how.
func TestMain(m *testing.M) {
	switch role := os.Getenv("HOTDEV_ROLE"); role {
	case "":
		// The go commands of the tests have little memory, and would collect it for a
		// tenth of their time.
		if os.Getenv("GOGC") == "" {
			_ = os.Setenv("GOGC", "400")
		}
		os.Exit(m.Run())
	case "tool":
		os.Exit(playTool(os.Args[1:]))
	case "generator":
		os.Exit(playGenerator(os.Args[1:]))
	case "linker":
		os.Exit(playLinker(os.Args[1:]))
	case "hotdev":
		_, err := New().Build(context.Background(), Request{
			Dir: os.Args[1], Target: []string{"."}, Output: os.Args[2], Flags: os.Args[3:],
			Env: append(os.Environ(), "HOTDEV_ROLE=tool"),
		}, Hooks{})
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	default:
		fmt.Fprintln(os.Stderr, "unknown role", role)
		os.Exit(1)
	}
}

// playTool stands between the go command and its tools (-toolexec). It holds up
// the compiler at ex.com/app, together with a child of its own, until the test
// lets go.
func playTool(argv []string) int {
	if argv[0] == "child" {
		hold("child")
		return 0
	}
	compile := strings.TrimSuffix(filepath.Base(argv[0]), ".exe") == "compile"
	if compile && os.Getenv("TOOLEXEC_IMPORTPATH") == "ex.com/app" && !slices.Contains(argv, "-V=full") {
		child := exec.Command(os.Args[0], "child")
		if err := child.Start(); err != nil {
			panic(err)
		}
		hold("compile")
		_ = child.Wait()
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return 1
	}
	return 0
}

// hold tells the test who is here and with which parent, and waits until the
// test closes the line.
func hold(who string) {
	c, err := net.Dial("tcp", os.Getenv("HOTDEV_LINE"))
	if err != nil {
		panic(err)
	}
	fmt.Fprintf(c, "%s %d\n", who, os.Getppid())
	_, _ = io.Copy(io.Discard, c)
}

// playGenerator plays a Before command.
func playGenerator(argv []string) int {
	switch argv[0] {
	case "write":
		if err := os.WriteFile(argv[1], []byte(strings.Join(argv[2:], " ")), 0o644); err != nil {
			panic(err)
		}
	case "fail":
		for i := range 30 {
			fmt.Println("line", i)
		}
		fmt.Fprintln(os.Stderr, "  page.templ:2:4: unexpected }")
		fmt.Fprintln(os.Stderr, "\x1b[31mgiving up\x1b[0m")
		return 3
	case "hold":
		child := exec.Command(os.Args[0], "child")
		child.Env = append(os.Environ(), "HOTDEV_ROLE=tool")
		child.Stdout = os.Stdout // holds the pipe as well
		if err := child.Start(); err != nil {
			panic(err)
		}
		hold("generator")
	case "daemon": // leaves a process behind that holds its pipes
		child := exec.Command(os.Args[0], "child")
		child.Env = append(os.Environ(), "HOTDEV_ROLE=tool")
		child.Stdout = os.Stdout
		if err := child.Start(); err != nil {
			panic(err)
		}
	}
	return 0
}

// A line is where processes of a test report, and what they hang on.
type line struct {
	t *testing.T
	l net.Listener
}

func newLine(t *testing.T) line {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return line{t, l}
}

func (l line) env() string { return "HOTDEV_LINE=" + l.l.Addr().String() }

// A caller is a process that reported; its connection ends when it does.
type caller struct {
	net.Conn
	who  string
	ppid int
}

// accept waits for the next process to report.
func (l line) accept() caller {
	l.t.Helper()
	type accepted struct {
		net.Conn
		err error
	}
	called := make(chan accepted, 1)
	go func() { c, err := l.l.Accept(); called <- accepted{c, err} }()
	c, err := patience.Receive(called)
	if err == nil {
		err = c.err
	}
	if err != nil {
		l.t.Fatal("no process reports: ", err)
	}
	l.t.Cleanup(func() { c.Close() })
	who := caller{Conn: c.Conn}
	if _, err := fmt.Fscanf(c, "%s %d\n", &who.who, &who.ppid); err != nil {
		l.t.Fatal(err)
	}
	return who
}

// dead fails the test if a process that reported is alive. The kernel closes a
// process's connections before it can be waited for, and so there is next to nothing
// to wait for here; but a second may pass on a busy machine before this process runs
// again.
func (l line) dead(c caller) {
	l.t.Helper()
	for range 10 {
		_ = c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		if _, err := c.Read(make([]byte, 1)); err != nil && !os.IsTimeout(err) {
			return
		}
	}
	l.t.Errorf("%s is alive", c.who)
}

// ends waits until a process that reported is dead.
func (l line) ends(c caller) {
	l.t.Helper()
	closed := make(chan error, 1)
	go func() { _, err := c.Read(make([]byte, 1)); closed <- err }()
	if read, err := patience.Receive(closed); read == nil || err != nil {
		l.t.Fatalf("%s is alive: %v", c.who, err)
	}
}

// self is the test binary.
func self(t testing.TB) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}
