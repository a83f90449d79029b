package watcher

import (
	"context"
	"os"
	"slices"
	"testing"
	"time"
)

func TestSinceReportsWhatWasWrittenMeanwhile(t *testing.T) {
	p := newProbe(t, realSystem{})
	p.mkdir("w/old")
	p.mkdir("w/new")
	p.write("w/new/before.go", "1")
	// An hour ago by its times; but they cannot set the change time, so the
	// test asks about a time to come for it, too.
	p.watchSince(p.rules("w", "**/*.go"), time.Now().Add(time.Hour))
	p.nothing("w/end.go")

	since := time.Now()
	p.mkdir("v")
	p.write("v/x.go", "1")
	p.watchSince(p.rules("v", "*.go"), since)
	p.only("v/x.go")

	// Zero: nothing counts.
	p.mkdir("u")
	p.write("u/x.go", "1")
	p.watch(p.rules("u", "*.go"))
	p.nothing("u/end.go")
}

// The times that the kernel stamps files with lie behind the clock.
func TestSinceBelievesCoarseClocks(t *testing.T) {
	p := newProbe(t, realSystem{})
	for range 50 {
		p.mkdir("w")
		since := time.Now()
		p.write("w/x.go", since.String())
		p.watchSince(p.rules("w", "*.go"), since)
		p.only("w/x.go")
		p.watch(Set{})
	}
}

// Replacing the set loses nothing of files that are in both.
func TestReplacedSetKeepsSnapshots(t *testing.T) {
	p := newProbe(t, realSystem{})
	p.mkdir("w/a")
	p.mkdir("w/b")
	p.write("w/a/edited.go", "1")
	p.write("w/a/deleted.go", "1")
	s := p.rules("w/a", "*.go")
	s.Quiet, s.Max = time.Hour, time.Hour // nothing is emitted by itself
	p.watch(s)
	p.write("w/a/edited.go", "2")
	p.remove("w/a/deleted.go")
	p.write("w/a/made.go", "1")

	s = p.rules("w/a", "*.go")
	s.Rules = append(s.Rules, Rule{Dir: p.path("w/b"), Include: []string{"*.go"}})
	p.watch(s)
	p.only("w/a/edited.go", "w/a/deleted.go", "w/a/made.go")
	// New to the set and not there: known as absent.
	p.write("w/b/x.go", "1")
	p.only("w/b/x.go")
	// Out of the set: no longer watched.
	p.watch(p.rules("w/b", "*.go"))
	p.write("w/a/edited.go", "3")
	p.nothing("w/b/end.go")
}

// The folder of a pattern's files is gone when the set is replaced.
func TestReplacedSetRemembersVanishedFolders(t *testing.T) {
	p := newProbe(t, realSystem{})
	p.mkdir("w/a/b")
	p.write("w/a/b/x.sql", "1")
	s := p.rules("w", "**/*.sql")
	s.Quiet, s.Max = time.Hour, time.Hour
	p.watch(s)
	p.remove("w/a")
	p.watch(p.rules("w", "**/*.sql"))
	p.only("w/a/b/x.sql")
}

func TestIgnoredInARealTree(t *testing.T) {
	p := newProbe(t, realSystem{})
	p.mkdir("w/a/gen")
	p.mkdir("w/b")
	s := p.rules("w", "**/*.go")
	s.Ignore = []Rule{{Dir: p.path("w"), Include: []string{"**/gen", "b", "**/z*.go"}}}
	if st := p.watch(s); st.Folders != 2 {
		t.Errorf("%+v", st)
	}
	p.write("w/a/gen/x.go", "1")
	p.write("w/b/x.go", "1")
	p.write("w/a/z.go", "1")
	p.nothing("w/a/end.go")
	// No longer ignored: known as it is now, from then on watched.
	p.watch(p.rules("w", "**/*.go"))
	p.nothing("w/a/end2.go")
	p.write("w/b/x.go", "2")
	p.settledIn([]string{"w/b/x.go"})
	p.write("w/a/gen/x.go", "2")
	p.settledIn([]string{"w/a/gen/x.go"})
}

func TestWatchBeforeRun(t *testing.T) {
	p := &probe{t: t, dir: t.TempDir(), Watcher: New(), batches: make(chan Batch, 100)}
	p.mkdir("w")
	st := p.watch(p.rules("w", "**/*.go"))
	if st != (Stats{Folders: 1}) {
		t.Errorf("%+v", st)
	}
	p.mkdir("w/a")
	p.write("w/a/x.go", "1")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- p.Run(ctx, func(b Batch) { p.batches <- b }) }()
	p.only("w/a/x.go")
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := p.Run(t.Context(), nil); err == nil {
		t.Error("Run twice")
	}
}

func TestChangesAddUpWhileEmitBlocks(t *testing.T) {
	p := &probe{t: t, dir: t.TempDir(), Watcher: New()}
	p.batches = make(chan Batch) // unbuffered: emit blocks until the test receives
	p.mkdir("w")
	p.watch(p.rules("w", "**/*.go"))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		ended <- p.Run(ctx, func(b Batch) {
			select {
			case p.batches <- b:
			case <-ctx.Done():
			}
		})
	}()
	p.write("w/a.go", "1")
	waitFor(t, func() bool { // taken, so emit has been called or is about to be
		return p.inspect(func(tr *tree) bool { return tr.files[p.path("w/a.go")] != nil && len(tr.changed) == 0 })
	})
	var names []string
	for _, dir := range []string{"w/x", "w/x/y", "w/z"} {
		p.mkdir(dir)
		p.write(dir+"/n.go", "1")
		names = append(names, dir+"/n.go")
	}
	// Meanwhile others can use the watcher.
	p.watch(p.rules("w", "**/*.go"))
	p.only("w/a.go")
	p.only(names...)
	cancel()
	<-ended
}

func TestSettle(t *testing.T) {
	p := newProbe(t, realSystem{})
	p.mkdir("w/a")
	p.write("w/a/gone.go", "1")
	p.write("w/a/same.go", "1")
	s := p.rules("w", "**/*.go")
	s.Quiet, s.Max = time.Hour, time.Hour
	p.watch(s)
	settle := func(want ...string) {
		t.Helper()
		paths, err := p.Settle(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, path := range paths {
			got = append(got, p.rel(path))
		}
		if !slices.Equal(got, want) {
			t.Errorf("settled %v, want %v", got, want)
		}
	}
	settle()
	p.write("w/a/new.go", "1")
	p.remove("w/a/gone.go")
	p.replace("w/a/same.go", "1")
	p.mkdir("w/b/c")
	p.write("w/b/c/x.go", "1")
	p.write("w/b/empty.go", "")
	settle("w/a/gone.go", "w/a/new.go", "w/b/c/x.go", "w/b/empty.go")
	settle()
	// What a look has found, but not emitted, is not lost.
	p.write("w/a/new.go", "2")
	p.inspect(func(tr *tree) bool { tr.markAll(deep); return tr.newPass().run(t.Context()) == nil })
	settle("w/a/new.go")
	// Nor is what counts as changed since.
	p.mkdir("v")
	p.write("v/x.go", "1")
	s = p.rules("v", "*.go")
	s.Quiet, s.Max = time.Hour, time.Hour
	p.watchSince(s, time.Now().Add(-time.Minute))
	settle("v/x.go")
	// What was returned is not emitted.
	p.watch(p.rules("v", "*.go"))
	p.nothing("v/end.go")
}

// What was settled, but emit has not returned from, is on its way.
func TestSync(t *testing.T) {
	p := &probe{t: t, dir: t.TempDir(), Watcher: New()}
	p.mkdir("w")
	p.watch(p.rules("w", "**/*.go"))
	emitting, let := make(chan struct{}), make(chan struct{})
	ended := make(chan error)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		ended <- p.Run(ctx, func(Batch) {
			close(emitting)
			<-let
		})
	}()
	p.write("w/a.go", "1")
	<-emitting
	short, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if _, err := p.Sync(short); err == nil {
		t.Error("Sync returned while a batch was being emitted")
	}
	close(let)
	if paths, err := p.Sync(t.Context()); err != nil || len(paths) > 0 {
		t.Error(paths, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestCancelledWatch(t *testing.T) {
	p := newProbe(t, realSystem{})
	p.mkdir("w")
	p.write("w/a.go", "1")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Watch(ctx, p.rules("w", "*.go"), time.Time{}); err == nil {
		t.Error("no error")
	}
	p.watch(p.rules("w", "*.go"))
	p.write("w/b.go", "1")
	p.among(p.until("w/b.go"), []string{"w/a.go", "w/b.go"})
}

// What a cancelled Watch did not compare, the next look does.
func TestStepCancelledInstall(t *testing.T) {
	s := newStepper(t)
	s.mkdir("w")
	s.write("w/a.go", "1")
	set := s.rules("w", "*.go")
	s.watch(set)
	s.write("w/a.go", "2")
	s.hear()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.tree.install(ctx, s.tree.plan, time.Time{}); err == nil {
		t.Error("no error")
	}
	if b, ok := s.tree.look(t.Context(), 0); !ok || len(b.Paths) != 1 {
		t.Errorf("%+v, settled %v", b, ok)
	}
}

func TestHold(t *testing.T) {
	p := newProbe(t, realSystem{})
	p.mkdir("w/.git")
	s := p.rules("w", "**/*.go")
	s.Hold = []string{p.path("w/.git/index.lock")}
	p.watch(s)
	p.stop() // from here on the test looks, at times of its own
	look := func(waited time.Duration) (Batch, bool) {
		p.tree.markAll(deep)
		return p.tree.look(t.Context(), waited)
	}
	p.write("w/a.go", "1")
	p.write("w/.git/index.lock", "")
	if _, ok := look(HoldMax - 1); ok {
		t.Error("settled during a checkout")
	}
	p.remove("w/.git/index.lock")
	if b, ok := look(HoldMax - 1); !ok || len(b.Paths) != 1 {
		t.Errorf("after the checkout: %+v %v", b, ok)
	}
	// A lock that stays does not delay every save.
	p.write("w/.git/index.lock", "")
	p.write("w/a.go", "2")
	if _, ok := look(0); ok {
		t.Error("settled during a checkout")
	}
	if b, ok := look(HoldMax); !ok || len(b.Paths) != 1 {
		t.Errorf("waited long enough: %+v %v", b, ok)
	}
	p.write("w/a.go", "3")
	if b, ok := look(0); !ok || len(b.Paths) != 1 {
		t.Errorf("a lock that was left behind: %+v %v", b, ok)
	}
	// Until git takes it anew.
	p.remove("w/.git/index.lock")
	look(0)
	p.write("w/.git/index.lock", "")
	p.write("w/a.go", "4")
	if _, ok := look(0); ok {
		t.Error("settled during the next checkout")
	}
	if _, err := os.Stat(p.path("w/a.go")); err != nil {
		t.Error(err)
	}
}
