package tui

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestPulse: the renderer's clock slows down on a still screen, and a key is
// drawn as fast as ever all the same. (If it fails after an upgrade of Bubble Tea:
// its program has no ticker of that name any more.)
func TestPulse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := roll(t, 80, 24, Options{})
		slow := func() bool {
			p := &f.screen.pulse
			p.mu.Lock()
			defer p.mu.Unlock()
			if p.ticker == nil {
				t.Error("the ticker is not found")
			}
			return p.slow
		}
		f.show(at(stateStopped(), 0))
		for range 5 {
			time.Sleep(2 * drowsy)
			if !slow() {
				t.Error("it does not slow down")
			}
			before := len(f.term.Raw())
			began := time.Now()
			go f.term.Send("?")
			for len(f.term.Raw()) == before && time.Since(began) < time.Second {
				time.Sleep(time.Millisecond)
			}
			if took := time.Since(began); took > 2*refresh {
				t.Errorf("a key was drawn after %v", took)
			}
			if slow() {
				t.Error("a key does not wake it")
			}
			f.term.Settle()
			f.term.Send("x")
			f.term.Settle() // the program must not end with a key on its way
		}
		f.over()
	})
}
