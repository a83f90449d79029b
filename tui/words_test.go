package tui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/hotdev/hotdev/engine"
)

func TestAmounts(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{took(0), "0 ms"}, {took(999_600_000), "999 ms"}, {took(9_960_000_000), "9.9 s"}, {took(59_900_000_000), "59 s"}, {took(61e9), "1m"},
		{coarse(-1), "0s"}, {coarse(3_840e9), "1h04m"}, {coarse(90_000e9), "1d01h"},
		{memory(1 << 20), "1.0 MB"}, {memory(34 << 20), "34 MB"}, {memory(1 << 30), "1.0 GB"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// TestRestartsByItself: what is down only for a pause says so wherever there is room,
// before how long it ran.
func TestRestartsByItself(t *testing.T) {
	s := stateCrashed()
	title := func() string {
		text := ansi.Strip(screen(s, 80, 24).View().Content)
		return text[strings.Index(text, "3 Process"):]
	}
	if got := title(); !strings.HasPrefix(got, "3 Process ── crashed: exit status 2 after 3.1 s ──") {
		t.Errorf("the pane is called %.160s", got)
	}
	s.Settings.OnCrash = engine.CrashRestarts
	if got := title(); !strings.HasPrefix(got, "3 Process ── crashed: exit status 2; restarts ──") {
		t.Errorf("the pane is called %.160s", got)
	}
}
