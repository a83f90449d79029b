//go:build unix

package runner

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// A socket goes from one program to the next. Whoever connects while there is none is
// answered by the next.
func TestListeners(t *testing.T) {
	socket, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	addr := "127.0.0.1:" + socket.Name()
	gate := filepath.Join(t.TempDir(), "gate")
	if err := syscall.Mkfifo(gate, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GATE", gate)
	t.Setenv("LISTEN_PID", "1") // those of somebody else
	t.Setenv("LISTEN_FDS", "7")
	ask := func() string {
		t.Helper()
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		text, err := io.ReadAll(c)
		if err != nil {
			t.Error(err)
		}
		return strings.TrimSpace(string(text))
	}
	for _, wrapper := range [][]string{nil, nil, {"env"}} {
		waiting := make(chan string)
		go func() { waiting <- ask() }()
		r := newRoll(t)
		// What else it is given comes after the sockets.
		p, out := run(t, Spec{Listeners: []*os.File{socket}, Sockets: []string{"HOTDEV_CONTROL"}, Wrapper: wrapper}, "serve")
		p.Socket("HOTDEV_CONTROL").Close()
		r.join(1)
		if u, ok := p.Usage(); !ok || len(u.Ports) > 0 {
			t.Errorf("it waits for connections at %v before it does", u.Ports)
		}
		if err := os.WriteFile(gate, nil, 0); err != nil {
			t.Fatal(err)
		}
		pid := fmt.Sprint(p.Pid())
		if got := <-waiting; got != pid {
			t.Errorf("who waited is answered by %q, want %s", got, pid)
		}
		if got := ask(); got != pid {
			t.Errorf("answered by %q, want %s", got, pid)
		}
		if u, ok := p.Usage(); runtime.GOOS == "linux" && (!ok || len(u.Ports) != 1 || u.Ports[0].Addr != addr) {
			t.Errorf("it waits for connections at %v, want %s", u.Ports, addr)
		}
		if want := fmt.Sprintf("stdout: %s of %s for me: %v\n", socket.Name(), pid, wrapper == nil); out.String() != want {
			t.Errorf("%s; want %s", out, want)
		}
		p.Kill()
		<-p.Done()
	}
}

// What keeps a program from running is said as if there were no sockets.
func TestListenersNoProgram(t *testing.T) {
	socket, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("no program"), 0o755); err != nil {
		t.Fatal(err)
	}
	want := "start " + text + ": exec: exec format error"
	if p, err := Start(Spec{Path: text, Listeners: []*os.File{socket}}, nil); err == nil || err.Error() != want {
		t.Errorf("%v, %v; want %s", p, err, want)
	}
}
