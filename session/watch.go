package session

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/watcher"
)

// Files is one watch on files, as a [watcher.Watcher] is.
type Files interface {
	Watch(ctx context.Context, s watcher.Set, since time.Time) (watcher.Stats, error)
	Settle(ctx context.Context) ([]string, error)
	Sync(ctx context.Context) ([]string, error)
	Run(ctx context.Context, emit func(watcher.Batch)) error
}

// A watch is the one on the files of all programs: it is of the union of their
// sets, and hands each what is its own of every batch.
type watch struct {
	files   Files
	setting sync.Mutex // held while the union is put in force

	mu   sync.Mutex // guards what follows, and the sets of the engines
	told told
}

// told is when changes were told of, by path.
type told map[string]time.Time

// Watch replaces what the program watches; see [watcher.Watcher]. The stats are of
// all programs together.
//
// A file that another program was told of since is told of here as well, if it is
// new in the set: to the watcher, which watched it already, it is old.
func (e *Engine) Watch(ctx context.Context, set watcher.Set, since time.Time) (watcher.Stats, error) {
	s := e.session
	w := &s.watch
	w.setting.Lock()
	defer w.setting.Unlock()
	w.mu.Lock()
	var sets []watcher.Set
	for _, other := range s.engines {
		if other == e {
			sets = append(sets, set)
		} else if other.watches() {
			sets = append(sets, other.set)
		}
	}
	w.mu.Unlock()
	stats, err := w.files.Watch(ctx, watcher.Union(sets...), since)
	if err != nil {
		return stats, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	old := e.set
	e.set = set
	if since.IsZero() || s.alone() {
		return stats, nil
	}
	var missed []string
	for path, at := range w.told {
		if !at.Before(since) {
			missed = append(missed, path)
		}
	}
	known := old.Told(missed)
	missed = slices.DeleteFunc(set.Told(missed), func(path string) bool { return slices.Contains(known, path) })
	if slices.Sort(missed); len(missed) > 0 {
		if e.Task != nil {
			s.changed(watcher.Batch{Paths: missed})
		}
		e.World.Found(watcher.Batch{Paths: missed})
	}
	return stats, nil
}

// watches reports whether a set was put in force.
func (e *Engine) watches() bool {
	return len(e.set.Rules)+len(e.set.Files) > 0
}

// Settle compares with the disk now, and gives those of the program's own files
// that changed; see [watcher.Watcher]. Other programs are told of theirs.
func (e *Engine) Settle(ctx context.Context) ([]string, error) {
	s := e.session
	paths, err := s.watch.files.Settle(ctx)
	if err != nil || s.alone() || len(paths) == 0 {
		return paths, err
	}
	s.watch.mu.Lock()
	defer s.watch.mu.Unlock()
	s.tell(watcher.Batch{Paths: paths}, e)
	return e.set.Told(paths), nil
}

// Look compares with the disk now, and tells each program what changed of its own
// files. When it returns without an error, all that was saved before has been told.
func (s *Session) Look(ctx context.Context) error {
	since := time.Now()
	paths, err := s.watch.files.Sync(ctx)
	if len(paths) > 0 {
		s.found(watcher.Batch{Paths: paths, First: since})
	}
	return err
}

// run watches until ctx ends.
func (s *Session) run(ctx context.Context) {
	if err := s.watch.files.Run(ctx, s.found); err != nil && ctx.Err() == nil {
		s.engines[0].send(engine.Changed{Batch: watcher.Batch{Notices: []string{"watching ended: " + err.Error()}}})
	}
}

// found hands a batch to whom it is for.
func (s *Session) found(b watcher.Batch) {
	if s.alone() {
		s.engines[0].World.Found(b)
		return
	}
	s.watch.mu.Lock()
	defer s.watch.mu.Unlock()
	s.tell(b, nil)
}

// tell hands each program but one its part of a batch. What there is to notice,
// the first is told. The watch is locked.
func (s *Session) tell(b watcher.Batch, but *Engine) {
	now := time.Now()
	for _, path := range b.Paths {
		s.watch.told[path] = now
	}
	s.changed(b)
	for i, e := range s.engines {
		part := b
		if part.Paths = e.set.Told(b.Paths); i > 0 {
			part.Notices = nil
		}
		if e != but && (len(part.Paths) > 0 || part.Overflow || len(part.Notices) > 0) {
			e.World.Found(part)
		}
	}
}
