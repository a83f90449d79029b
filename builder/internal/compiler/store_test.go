package compiler

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

// A shelf is a store whose compiler writes what it is told.
type shelf struct {
	t   *testing.T
	s   *Store
	dir string
	ran atomic.Int32
}

func newShelf(t *testing.T) *shelf {
	return &shelf{t: t, s: NewStore(t.TempDir()), dir: t.TempDir()}
}

func (s *shelf) get(name, key, text string, good bool) (shared bool) {
	s.t.Helper()
	archive := filepath.Join(s.dir, name)
	out, shared, err := s.s.Do(s.t.Context(), "group", key, archive, func() ([]string, error) {
		s.ran.Add(1)
		return []string{"said of " + text}, os.WriteFile(archive, []byte(text), 0o600)
	}, func() bool { return good })
	if err != nil || len(out) != 1 || out[0] != "said of "+text {
		s.t.Errorf("%s: %q, %v", name, out, err)
	}
	if got, err := os.ReadFile(archive); err != nil || string(got) != text {
		s.t.Errorf("%s is %q, want %q; %v", name, got, text, err)
	}
	return shared
}

func TestStore(t *testing.T) {
	s := newShelf(t)
	if s.get("1", "k", "text", true) || !s.s.Has("k") {
		t.Error("the first is shared, or is not kept")
	}
	if !s.get("2", "k", "text", true) {
		t.Error("the second is not shared")
	}
	// Who changes a copy changes nobody else's.
	if err := os.Rename(filepath.Join(s.dir, "1"), filepath.Join(s.dir, "2")); err != nil {
		t.Fatal(err)
	}
	if !s.get("3", "k", "text", true) || s.get("4", "other", "other", true) {
		t.Error("keys are mixed up")
	}
	// What was not compiled from what the key says is nobody else's.
	if s.get("5", "torn", "torn", false) || s.s.Has("torn") || s.get("6", "torn", "whole", true) {
		t.Error("a torn archive is shared")
	}
	// Few are kept, and what is gone is compiled again.
	for i := range keep {
		s.get("7", fmt.Sprint("more", i), fmt.Sprint("more", i), true)
	}
	if s.get("8", "k", "text", true) {
		t.Error("too many are kept")
	}
	files, _ := filepath.Glob(filepath.Join(s.s.folder, "*"))
	if len(files) != keep {
		t.Errorf("%d files are kept", len(files))
	}
	for _, f := range files {
		os.Remove(f)
	}
	if s.get("9", "k", "text", true) {
		t.Error("a file that is gone is shared")
	}
}

// Who fails, fails alone: the next compiles for itself.
func TestStoreFails(t *testing.T) {
	s := newShelf(t)
	failed := errors.New("failed")
	_, shared, err := s.s.Do(t.Context(), "group", "k", filepath.Join(s.dir, "1"), func() ([]string, error) { return nil, failed }, func() bool { return true })
	if !errors.Is(err, failed) || shared || s.s.Has("k") {
		t.Errorf("%v, shared %v", err, shared)
	}
	if s.get("2", "k", "text", true) {
		t.Error("a failure is shared")
	}
}

// Many want the same at once, and it is compiled once; who has no time left does
// not wait.
func TestStoreTogether(t *testing.T) {
	s := newShelf(t)
	begun, end := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		archive := filepath.Join(s.dir, "first")
		_, _, err := s.s.Do(t.Context(), "group", "k", archive, func() ([]string, error) {
			close(begun)
			<-end
			s.ran.Add(1)
			return []string{"said of text"}, os.WriteFile(archive, []byte("text"), 0o600)
		}, func() bool { return true })
		if err != nil {
			t.Error(err)
		}
	})
	<-begun
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := s.s.Do(ended, "group", "k", filepath.Join(s.dir, "late"), nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("it waited: %v", err)
	}
	for i := range 8 {
		wg.Go(func() { s.get(fmt.Sprint(i), "k", "text", true) })
	}
	close(end)
	wg.Wait()
	if n := s.ran.Load(); n != 1 {
		t.Errorf("compiled %d times", n)
	}
}
