package tui

import (
	"path"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
)

// process shows the program: how it stands, why it crashed, what it prints.
type process struct{ output }

func (p process) box(l look, s engine.State, now time.Time) box {
	b := box{title: "3 Process", ink: l.dim, status: standing(s, now), foot: p.foot(l, s.Log)}
	switch s.Process.Phase {
	case engine.Up:
		b.right = usage(s.Process.Usage, l.dot)
		if len(s.Build.Diagnostics) > 0 {
			b.ink = l.warn
		}
	case engine.Starting, engine.Stopping:
		b.ink = l.warn
	case engine.Crashed:
		b.ink = l.badBold
	}
	return b
}

// lastReport is the newest crash report; nil if there is none.
func lastReport(s engine.State) *runner.Trace {
	if n := len(s.Process.Reports); n > 0 {
		return &s.Process.Reports[n-1]
	}
	return nil
}

// trace is the crash report: its message and the frames in the user's code,
// each a location. It takes at most half of the pane.
func (p process) trace(l look, s engine.State, dir string, selected, w, h int) (rows []row, blocks []block) {
	t := lastReport(s)
	if t == nil || h < 4 {
		return nil, nil
	}
	text := clean(t.Kind, sourceTab)
	if t.Message != "" {
		text += ": " + clean(t.Message, sourceTab)
	}
	lines := l.wrapWords(text, w-2)
	for i, line := range lines[:min(len(lines), 2)] {
		mark := "  "
		if i == 0 {
			mark = l.cross + " "
		}
		rows = append(rows, row{{mark, l.badBold}, {line, l.badBold}})
	}
	room := max(1, h/2-len(rows)-1)
	selected -= len(s.Build.Diagnostics)
	from := 0
	if selected >= room {
		from = selected - room + 1
	}
	widest := 0
	for _, f := range t.Frames {
		widest = max(widest, l.width(location(dir, f.File, f.Line, 0)))
	}
	widest = min(widest, w*6/10)
	for i, f := range t.Frames {
		if i < from || i >= from+room {
			blocks = append(blocks, block{})
			continue
		}
		mark, ink := span{"  ", l.text}, l.accent
		if i == selected {
			mark, ink = span{l.selected + " ", l.accentBold}, l.accentBold
		}
		where := l.cutLeft(location(dir, f.File, f.Line, 0), widest)
		blocks = append(blocks, block{len(rows), len(rows) + 1})
		rows = append(rows, row{mark, {where, ink}, {spaces(widest - l.width(where) + 2), l.text}, {clean(path.Base(f.Func), sourceTab), l.dim}})
	}
	return append(rows, row{{strings.Repeat(l.rule, w), l.border}}), blocks
}

// reloadable are the functions that the running program can replace.
func reloadable(s engine.State) (slots []engine.Slot) {
	for _, slot := range s.Process.Live.Slots {
		if slot.Why == "" {
			slots = append(slots, slot)
		}
	}
	return slots
}

// live says what can be reloaded, what was, and what it cost: the newest first,
// so that the end can be cut off.
func (p process) live(l look, s engine.State, w, h int) (rows []row) {
	live := s.Process.Live
	if s.Process.Phase != engine.Up || h < 4 {
		return nil
	}
	say := func(ink ink, text string) {
		rows = append(rows, row{{l.cut(clean(text, sourceTab), w), ink}})
	}
	if live.Preparing != "" {
		say(l.warn, "preparing reloads: compiling "+live.Preparing+" for plugins")
	}
	slots := reloadable(s)
	slices.SortStableFunc(slots, func(a, b engine.Slot) int { return b.Gen - a.Gen })
	var names []string
	for _, slot := range slots {
		name := path.Base(slot.Name)
		if slot.Gen > 0 {
			name += " gen " + itoa(slot.Gen)
		}
		names = append(names, name)
	}
	text := strings.Join(names, ", ")
	if live.Loads > 0 {
		cost := count(live.Loads, "generation")
		if live.Memory > 0 {
			cost += " for " + memory(live.Memory)
		}
		text = strings.TrimSuffix(cost+": "+text, ": ")
	} else if text != "" {
		text = "reloads " + text
	}
	if text != "" && live.Able {
		say(l.dim, text)
	}
	for _, slot := range live.Slots {
		if slot.Why != "" {
			say(l.warn, path.Base(slot.Name)+" cannot be reloaded: "+slot.Why)
		}
	}
	rows = rows[:min(len(rows), h/3)]
	if len(rows) > 0 {
		rows = append(rows, row{{strings.Repeat(l.rule, w), l.border}})
	}
	return rows
}

func (p process) view(l look, s engine.State, dir string, selected, w, h int) []string {
	var lines []string
	rows, _ := p.trace(l, s, dir, selected, w, h)
	rows = append(rows, p.live(l, s, w, h)...)
	for _, r := range rows {
		lines = append(lines, l.paint(r, w))
	}
	out, _ := p.tail.visible(p.feed(l, s.Log), w, h-len(lines))
	return append(lines, out...)
}

// room is the height that the pane of height h has for the log.
func (p process) room(l look, s engine.State, dir string, selected, w, h int) int {
	rows, _ := p.trace(l, s, dir, selected, w, h)
	return h - len(rows) - len(p.live(l, s, w, h))
}
