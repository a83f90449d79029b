package engine

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotdev/hotdev/runner"
)

// TestLogBounds: a million lines of 80 bytes are kept, in the memory that the
// bounds promise, and the same number is the same line however many are gone.
func TestLogBounds(t *testing.T) {
	line := func(i int) string { return fmt.Sprintf("%-80d", i) }
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	var l Log
	for i := range 1_300_000 {
		l = l.Append(1, runner.Line{Text: line(i)})
	}
	if n := l.Len(); n < logLines*98/100 || n > logLines+chunkLines {
		t.Errorf("%d lines kept", n)
	}
	if used := heap() - before; used > 95<<20 {
		t.Errorf("%d MB used", used>>20)
	}
	for _, i := range []int{0, 1, chunkLines, l.Len() / 2, l.Len() - 1} {
		if got, want := l.At(i).Text, line(l.Dropped()+i); got != want {
			t.Errorf("line %d is %q, want %q", i, got, want)
		}
	}
	big := strings.Repeat("x", 100_000)
	for range 3 * logBytes / len(big) {
		l = l.Append(1, runner.Line{Text: big})
	}
	if l.bytes > logBytes+len(big) || l.Len() > logBytes/len(big)+1 {
		t.Errorf("%d bytes in %d lines kept", l.bytes, l.Len())
	}
	for range logLines * 3 / 2 {
		l = l.Append(1, runner.Line{})
	}
	if n := l.Len(); n > logLines+chunkLines {
		t.Errorf("%d empty lines kept", n)
	}
}

// The logs of several programs and the merged one take no more than one log does.
func TestLogShares(t *testing.T) {
	for n := 2; n <= 20; n++ {
		if all := n*Share(n).Bytes + Merged().Bytes; all > logBytes || all < logBytes*3/4 {
			t.Errorf("%d programs have %d bytes of %d", n, all, logBytes)
		}
	}
}

// A log keeps to its share, and forgets no less than it has to.
func TestLogBudget(t *testing.T) {
	for _, n := range []int{1, 4} {
		most := Share(n)
		l := NewLog(most)
		for range most.Lines * 3 / 2 {
			l = l.Append(1, runner.Line{Text: "x"})
		}
		if got := l.Len(); got > most.Lines+chunkLines || got < most.Lines-dropChunks*chunkLines {
			t.Errorf("a share of %d keeps %d lines of %d", n, got, most.Lines)
		}
		big := strings.Repeat("x", 100_000)
		for range 2 * most.Bytes / len(big) {
			l = l.Append(1, runner.Line{Text: big})
		}
		if l.bytes > most.Bytes+len(big) || l.bytes < most.Bytes-(dropChunks+1)*len(big) {
			t.Errorf("a share of %d keeps %d bytes of %d", n, l.bytes, most.Bytes)
		}
	}
}

// text is all of a log, with what its marks say.
func text(l Log) []string {
	var s []string
	for i := range l.Len() {
		e := l.At(i)
		switch {
		case e.Mark != nil:
			s = append(s, fmt.Sprintf("-- gen %d %s", e.Mark.Gen, e.Mark.Took))
		default:
			s = append(s, fmt.Sprintf("%s %d %s", e.Stream, e.Gen, e.Text))
		}
	}
	return s
}

// TestLogIsAValue: whatever is appended to whichever of its ancestors, no Log
// changes.
func TestLogIsAValue(t *testing.T) {
	type version struct {
		log  Log
		want []string
	}
	r := rand.New(rand.NewPCG(5, 6))
	all := []version{{}}
	for range 3000 {
		v := all[len(all)-1]
		if r.IntN(10) == 0 {
			v = all[r.IntN(len(all))]
		}
		next := version{want: slices.Clip(v.want)}
		if n := len(v.want); r.IntN(40) == 0 {
			next.log = v.log.Mark(r.IntN(9), Mark{Gen: n})
			if took := time.Duration(r.IntN(2)); took > 0 {
				next.log = next.log.arrived(took)
				next.want = append(next.want, fmt.Sprintf("-- gen %d %s", n, took))
			} else {
				next.want = append(next.want, fmt.Sprintf("-- gen %d 0s", n))
			}
		} else {
			e := Entry{Gen: r.IntN(9), Line: runner.Line{Stream: runner.Stdout, Text: strings.Repeat("x", r.IntN(9)*r.IntN(2000))}}
			if r.IntN(2) == 0 {
				e.Stream = runner.Stderr
			}
			next.log = v.log.Append(e.Gen, e.Line)
			next.want = append(next.want, fmt.Sprintf("%s %d %s", e.Stream, e.Gen, e.Text))
		}
		all = append(all, next)
	}
	for i := 0; i < len(all); i += 50 {
		if got := text(all[i].log); !slices.Equal(got, all[i].want) {
			t.Fatalf("version %d of %d lines changed", i, len(all[i].want))
		}
	}
}

func TestLogPartial(t *testing.T) {
	var l Log
	l = l.Append(1, runner.Line{Stream: runner.Stdout, Text: "name", Partial: true})
	l = l.Append(1, runner.Line{Stream: runner.Stderr, Text: "err"})
	l = l.Append(1, runner.Line{Stream: runner.Stdout, Text: "name: ", Partial: true})
	old := l
	l = l.Append(1, runner.Line{Stream: runner.Stdout, Text: "name: x"})
	text := func(l Log) string {
		var s []string
		for i := range l.Len() {
			s = append(s, l.At(i).Text)
		}
		return strings.Join(s, "|")
	}
	if got := text(l); got != "err|name: x" {
		t.Errorf("got %q", got)
	}
	if got := text(old); got != "err|name: " {
		t.Errorf("the older log changed: %q", got)
	}
	if got := text(old.Append(1, runner.Line{Stream: runner.Stdout, Partial: true})); got != "err" {
		t.Errorf("taken back: %q", got)
	}
	if got := text(old.settle()); got != "err|name: " || old.settle().At(1).Partial {
		t.Errorf("settled: %q", got)
	}
}

// TestLogMarks: they stay with their lines, and go with them.
func TestLogMarks(t *testing.T) {
	l := Log{}.Mark(1, Mark{Gen: 1})
	for i := range logLines * 3 / 2 {
		if l = l.Append(1, runner.Line{Text: "x"}); i == logLines {
			l = l.Mark(1, Mark{Gen: 2, Reloaded: true})
		}
	}
	if len(l.marks) != 1 || l.At(logLines+2-l.Dropped()).Mark.Gen != 2 || l.At(logLines+1-l.Dropped()).Mark != nil {
		t.Errorf("marks %v", l.marks)
	}
}
