package watcher

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A Watcher watches one Set at a time. Its methods may be called from any
// goroutine. It holds resources of the system from the first Watch until Run
// returns, so whoever calls Watch must call Run.
type Watcher struct {
	lock  chan struct{} // holds one token while tree is in use
	tree  *tree
	state lifeline
	marks chan marks
	wake  chan struct{} // there may be news without an event
	// handing is closed when emit has returned from the last batch; nil before the
	// first. The lock guards it.
	handing chan struct{}
}

type lifeline string

const (
	fresh   lifeline = "fresh"
	running lifeline = "running"
	closed  lifeline = "closed"
)

// Stats are the size of a Set on disk.
type Stats struct {
	Folders int // that exist and may hold watched files
	Files   int // that exist and are watched
	// Limited: the system does not report changes of some of them, so these are polled,
	// or not watched at all. A notice says so.
	Limited bool
}

// New returns a Watcher with an empty Set.
func New() *Watcher { return newWatcher(realSystem{}) }

func newWatcher(sys system) *Watcher {
	m := make(chan marks)
	return &Watcher{
		lock: make(chan struct{}, 1), tree: newTree(sys, m), state: fresh,
		marks: m, wake: make(chan struct{}, 1),
	}
}

// acquire waits for the tree.
func (w *Watcher) acquire(ctx context.Context) error {
	select {
	case w.lock <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *Watcher) release() { <-w.lock }

// Run emits batches until ctx ends, then releases all resources and returns nil when its
// goroutines have ended. It must be called only once. emit is called on Run's goroutine and
// may block; changes then accumulate for the next batch.
func (w *Watcher) Run(ctx context.Context, emit func(Batch)) error {
	w.lock <- struct{}{}
	if w.state != fresh {
		w.release()
		return errors.New("watch: Run was called before")
	}
	w.state = running
	w.release()
	defer func() {
		w.lock <- struct{}{}
		defer w.release()
		w.state = closed
		if w.tree.feed != nil {
			w.tree.feed.close()
		}
	}()
	loop(ctx, w.marks, w.wake, w, func(b Batch) {
		emit(b)
		close(w.handing) // look made it, on this goroutine
	})
	return nil
}

// Watch replaces the Set. It returns when the directories are subscribed to and
// every file's content is known: a later change is not missed. Files of the old
// Set keep the state that was last emitted. Of the files that only the new Set
// names, those written, renamed or linked at or after since are reported as
// changed by the next batch (none if since is zero); the others are taken as
// they are, existing or not.
//
// A Set that makes no sense is an error, and changes nothing. If ctx ends
// early, the Set is in force, but some of its files may be reported as changed
// that are not.
func (w *Watcher) Watch(ctx context.Context, s Set, since time.Time) (Stats, error) {
	next, err := newPlan(s)
	if err != nil {
		return Stats{}, fmt.Errorf("watch: %w", err)
	}
	if err := w.acquire(ctx); err != nil {
		return Stats{}, fmt.Errorf("watch: %w", err)
	}
	defer w.release()
	if w.state == closed {
		return Stats{}, errors.New("watch: the watcher is closed")
	}
	err = w.tree.install(ctx, next, since)
	w.poke() // also for what to poll, and how fast
	if err != nil {
		return Stats{}, fmt.Errorf("watch: %w", err)
	}
	return w.tree.stats(), nil
}

// Settle compares the whole Set with the disk now, and returns the absolute paths, sorted,
// of files that differ from what was last emitted or returned. No batch will report these
// changes again.
func (w *Watcher) Settle(ctx context.Context) ([]string, error) {
	if err := w.acquire(ctx); err != nil {
		return nil, fmt.Errorf("watch: settle: %w", err)
	}
	defer w.release()
	if w.state == closed {
		return nil, errors.New("watch: settle: the watcher is closed")
	}
	paths, err := w.tree.settle(ctx)
	if err != nil || len(w.tree.notices) > 0 {
		w.poke()
	}
	if err != nil {
		return nil, fmt.Errorf("watch: settle: %w", err)
	}
	return slices.Clip(paths), nil
}

// Sync is Settle for a caller that needs to know that no batch is on its way: when it
// returns nil, emit has returned for every batch that was settled before. With an error
// that is not certain, but the paths are returned all the same.
func (w *Watcher) Sync(ctx context.Context) ([]string, error) {
	paths, err := w.Settle(ctx)
	if err != nil {
		return nil, err
	}
	if err := w.acquire(ctx); err != nil {
		return paths, fmt.Errorf("watch: sync: %w", err)
	}
	handing := w.handing
	w.release()
	if handing == nil {
		return paths, nil
	}
	select {
	case <-handing:
		return paths, nil
	case <-ctx.Done():
		return paths, fmt.Errorf("watch: sync: %w", ctx.Err())
	}
}

func (w *Watcher) poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// The rest makes the Watcher the loop's source.

func (w *Watcher) absorb(ctx context.Context, m marks) bool {
	if w.acquire(ctx) != nil {
		return false
	}
	defer w.release()
	return w.tree.absorb(m)
}

func (w *Watcher) look(ctx context.Context, waited time.Duration) (Batch, bool) {
	if w.acquire(ctx) != nil {
		return Batch{}, true
	}
	defer w.release()
	b, settled := w.tree.look(ctx, waited)
	if settled && len(w.tree.dirty) > 0 {
		w.poke()
	}
	if settled && !b.isEmpty() {
		w.handing = make(chan struct{})
	}
	return b, settled
}

func (w *Watcher) poll(ctx context.Context) bool {
	if w.acquire(ctx) != nil {
		return false
	}
	defer w.release()
	return w.tree.poll(ctx)
}

func (w *Watcher) pace(ctx context.Context) pace {
	if w.acquire(ctx) != nil {
		return pace{}
	}
	defer w.release()
	set := &w.tree.plan.set
	p := pace{quiet: set.Quiet, max: set.Max}
	if w.tree.polls() {
		p.poll = set.PollInterval
	}
	return p
}
