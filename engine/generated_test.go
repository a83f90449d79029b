package engine

import (
	"testing"
	"time"

	"github.com/hotdev/hotdev/watcher"
)

// At the start the watch may report what the commands wrote only when they have ended:
// that is no save. What changes later is one.
func TestLateReports(t *testing.T) {
	began := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	s := State{Now: began, Phase: Running}
	var settings Settings
	settings.Build.Before = [][]string{{"gen"}}
	s, _ = Step(s, Configured{Settings: settings})
	s.Now = began.Add(time.Second)
	s, _ = Step(s, Generated{Gen: 1})
	for _, c := range []struct {
		path  string
		first time.Duration // 0 is unknown
		gen   int
	}{
		{"/p/stamp.txt", 900 * time.Millisecond, 1},
		{"/p/x.go", 900 * time.Millisecond, 2},
		{"/p/stamp.txt", 1100 * time.Millisecond, 2},
		{"/p/stamp.txt", 0, 2},
	} {
		now := s
		now.Now = began.Add(2 * time.Second)
		b := watcher.Batch{Paths: []string{c.path}}
		if c.first > 0 {
			b.First = began.Add(c.first)
		}
		now, _ = Step(now, Changed{Batch: b})
		if now.Build.Gen != c.gen {
			t.Errorf("%s after %v: generation %d, want %d", c.path, c.first, now.Build.Gen, c.gen)
		}
	}
}
