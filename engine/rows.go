package engine

import (
	"fmt"
	"slices"
	"time"
)

// Some files change without anybody saving them: a program writes its state every
// moment, or each time it starts. If each change counted, such a file would cancel
// every build, or have the program restart for ever. The system does not say who wrote
// a file, but a row of changes does: each comes while the build for the one before
// is still under way, or right after the start that it led to, or as long after it
// as the last time. A row is answered in growing calm:
//
//   - The first few changes are saves like all others.
//   - Then no build is cancelled for the file's sake any more; what it wants comes
//     after the build under way.
//   - If it is an included file (which can wait, for the build does not read it),
//     it waits besides: a second, then twice as long each time.
//   - At last it no longer restarts the program. The next start reads it anyway.
//
// The user is told from the moment at which something is not as usual. A change out
// of the row, or a change of the watch's settings, ends it.

const (
	// few changes in a row may come from a user who saves often.
	few = 3
	// many are not a person's saves: the seventh restart because of a file that then
	// changed again at once, with growing pauses between.
	many = 8
	// soon after a start, or after the change before, is faster than a user acts
	// on what the screen shows.
	soon = time.Second
	// longest is the greatest distance at which changes can be told to be regular.
	longest = 10 * time.Minute
)

// row is what is known of the last changes of one file.
type row struct {
	n      int           // changes in a row that counted
	at     time.Time     // the last change
	gap    time.Duration // from the start of the program, or the change before, to it
	starts int           // how many came first after a start
	known  bool          // it was a row of many once, and needs no other proof
	input  bool          // the build reads it
}

func (r row) muted() bool { return r.n >= many && !r.input }

// goesOn reports whether a change that comes a gap after the last one, or after
// the start, belongs to the row.
func (r row) goesOn(gap time.Duration) bool {
	if gap < soon {
		return true
	}
	off := gap - r.gap
	return gap < longest && max(off, -off) <= gap/10
}

// pace decides for each changed file whether it counts now. Of the others,
// after are those to look at when the build under way is over; the rest are in
// held, or have nothing to wait for.
func (s State) pace(paths []string) (_ State, now, after []string, fx []Effect) {
	s = s.prune()
	included := s.included(paths)
	var held []string
	pause := time.Duration(0)
	for _, p := range paths {
		r, seen := s.rows[p]
		before := r.n
		r.input = !slices.Contains(included, p)
		from, started := r.at, false
		if running := s.Process.Phase == Up || s.Process.Phase == Starting; running && !s.Process.begun.Before(from) {
			from, started = s.Process.begun, true
		}
		gap := s.Now.Sub(from)
		cancels := s.Build.Phase == Compiling && slices.Contains(s.Build.Cause.Paths, p)
		switch waits := slices.Contains(s.postponed, p); {
		case waits:
		case cancels, seen && !r.input && r.goesOn(gap):
			r.n++
			if r.known {
				r.n = many
			}
			if started {
				r.starts++
			}
		default:
			if r.n > few {
				s = s.notice("row "+p, "")
			}
			r.n, r.starts = 1, 0
		}
		r.at, r.gap, r.known = s.Now, gap, r.known || r.n >= many
		s.rows[p] = r
		switch {
		case r.n <= few:
			now = append(now, p)
		case !r.input && r.n >= many:
		case !r.input:
			held = append(held, p)
			pause = max(pause, time.Second<<(r.n-few-1))
		case s.Build.Phase == Compiling:
			after = append(after, p)
		default:
			now = append(now, p)
		}
		// Somebody who saves in earnest and builds slowly needs no lecture.
		if before <= few && r.n > few && (!r.input || gap < soon) || before < many && r.muted() {
			s = s.notice("row "+p, s.rowWords(p, r))
		}
	}
	s.postponed = union(s.postponed, held)
	if len(held) > 0 && s.holding == 0 {
		s.timers++
		s.holding = s.timers
		fx = append(fx, Wait{ID: s.holding, Duration: pause})
	}
	return s, now, after, fx
}

// letGo acts on what was held.
func (s State) letGo() (State, []Effect) {
	held := s.postponed
	s.holding, s.postponed = 0, nil
	if s.Phase != Running {
		return s, nil
	}
	if s.Attention == Paused || s.Build.Phase == Compiling {
		s.Pending = union(s.Pending, held)
		return s, nil
	}
	return s.begin(Cause{Kind: "save", Paths: held}, wantCurrent, held)
}

// prune makes rows a map of this state's own, without what is long past.
func (s State) prune() State {
	rows := make(map[string]row, len(s.rows))
	for p, r := range s.rows {
		if r.known || s.Now.Sub(r.at) <= longest {
			rows[p] = r
		}
	}
	s.rows = rows
	return s
}

// endRows forgets all rows, and what was said of them.
func (s State) endRows() State {
	s.rows = nil
	return s.silence("row ")
}

// rowWords names a file that changes by itself, and says what follows.
func (s State) rowWords(path string, r row) string {
	name := s.nameOf(path)
	text := name
	switch p := s.Process.Phase; {
	case r.starts >= few:
		text += " changes each time the program starts"
	case p == Up || p == Starting:
		text += " changes about every " + about(r.gap) + " while the program runs"
	default:
		text += " changes about every " + about(r.gap)
	}
	switch {
	case r.input:
		return text + ", and the build reads it: builds are no longer cancelled for it"
	case r.muted():
		text += ": it no longer restarts the program (R does)"
	default:
		text += ": it restarts the program less and less often"
	}
	return fmt.Sprintf("%s; to leave it alone: watch.exclude = [%q]", text, name)
}

// about is a duration as a reader wants it: one significant digit or two.
func about(d time.Duration) string {
	switch {
	case d < time.Second:
		return max(d.Round(10*time.Millisecond), 10*time.Millisecond).String()
	case d < 10*time.Second:
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}
