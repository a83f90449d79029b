package tui

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/tui/internal/cells"
	"github.com/hotdev/hotdev/tui/internal/pager"
)

// process shows the state of the program and what it prints.
type process struct {
	pager.Output
	// lines: the output is shown as lines, although the program draws on its terminal.
	lines bool
}

// border shows the state of the program.
func (p process) border(l look, s engine.State, now time.Time) cells.Box {
	b := cells.Box{Ink: l.Dim, Status: standing(s, now)}
	switch s.Process.Phase {
	case engine.Up:
		b.Right = usage(s.Process.Usage, l.Dot)
		if len(s.Build.Diagnostics) > 0 || s.Process.Halt != nil {
			b.Ink = l.Warn
		}
	case engine.Starting, engine.Stopping:
		b.Ink = l.Warn
	case engine.Crashed:
		b.Ink = l.BadBold
		if dumped(s) {
			b.Ink = l.Warn
		}
	}
	return b
}

// reloadable returns the functions that the running program can replace.
func reloadable(s engine.State) (slots []engine.Slot) {
	for _, slot := range s.Process.Live.Slots {
		if slot.Why == "" {
			slots = append(slots, slot)
		}
	}
	return slots
}

// live says what can be reloaded, what was, and what it cost: the newest first, so that
// the end can be cut off.
func (p process) live(l look, s engine.State, w, h int) (rows []cells.Row) {
	live := s.Process.Live
	if s.Process.Phase != engine.Up || h < 4 {
		return nil
	}
	say := func(ink cells.Ink, text string) {
		rows = append(rows, cells.Row{ink.Of(l.Cut(cells.Clean(text), w))})
	}
	if live.Preparing != "" {
		say(l.Warn, "preparing reloads: compiling "+live.Preparing+" for plugins")
	}
	slots := reloadable(s)
	slices.SortStableFunc(slots, func(a, b engine.Slot) int { return b.Gen - a.Gen })
	var names []string
	for _, slot := range slots {
		name := path.Base(slot.Name)
		if slot.Gen > 0 {
			name += " gen " + strconv.Itoa(slot.Gen)
		}
		names = append(names, name)
	}
	text := strings.Join(names, ", ")
	if len(live.Loaded) > 0 {
		cost := count(len(live.Loaded), "generation")
		if live.Memory > 0 {
			cost += " for " + memory(live.Memory)
		}
		text = strings.TrimSuffix(cost+": "+text, ": ")
	} else if text != "" {
		text = "reloads " + text
	}
	if text != "" && live.Able {
		say(l.Dim, text)
	}
	if n := len(s.Process.Patching.Functions); n > 0 {
		say(l.Dim, count(n, "function")+" patched, "+size(s.Process.Patching.Bytes))
	}
	for _, slot := range live.Slots {
		if slot.Why != "" {
			say(l.Warn, path.Base(slot.Name)+" cannot be reloaded: "+slot.Why)
		}
	}
	rows = rows[:min(len(rows), h/3)]
	if len(rows) > 0 {
		rows = append(rows, cells.Row{l.Border.Of(strings.Repeat(l.Rule, w))})
	}
	return rows
}

func (p process) view(m model, w, h int) (cells.Box, []string) {
	l, s := m.look, m.state
	b := p.border(l, s, m.now)
	if m.all {
		b.Status, b.Right, b.Ink = []string{"the output of all programs", "all programs"}, nil, l.Dim
	}
	f, drawn := m.picture()
	if b.Foot = p.Foot(l.Look, m.log()); drawn {
		b.Foot = cells.Clean(f.Title)
	}
	if h <= 0 {
		return b, nil
	}
	if drawn {
		return b, m.drawn(f, w, h)
	}
	lines := l.PaintAll(p.live(l, s, w, h), w)
	prompt := m.lineRows()
	lines = append(lines, p.Feed(l.Look, m.log()).View(w, h-len(lines)-prompt)...)
	if prompt > 0 {
		lines = append(lines, m.linePrompt(w))
	}
	if isFirst(s) {
		lines = m.welcomed(lines, w, h)
	}
	return b, lines
}

func (p process) scroll(m model, by int) model {
	if f, drawn := m.picture(); drawn { // it has no history, but the lines do
		if m.typing.on || f.Alt || by > 0 {
			return m
		}
		m.process.lines = true
		p = m.process
	}
	w, h := m.outputSize()
	m.process.Output = p.Feed(m.look.Look, m.log()).Scroll(w, h, by)
	return m
}

func (p process) move(m model, by int) model { return p.scroll(m, by) }

// click gives the keyboard to a program that draws. Otherwise dragging starts a
// selection; see draw.
func (p process) click(m model, _ int) model {
	if _, drawn := m.picture(); drawn {
		m, _ = m.giveKeyboard()
	}
	return m
}

// room returns the height for the log in a pane of height h.
func (p process) room(l look, s engine.State, w, h int) int {
	return h - len(p.live(l, s, w, h))
}
