package watcher

import (
	"sync"

	"github.com/fsnotify/fsnotify"
)

// A faulty system is the real one, unless told to fail.
type faulty struct {
	realSystem
	openErr error
	addErr  func(dir string) error
	kind    func(dir string) string
	mute    *mute // if set, the notifier
}

func (s *faulty) open() (notifier, error) {
	if s.openErr != nil {
		return nil, s.openErr
	}
	if s.mute != nil {
		return s.mute, nil
	}
	n, err := s.realSystem.open()
	return faultyNotifier{n, s}, err
}

func (s *faulty) eventless(dir string) string {
	if s.kind == nil {
		return ""
	}
	return s.kind(dir)
}

type faultyNotifier struct {
	notifier
	s *faulty
}

func (n faultyNotifier) Add(dir string) error {
	if n.s.addErr != nil {
		if err := n.s.addErr(dir); err != nil {
			return err
		}
	}
	return n.notifier.Add(dir)
}

// mute is a notifier that says only what the test says.
type mute struct {
	events chan fsnotify.Event
	errs   chan error
	mu     sync.Mutex
	added  map[string]int
}

func newMute() *mute {
	return &mute{events: make(chan fsnotify.Event), errs: make(chan error), added: map[string]int{}}
}

func (m *mute) Add(dir string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.added[dir]++
	return nil
}
func (m *mute) Remove(string) error                             { return nil }
func (m *mute) Close() error                                    { close(m.events); close(m.errs); return nil }
func (m *mute) channels() (<-chan fsnotify.Event, <-chan error) { return m.events, m.errs }
