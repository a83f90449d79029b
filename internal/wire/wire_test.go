package wire

import (
	"bytes"
	"errors"
	"io"
	"net"
	"reflect"
	"strings"
	"testing"
)

func TestConversation(t *testing.T) {
	a, b := net.Pipe()
	program, hotdev := NewConn(a), NewConn(b)
	want := Message{Type: Loaded, Gen: 7, Slots: []string{"example.com/app/rules.Score"}, Grew: 1 << 22, Notes: []string{"line\nbreak", "ünï"}}
	go func() {
		program.Send(Message{Type: Hello, Version: Version, Able: true})
		program.Send(want)
		a.Close()
	}()
	if m, err := hotdev.Receive(); err != nil || m.Type != Hello || !m.Able {
		t.Errorf("%+v, %v", m, err)
	}
	if m, err := hotdev.Receive(); err != nil || !reflect.DeepEqual(m, want) {
		t.Errorf("%+v, %v", m, err)
	}
	if m, err := hotdev.Receive(); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %+v, %v", m, err)
	}
}

func TestNonsense(t *testing.T) {
	for _, text := range []string{"hello\n", "[]\n", "{\"type\":1}\n", strings.Repeat("x", maxLine+1), "{\"type\":\"load\""} {
		c := NewConn(bytes.NewBufferString(text))
		if m, err := c.Receive(); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%.20q: %+v, %v", text, m, err)
		}
	}
}

// FuzzReceive: whatever is said, it is a message or an error, and what was
// understood can be said again.
func FuzzReceive(f *testing.F) {
	f.Add([]byte(`{"type":"hello","version":1,"able":true}` + "\n"))
	f.Add([]byte(`{"type":"slot","name":"a.F","signature":"func()"}` + "\n\n{}\n"))
	f.Add([]byte("\x00\xff{{{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c := NewConn(bytes.NewBuffer(data))
		for {
			m, err := c.Receive()
			if err != nil {
				return
			}
			var out bytes.Buffer
			if err := NewConn(&out).Send(m); err != nil {
				t.Fatalf("%+v: %v", m, err)
			}
			again, err := NewConn(&out).Receive()
			if err != nil || !reflect.DeepEqual(again, m) {
				t.Fatalf("%+v became %+v, %v", m, again, err)
			}
		}
	})
}
