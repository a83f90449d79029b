package watcher

import (
	"context"
	"maps"
	"os"
	"slices"
	"time"
)

// emptyMax is how long a batch waits for a file that was emptied to be written.
// Editors that truncate take a millisecond or two; a machine under load takes
// longer; somebody who wants the file empty should not notice.
const emptyMax = 250 * time.Millisecond

// install replaces the plan. Files that the old one covered keep their
// snapshot; others are taken as they are, and count as changed if written after
// since.
func (t *tree) install(ctx context.Context, next plan, since time.Time) error {
	before, nodes := t.plan, t.nodes
	w := t.newPass()
	w.before, w.since, w.again = &before, since, true
	t.plan = next
	if before.set.Poll != next.set.Poll {
		for _, p := range slices.Collect(maps.Values(t.places.byID)) {
			w.drop(p)
		}
	}
	t.crowded = false
	clear(t.dirty)
	clear(t.retry)
	t.build()
	// Places of the old nodes stay subscribed until the new nodes have had the chance
	// to take them over.
	t.markAll(deep)
	w.walk()
	for _, n := range nodes {
		w.pin(n, nil)
		w.leave(n)
		n.detached = true
		delete(t.dirty, n)
	}
	for path, f := range t.files {
		if w.check[f] {
			continue
		}
		if next.covers(path) {
			w.check[f] = true
			continue
		}
		delete(t.files, path)
		delete(t.changed, path)
		delete(t.recheck, path)
		delete(t.blocked, path)
		delete(t.orphans, path)
	}
	err := w.run(ctx)
	if err == nil && !t.limited() {
		clear(t.told) // met again, a limit is news again
	}
	return err
}

// limited reports whether something is not observed as it was meant to be.
func (t *tree) limited() bool {
	if t.crowded {
		return true
	}
	for _, p := range t.places.byID {
		if p.mode == deaf || p.mode == polled && t.plan.set.Poll != PollAlways {
			return true
		}
	}
	return false
}

// look compares what is dirty with the disk. The batch has waited so long
// since its first event; if it should wait on, it is not settled.
func (t *tree) look(ctx context.Context, waited time.Duration) (b Batch, settled bool) {
	if t.held(waited) {
		return Batch{}, false
	}
	w := t.newPass()
	if w.run(ctx) != nil {
		return Batch{}, true // ctx is over
	}
	switch {
	case len(t.recheck) > 0 && waited < t.empty:
		return Batch{}, false
	case w.arrived+len(t.dirty) > 0 && waited < t.plan.set.Max:
		// A new folder: it gets its own quiet time, now that its events are
		// heard.
		return Batch{}, false
	}
	return t.take(), true
}

// held reports whether a Hold file says that more is to come. One that outlived
// HoldMax was left behind by a crash; it does not count until it is written
// again.
func (t *tree) held(waited time.Duration) bool {
	held := false
	for _, path := range t.plan.set.Hold {
		info, err := os.Lstat(path)
		if err != nil {
			delete(t.worn, path)
			continue
		}
		if worn, ok := t.worn[path]; ok && worn.Equal(info.ModTime()) {
			continue
		}
		if waited >= HoldMax {
			t.worn[path] = info.ModTime()
			continue
		}
		held = true
	}
	return held
}

// take gives the news, which from then on are known.
func (t *tree) take() Batch {
	b := Batch{Paths: slices.Sorted(maps.Keys(t.changed)), Overflow: t.overflow, Notices: t.notices}
	for path, f := range t.changed {
		f.base, f.forced = f.cur, false
		delete(t.recheck, path)
		if !f.cur.exists && !f.blocked {
			delete(t.files, path)
		}
	}
	clear(t.changed)
	t.overflow, t.notices = false, nil
	return b
}

// settle compares everything with the disk and takes the paths that changed.
func (t *tree) settle(ctx context.Context) ([]string, error) {
	t.markAll(deep)
	if err := t.newPass().run(ctx); err != nil {
		return nil, err
	}
	overflow, notices := t.overflow, t.notices
	paths := t.take().Paths
	t.overflow, t.notices = overflow, notices
	return paths, nil
}

// poll compares what no event tells of. It reports whether there is news; a
// look then sees whether that has settled.
func (t *tree) poll(ctx context.Context) bool {
	w := t.newPass()
	for n := range t.retry {
		t.mark(n, deep)
	}
	if t.crowded {
		t.markAll(deep)
	}
	if t.places.polled > 0 {
		for _, p := range t.places.byID {
			if p.mode == polled {
				for _, n := range p.users() {
					t.mark(n, shallow)
				}
			}
		}
	}
	for _, f := range t.blocked {
		w.check[f] = true
	}
	notices := len(t.notices)
	if w.run(ctx) != nil {
		return false
	}
	news := w.arrived > 0 || len(t.notices) > notices
	for f := range w.check {
		if f.altered {
			t.recheck[f.path] = f
			news = true
		}
	}
	return news
}

// polls reports whether there is anything to poll.
func (t *tree) polls() bool {
	return t.places.polled > 0 || len(t.retry) > 0 || len(t.blocked) > 0 || t.crowded
}

func (t *tree) stats() Stats {
	s := Stats{Limited: t.limited()}
	for _, n := range t.nodes {
		if n.place != nil && len(n.scopes)+len(n.wants) > 0 {
			s.Folders++
		}
	}
	for _, f := range t.files {
		if f.cur.exists {
			s.Files++
		}
	}
	return s
}
