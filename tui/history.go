package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/tui/internal/cells"
	"github.com/hotdev/hotdev/tui/internal/sheet"
)

// history is the page of the last cycles, the newest first; the chosen one shows how
// its time was spent.
type history struct{ list list }

// cycles are the newest first.
func cycles(s engine.State) []engine.Cycle {
	out := slices.Clone(s.History)
	slices.Reverse(out)
	return out
}

func (h history) press(m model, k tea.KeyPressMsg) (model, page, tea.Cmd) {
	if by, ok := steps(k.String(), m.pageArea(m.layout()).h); ok {
		h.list = h.list.move(len(m.state.History), by)
		return m, h, nil
	}
	if b, ok := m.lookUp(k.String()); ok && b.action == goBackAction {
		m, cmd := b.do(m)
		return m, nil, cmd
	}
	return m, nil, nil
}

func (h history) scroll(m model, by int) page {
	h.list = h.list.move(len(m.state.History), by)
	return h
}

func (h history) view(m model, w, height int) (cells.Box, []string) {
	l, all := m.look, cycles(m.state)
	b := cells.Box{Title: "History", Ink: l.Dim}
	if kept := m.state.Kept; kept > 0 {
		b.Status = []string{fmt.Sprintf("gen %d ran well and is kept: u goes back to it", kept), fmt.Sprintf("u: back to gen %d", kept)}
	}
	if len(all) == 0 {
		return b, []string{l.Paint(cells.Row{l.Dim.Of("nothing built yet")}, w)}
	}
	at := h.list.move(len(all), 0).at // there may be fewer than there were
	longest := time.Duration(1)
	for _, c := range all {
		longest = max(longest, c.Took)
	}
	var rows []cells.Row
	from, to := 0, 0 // the chosen one's rows
	for i, c := range all {
		if i == at {
			from = len(rows)
		}
		rows = append(rows, l.cycle(c, m.opts.Dir, i == at, longest, w))
		if i == at {
			rows = append(rows, l.phases(c, m.state, w)...)
			to = len(rows)
		}
	}
	top := max(0, to-height)
	top = min(top, from)
	first, last := cells.Window(len(rows), height, top)
	b.Foot = l.More(first, last, len(rows))
	return b, l.PaintAll(rows[first:last], w)
}

// cycle is a line: generation, how it ended, how long it took, why it began.
func (l look) cycle(c engine.Cycle, dir string, chosen bool, longest time.Duration, w int) cells.Row {
	mark, name := l.Text.Of("  "), l.Bold
	if chosen {
		mark, name = l.AccentBold.Of(l.Selected+" "), l.AccentBold
	}
	ink := l.Good
	switch c.Outcome {
	case engine.OutcomeBroken:
		ink = l.Bad
	case engine.OutcomeRefused:
		ink = l.Warn
	case engine.OutcomeUnchanged, engine.OutcomeBuilt:
		ink = l.Dim
	}
	const barWidth = 12
	out := cells.Row{
		mark, name.Of(fmt.Sprintf("gen %-4d", c.Gen)), ink.Of(fmt.Sprintf("%-10s", string(c.Outcome))),
		l.Text.Of(fmt.Sprintf("%8s  ", took(c.Took))),
	}
	if w >= 70 {
		out = append(out, ink.Of(l.barOf(0, c.Took, longest, barWidth)+"  "))
	}
	return append(out, l.Dim.Of(why(dir, c.Cause)))
}

// phases show how a cycle's time was spent, each as a bar at its place.
func (l look) phases(c engine.Cycle, s engine.State, w int) (rows []cells.Row) {
	total := c.Took
	for _, p := range c.Phases {
		total = max(total, p.From+p.Took)
	}
	bars := max(10, min(60, w-36))
	for _, p := range c.Phases {
		rows = append(rows, cells.Row{
			l.Text.Of(fmt.Sprintf("    %-11s %8s  ", p.Name, took(p.Took))),
			l.Accent.Of(l.barOf(p.From, p.From+p.Took, total, bars)),
		})
		if p.Name != "compiling" {
			continue
		}
		slowest := slices.Clone(c.Compiles)
		slices.SortStableFunc(slowest, func(a, b builder.Compile) int { return int(b.Took - a.Took) })
		const most = 6
		for i, k := range slowest {
			if i == most {
				rows = append(rows, cells.Row{l.Dim.Of(fmt.Sprintf("      and %d more", len(slowest)-most))})
				break
			}
			rows = append(rows, cells.Row{l.Dim.Of(fmt.Sprintf("      %8s  %s", took(k.Took), l.packageName(s, k.Package)))})
		}
	}
	say := func(text string) {
		for _, line := range l.WrapWords(cells.Clean(text), w-4) {
			rows = append(rows, cells.Row{l.Dim.Of("    " + line)})
		}
	}
	if road := c.Road(); road != "" {
		say(road)
	} else if c.Reason != "" {
		say(c.Reason)
	}
	for _, note := range c.Notes {
		say(note)
	}
	if c.Fallback != "" && c.Outcome == engine.OutcomeStarted {
		say("not patched: " + c.Fallback)
	}
	if c.Full != "" {
		say("full build: " + c.Full)
	}
	if text := words.Linked(c); text != "" {
		say(text)
	}
	return rows
}

// packageName is how the Packages pane calls an import path.
func (l look) packageName(s engine.State, path string) string {
	for _, p := range s.Graph.Packages {
		if p.ImportPath == path {
			return sheet.ShortName(s, p)
		}
	}
	return cells.Clean(path)
}

// barOf draws a span of total in w cells; a span above zero has one cell at least.
func (l look) barOf(from, to, total time.Duration, w int) string {
	if total <= 0 {
		return cells.Spaces(w)
	}
	a := int(int64(from) * int64(w) / int64(total))
	a = min(a, w-1)
	n := int((int64(to-from)*int64(w) + int64(total)/2) / int64(total))
	n = max(1, min(n, w-a))
	return cells.Spaces(a) + strings.Repeat(l.Full, n) + cells.Spaces(w-a-n)
}

// sparkline is the times of the last cycles as a row of small bars.
func (l look) sparkline(s engine.State) string {
	const most = 10
	if l.Heights == "" || len(s.History) < 2 {
		return ""
	}
	last := s.History[max(0, len(s.History)-most):]
	longest := time.Duration(1)
	for _, c := range last {
		longest = max(longest, c.Took)
	}
	out := ""
	for _, c := range last {
		out += l.height(c.Took, longest)
	}
	return out
}

// height is a cell filled to the ratio of d to most; empty if the glyphs have none.
func (l look) height(d, most time.Duration) string {
	steps := []rune(l.Heights)
	if len(steps) == 0 || most <= 0 {
		return ""
	}
	return string(steps[max(0, min(int(int64(d)*int64(len(steps))/int64(most)), len(steps)-1))])
}
