package tui

import (
	"path"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/engine"
)

// process shows the program: how it stands and what it prints.
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
		if dumped(s) {
			b.ink = l.warn
		}
	}
	return b
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

func (p process) view(l look, s engine.State, w, h int) []string {
	var lines []string
	for _, r := range p.live(l, s, w, h) {
		lines = append(lines, l.paint(r, w))
	}
	out, _ := p.tail.visible(p.feed(l, s.Log), w, h-len(lines))
	return append(lines, out...)
}

// room is the height that the pane of height h has for the log.
func (p process) room(l look, s engine.State, w, h int) int {
	return h - len(p.live(l, s, w, h))
}
