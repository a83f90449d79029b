package proxy

import (
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
)

// While the program before is ending, it takes requests from the same socket, and may
// leave some without an answer: those without effects are sent again. Pages are told of
// the new program when the old one cannot answer them any more.
func TestSwap(t *testing.T) {
	s := newStage(t)
	var cuts atomic.Int32
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
	if told() != before {
		t.Error("pages are told to look at what may still be the old program")
	}
	s.state.Process.Beside = nil
	s.happens(engine.Exited{Gen: s.state.Process.Gen - 1})
	if told() != before+1 {
		t.Errorf("pages are at %d, want %d", told(), before+1)
	}
	cuts.Store(2)
	if a := get(t, s.url); a.text != "whole" {
		t.Errorf("what the old program took in its last moment: %+v", a)
	}
}
