package session

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/hotdev/hotdev/watcher"
)

// Files watches files, as a [watcher.Watcher] does.
type Files interface {
	Watch(ctx context.Context, s watcher.Set, since time.Time) (watcher.Stats, error)
	Settle(ctx context.Context) ([]string, error)
	Sync(ctx context.Context) ([]string, error)
	Run(ctx context.Context, emit func(watcher.Batch)) error
}

// A watch is shared by all programs: it watches the union of their sets, and gives each
// program its part of every batch.
type watch struct {
	files   Files
	setting sync.Mutex // held while the union is put in force

	mu   sync.Mutex // guards what follows, and the sets of the engines
	told told
}

// told is when changes were told of, by path.
type told map[string]time.Time

// A member has files of its own to watch: a program, or the tests.
type member struct {
	session *Session
	set     watcher.Set         // what it watches; guarded by the session's watch
	found   func(watcher.Batch) // takes what changed of that; must not wait
	engine  *Engine             // nil: it is the tests
}

// Watch replaces what the member watches; see [watcher.Watcher]. The stats are of
// all members together.
//
// A change that another member has been told of since then is reported here too if the
// file is new in this set: the watcher has watched it already, and will not report it
// again.
func (m *member) Watch(ctx context.Context, set watcher.Set, since time.Time) (watcher.Stats, error) {
	s := m.session
	w := &s.watch
	w.setting.Lock()
	defer w.setting.Unlock()
	w.mu.Lock()
	var sets []watcher.Set
	for _, other := range s.members {
		if other == m {
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
	old := m.set
	m.set = set
	if since.IsZero() || s.single() {
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
		if m.engine != nil && m.engine.Task != nil {
			s.changed(watcher.Batch{Paths: missed})
		}
		m.found(watcher.Batch{Paths: missed})
	}
	return stats, nil
}

// watches reports whether a set was put in force.
func (m *member) watches() bool {
	return len(m.set.Rules)+len(m.set.Files) > 0
}

// Settle compares the watched files with the disk now, and returns those of the member
// that changed; see [watcher.Watcher]. Others receive their own changes.
func (m *member) Settle(ctx context.Context) ([]string, error) {
	s := m.session
	paths, err := s.watch.files.Settle(ctx)
	if err != nil || s.single() || len(paths) == 0 {
		return paths, err
	}
	s.watch.mu.Lock()
	defer s.watch.mu.Unlock()
	s.tell(watcher.Batch{Paths: paths}, m)
	if s.sole() == m {
		return paths, nil
	}
	return m.set.Told(paths), nil
}

// Look compares the watched files with the disk now, and tells each member which of its
// files changed. When it returns nil, everything saved before the call has been told.
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
		s.members[0].found(watcher.Batch{Notices: []string{"watching ended: " + err.Error()}})
	}
}

// found hands a batch to whom it is for.
func (s *Session) found(b watcher.Batch) {
	if s.single() {
		s.members[0].found(b)
		return
	}
	s.watch.mu.Lock()
	defer s.watch.mu.Unlock()
	s.tell(b, nil)
}

// tell hands each member but one its part of a batch. What there is to notice,
// the first is told. The watch is locked.
func (s *Session) tell(b watcher.Batch, but *member) {
	now := time.Now()
	for _, path := range b.Paths {
		s.watch.told[path] = now
	}
	s.changed(b)
	sole := s.sole()
	for i, m := range s.members {
		part := b
		if sole != m {
			part.Paths = m.set.Told(b.Paths)
		}
		if i > 0 {
			part.Notices = nil
		}
		if m != but && (len(part.Paths) > 0 || part.Overflow || len(part.Notices) > 0) {
			m.found(part)
		}
	}
}

// single reports whether there is one member, which is no task, so that whatever
// changes is for it.
func (s *Session) single() bool { return len(s.members) == 1 && (s.tests != nil || s.alone()) }

// sole is the only member that all that the watch finds is for: the only program
// while no tests are watched, or the tests where there is no program; nil if there is
// none. The watch is locked.
func (s *Session) sole() *member {
	switch {
	case s.alone() && (s.tests == nil || !s.tests.watches()):
		return &s.engines[0].member
	case len(s.engines) == 0:
		return &s.tests.member
	}
	return nil
}
