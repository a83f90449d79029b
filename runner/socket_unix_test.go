//go:build unix

package runner

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
)

func TestControl(t *testing.T) {
	for _, tty := range []bool{false, true} {
		t.Run(fmt.Sprintf("tty %v", tty), func(t *testing.T) {
			t.Setenv("HOTDEV_CONTROL", "99") // that of a hotdev which runs this one
			p, _ := run(t, Spec{Sockets: []string{"HOTDEV_CONTROL"}, TTY: tty}, "control")
			defer p.Socket("HOTDEV_CONTROL").Close()
			in := bufio.NewReader(p.Socket("HOTDEV_CONTROL"))
			expect := func(want string) {
				t.Helper()
				if got, err := in.ReadString('\n'); err != nil || got != want {
					t.Fatalf("%q, %v; want %q", got, err, want)
				}
			}
			expect(fmt.Sprintf("pid %d\n", p.Pid()))
			fmt.Fprintln(p.Socket("HOTDEV_CONTROL"), "hello")
			expect("HELLO\n")
			fmt.Fprintln(p.Socket("HOTDEV_CONTROL"), "go")
			if rest, err := io.ReadAll(in); err != nil || len(rest) > 0 {
				t.Errorf("at the end: %q, %v", rest, err)
			}
			<-p.Done()
		})
	}
}

// A read ends when the reader closes its end, though the program lives.
func TestControlClosed(t *testing.T) {
	p, _ := run(t, Spec{Sockets: []string{"HOTDEV_CONTROL"}}, "control")
	in := bufio.NewReader(p.Socket("HOTDEV_CONTROL"))
	if _, err := in.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		_, err := in.ReadByte()
		ended <- err
	}()
	p.Socket("HOTDEV_CONTROL").Close()
	if err := <-ended; err == nil {
		t.Error("a read went on")
	}
}

// A signal reaches the program alone.
func TestSignal(t *testing.T) {
	r := newRoll(t)
	p, _ := run(t, Spec{}, "polite")
	r.join(1) // it is ready for the signal
	if err := p.Signal("SIGNONE"); err == nil {
		t.Error("SIGNONE is a signal")
	}
	if err := p.Signal("SIGUSR1"); err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	if e := p.Exit(); e.Code != 3 || e.Stopped {
		t.Errorf("it ended with %+v", e)
	}
}

// Without the wish there is no socket, and none of another hotdev's either.
func TestNoControl(t *testing.T) {
	t.Setenv("HOTDEV_CONTROL", "99")
	p, out := run(t, Spec{Env: os.Environ()}, "control")
	<-p.Done()
	if p.Socket("HOTDEV_CONTROL") != nil || !strings.Contains(out.String(), "no control") {
		t.Errorf("control %v, it says %s", p.Socket("HOTDEV_CONTROL"), out)
	}
}
