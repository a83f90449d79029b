package words

import (
	"fmt"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
)

// Took formats a duration with two or three digits.
func Took(d time.Duration) string {
	switch {
	case d < 0:
		return "0 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Truncate(100*time.Millisecond).Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	}
	return Coarse(d)
}

// Coarse formats how long something has lasted so far: in seconds during the first
// minute, when the user watches the effect of a save, and in minutes after it. A screen
// that counts seconds for hours wakes the machine for nothing and draws the eye.
func Coarse(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", max(0, int(d.Seconds())))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%dd%02dh", int(d.Hours())/24, int(d.Hours())%24)
}

// Ending returns the exit status of a program, or the signal that ended it.
func Ending(e runner.Exit) string {
	if e.Signal != "" {
		return "killed by " + e.Signal
	}
	return fmt.Sprintf("exit status %d", e.Code)
}

// Left returns a phrase about the number of processes that a program has left behind.
func Left(n int) string {
	if n == 1 {
		return "1 process that it had left behind"
	}
	return fmt.Sprintf("%d processes that it had left behind", n)
}

// Restarts reports whether the program, which has ended by itself, starts again without a
// save or a key.
func Restarts(s engine.State) bool {
	return s.Settings.OnCrash == engine.EndRestarts || s.Process.Phase == engine.Crashed && s.Settings.OnCrash == engine.CrashRestarts
}

// Next says what follows after the program has ended by itself.
func Next(s engine.State) string {
	if Restarts(s) {
		return "restarts after a pause"
	}
	return "waits for the next save or key"
}
