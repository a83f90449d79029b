package runner

import (
	"fmt"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// An unfinished line shows after a quiet moment counted from its first byte, a
// finished one at once.
func TestQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, toOut := io.Pipe()
		errs, toErrs := io.Pipe()
		begun := time.Now()
		var got []string
		o := collect(func(lines []Line) {
			for _, l := range lines {
				mark := ""
				if l.Partial {
					mark = "…"
				}
				got = append(got, fmt.Sprintf("%v %s %s%s", time.Since(begun), l.Stream, l.Text, mark))
			}
		}, nil, source{Stdout, out}, source{Stderr, errs})

		say := func(w io.Writer, s string, then time.Duration) {
			io.WriteString(w, s)
			time.Sleep(then)
		}
		say(toOut, "name? ", 100*time.Millisecond)
		say(toErrs, "log\n", 10*time.Millisecond)
		say(toOut, "Bob\n", 90*time.Millisecond)
		for i := range 5 { // progress without a pause
			say(toOut, fmt.Sprintf("\r%d%%", 20*i), 20*time.Millisecond)
		}
		say(toOut, "\ndone", 10*time.Millisecond)
		say(toErrs, "half", 10*time.Millisecond)
		say(toErrs, " a line\n", 0)
		toOut.Close()
		toErrs.Close()
		o.wait()

		want := []string{
			"50ms stdout name? …",
			"100ms stderr log",
			"110ms stdout name? Bob",
			"250ms stdout 40%…", // the first digit came at 200ms
			"300ms stdout 80%",
			"320ms stderr half a line",
			"320ms stdout done",
		}
		if n := len(got); n > 1 && got[n-1] != want[n-1] {
			got[n-1], got[n-2] = got[n-2], got[n-1] // at one instant, in any order
		}
		if !slices.Equal(got, want) {
			t.Errorf("\n got %q\nwant %q", got, want)
		}
	})
}
