package tui

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

// header is the first line: the state at a glance.
func (l look) header(s engine.State, of cells.Row, now time.Time, w int) string {
	p := s.Process
	left := []cells.Segment{{Row: l.state(s, now), Weight: 100}}
	if s.Attention == engine.Paused {
		paused := " paused "
		if n := len(s.Pending); n > 0 {
			paused = " paused" + l.Dot + strconv.Itoa(n) + " changed "
		}
		left = append(left, cells.Segment{Row: cells.Row{l.Flag.Of(paused)}, Weight: 90})
	}
	if p.Pid > 0 && (p.Phase == engine.Up || p.Phase == engine.Stopping) {
		left = append(left, cells.Segment{Row: cells.Row{l.Dim.Of("pid "), l.Text.Of(strconv.Itoa(p.Pid))}, Weight: 40})
	}
	if gen := max(p.Gen, p.Live.Gen); gen > 0 {
		left = append(left, cells.Segment{Row: cells.Row{l.Dim.Of("gen "), l.Text.Of(strconv.Itoa(gen))}, Weight: 50})
	}
	if b := p.Beside; b != nil { // one takes over from the other
		left = append(left, cells.Segment{Row: cells.Row{l.Dim.Of(fmt.Sprintf("gen %d ", b.Gen)), l.Warn.Of(besideWord(*b))}, Weight: 70})
	}
	if build, weight := l.buildWord(s); build != nil {
		left = append(left, cells.Segment{Row: build, Weight: weight})
	}
	if times := l.sparkline(s); times != "" {
		left = append(left, cells.Segment{Row: cells.Row{l.Dim.Of(times)}, Weight: 10})
	}
	left = append(left, l.web(s)...)
	left = append(left, l.debugger(s)...)
	if s.Obstacle == nil && s.Settings.Task == nil {
		left = append(left, cells.Segment{Row: cells.Row{l.Dim.Of(l.Restart + mode(s))}, Weight: 20})
	}
	if name := cells.Clean(s.Settings.Name); name != "" {
		left = slices.Insert(left, 0, cells.Segment{Row: append(cells.Row{l.Bold.Of(name)}, of...), Weight: 80})
	}
	left = slices.Insert(left, 0, cells.Segment{Row: cells.Row{l.AccentBold.Of("hotdev")}, Weight: 30, Close: s.Settings.Name != ""})

	var right cells.Row
	if n := len(s.Graph.Packages); n > 0 {
		right = cells.Row{l.Dim.Of("watching " + count(n, "package"))}
	}
	return l.Segments(left, right, w)
}

// mode is the road that the next save takes, if possible.
func mode(s engine.State) string {
	if s.Process.Live.Able && (s.Settings.Reload.Bare || len(reloadable(s)) > 0) {
		return "reload"
	}
	if s.Process.Patching.Able && s.Process.Phase == engine.Up && s.LiveCode != engine.LiveOff {
		return "patch"
	}
	return "restart"
}

// besideWord is how far the program is that comes, or the one that goes.
func besideWord(b engine.Beside) string {
	switch {
	case !b.Coming, b.Phase == engine.Stopping:
		return "stopping"
	case b.Phase == engine.Up:
		return "not ready yet"
	}
	return "starting"
}

// state is the program's state as a symbol, a colour and a word.
func (l look) state(s engine.State, now time.Time) cells.Row {
	if s.Obstacle != nil {
		return cells.Row{l.Warn.Of(l.Down + " not started")}
	}
	if s.Phase == engine.Over {
		return cells.Row{l.Dim.Of(l.Down + " stopped")}
	}
	if leaving(s) {
		return cells.Row{l.Warn.Of(l.Busy + " stopping" + l.Ellipsis)}
	}
	if s.Settings.Task != nil {
		return l.taskState(s, now)
	}
	p := s.Process
	switch p.Phase {
	case engine.Up:
		if p.Halt != nil {
			return cells.Row{l.Warn.Of(l.Down + " halted")}
		}
		return cells.Row{l.GoodBold.Of(l.Up + " up "), l.Good.Of(coarse(now.Sub(p.Since)))}
	case engine.Waiting:
		return cells.Row{l.Warn.Of(l.Down + " waiting")}
	case engine.Starting:
		return cells.Row{l.Warn.Of(l.Busy + " starting")}
	case engine.Stopping:
		return cells.Row{l.Warn.Of(l.Busy + " stopping")}
	case engine.Crashed:
		if dumped(s) {
			return cells.Row{l.Warn.Of(l.Down + " dumped")}
		}
		return cells.Row{l.BadBold.Of(l.Cross + " crashed")}
	}
	if len(s.WaitsFor()) > 0 && p.Exit == nil {
		return cells.Row{l.Warn.Of(l.Down + " waiting")}
	}
	return cells.Row{l.Dim.Of(l.Down + " down")}
}

// buildWord is the state of the build in a word. It takes the same room whatever it
// says, so that nothing beside it moves. Errors have the greatest weight.
func (l look) buildWord(s engine.State) (word cells.Row, weight int) {
	switch {
	case s.Build.Phase == engine.Compiling:
		word, weight = cells.Row{l.Warn.Of("building")}, 95
	case len(s.Build.Diagnostics) > 0:
		word, weight = cells.Row{l.BadBold.Of(l.Cross + " " + count(len(s.Build.Diagnostics), "error"))}, 110
	case s.Last.Gen > 0:
		word, weight = cells.Row{l.Dim.Of("last "), l.Text.Of(took(s.Last.Took))}, 60
	default:
		return nil, 0
	}
	const usual = len("last 888 ms")
	return append(word, cells.Bare(cells.Spaces(usual-l.RowWidth(word)))), weight
}
