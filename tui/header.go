package tui

import (
	"slices"
	"time"

	"github.com/hotdev/hotdev/engine"
)

// header says at a glance how things are.
func (l look) header(s engine.State, now time.Time, w int) string {
	p := s.Process
	left := []segment{{row: l.state(s, now), weight: 100}}
	if s.Attention == engine.Paused {
		paused := " paused "
		if n := len(s.Pending); n > 0 {
			paused = " paused" + l.dot + itoa(n) + " changed "
		}
		left = append(left, segment{row: row{l.flag.of(paused)}, weight: 90})
	}
	if p.Pid > 0 && (p.Phase == engine.Up || p.Phase == engine.Stopping) {
		left = append(left, segment{row: row{l.dim.of("pid "), l.text.of(itoa(p.Pid))}, weight: 40})
	}
	if gen := max(p.Gen, p.Live.Gen); gen > 0 {
		left = append(left, segment{row: row{l.dim.of("gen "), l.text.of(itoa(gen))}, weight: 50})
	}
	if build, weight := l.buildWord(s); build != nil {
		left = append(left, segment{row: build, weight: weight})
	}
	if times := l.sparkline(s); times != "" {
		left = append(left, segment{row: row{l.dim.of(times)}, weight: 10})
	}
	if s.Obstacle == nil {
		left = append(left, segment{row: row{l.dim.of(l.restart + mode(s))}, weight: 20})
	}
	if name := clean(s.Settings.Name); name != "" {
		left = slices.Insert(left, 0, segment{row: row{l.bold.of(name)}, weight: 80})
	}
	left = slices.Insert(left, 0, segment{row: row{l.accentBold.of("hotdev")}, weight: 30, close: s.Settings.Name != ""})

	var right row
	if n := len(s.Graph.Packages); n > 0 {
		right = row{l.dim.of("watching " + count(n, "package"))}
	}
	return l.segments(left, right, w)
}

// mode is the road that the next save takes, if it can.
func mode(s engine.State) string {
	if s.Process.Live.Able && (s.Settings.Reload.Bare || len(reloadable(s)) > 0) {
		return "reload"
	}
	if s.Process.Patching.Able && s.Process.Phase == engine.Up && s.LiveCode != engine.LiveOff {
		return "patch"
	}
	return "restart"
}

// state is the program's state as a symbol, a colour and a word.
func (l look) state(s engine.State, now time.Time) row {
	if s.Obstacle != nil {
		return row{l.warn.of(l.down + " not begun")}
	}
	if leaving(s) {
		return row{l.warn.of(l.busy + " stopping" + l.ellipsis)}
	}
	p := s.Process
	switch p.Phase {
	case engine.Up:
		return row{l.goodBold.of(l.up + " up "), l.good.of(coarse(now.Sub(p.Since)))}
	case engine.Starting:
		return row{l.warn.of(l.busy + " starting")}
	case engine.Stopping:
		return row{l.warn.of(l.busy + " stopping")}
	case engine.Crashed:
		if dumped(s) {
			return row{l.warn.of(l.down + " dumped")}
		}
		return row{l.badBold.of(l.cross + " crashed")}
	}
	return row{l.dim.of(l.down + " down")}
}

// buildWord says where the build stands. It takes the same room whatever it
// says, so that nothing beside it moves. Errors weigh the most of all.
func (l look) buildWord(s engine.State) (word row, weight int) {
	switch {
	case s.Build.Phase == engine.Compiling:
		word, weight = row{l.warn.of("building")}, 95
	case len(s.Build.Diagnostics) > 0:
		word, weight = row{l.badBold.of(l.cross + " " + count(len(s.Build.Diagnostics), "error"))}, 110
	case s.Last.Gen > 0:
		word, weight = row{l.dim.of("last "), l.text.of(took(s.Last.Took))}, 60
	default:
		return nil, 0
	}
	const usual = len("last 888 ms")
	return append(word, bare(spaces(usual-l.rowWidth(word)))), weight
}
