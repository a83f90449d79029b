package engine

import (
	"slices"
	"time"
)

// maxHistory is how many cycles are remembered: more than a screen shows, and
// enough for a trend.
const maxHistory = 50

// begun is a cycle whose first phase is still to be entered. It begins with the
// first change that it is about, which the watcher saw a moment before it told.
func begun(gen int, c Cause, now time.Time) Cycle {
	cycle := Cycle{Gen: gen, Cause: c, At: now, origin: now}
	if !c.First.IsZero() && c.First.Before(now) {
		cycle.origin = c.First
		cycle = cycle.phase("waiting", c.First, now)
	}
	return cycle
}

// phase adds what is known only when it is over.
func (c Cycle) phase(name string, from, to time.Time) Cycle {
	p := Phased{Name: name, From: max(0, from.Sub(c.origin)), Took: max(0, to.Sub(from))}
	c.Phases = append(slices.Clip(c.Phases), p)
	return c
}

// enter ends the phase under way, if any, and begins another; "" is none.
func (c Cycle) enter(name string, now time.Time) Cycle {
	if c.under != "" {
		c = c.phase(c.under, c.since, now)
	}
	c.under, c.since = name, now
	return c
}

// compiled adds the phases of a build that has just ended.
func (c Cycle) compiled(took, link time.Duration, now time.Time) Cycle {
	start := now.Add(-took)
	if start.Before(c.At) {
		start = c.At
	}
	linked := now.Add(-link)
	if linked.Before(start) {
		linked = start
	}
	c = c.phase("compiling", start, linked)
	if link > 0 {
		c = c.phase("linking", linked, now)
	}
	return c
}

// outcome ends a cycle.
func (s State) outcome(c Cycle, o Outcome) State {
	c = c.enter("", s.Now)
	c.Outcome = o
	c.Took = s.Now.Sub(c.At)
	s.Last = c
	s.ended++
	first := max(0, len(s.History)+1-maxHistory)
	s.History = append(slices.Clone(s.History[first:]), c)
	return s
}

// ready notes when the program was first seen to listen, also in the cycle that
// started it.
func (s State) ready() State {
	s = s.notice("ready", "")
	p := &s.Process
	p.Ready = s.Now
	for i := len(s.History) - 1; i >= 0; i-- {
		c := s.History[i]
		if c.Outcome != OutcomeStarted || c.Gen != p.cycle.Gen || !c.At.Equal(p.cycle.At) {
			continue
		}
		last := s.Last.Outcome == c.Outcome && s.Last.Gen == c.Gen && s.Last.At.Equal(c.At)
		c = c.phase("until ready", p.Since, s.Now)
		s.History = slices.Clone(s.History)
		s.History[i] = c
		if last {
			s.Last = c
		}
		break
	}
	return s
}
