package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
)

// history is the page of the last cycles, the newest first; the chosen one shows
// where its time went.
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

func (h history) view(m model, w, height int) (box, []string) {
	l, all := m.look, cycles(m.state)
	b := box{title: "History", ink: l.dim}
	if kept := m.state.Kept; kept > 0 {
		b.status = []string{fmt.Sprintf("gen %d ran well and is kept: u goes back to it", kept), fmt.Sprintf("u: back to gen %d", kept)}
	}
	if len(all) == 0 {
		return b, []string{l.paint(row{l.dim.of("nothing was built yet")}, w)}
	}
	at := h.list.move(len(all), 0).at // there may be fewer than there were
	longest := time.Duration(1)
	for _, c := range all {
		longest = max(longest, c.Took)
	}
	var rows []row
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
	first, last := window(len(rows), height, top)
	b.foot = l.more(first, last, len(rows))
	return b, l.paintAll(rows[first:last], w)
}

// cycle is a line: generation, how it ended, how long it took, why it began.
func (l look) cycle(c engine.Cycle, dir string, chosen bool, longest time.Duration, w int) row {
	mark, name := l.text.of("  "), l.bold
	if chosen {
		mark, name = l.accentBold.of(l.selected+" "), l.accentBold
	}
	ink := l.good
	switch c.Outcome {
	case engine.OutcomeBroken:
		ink = l.bad
	case engine.OutcomeRefused:
		ink = l.warn
	case engine.OutcomeUnchanged, engine.OutcomeBuilt:
		ink = l.dim
	}
	const barWidth = 12
	out := row{
		mark, name.of(fmt.Sprintf("gen %-4d", c.Gen)), ink.of(fmt.Sprintf("%-10s", string(c.Outcome))),
		l.text.of(fmt.Sprintf("%8s  ", took(c.Took))),
	}
	if w >= 70 {
		out = append(out, ink.of(l.barOf(0, c.Took, longest, barWidth)+"  "))
	}
	return append(out, l.dim.of(why(dir, c.Cause)))
}

// phases are where a cycle's time went, each a bar at its place.
func (l look) phases(c engine.Cycle, s engine.State, w int) (rows []row) {
	total := c.Took
	for _, p := range c.Phases {
		total = max(total, p.From+p.Took)
	}
	bars := max(10, min(60, w-36))
	for _, p := range c.Phases {
		rows = append(rows, row{
			l.text.of(fmt.Sprintf("    %-11s %8s  ", p.Name, took(p.Took))),
			l.accent.of(l.barOf(p.From, p.From+p.Took, total, bars)),
		})
		if p.Name != "compiling" {
			continue
		}
		slowest := slices.Clone(c.Compiles)
		slices.SortStableFunc(slowest, func(a, b builder.Compile) int { return int(b.Took - a.Took) })
		const most = 6
		for i, k := range slowest {
			if i == most {
				rows = append(rows, row{l.dim.of(fmt.Sprintf("      and %d more", len(slowest)-most))})
				break
			}
			rows = append(rows, row{l.dim.of(fmt.Sprintf("      %8s  %s", took(k.Took), l.packageName(s, k.Package)))})
		}
	}
	say := func(text string) {
		for _, line := range l.wrapWords(clean(text), w-4) {
			rows = append(rows, row{l.dim.of("    " + line)})
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
	return rows
}

// packageName is how the Packages pane calls an import path.
func (l look) packageName(s engine.State, path string) string {
	for _, p := range s.Graph.Packages {
		if p.ImportPath == path {
			return shortName(s, p)
		}
	}
	return clean(path)
}

// barOf draws a span of total in w cells; what is there at all has a cell.
func (l look) barOf(from, to, total time.Duration, w int) string {
	if total <= 0 {
		return spaces(w)
	}
	a := int(int64(from) * int64(w) / int64(total))
	a = min(a, w-1)
	n := int((int64(to-from)*int64(w) + int64(total)/2) / int64(total))
	n = max(1, min(n, w-a))
	return spaces(a) + strings.Repeat(l.full, n) + spaces(w-a-n)
}

// sparkline is the times of the last cycles as a row of small bars.
func (l look) sparkline(s engine.State) string {
	const most = 10
	if l.heights == "" || len(s.History) < 2 {
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

// height is one cell as high as d is beside most; empty where glyphs have none.
func (l look) height(d, most time.Duration) string {
	steps := []rune(l.heights)
	if len(steps) == 0 || most <= 0 {
		return ""
	}
	return string(steps[max(0, min(int(int64(d)*int64(len(steps))/int64(most)), len(steps)-1))])
}
