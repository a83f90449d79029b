package watcher

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotdev/hotdev/internal/patience"
)

// A probe is a watcher that runs over a temporary folder.
type probe struct {
	*Watcher
	t       testing.TB
	dir     string
	batches chan Batch
	stop    func() // ends Run and waits for it
}

func newProbe(t *testing.T, sys system) *probe {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p := &probe{t: t, dir: dir, Watcher: newWatcher(sys), batches: make(chan Batch, 1<<12)}
	p.tree.empty = time.Hour // a writer that is slow to write is no failure
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	p.stop = func() {
		cancel()
		if err, ok := <-ended; ok {
			close(ended)
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		}
	}
	t.Cleanup(func() { p.stop() })
	go func() { ended <- p.Run(ctx, func(b Batch) { p.batches <- b }) }()
	return p
}

// watching starts a watcher over rules below a folder "w"; tests change what
// is there.
func watching(t *testing.T, include ...string) *probe {
	t.Helper()
	p := newProbe(t, realSystem{})
	p.mkdir("w")
	p.watch(p.rules("w", include...))
	return p
}

func (p *probe) path(name string) string { return filepath.Join(p.dir, filepath.FromSlash(name)) }

func (p *probe) rel(path string) string {
	rel, err := filepath.Rel(p.dir, path)
	if err != nil {
		p.t.Fatal(err)
	}
	return filepath.ToSlash(rel)
}

// rules is a set with the root dir and one rule for it.
func (p *probe) rules(dir string, include ...string) Set {
	return Set{Roots: []string{p.path("w")}, Rules: []Rule{{Dir: p.path(dir), Include: include}}}
}

func (p *probe) watch(s Set) Stats {
	p.t.Helper()
	return p.watchSince(s, time.Time{})
}

func (p *probe) watchSince(s Set, since time.Time) Stats {
	p.t.Helper()
	st, err := p.Watch(p.t.Context(), s, since)
	if err != nil {
		p.t.Fatal(err)
	}
	return st
}

func (p *probe) ok(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *probe) mkdir(name string) { p.t.Helper(); p.ok(os.MkdirAll(p.path(name), 0o755)) }
func (p *probe) remove(name string) {
	p.t.Helper()
	p.ok(os.RemoveAll(p.path(name)))
}
func (p *probe) rename(from, to string) {
	p.t.Helper()
	p.ok(os.Rename(p.path(from), p.path(to)))
}

// link makes name a symlink; target is taken as it is.
func (p *probe) link(target, name string) {
	p.t.Helper()
	p.ok(os.Symlink(target, p.path(name)))
}

// write truncates and writes in place.
func (p *probe) write(name, text string) {
	p.t.Helper()
	p.ok(os.WriteFile(p.path(name), []byte(text), 0o644))
}

// replace writes a new file and renames it over name.
func (p *probe) replace(name, text string) {
	p.t.Helper()
	tmp := name + ".tmp.4242.17"
	p.write(tmp, text)
	p.rename(tmp, name)
}

// next is the next batch.
func (p *probe) next() Batch {
	p.t.Helper()
	b, err := patience.Receive(p.batches)
	if err != nil {
		p.t.Fatal("no batch: ", err)
	}
	return b
}

// until waits until all names were emitted, and returns all that were, with how
// often.
func (p *probe) until(names ...string) map[string]int {
	p.t.Helper()
	seen := map[string]int{}
	for {
		missing := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return seen[n] > 0 })
		if len(missing) == 0 {
			return seen
		}
		b, err := patience.Receive(p.batches)
		if err != nil {
			if len(missing) > 5 {
				missing = append(missing[:5], "…")
			}
			p.t.Fatalf("not emitted: %s; emitted: %v; %v", strings.Join(missing, " "), slices.Sorted(maps.Keys(seen)), err)
		}
		for _, path := range b.Paths {
			seen[p.rel(path)]++
		}
	}
}

// only waits until all names were emitted and fails if something else was.
func (p *probe) only(names ...string) {
	p.t.Helper()
	p.among(p.until(names...), names)
}

func (p *probe) among(seen map[string]int, names []string) {
	p.t.Helper()
	for name := range seen {
		if !slices.Contains(names, name) {
			p.t.Errorf("emitted %s; want only %v", name, names)
		}
	}
}

// nothing fails if what was done so far leads to a batch beyond names: a
// sentinel, written after it, must come without it. Its event follows all
// earlier ones, and the look that it leads to compares what they pointed at.
func (p *probe) nothing(sentinel string) {
	p.t.Helper()
	p.write(sentinel, time.Now().String())
	p.only(sentinel)
}

// inspect looks into the tree.
func (p *probe) inspect(look func(*tree) bool) bool {
	p.lock <- struct{}{}
	defer p.release()
	return look(p.tree)
}

// waitFor waits for a state that no batch tells of.
func waitFor(t testing.TB, ok func() bool) {
	t.Helper()
	if err := patience.Until(ok); err != nil {
		t.Fatal("it did not happen: ", err)
	}
}

// agree waits until the watcher told of what is on disk now: the snapshot of
// what it told is compared with the files.
func (p *probe) agree(names ...string) {
	p.t.Helper()
	waitFor(p.t, func() bool {
		return p.inspect(func(tr *tree) bool {
			for _, name := range names {
				now := &file{path: p.path(name)}
				now.check(tr.seed, make([]byte, 512))
				var told content
				if f := tr.files[now.path]; f != nil {
					if f.forced {
						return false
					}
					told = f.base
				}
				if told != now.cur {
					return false
				}
			}
			return true
		})
	})
}
