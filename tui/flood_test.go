package tui

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
)

// TestStillness: when nothing moves, nothing is drawn; uptime is drawn each
// second for a minute and each minute after that.
func TestStillness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := roll(t, 80, 24, Options{ASCII: true})
		s := at(stateUp(), 57*time.Second)
		f.show(s)
		var seen []string
		last := ""
		for range 4 * 60 * 4 {
			screen := f.term.Screen()
			_, up, _ := strings.Cut(screen, "* up ")
			up, _, _ = strings.Cut(up, " ")
			if up != last {
				seen = append(seen, up)
				last = up
			}
			time.Sleep(50 * time.Millisecond) // with Screen's own wait, a quarter of a second
		}
		if got, want := strings.Join(seen, " "), "57s 58s 59s 1m 2m 3m 4m"; got != want {
			t.Errorf("uptime went %s, want %s", got, want)
		}
		s = at(stateStopped(), 0)
		f.show(s)
		f.term.Settle()
		before := len(f.term.Raw())
		time.Sleep(time.Hour)
		if more := f.term.Raw()[before:]; more != "" {
			t.Errorf("a still screen wrote %q within an hour", more)
		}
		f.over()
	})
}

// TestFlood: a program that prints without end makes the screen neither slow
// nor big, and the last line is seen.
func TestFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := roll(t, 80, 24, Options{ASCII: true})
		s := at(stateUp(), 0)
		f.show(s)
		f.term.Settle()
		before := len(f.term.Raw())
		const lines = 1_000_000
		var l engine.Log
		for i := range lines {
			l = l.Append(14, runner.Line{Stream: runner.Stdout, Text: fmt.Sprintf("request %d", i)})
			s.Log = l
			f.screen.Show(alone(s), 0, nil)
		}
		if !strings.Contains(f.term.Screen(), fmt.Sprintf("request %d", lines-1)) {
			t.Errorf("the last line is not seen:\n%s", f.term.Screen())
		}
		// No time passes in the bubble while it is flooded, so a frame or two is
		// all there is to draw.
		if n := len(f.term.Raw()) - before; n > 64<<10 {
			t.Errorf("%d lines made the screen write %d bytes", lines, n)
		}
		f.over()
	})
}

// TestFrames: a steady stream of states is drawn once a frame at most.
func TestFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		states := make(chan shown, 1)
		done := make(chan struct{})
		m := newModel(Options{}, states, done)
		m.width, m.height = 80, 24
		go func() { // a state each millisecond for a second
			for i := range 1000 {
				s := stateStopped()
				s.Gen = i
				select {
				case <-states:
				default:
				}
				states <- shown{State: alone(s)}
				time.Sleep(time.Millisecond)
			}
		}()
		frames, gen := 0, 0
		cmd := m.listen(0)
		for gen < 999 {
			msg := cmd().(stateMsg)
			gen = msg.Programs[0].State.Gen
			frames++
			next, _ := m.show(shown(msg))
			m = next.(model)
			cmd = m.listen(frame)
		}
		if most := int(time.Second/frame) + 2; frames > most {
			t.Errorf("%d frames in a second, want at most %d", frames, most)
		}
		close(done)
	})
}
