package watcher

import (
	"context"
	"time"
)

// A source is what the loop asks: the tree, except in tests.
type source interface {
	// absorb takes raw events and reports whether any of them matters.
	absorb(ctx context.Context, m marks) bool
	// look compares what the events pointed at. Not settled: ask again.
	look(ctx context.Context, waited time.Duration) (b Batch, settled bool)
	// poll compares what no event points at and reports whether there is news,
	// which a look is to take.
	poll(ctx context.Context) bool
	// pace is how fast all this is to go; it may change at any time.
	pace(ctx context.Context) pace
}

type pace struct {
	quiet, max time.Duration
	poll       time.Duration // 0: there is nothing to poll
}

// A window is the time from the first event that matters until a batch is
// settled. The zero window is closed.
type window struct {
	first, last time.Time // event
	again       time.Time // not before: the last look found it unsettled
}

func (w *window) note(now time.Time) {
	if w.first.IsZero() {
		w.first = now
	}
	w.last = now
}

// due is when to look; zero if the window is closed.
func (w *window) due(p pace) time.Time {
	if w.first.IsZero() {
		return time.Time{}
	}
	due := w.last.Add(p.quiet)
	if end := w.first.Add(p.max); end.Before(due) {
		due = end
	}
	if due.Before(w.again) {
		due = w.again
	}
	return due
}

// loop decides when to look and when to poll until ctx ends. A receive on wake
// means that there may be news without an event.
func loop(ctx context.Context, in <-chan marks, wake <-chan struct{}, src source, emit func(Batch)) {
	var win window
	var polled time.Time // the end of the last poll, or when polling began
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		p := src.pace(ctx)
		var next time.Time
		if p.poll == 0 {
			polled = time.Time{}
		} else {
			if polled.IsZero() {
				polled = time.Now()
			}
			next = polled.Add(p.poll)
		}
		due := win.due(p)
		if !due.IsZero() && (next.IsZero() || due.Before(next)) {
			next = due
		}
		var alarm <-chan time.Time
		if !next.IsZero() {
			timer.Reset(time.Until(next))
			alarm = timer.C
		}
		select {
		case <-ctx.Done():
			return
		case m := <-in:
			if src.absorb(ctx, m) {
				win.note(time.Now())
			}
			continue
		case <-wake:
			win.note(time.Now())
			continue
		case <-alarm:
		}
		select {
		case m := <-in:
			// Events that were there before the alarm count before it.
			if src.absorb(ctx, m) {
				win.note(time.Now())
			}
			due = win.due(p)
		default:
		}
		now := time.Now()
		if !due.IsZero() && !due.After(now) {
			b, settled := src.look(ctx, now.Sub(win.first))
			if !settled {
				win.again = time.Now().Add(p.quiet)
				continue
			}
			b.First = win.first
			win = window{}
			if !b.isEmpty() {
				emit(b)
			}
		}
		if p.poll > 0 && !polled.Add(p.poll).After(now) {
			if src.poll(ctx) {
				win.note(time.Now())
			}
			polled = time.Now()
		}
	}
}
