package tui

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/hotdev/hotdev/engine"
)

func itoa(n int) string { return strconv.Itoa(n) }

// A segment is one statement of the header; those of the least weight are the
// first to go when the terminal is narrow.
type segment struct {
	row    row
	weight int
	// close: the next one belongs to it.
	close bool
}

// header says at a glance how things are.
func (l look) header(s engine.State, now time.Time, w int) string {
	p := s.Process
	left := []segment{{row: l.state(s, now), weight: 100}}
	if s.Attention == engine.Paused {
		paused := " paused "
		if n := len(s.Pending); n > 0 {
			paused = " paused" + l.dot + itoa(n) + " changed "
		}
		left = append(left, segment{row: row{{paused, l.flag}}, weight: 90})
	}
	if p.Pid > 0 && (p.Phase == engine.Up || p.Phase == engine.Stopping) {
		left = append(left, segment{row: row{{"pid ", l.dim}, {itoa(p.Pid), l.text}}, weight: 40})
	}
	if gen := max(p.Gen, p.Live.Gen); gen > 0 {
		left = append(left, segment{row: row{{"gen ", l.dim}, {itoa(gen), l.text}}, weight: 50})
	}
	if build, weight := l.buildWord(s); build != nil {
		left = append(left, segment{row: build, weight: weight})
	}
	if times := l.sparkline(s); times != "" {
		left = append(left, segment{row: row{{times, l.dim}}, weight: 10})
	}
	if s.Obstacle == nil {
		left = append(left, segment{row: row{{l.restart + mode(s), l.dim}}, weight: 20})
	}
	if name := clean(s.Settings.Name, sourceTab); name != "" {
		left = slices.Insert(left, 0, segment{row: row{{name, l.bold}}, weight: 80})
	}
	left = slices.Insert(left, 0, segment{row: row{{"hotdev", l.accentBold}}, weight: 30, close: s.Settings.Name != ""})

	var right row
	if n := len(s.Graph.Packages); n > 0 {
		right = row{{"watching " + count(n, "package"), l.dim}}
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

// segments joins as many of them as fit, and then right if that fits as well.
func (l look) segments(left []segment, right row, w int) string {
	total := func() int {
		n := 1
		for i, s := range left {
			n += l.rowWidth(s.row)
			if i > 0 {
				n += left[i-1].gap()
			}
		}
		return n
	}
	for len(left) > 1 && total() > w-1 {
		least := 0
		for i, s := range left {
			if s.weight < left[least].weight {
				least = i
			}
		}
		left = slices.Delete(left, least, least+1)
	}
	line := row{{" ", ink{}}}
	for i, s := range left {
		if i > 0 {
			line = append(line, span{spaces(left[i-1].gap()), ink{}})
		}
		line = append(line, s.row...)
	}
	if len(right) > 0 {
		right = append(slices.Clone(right), span{" ", ink{}})
	}
	return l.paintBetween(line, right, 3, w)
}

func (s segment) gap() int {
	if s.close {
		return 1
	}
	return 3
}

// state is the program's state as a symbol, a colour and a word.
func (l look) state(s engine.State, now time.Time) row {
	if s.Obstacle != nil {
		return row{{l.down + " not begun", l.warn}}
	}
	if leaving(s) {
		return row{{l.busy + " stopping" + l.ellipsis, l.warn}}
	}
	p := s.Process
	switch p.Phase {
	case engine.Up:
		return row{{l.up + " up ", l.goodBold}, {coarse(now.Sub(p.Since)), l.good}}
	case engine.Starting:
		return row{{l.busy + " starting", l.warn}}
	case engine.Stopping:
		return row{{l.busy + " stopping", l.warn}}
	case engine.Crashed:
		if dumped(s) {
			return row{{l.down + " dumped", l.warn}}
		}
		return row{{l.cross + " crashed", l.badBold}}
	}
	return row{{l.down + " down", l.dim}}
}

// buildWord says where the build stands. It takes the same room whatever it
// says, so that nothing beside it moves. Errors weigh the most of all.
func (l look) buildWord(s engine.State) (word row, weight int) {
	switch {
	case s.Build.Phase == engine.Compiling:
		word, weight = row{{"building", l.warn}}, 95
	case len(s.Build.Diagnostics) > 0:
		word, weight = row{{l.cross + " " + count(len(s.Build.Diagnostics), "error"), l.badBold}}, 110
	case s.Last.Gen > 0:
		word, weight = row{{"last ", l.dim}, {took(s.Last.Took), l.text}}, 60
	default:
		return nil, 0
	}
	const usual = len("last 888 ms")
	return append(word, span{spaces(usual - l.rowWidth(word)), ink{}}), weight
}

// hints joins what fits, two cells apart.
func (l look) hints(left []segment, w int) string {
	total := func() int {
		n := 1
		for _, s := range left {
			n += l.rowWidth(s.row) + 2
		}
		return n - 2
	}
	for len(left) > 1 && total() > w {
		least := 0
		for i, s := range left {
			if s.weight <= left[least].weight {
				least = i
			}
		}
		left = slices.Delete(left, least, least+1)
	}
	line := row{{" ", ink{}}}
	for i, s := range left {
		if i > 0 {
			line = append(line, span{"  ", ink{}})
		}
		line = append(line, s.row...)
	}
	return l.paint(line, w)
}

func spaces(n int) string { return fmt.Sprintf("%*s", max(0, n), "") }
