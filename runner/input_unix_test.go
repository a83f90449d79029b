//go:build unix

package runner

import (
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/hotdev/hotdev/internal/patience"
)

// Lines go in by a pipe, whatever else the program is given, and have an end.
func TestInputPipe(t *testing.T) {
	for _, sockets := range [][]string{nil, {"HOTDEV_CONTROL"}} {
		p, tr := run(t, Spec{Input: true, Sockets: sockets}, "echo")
		if p.Terminal() {
			t.Error("a pipe is a terminal")
		}
		tr.await("ready")
		io.WriteString(p.Input(), "one\ntwo\n")
		tr.await("TWO")
		if err := p.Input().Close(); err != nil {
			t.Error(err)
		}
		ends(t, p, Exit{})
		if got := tr.String(); got != "stdout: ready\nstdout: ONE\nstdout: TWO\nstdout: end\n" {
			t.Errorf("%s", got)
		}
		if socket := p.Socket("HOTDEV_CONTROL"); socket != nil {
			socket.Close()
		}
	}
}

// A terminal takes what is typed, tells of its size, and hands on what is printed as it
// is.
func TestInputTerminal(t *testing.T) {
	var mu sync.Mutex
	var raw strings.Builder
	spec := Spec{TTY: true, Input: true, Rows: 5, Cols: 50, Raw: func(b []byte) {
		mu.Lock()
		defer mu.Unlock()
		raw.Write(b)
	}}
	p, tr := run(t, spec, "echo")
	if !p.Terminal() {
		t.Error("a terminal is none")
	}
	tr.await("ready")
	if err := p.Resize(7, 70); err != nil {
		t.Error(err)
	}
	tr.await("size 7 70")
	io.WriteString(p.Input(), "one\r")
	tr.await("ONE")
	p.Input().Close() // does nothing
	io.WriteString(p.Input(), "two\r\x04")
	ends(t, p, Exit{})
	mu.Lock()
	defer mu.Unlock()
	if got, want := raw.String(), "ready\r\nsize 7 70\r\none\r\nONE\r\ntwo\r\nTWO\r\nend\r\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if err := p.Resize(8, 80); err == nil {
		t.Error("the terminal of a program that is gone has another size")
	}
}

// Without either there is nothing to write to.
func TestInputNone(t *testing.T) {
	p, _ := run(t, Spec{}, "silent")
	if p.Input() != nil || p.Terminal() || p.Resize(1, 1) != nil {
		t.Error("there is an input")
	}
	<-p.Done()
}

// Who writes to a program that does not read is let go when that ends.
func TestInputUnread(t *testing.T) {
	for _, tty := range []bool{false, true} {
		r := newRoll(t)
		p, _ := run(t, Spec{TTY: tty, Input: true}, "plain")
		r.join(1)
		var err error
		over := make(chan struct{})
		go func() {
			defer close(over)
			for err == nil {
				_, err = io.WriteString(p.Input(), strings.Repeat("x", 10_000)+"\n")
			}
		}()
		p.Kill()
		if _, lost := patience.Receive(over); lost != nil {
			t.Fatalf("tty %v: %v", tty, lost)
		}
		if errors.Is(err, os.ErrInvalid) {
			t.Error(err)
		}
	}
}

// A supervisor that was prepared at another size does as well.
func TestSpareSize(t *testing.T) {
	spec := Spec{Path: os.Args[0], TTY: true, Rows: 24, Cols: 80}
	spare, err := Prepare(spec)
	if err != nil {
		t.Fatal(err)
	}
	spec.Rows, spec.Cols, spec.Args = 9, 90, []string{"play", "look"}
	pid := spare.cmd.Process.Pid
	tr := newTranscript()
	p, err := spare.Start(spec, tr.emit)
	if err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	if got := tr.String(); !strings.Contains(got, "size 9 90") || p.supervisor != pid {
		t.Errorf("supervisor %d, prepared %d:\n%s", p.supervisor, pid, got)
	}
}
