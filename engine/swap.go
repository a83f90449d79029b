package engine

import (
	"fmt"
	"slices"
	"time"

	"github.com/hotdev/hotdev/runner"
)

// A swap is a restart in which the next program starts beside the one that runs, and
// takes over when it is ready; then the one before ends. Both are given the same
// sockets, so there is always somebody who answers. If the next one does not become
// ready, the one that runs goes on.
//
//	in force   ──────────────── up ────────────────┐
//	beside             starting ── up ── ready ──► in force; the one before is beside it,
//	                                               stopping, until it is gone
//
// So two trees may live at a time, and never three: a start waits until nothing is
// beside the program.

// Beside is what lives beside the program in force.
type Beside struct {
	Life
	// Phase is Starting, Up or Stopping; Since is when it was entered.
	Phase ProcessPhase
	Since time.Time
	// Coming: it takes over when it is ready. Else it was in force before.
	Coming bool

	cycle   Cycle    // that its start ends
	ready   bool     // a line of its output said so
	offered *Offered // what it can take in
	refused string   // why it is to take over no more; it is being ended
}

// swapTime is how long the next program may take to become ready, unless the settings
// say.
const swapTime = 30 * time.Second

// swaps reports whether the published binary is to be started beside what runs.
func (s State) swaps() bool {
	p := s.Process
	return s.Settings.Swap && !s.Debugging() && p.Debug == NotDebugged && p.Phase == Up && p.after == afterNothing && p.Gen != s.Build.Published &&
		!s.outdated() && !s.mustWait() && slices.Equal(p.spec.Listen, s.spec().Listen)
}

// swap starts the published binary beside what runs, as soon as nothing is there.
func (s State) swap(c Cycle) (State, []Effect) {
	p := &s.Process
	if b := p.Beside; b != nil {
		p.next = &c
		return s.refuse("a newer build")
	}
	c.Swap = true
	c = c.enter("starting", s.Now)
	gen := s.Build.Published
	s.Log = s.Log.Mark(gen, Mark{Gen: gen, Cause: c.Cause})
	p.Beside = &Beside{Life: Life{Gen: gen, spec: s.spec(), begun: s.Now}, Phase: Starting, Since: s.Now, Coming: true, cycle: c}
	s = s.notice("swap", "")
	s.timers++
	s.swapping = s.timers
	limit := s.Settings.Ready.Timeout
	if limit == 0 {
		limit = swapTime
	}
	return s, []Effect{Start{Gen: gen, Spec: p.Beside.spec}, Wait{ID: s.swapping, Duration: limit}}
}

// isComing reports whether the published binary is about to take over.
func (s State) isComing() bool {
	b := s.Process.Beside
	return b != nil && b.Coming && b.refused == "" && b.Gen == s.Build.Published && !s.outdated() &&
		sameSpec(b.spec, s.spec()) && len(s.included(b.unread)) == 0
}

// refuse has what is coming end. What has gone ends by itself.
func (s State) refuse(why string) (State, []Effect) {
	if s.Process.Beside == nil || !s.Process.Beside.Coming || s.Process.Beside.refused != "" {
		return s, nil
	}
	b := *s.Process.Beside
	b.refused = why
	if b.Phase != Up { // its start sees to it
		s.Process.Beside = &b
		return s, nil
	}
	b.Phase, b.Since = Stopping, s.Now
	s.Process.Beside = &b
	return s, []Effect{Stop{Gen: b.Gen}}
}

// beside takes an event of what lives beside the program; false if it is not of that.
func (s State) beside(e Event) (State, []Effect, bool) {
	p := &s.Process
	if p.Beside == nil {
		return s, nil, false
	}
	b := *p.Beside
	var fx []Effect
	switch e := e.(type) {
	case Started:
		if e.Gen != b.Gen || b.Phase != Starting {
			return s, nil, e.Gen == b.Gen
		}
		b.Phase, b.Pid, b.Since = Up, e.Pid, s.Now
		p.Beside = &b
		switch {
		case s.Phase == Killing:
			p.Beside.Phase = Stopping
			return s, []Effect{Kill{Gen: b.Gen}}, true
		case b.refused != "":
			p.Beside.Phase = Stopping
			return s, []Effect{Stop{Gen: b.Gen}}, true
		}
		s, fx = s.takeOver()
	case Wrote:
		if e.Gen != b.Gen {
			return s, nil, false
		}
		s.Log = s.Log.Append(e.Gen, e.Lines...)
		b.ready = b.ready || s.Settings.Ready.said(e.Lines)
		p.Beside = &b
		s, fx = s.takeOver()
	case Sampled:
		if e.Gen != b.Gen {
			return s, nil, false
		}
		b.Usage = e.Usage
		p.Beside = &b
		s, fx = s.takeOver()
	case Offered:
		if e.Gen != b.Gen {
			return s, nil, false
		}
		b.offered = &e
		p.Beside = &b
	case Announced:
		if e.Gen != b.Gen {
			return s, nil, false
		}
		b.Assets = union(b.Assets, []string{e.Folder})
		p.Beside = &b
	case Exited:
		switch {
		case e.Gen == b.Gen:
			s, fx = s.besideExited(e)
		case e.Gen == p.Gen && p.parted == nil:
			s, fx = s.parted(e)
		default:
			return s, nil, false
		}
	case Waited:
		if e.ID != s.swapping {
			return s, nil, false
		}
		s, fx = s.refuse(fmt.Sprintf("it was not ready after %v", s.Now.Sub(b.begun).Round(time.Second)))
	default:
		return s, nil, false
	}
	return s, fx, true
}

// takeOver puts what is coming in force, if it is ready, and has the program before it
// end.
func (s State) takeOver() (State, []Effect) {
	p := &s.Process
	b := *p.Beside
	if b.Phase != Up || !b.Coming || b.refused != "" || s.Phase != Running {
		return s, nil
	}
	if r := s.Settings.Ready; !b.ready && (r.Log != "" || !listensAt(b.Usage, b.spec.Listen)) {
		return s, nil
	}
	b.Ready = s.Now
	p.Beside = &b
	before := Beside{Life: p.Life, Phase: Stopping, Since: s.Now}
	s, fx := s.promote()
	s.Process.Beside = &before
	s = s.ready()
	return s, append(fx, Stop{Gen: before.Gen})
}

// promote puts what is coming in the program's place.
func (s State) promote() (State, []Effect) {
	p := &s.Process
	b := *p.Beside
	p.Life, p.Phase, p.Since, p.cycle, p.Beside = b.Life, b.Phase, b.Since, b.cycle, nil
	s = s.forgetLife().notice("linger", "")
	if p.Phase != Up {
		return s, nil
	}
	s, fx := s.arrived()
	if b.offered != nil {
		var more []Effect
		s, more = s.offered(*b.offered)
		fx = append(fx, more...)
	}
	return s, fx
}

// besideExited takes the end of what lived beside the program.
func (s State) besideExited(e Exited) (State, []Effect) {
	p := &s.Process
	b := *p.Beside
	p.Beside = nil
	s.Log = s.Log.settle()
	if gone := p.parted; gone != nil {
		if p.next != nil && p.after == afterNothing { // what was to come next need not wait for a swap
			p.cycle, p.after = *p.next, afterStart
		}
		p.parted, p.next = nil, nil
		return s.exited(*gone)
	}
	switch {
	case !b.Coming:
		s = s.overdue(e.Exit)
	case p.next == nil && s.Phase == Running && p.Desire == ToRun:
		c := b.cycle
		c.Reason = b.refused
		if c.Reason == "" {
			c.Reason = "it ended before it was ready: " + ending(e.Exit)
			if t := s.traceOf(b.Life); t != nil {
				c.Reason += fmt.Sprintf(" (%s: %s)", t.Kind, t.Message)
			}
		}
		s = s.outcome(c, OutcomeRefused)
		s = s.notice("swap", fmt.Sprintf("gen %d is not running: %s; gen %d keeps running", b.Gen, c.Reason, p.Gen))
	}
	next := p.next
	p.next = nil
	if next == nil || p.Phase != Up || p.after != afterNothing {
		return s, nil
	}
	return s.follow(wantCurrent, *next)
}

func ending(e runner.Exit) string {
	switch {
	case e.Err != "":
		return e.Err
	case e.Signal != "":
		return "killed by " + e.Signal
	}
	return fmt.Sprintf("exit status %d", e.Code)
}

// parted takes the end of the program in force, while something is beside it. What is
// coming takes its place; else its end counts when that is gone too.
func (s State) parted(e Exited) (State, []Effect) {
	p := &s.Process
	if b := p.Beside; p.after == afterNothing && b.Coming && b.refused == "" && s.Phase == Running && p.Desire == ToRun {
		s.Log = s.Log.settle()
		exit := e.Exit
		p.Exit = &exit
		return s.promote()
	}
	p.parted = &e
	if p.Phase != Stopping {
		p.Phase, p.Since = Stopping, s.Now
	}
	return s.refuse("the program ended")
}
