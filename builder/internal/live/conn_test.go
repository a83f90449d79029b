package live

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// A program that ends in place of an answer is not called a fault of the agent.
func TestUnanswered(t *testing.T) {
	ask := func(end func(agent net.Conn)) error {
		own, agent := net.Pipe()
		defer own.Close()
		end(agent)
		c := &Conn{socket: own, send: func([]byte, *os.File) error { return nil }, patience: 10 * time.Millisecond}
		_, _, err := c.ask(opLoad, nil, 0, 0)
		return err
	}
	err := ask(func(agent net.Conn) { agent.Close() })
	if !errors.Is(err, io.EOF) || !strings.HasPrefix(err.Error(), "the program ended before it answered") {
		t.Errorf("closed: %v", err)
	}
	err = ask(func(net.Conn) {})
	if !errors.Is(err, os.ErrDeadlineExceeded) || !strings.HasPrefix(err.Error(), "the agent: ") {
		t.Errorf("silent: %v", err)
	}
}

// FuzzStacks: whatever comes in the place of an agent's text, it is stacks or an error.
func FuzzStacks(f *testing.F) {
	f.Add("1 0 0 0 1 0\n2 0 0 0\n\n12 main.main\t/x/main.go\n3 main.f\t/x/f.go\n")
	f.Add("\n")
	f.Add("1 0 0 0 7\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseStacks(text)
		if err != nil {
			return
		}
		for _, one := range s.List {
			for _, i := range one.Frames {
				_ = s.Frames[i]
			}
		}
	})
}
