package watcher

import (
	"errors"
	"path/filepath"
	"sync"

	"github.com/fsnotify/fsnotify"
)

// A system is the boundary to the operating system's change notification; tests
// replace it by one that runs out of resources.
type system interface {
	// open starts a notifier.
	open() (notifier, error)
	// eventless names the type of dir's file system if that is one whose changes
	// are not (all) notified of; else "".
	eventless(dir string) string
}

// A notifier tells of changes in the directories added to it.
type notifier interface {
	Add(dir string) error
	// Remove forgets a directory; an error only says that it is not known.
	Remove(dir string) error
	// Close closes both channels.
	Close() error
	channels() (<-chan fsnotify.Event, <-chan error)
}

type realSystem struct{}

func (realSystem) open() (notifier, error) {
	n, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	return realNotifier{n}, nil
}

func (realSystem) eventless(dir string) string { return eventless(dir) }

type realNotifier struct{ *fsnotify.Watcher }

func (n realNotifier) channels() (<-chan fsnotify.Event, <-chan error) { return n.Events, n.Errors }

// marks are raw events, merged: which paths to look at again, and why. They are
// not truth, so their order does not matter.
type marks struct {
	paths map[string]fsnotify.Op
	// overflow: there were more, and nobody knows where.
	overflow bool
	// errs are what the notifier complained about, overflow apart.
	errs []error
}

func (m marks) empty() bool { return len(m.paths) == 0 && !m.overflow && len(m.errs) == 0 }

// marksLimit bounds what is remembered while nobody takes it: four times what
// the kernel keeps (fs.inotify.max_queued_events is 16384).
const marksLimit = 1 << 16

// A feed drains a notifier from its start, whether or not anybody takes what it
// says: a full kernel queue loses events, a map of paths does not.
type feed struct {
	notifier
	drained sync.WaitGroup // one goroutine, ended by the notifier's Close
}

// newFeed sends on out, merging for as long as nobody receives.
func newFeed(n notifier, out chan<- marks) *feed {
	f := &feed{notifier: n}
	f.drained.Go(func() { f.drain(out) })
	return f
}

func (f *feed) close() {
	f.Close()
	f.drained.Wait()
}

func (f *feed) drain(out chan<- marks) {
	events, errs := f.channels()
	var m marks
	for {
		ready := out
		if m.empty() {
			ready = nil
		}
		select {
		case e, ok := <-events:
			if !ok {
				return
			}
			m.add(e)
		case err, ok := <-errs:
			if !ok {
				return
			}
			if errors.Is(err, fsnotify.ErrEventOverflow) {
				m.overflow = true
			} else if len(m.errs) < 16 { // enough to see what is the matter
				m.errs = append(m.errs, err)
			}
		case ready <- m:
			m = marks{}
		}
	}
}

func (m *marks) add(e fsnotify.Event) {
	if e.Name == "" {
		return
	}
	if m.paths == nil {
		m.paths = map[string]fsnotify.Op{}
	}
	m.paths[filepath.Clean(e.Name)] |= e.Op
	if len(m.paths) > marksLimit {
		m.paths, m.overflow = nil, true
	}
}
