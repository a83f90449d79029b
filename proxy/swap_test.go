package proxy

import (
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
)

// While the program before is ending, it takes requests from the same socket, and may
// leave some without an answer: those without effects are sent again. Pages are told of
// the new program when the old one cannot answer them any more.
func TestSwap(t *testing.T) {
	s := newStage(t)
	var cuts atomic.Int32
	var kept atomic.Bool // the connection is for more than this request
	addr := serves(t, func(w http.ResponseWriter, r *http.Request) {
		if cuts.Add(-1) >= 0 {
			c, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			c.Close()
			return
		}
		kept.Store(!r.Close)
		io.WriteString(w, "whole")
	})
	s.up(addr, engine.Cycle{})
	told := func() int {
		s.Proxy.mu.Lock()
		defer s.Proxy.mu.Unlock()
		return s.snapshot.Seq
	}
	before := told()

	s.state.Process.Gen++
	s.state.Build.Published++
	s.state.Process.Beside = &engine.Beside{Life: engine.Life{Gen: s.state.Process.Gen - 1}, Phase: engine.Stopping}
	s.state.Process.Usage.Ports = []runner.Port{{Addr: addr}}
	s.happens(engine.Sampled{Gen: s.state.Process.Gen})
	cuts.Store(5)
	if a := get(t, s.url); a.text != "whole" {
		t.Errorf("during the swap: %+v", a)
	}
	if kept.Load() {
		t.Error("a connection to who is ending is kept for the next request")
	}
	if told() != before {
		t.Error("pages are told to look at what may still be the old program")
	}
	posted := make(chan string)
	go func() {
		res, err := http.Post(s.url, "text/plain", nil)
		if err != nil {
			t.Error(err)
			posted <- ""
			return
		}
		defer res.Body.Close()
		text, _ := io.ReadAll(res.Body)
		posted <- string(text)
	}()
	select {
	case <-posted:
		t.Error("what has effects went where the old program might take it")
	case <-time.After(drainTime / 10):
	}
	s.state.Process.Beside = nil
	s.happens(engine.Exited{Gen: s.state.Process.Gen - 1})
	if told() != before+1 {
		t.Errorf("pages are at %d, want %d", told(), before+1)
	}
	if text := <-posted; text != "whole" {
		t.Errorf("what waited for the end of the swap: %s", text)
	}
	if get(t, s.url); !kept.Load() {
		t.Error("connections are for one request after the swap")
	}
	s.change(func() { s.watch.overlapped = time.Now().Add(time.Hour) }) // it was a moment ago, however slow this is
	cuts.Store(2)
	if a := get(t, s.url); a.text != "whole" {
		t.Errorf("what the old program took in its last moment: %+v", a)
	}
}

// A connection that is made when no request goes to the program any more is closed, as
// if it had been refused: nothing would come over it, and a program that ends its
// connections first waits for that.
func TestNoLateConnection(t *testing.T) {
	closed := make(chan struct{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		defer close(closed)
		c, err := l.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		if n, err := c.Read(make([]byte, 1)); n > 0 || err == nil {
			t.Errorf("%d bytes came", n)
		}
	}()
	b := newBackend(1, 1, "http://"+l.Addr().String())
	b.close()
	if c, err := b.dial(t.Context(), "tcp", l.Addr().String()); err == nil || !refused(err) {
		t.Errorf("%v, %v", c, err)
	}
	<-closed
}
