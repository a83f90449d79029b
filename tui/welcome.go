package tui

import (
	"slices"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

// isFirst reports whether nothing has happened yet that shows what hotdev does: no
// output, no save. Then the place of the output explains it.
func isFirst(s engine.State) bool {
	return s.Phase == engine.Running && s.Gen <= 1 && s.Build.Cause.Kind == engine.ByStart && !hasPrinted(s.Log) && s.Process.Exit == nil && len(s.Build.Diagnostics) == 0
}

// hasPrinted reports whether the log contains a line of the program.
func hasPrinted(l engine.Log) bool { return l.Len() > l.Marks(0) }

// welcome explains the screen to a newcomer, as far as there is room, beginning with
// the most important sentences.
func (m model) welcome(w, h int) (rows []cells.Row) {
	l, s := m.look, m.state
	name := cells.Clean(s.Settings.Name)
	if name == "" {
		name = "your program"
	}
	say := func(text string) {
		for _, line := range l.WrapWords(text, w) {
			rows = append(rows, cells.Row{l.Dim.Of(line)})
		}
	}
	switch s.Process.Phase {
	case engine.Up:
		say(name + " runs. Its output appears here; it has printed nothing yet.")
	default:
		say("hotdev builds " + name + " and runs it. Its output will appear here.")
	}
	say("Save a file to rebuild and restart it. A broken build leaves the running program alone; its errors appear above.")
	var keys cells.Row
	for _, k := range []struct{ action, word string }{
		{"restart", "restart"}, {"search", "search the output"}, {paletteAction, "all commands"}, {"help", "all keys"}, {quitAction, "quit"},
	} {
		key := m.keyOf(k.action)
		if key == "" {
			continue
		}
		next := cells.Row{l.Bold.Of(key), l.Dim.Of(" " + k.word)}
		if len(keys) > 0 {
			next = append(cells.Row{cells.Bare("   ")}, next...)
		}
		if l.RowWidth(keys)+l.RowWidth(next) > w {
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

// welcomed draws the welcome below the marks, if the log has only marks.
func (m model) welcomed(lines []string, w, h int) []string {
	used := m.log().Len() + h - m.process.room(m.look, m.state, w, h)
	if used > 0 {
		used++ // a blank row
	}
	out := append(slices.Clip(lines[:min(len(lines), used)]), cells.Blank(w, used-len(lines))...)
	out = append(out, m.look.PaintAll(m.welcome(w, h-used), w)...)
	return out[:min(len(out), h)]
}
