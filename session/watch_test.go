package session

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/hotdev/hotdev/watcher"
)

// fakeFiles are files of which a test says how they change.
type fakeFiles struct {
	set     watcher.Set // in force
	settled []string    // what Settle finds
}

func (f *fakeFiles) Watch(_ context.Context, s watcher.Set, _ time.Time) (watcher.Stats, error) {
	f.set = s
	return watcher.Stats{}, nil
}

func (f *fakeFiles) Settle(context.Context) ([]string, error) { return f.settled, nil }

func (f *fakeFiles) Sync(context.Context) ([]string, error) { return f.settled, nil }

func (f *fakeFiles) Run(ctx context.Context, _ func(watcher.Batch)) error {
	<-ctx.Done()
	return nil
}

// One watch is for all: each program is told of its own files, and of nothing that
// another one's commands have done before it could know of it.
func TestWatchForAll(t *testing.T) {
	files := &fakeFiles{}
	s := New(files)
	api, worker := newFake(), newFake()
	apiEngine, workerEngine := s.Add("api"), s.Add("worker")
	apiEngine.World, workerEngine.World = api, worker
	root := t.TempDir()
	of := func(names ...string) watcher.Set {
		var set watcher.Set
		for _, n := range names {
			set.Rules = append(set.Rules, watcher.Rule{Dir: filepath.Join(root, n), Include: []string{"*.go"}})
		}
		return set
	}
	path := func(dir string) string { return filepath.Join(root, dir, "x.go") }
	watch := func(e *Engine, set watcher.Set, since time.Time) {
		t.Helper()
		if _, err := e.Watch(t.Context(), set, since); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(what string, w *fake, want ...string) {
		t.Helper()
		var got []string
		for _, b := range w.found {
			got = append(got, b.Paths...)
		}
		if w.found = nil; !slices.Equal(got, want) {
			t.Errorf("%s: told of %q, want %q", what, got, want)
		}
	}

	since := time.Now()
	watch(apiEngine, of("api", "shared"), since)
	watch(workerEngine, of("worker"), since)
	if len(files.set.Rules) != 3 {
		t.Errorf("the watch is %+v", files.set)
	}
	s.found(watcher.Batch{Paths: []string{path("api"), path("shared")}})
	expect("the api's save", api, path("api"), path("shared"))
	expect("the api's save", worker)

	// The worker's listing began before that save, and is answered after it.
	watch(workerEngine, of("worker", "shared"), since)
	expect("a file that was told to the other", worker, path("shared"))
	expect("a file that was told to the other", api)
	watch(workerEngine, of("worker", "shared"), since)
	expect("the same set again", worker)
	watch(workerEngine, of("worker"), since)
	watch(workerEngine, of("worker", "shared"), time.Now().Add(time.Second))
	expect("listed after the save", worker)

	files.settled = []string{path("api"), path("shared"), path("worker")}
	own, err := workerEngine.Settle(t.Context())
	if err != nil || !slices.Equal(own, []string{path("shared"), path("worker")}) {
		t.Errorf("settled %q, %v", own, err)
	}
	expect("what the worker's commands wrote", worker)
	expect("what the worker's commands wrote", api, path("api"), path("shared"))

	if err := s.Look(t.Context()); err != nil {
		t.Error(err)
	}
	expect("a look", api, path("api"), path("shared"))
	expect("a look", worker, path("shared"), path("worker"))

	s.found(watcher.Batch{Overflow: true, Notices: []string{"full"}})
	if len(api.found) != 1 || len(api.found[0].Notices) != 1 || !api.found[0].Overflow {
		t.Errorf("the first is told %+v of an overflow", api.found)
	}
	if len(worker.found) != 1 || len(worker.found[0].Notices) != 0 || !worker.found[0].Overflow {
		t.Errorf("the second is told %+v of an overflow", worker.found)
	}
}

// A session of one hands everything on as it is.
func TestWatchForOne(t *testing.T) {
	files := &fakeFiles{settled: []string{"/anything"}}
	s := New(files)
	one := newFake()
	e := s.Add("api")
	e.World = one
	if own, err := e.Settle(t.Context()); err != nil || len(own) != 1 {
		t.Errorf("settled %q, %v", own, err)
	}
	s.found(watcher.Batch{Paths: []string{"/anything"}})
	if len(one.found) != 1 || len(one.found[0].Paths) != 1 {
		t.Errorf("told of %+v", one.found)
	}
}
