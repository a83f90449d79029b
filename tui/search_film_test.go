package tui

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
)

// TestSearchFilm: search, go on, end; filter, end; on a log that grows.
func TestSearchFilm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := roll(t, 100, 24, Options{ASCII: true})
		var reel strings.Builder
		scene := func(name string) {
			fmt.Fprintf(&reel, "== %s\n%s", name, f.term.Screen())
		}
		s := at(stateUp(), 0)
		time.Sleep(37 * time.Millisecond) // no scene is on the edge of a second
		s.Log = engine.Log{}
		n := 0
		grow := func(k int) {
			for range k {
				text := fmt.Sprintf("request %d", n)
				if n%100_000 == 50_000 {
					text = fmt.Sprintf("request %d failed: Timeout", n)
				}
				s.Log = s.Log.Append(14, runner.Line{Stream: runner.Stdout, Text: text})
				n++
			}
			f.show(s)
		}
		grow(900_000)
		f.term.Send("/timeo")
		scene("searching among nine hundred thousand lines")
		f.term.Send("\r")
		f.term.Send("N")
		scene("the match before")
		grow(60_000)
		scene("the program goes on")
		f.term.Send("\x1b")
		f.term.Settle() // or the two are alt+F
		f.term.Send("F")
		scene("no search")
		f.term.Send("ffailed")
		f.term.Send("\r")
		scene("filtered")
		f.term.Send("\x1b")
		scene("not filtered")
		f.over()
		golden.RequireEqual(t, reel.String())
	})
}
