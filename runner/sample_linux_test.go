package runner

import (
	"os"
	"strconv"
	"testing"
	"time"
)

// A program that listens soon after its start is seen to within some
// milliseconds. One of several tries is enough: a busy machine delays any of them,
// but none could be in time if ports were only looked for now and then.
func TestSampleSeesPort(t *testing.T) {
	best := time.Hour
	for range 20 {
		said := make(chan time.Time, 1)
		p, err := Start(Spec{Path: os.Args[0], Args: []string{"play", "listen"}}, func(lines []Line) {
			n, err := strconv.ParseInt(lines[0].Text, 10, 64)
			if err != nil {
				t.Errorf("%q", lines[0].Text)
			}
			said <- time.Unix(0, n)
		})
		if err != nil {
			t.Fatal(err)
		}
		var seen time.Time
		p.Sample(func(u Usage) {
			if len(u.Ports) == 1 && seen.IsZero() {
				seen = time.Now()
				p.Kill()
			}
		})
		best = min(best, seen.Sub(<-said).Abs())
		if best <= 10*time.Millisecond {
			return
		}
	}
	t.Errorf("the port is seen %v after it is open, at best", best)
}

// How exactly a start is measured, and what that costs, at every age.
func TestNextLook(t *testing.T) {
	const cost = 80 * time.Microsecond // a look, as measured
	looks := 0
	for age := time.Duration(0); ; looks++ {
		pause, ok := nextLook(age, cost)
		if !ok {
			if age < time.Minute || age > 5*time.Minute {
				t.Errorf("the last look is at %v", age)
			}
			break
		}
		if pause > max(10*time.Millisecond, age/100) {
			t.Fatalf("at %v the next look is after %v", age, pause)
		}
		if cost > pause/share {
			t.Fatalf("at %v a look takes more than its share of %v", age, pause)
		}
		age += pause + cost
		if looks > 900 {
			t.Fatalf("still looking at %v after %d looks", age, looks)
		}
	}
	// A machine where sampling is expensive.
	if pause, ok := nextLook(0, 8*time.Millisecond); !ok || pause < 8*time.Millisecond*share {
		t.Errorf("a look that takes 8 ms comes again after %v", pause)
	}
}
