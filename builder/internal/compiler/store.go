package compiler

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
)

// A Store keeps archives by what they were compiled from, so that the programs of a
// module compile their common packages once. It may be used from several goroutines:
// one that wants an archive while it is being compiled waits for it.
//
// Files in its folder never change, and may be removed at any time: an archive that is
// handed out is a link to one, or a copy.
type Store struct {
	folder string

	mu    sync.Mutex // guards the fields below, not the entries
	count int        // number of files so far
	made  map[string]*entry
	// recent are the keys that are kept of each group, the newest last.
	recent map[string][]string
}

// An entry is the archive of one key. It is complete when done is closed.
type entry struct {
	done chan struct{}
	file string // empty if it could not be compiled
	out  []string
}

// keep is the number of entries that are kept of a group: enough to find the archive
// again when a change is undone and redone.
const keep = 4

// NewStore returns an empty store that keeps archives in an absolute folder.
func NewStore(folder string) *Store {
	return &Store{folder: folder, made: map[string]*entry{}, recent: map[string][]string{}}
}

// Has reports whether the archive of a key exists, or is being compiled.
func (s *Store) Has(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.made[key] != nil
}

// Do writes the archive of a key to the file archive: the one of an earlier call, or
// else the one that run writes there. The key names everything that the compiler reads.
// After run, good reports whether the compiler read exactly that; if not, the archive
// is not shared. out is what the compiler printed; shared reports that an earlier call
// ran it. Only the newest few archives of a group (a package) are kept.
func (s *Store) Do(ctx context.Context, group, key, archive string, run func() ([]string, error), good func() bool) (out []string, shared bool, err error) {
	for {
		e, mine := s.claim(key)
		if mine {
			return s.fill(e, group, key, archive, run, good)
		}
		select {
		case <-e.done:
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
		if e.file != "" && link(e.file, archive) == nil {
			return e.out, true, nil
		}
		s.forget(key, e)
	}
}

// claim returns the entry of a key. If mine is true, the caller must complete it.
func (s *Store) claim(key string) (e *entry, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.made[key]; e != nil {
		return e, false
	}
	e = &entry{done: make(chan struct{})}
	s.made[key] = e
	return e, true
}

func (s *Store) fill(e *entry, group, key, archive string, run func() ([]string, error), good func() bool) (out []string, shared bool, err error) {
	defer close(e.done)
	out, err = run()
	if err == nil && good() {
		s.mu.Lock()
		s.count++
		file := filepath.Join(s.folder, strconv.Itoa(s.count)+".a")
		s.mu.Unlock()
		if link(archive, file) == nil {
			e.file, e.out = file, out
			s.retain(group, key)
			return out, false, nil
		}
	}
	s.forget(key, e)
	return out, false, err
}

// retain keeps an entry, and only the newest of its group.
func (s *Store) retain(group, key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys := append(s.recent[group], key)
	for len(keys) > keep {
		if old := s.made[keys[0]]; old != nil {
			_ = os.Remove(old.file)
			delete(s.made, keys[0])
		}
		keys = slices.Delete(keys, 0, 1)
	}
	s.recent[group] = keys
}

// forget removes e, so that the next call with its key compiles, unless another entry
// has taken its place.
func (s *Store) forget(key string, e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made[key] == e {
		delete(s.made, key)
	}
}

// link makes to a hard link of the file from, or a copy of it.
func link(from, to string) error {
	_ = os.Remove(to)
	if os.Link(from, to) == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		_ = os.Remove(to)
	}
	return err
}
