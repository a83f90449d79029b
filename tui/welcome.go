package tui

import (
	"slices"

	"github.com/hotdev/hotdev/engine"
)

// isFirst reports whether nothing has happened yet that shows what hotdev does: no
// output, no save. What it does is then said where the output will be.
func isFirst(s engine.State) bool {
	return s.Phase == engine.Running && s.Gen <= 1 && s.Build.Cause.Kind == engine.ByStart && !hasPrinted(s.Log) && s.Process.Exit == nil && len(s.Build.Diagnostics) == 0
}

// hasPrinted reports whether the log holds a line that is the program's.
func hasPrinted(l engine.Log) bool { return l.Len() > l.Marks(0) }

// welcome explains the screen to a newcomer, as far as there is room: the first
// sentences are those that matter most.
func (m model) welcome(w, h int) (rows []row) {
	l, s := m.look, m.state
	name := clean(s.Settings.Name)
	if name == "" {
		name = "your program"
	}
	say := func(text string) {
		for _, line := range l.wrapWords(text, w) {
			rows = append(rows, row{l.dim.of(line)})
		}
	}
	switch s.Process.Phase {
	case engine.Up:
		say(name + " runs. What it prints stands here; it has printed nothing yet.")
	default:
		say("hotdev builds " + name + " and runs it. What it prints will stand here.")
	}
	say("Save a file, and it is built and started anew. A build that is broken leaves the running program alone; its errors stand above.")
	var keys row
	for _, k := range []struct{ action, word string }{
		{"restart", "restart"}, {"search", "search the output"}, {paletteAction, "all commands"}, {"help", "all keys"}, {quitAction, "quit"},
	} {
		key := m.keyOf(k.action)
		if key == "" {
			continue
		}
		next := row{l.bold.of(key), l.dim.of(" " + k.word)}
		if len(keys) > 0 {
			next = append(row{bare("   ")}, next...)
		}
		if l.rowWidth(keys)+l.rowWidth(next) > w {
			break
		}
		keys = append(keys, next...)
	}
	switch n := len(rows); {
	case n+2 <= h:
		rows = append(rows, nil, keys)
	case n+1 <= h:
		rows = append(rows, keys)
	}
	return rows[:min(len(rows), max(0, h))]
}

// welcomed puts the welcome below the marks that are all of the log.
func (m model) welcomed(lines []string, w, h int) []string {
	used := m.state.Log.Len() + h - m.process.room(m.look, m.state, w, h)
	if used > 0 {
		used++ // a blank row
	}
	out := append(slices.Clip(lines[:min(len(lines), used)]), blank(w, used-len(lines))...)
	out = append(out, m.look.paintAll(m.welcome(w, h-used), w)...)
	return out[:min(len(out), h)]
}
