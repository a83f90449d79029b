package watcher

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

// A stepper is a probe whose loop is the test itself: real events, but looks
// only when the test says so, and no chance in between.
type stepper struct {
	*probe
	n int
}

func newStepper(t *testing.T) *stepper {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &stepper{probe: &probe{t: t, dir: dir, Watcher: New()}}
	t.Cleanup(func() {
		if s.tree.feed != nil {
			s.tree.feed.close()
		}
	})
	return s
}

// hear absorbs all events of what was done so far: up to that of a file which
// it writes beside the root, where the watcher listens but nothing is watched.
func (s *stepper) hear() {
	s.t.Helper()
	s.n++
	last := fmt.Sprintf("sentinel%d", s.n)
	s.write(last, "")
	for m := range s.marks {
		s.tree.absorb(m)
		if m.paths[s.path(last)] != 0 {
			return
		}
	}
}

// step hears, looks for as long as it takes, and fails unless exactly names
// are emitted.
func (s *stepper) step(names ...string) {
	s.t.Helper()
	s.hear()
	b, ok := s.tree.look(s.t.Context(), HoldMax)
	if !ok {
		s.t.Error("not settled")
	}
	var got []string
	for _, path := range b.Paths {
		got = append(got, s.rel(path))
	}
	slices.Sort(names)
	if !slices.Equal(got, names) {
		s.t.Errorf("emitted %v, want %v", got, names)
	}
}

// again deletes the folder dir and makes it anew with the same inode number; it
// skips the test where the file system will not do that.
func (s *stepper) again(dir string) {
	s.t.Helper()
	was := s.inode(dir)
	for range 100 {
		s.remove(dir)
		s.mkdir(dir)
		if s.inode(dir) == was {
			return
		}
	}
	s.t.Skip("this file system does not use inode numbers again")
}

func (s *stepper) inode(name string) identity {
	s.t.Helper()
	w := s.tree.newPass()
	p := w.claimAt(s.path(name))
	if p == nil {
		s.t.Fatalf("no folder %s", name)
	}
	w.sweep(p)
	return p.id
}

func TestStepInodeUsedAgain(t *testing.T) {
	s := newStepper(t)
	s.mkdir("w/a/sub")
	s.watch(s.rules("w", "**/*.go"))
	s.again("w/a/sub")
	s.step()
	s.write("w/a/sub/x.go", "1")
	s.step("w/a/sub/x.go")
	// The same below a folder that was renamed, while another has its old name.
	s.rename("w/a", "w/b")
	s.step("w/a/sub/x.go", "w/b/sub/x.go")
	s.mkdir("w/a")
	s.step()
	s.again("w/b/sub")
	s.step("w/b/sub/x.go")
	s.write("w/b/sub/x.go", "2")
	s.step("w/b/sub/x.go")
}

func TestStepFoldersChangePlaces(t *testing.T) {
	s := newStepper(t)
	s.mkdir("w/a/sub")
	s.mkdir("w/b/sub")
	s.write("w/a/sub/x.go", "a")
	s.write("w/b/sub/x.go", "b")
	s.watch(s.rules("w", "**/*.go"))
	for range 3 {
		s.rename("w/a", "w/t")
		s.rename("w/b", "w/a")
		s.rename("w/t", "w/b")
		s.step("w/a/sub/x.go", "w/b/sub/x.go")
		s.write("w/a/sub/y.go", fmt.Sprint(s.n))
		s.step("w/a/sub/y.go")
		s.write("w/b/sub/y.go", fmt.Sprint(s.n))
		s.step("w/b/sub/y.go")
		s.remove("w/a/sub/y.go")
		s.remove("w/b/sub/y.go")
		s.step("w/a/sub/y.go", "w/b/sub/y.go")
	}
}

// Only a link to a file in it makes a folder matter; it is moved away, back,
// and still listened to.
func TestStepPinnedFolderMovedAndBack(t *testing.T) {
	s := newStepper(t)
	s.mkdir("w")
	s.mkdir("far/v")
	s.write("far/v/q.sql", "1")
	s.link("../far/v/q.sql", "w/q.sql")
	s.watch(s.rules("w", "*.sql"))
	s.rename("far/v", "far/u")
	s.rename("far/u", "far/v")
	s.step()
	s.write("far/v/q.sql", "2")
	s.step("w/q.sql")
}

func TestStepLinkToFolderToCome(t *testing.T) {
	s := newStepper(t)
	s.mkdir("w/x")
	s.mkdir("v")
	s.mkdir("out/o")
	s.link("../out/o", "w/found")   // found by a pattern
	s.link("../out/later", "v/pkg") // a rule's folder
	set := s.rules("w", "**/*.go")
	set.Rules = append(set.Rules, Rule{Dir: s.path("v/pkg"), Include: []string{"*.go"}})
	s.watch(set)
	s.mkdir("out/later")
	s.write("out/later/x.go", "1")
	s.step("v/pkg/x.go")
	s.write("out/later/x.go", "2")
	s.step("v/pkg/x.go")

	s.remove("out/o")
	s.step()
	s.mkdir("out/o")
	s.write("out/o/x.go", "1")
	s.step("w/found/x.go")
	s.write("out/o/x.go", "2")
	s.step("w/found/x.go")
}

// A chain of links leads to another folder: so do the names below it.
func TestStepLinkChainWithFolders(t *testing.T) {
	s := newStepper(t)
	s.mkdir("w")
	s.mkdir("far/v1/sub")
	s.mkdir("far/v2/sub")
	s.write("far/v1/sub/a.go", "1")
	s.write("far/v2/sub/a.go", "2")
	s.link("v1", "far/current")
	s.link("../far/current", "w/pkg")
	s.watch(s.rules("w/pkg", "**/*.go"))
	s.link("v2", "far/next")
	s.rename("far/next", "far/current")
	s.step("w/pkg/sub/a.go")
	s.write("far/v2/sub/a.go", "3")
	s.step("w/pkg/sub/a.go")
	s.write("far/v1/sub/a.go", "4")
	s.step()
}

// A new folder gets a quiet time of its own: its first files came unheard.
func TestStepNewFolderIsUnsettled(t *testing.T) {
	s := newStepper(t)
	s.mkdir("w")
	s.watch(s.rules("w", "**/*.go"))
	s.mkdir("w/a")
	s.write("w/a/x.go", "1")
	s.hear()
	if _, ok := s.tree.look(t.Context(), 0); ok {
		t.Error("settled at once")
	}
	s.write("w/a/y.go", "1")
	s.hear()
	if b, ok := s.tree.look(t.Context(), 0); !ok || len(b.Paths) != 2 {
		t.Errorf("second look: %+v, settled %v", b, ok)
	}
	s.mkdir("w/b")
	s.hear()
	if _, ok := s.tree.look(t.Context(), DefaultMax); !ok {
		t.Error("not settled after the longest wait")
	}
}

// A folder was found gone, came back before its files were compared, and is
// gone again before it was found back.
func TestStepOrphan(t *testing.T) {
	s := newStepper(t)
	s.mkdir("w/a")
	s.write("w/a/x.go", "1")
	s.watch(s.rules("w", "**/*.go"))
	s.rename("w/a", "away")
	s.hear()
	w := s.tree.newPass()
	w.walk() // finds it gone
	s.rename("away", "w/a")
	if err := w.run(t.Context()); err != nil { // compares its file
		t.Fatal(err)
	}
	s.remove("w/a")
	s.step("w/a/x.go")
}

func TestStepNothingIsKept(t *testing.T) {
	s := newStepper(t)
	s.mkdir("w/a/b")
	s.mkdir("out")
	s.write("w/a/b/x.go", "1")
	s.write("out/y.go", "1")
	s.link("../out/y.go", "w/y.go")
	s.link("../out", "w/l")
	for range 3 {
		s.watch(s.rules("w", "**/*.go"))
		s.rename("w/a", "w/c")
		s.step("w/a/b/x.go", "w/c/b/x.go")
		s.rename("w/c", "w/a")
		s.step("w/a/b/x.go", "w/c/b/x.go")
		want := "w w/a w/a/b out"
		if got := s.subscribed(); got != want {
			t.Errorf("subscribed to %s, want %s", got, want)
		}
		for path, n := range s.tree.nodes {
			if n.path != path || n.detached {
				t.Errorf("node %s at %s, detached %v", n.path, path, n.detached)
			}
		}
	}
	s.watch(Set{})
	tr := s.tree
	if got := s.subscribed(); got != "" || len(tr.places.byID)+len(tr.nodes)+len(tr.files)+len(tr.orphans)+len(tr.dirty) > 0 {
		t.Errorf("an empty set keeps %q and %+v", got, tr)
	}
	// What is polled is not subscribed to.
	set := s.rules("w", "**/*.go")
	s.watch(set)
	set.Poll = PollAlways
	s.watch(set)
	if got := s.subscribed(); got != "" || tr.places.polled != len(tr.places.byID) {
		t.Errorf("subscribed to %q, polled %d of %d", got, tr.places.polled, len(tr.places.byID))
	}
}

// subscribed is what the notifier itself says, but for the folder of the test.
func (s *stepper) subscribed() string {
	var names []string
	for _, path := range s.tree.feed.notifier.(realNotifier).WatchList() {
		if path != s.dir {
			names = append(names, s.rel(path))
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if strings.HasPrefix(a, "w") != strings.HasPrefix(b, "w") {
			return -strings.Compare(a, b)
		}
		return strings.Compare(a, b)
	})
	return strings.Join(names, " ")
}

func TestMarksAreBounded(t *testing.T) {
	var m marks
	for i := range marksLimit + 10 {
		m.add(fsnotify.Event{Name: fmt.Sprint("/x/", i), Op: fsnotify.Write})
	}
	if !m.overflow || len(m.paths) > 10 {
		t.Errorf("overflow %v with %d paths", m.overflow, len(m.paths))
	}
	m = marks{}
	m.add(fsnotify.Event{Name: "/x/y", Op: fsnotify.Create})
	m.add(fsnotify.Event{Name: "/x//y", Op: fsnotify.Write})
	m.add(fsnotify.Event{Op: fsnotify.Write})
	if want := (map[string]fsnotify.Op{"/x/y": fsnotify.Create | fsnotify.Write}); !maps.Equal(m.paths, want) {
		t.Errorf("%v", m.paths)
	}
}

// A stamp that the next write might repeat proves nothing.
func TestRacyStamp(t *testing.T) {
	now := time.Unix(1_000_000, 500)
	for _, tt := range []struct {
		written time.Time
		racy    bool
	}{
		{now, true},
		{now.Add(-coarse + 1), true},
		{now.Add(-coarse), false},
		{now.Add(time.Hour), true},                          // another clock
		{now.Truncate(time.Second).Add(-time.Second), true}, // whole seconds
		{now.Truncate(time.Second).Add(-coarsest), false},
	} {
		for _, st := range []stamp{{mtime: tt.written.UnixNano()}, {ctime: tt.written.UnixNano()}} {
			if got := st.racy(now); got != tt.racy {
				t.Errorf("written %v before: racy %v", now.Sub(tt.written), got)
			}
		}
	}
	s := newStepper(t)
	s.write("x", "1")
	later := time.Now().Add(time.Hour)
	s.ok(os.Chtimes(s.path("x"), later, later))
	f := &file{path: s.path("x")}
	if f.check(s.tree.seed, make([]byte, 512)); f.trusted {
		t.Error("trusts a stamp from the future")
	}
}

// Notes that were taken for the next batch are not lost to Settle.
func TestStepSettleKeepsOverflow(t *testing.T) {
	s := newStepper(t)
	s.mkdir("w")
	s.watch(s.rules("w", "*.go"))
	s.write("w/x.go", "1")
	s.tree.absorb(marks{overflow: true})
	s.tree.notice("a", "b")
	<-s.wake // Watch's own
	if paths, err := s.Settle(t.Context()); err != nil || len(paths) != 1 {
		t.Errorf("settled %v, %v", paths, err)
	}
	if len(s.wake) != 1 {
		t.Error("nobody is told that there is a notice")
	}
	b, _ := s.tree.look(t.Context(), HoldMax)
	if !b.Overflow || len(b.Notices) != 1 || len(b.Paths) != 0 {
		t.Errorf("%+v", b)
	}
}

// A folder is gone when it comes to subscribing, a link leads elsewhere when
// its folder is subscribed to.
func TestStepSwappedMeanwhile(t *testing.T) {
	s := newStepper(t)
	s.mkdir("w/a")
	s.mkdir("far/v1")
	s.mkdir("far/v2")
	s.link("v1", "far/current")
	s.link("../far/current", "w/pkg")
	once := map[string]bool{}
	s.tree.sys = &faulty{addErr: func(dir string) error {
		name := s.rel(dir)
		if once[name] {
			return nil
		}
		once[name] = true
		switch name {
		case "w/a":
			return os.ErrNotExist
		case "far":
			s.link("v2", "far/next")
			s.rename("far/next", "far/current")
		}
		return nil
	}}
	set := s.rules("w/a", "*.go")
	set.Rules = append(set.Rules, Rule{Dir: s.path("w/pkg"), Include: []string{"*.go"}})
	s.watch(set)
	s.write("w/a/x.go", "1")
	s.step("w/a/x.go")
	s.write("far/v2/x.go", "1")
	s.step("w/pkg/x.go")
}

// A folder that is never there when it is subscribed to: the batch ends, and
// there will be another look.
func TestStepNeverThere(t *testing.T) {
	s := newStepper(t)
	s.mkdir("w/a")
	s.tree.sys = &faulty{addErr: func(dir string) error {
		if s.rel(dir) == "w/a" {
			return os.ErrNotExist
		}
		return nil
	}}
	s.watch(s.rules("w", "**/*.go"))
	<-s.wake // Watch's own
	if _, ok := s.look(t.Context(), 0); ok {
		t.Error("settled at once")
	}
	if _, ok := s.look(t.Context(), DefaultMax); !ok || len(s.wake) != 1 {
		t.Errorf("after the longest wait: settled %v, wakes %d", ok, len(s.wake))
	}
}

func TestRacyStamps(t *testing.T) {
	// Same size and, with luck, the same tick of the clock: sixty times over, the
	// comparison is made without any event.
	s := newStepper(t)
	s.mkdir("w")
	s.write("w/x.go", "0")
	s.watch(s.rules("w", "*.go"))
	for i := range 60 {
		s.write("w/x.go", fmt.Sprint((i+1)%10))
		if paths, err := s.Settle(t.Context()); err != nil || len(paths) != 1 {
			t.Fatalf("write %d: settled %v, %v", i, paths, err)
		}
	}
}
