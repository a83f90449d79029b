package pager

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

func plainLook() cells.Look { return cells.NewLook("", true, colorprofile.ASCII, false, ansi.WcWidth) }

// allOf is the log as it comes.
func allOf(log engine.Log) Feed { return Output{}.Feed(plainLook(), log) }

func numbered(l engine.Log, from, n int) engine.Log {
	for i := range n {
		l = l.Append(1, runner.Line{Stream: runner.Stdout, Text: fmt.Sprintf("line %d", from+i)})
	}
	return l
}

// wrapping is a log some of whose lines are wider than most screens.
func wrapping(n int) (l engine.Log) {
	for i := range n {
		text := fmt.Sprintf("line %d", i)
		if i%7 == 3 {
			text += strings.Repeat(" with a tail that has to be wrapped", 5)
		}
		l = l.Append(1, runner.Line{Stream: runner.Stdout, Text: text})
	}
	return l
}

// seen is what a tail shows, one trimmed row a line.
func seen(t tail, log engine.Log, w, h int) string {
	rows, _ := t.Visible(allOf(log), w, h)
	for i := range rows {
		rows[i] = strings.TrimSpace(ansi.Strip(rows[i]))
	}
	return strings.Join(rows, "\n")
}

func TestTailFollows(t *testing.T) {
	log := numbered(engine.Log{}, 0, 10)
	var tl tail
	if got, want := seen(tl, log, 40, 3), "line 7\nline 8\nline 9"; got != want {
		t.Errorf("shows %q, want %q", got, want)
	}
	log = numbered(log, 10, 2)
	if got, want := seen(tl, log, 40, 3), "line 9\nline 10\nline 11"; got != want {
		t.Errorf("shows %q, want %q", got, want)
	}
	if got := seen(tl, engine.Log{}, 40, 3); got != "" {
		t.Errorf("an empty log shows %q", got)
	}
}

func TestTailHolds(t *testing.T) {
	log := numbered(engine.Log{}, 0, 10)
	tl := tail{}.scroll(allOf(log), 40, 3, -2)
	log = numbered(log, 10, 124)
	if got, want := seen(tl, log, 40, 3), "line 5\nline 6\nline 7"; got != want {
		t.Errorf("held, it shows %q, want %q", got, want)
	}
	if got, want := tl.foot(allOf(log)), "↓ 124 new lines · G to follow"; got != want {
		t.Errorf("foot %q, want %q", got, want)
	}
	tl = tl.scroll(allOf(log), 40, 3, Far/2)
	if tl.Held || tl.foot(allOf(log)) != "" {
		t.Error("scrolled to the end, it does not follow")
	}
	tl = tl.home(allOf(log), 40, 3)
	if got, want := seen(tl, log, 40, 2), "line 0\nline 1"; got != want {
		t.Errorf("home shows %q, want %q", got, want)
	}
}

// TestTailKeepsItsPlace: while the log drops lines at the front, what is held
// stays, until it is itself dropped.
func TestTailKeepsItsPlace(t *testing.T) {
	log := numbered(engine.Log{}, 0, 950_000)
	tl := tail{}.scroll(allOf(log), 40, 3, -20_000)
	before := seen(tl, log, 40, 3)
	n := 950_000
	for log.Dropped() < 900_000 {
		log = numbered(log, n, 1000)
		n += 1000
		if got := seen(tl, log, 40, 3); got != before {
			t.Fatalf("with %d dropped it shows %q, want %q", log.Dropped(), got, before)
		}
	}
	for log.Dropped() < 940_000 {
		log = numbered(log, n, 1000)
		n += 1000
	}
	if got, want := seen(tl, log, 40, 1), fmt.Sprintf("line %d", log.Dropped()); got != want {
		t.Errorf("when its place is gone it shows %q, want the oldest, %q", got, want)
	}
}

func TestTailClears(t *testing.T) {
	log := numbered(engine.Log{}, 0, 10)
	o := Output{cleared: end(log)}
	seen := func() string {
		rows, _ := o.Tail.Visible(o.Feed(plainLook(), log), 40, 3)
		return strings.TrimSpace(strings.Join(rows, "\n"))
	}
	if got := seen(); got != "" {
		t.Errorf("cleared, it shows %q", got)
	}
	log = numbered(log, 10, 1)
	if got, want := seen(), "line 10"; got != want {
		t.Errorf("then it shows %q, want %q", got, want)
	}
	f := o.Feed(plainLook(), log)
	o.Tail = o.Tail.scroll(f, 40, 3, -5).home(f, 40, 3)
	if got, want := seen(), "line 10"; got != want {
		t.Errorf("what was cleared comes back: %q", got)
	}
}

// TestTailPartial: a line without its end is seen, then replaced.
func TestTailPartial(t *testing.T) {
	log := numbered(engine.Log{}, 0, 2)
	log = log.Append(1, runner.Line{Stream: runner.Stdout, Text: "name? ", Partial: true})
	if got, want := seen(tail{}, log, 40, 3), "line 0\nline 1\nname?"; got != want {
		t.Errorf("shows %q, want %q", got, want)
	}
	log = log.Append(1, runner.Line{Stream: runner.Stdout, Text: "name? ann"})
	if got, want := seen(tail{}, log, 40, 3), "line 0\nline 1\nname? ann"; got != want {
		t.Errorf("shows %q, want %q", got, want)
	}
}

// TestTailScrolls: whatever the steps, what is seen is a window of all rows, and
// scrolling back and forth comes to where it was.
func TestTailScrolls(t *testing.T) {
	log := wrapping(200).Mark(2, engine.Mark{Gen: 2, Cause: engine.Cause{Kind: "save", Paths: []string{"/a/main.go"}}, Took: 412 * time.Millisecond})
	for i := range 30 { // a second run
		log = log.Append(2, runner.Line{Stream: runner.Stderr, Text: fmt.Sprintf("\x1b[31mred %d", i)})
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		w, h := 1+r.IntN(120), 1+r.IntN(40)
		var all []string
		for n := range log.Len() {
			all = append(all, allOf(log).rows(n, w)...)
		}
		top := max(0, len(all)-h)
		tl := tail{}
		for range 20 {
			by := r.IntN(4*h) - 2*h
			tl = tl.scroll(allOf(log), w, h, by)
			top = max(0, min(top+by, len(all)-h))
			rows, _ := tl.Visible(allOf(log), w, h)
			if got, want := strings.Join(rows, "\n"), strings.Join(all[top:min(len(all), top+h)], "\n"); got != want {
				t.Fatalf("%dx%d: after %d, at row %d of %d:\n%s\nwant\n%s", w, h, by, top, len(all), got, want)
			}
			if following := top >= len(all)-h; following == tl.Held {
				t.Fatalf("%dx%d: held %v at row %d of %d", w, h, tl.Held, top, len(all))
			}
		}
	}
}

// TestTailFills: held near the end, a taller pane leaves no room empty, whether
// lines take one row or several.
func TestTailFills(t *testing.T) {
	log := numbered(engine.Log{}, 0, 10)
	tl := tail{Held: true, top: spot{8, 0}}
	if got, want := seen(tl, log, 40, 4), "line 6\nline 7\nline 8\nline 9"; got != want {
		t.Errorf("shows %q, want %q", got, want)
	}
	if got := strings.Count(seen(tl, log, 40, 99), "line"); got != 10 {
		t.Errorf("a pane for all shows %d lines of 10", got)
	}
	long := engine.Log{}.Append(1, runner.Line{Stream: runner.Stdout, Text: "aaaaaaaabbbbbbbbcccccccc"}, runner.Line{Stream: runner.Stdout, Text: "end"})
	tl.top = spot{1, 0}
	if got, want := seen(tl, long, 10, 3), "bbbbbbbb\ncccccccc\nend"; got != want {
		t.Errorf("shows %q, want %q", got, want)
	}
}
