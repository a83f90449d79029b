package world

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/watcher"
)

// watch sets what is watched.
func watch(ctx context.Context, w Files, e engine.Watch, emit func(engine.Event)) {
	stats, err := w.Watch(ctx, e.Set, e.Since)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		emit(engine.Changed{Batch: watcher.Batch{Notices: []string{err.Error()}}})
		emit(engine.Watching{Limited: true})
	default:
		emit(engine.Watching{Folders: stats.Folders, Files: stats.Files, Limited: stats.Limited})
	}
}

// A gate passes the watcher's batches on to the engine. While Before commands run, it
// records the changes and reports which of them are marked as generated, so that the
// engine can decide who wrote them.
type gate struct {
	mu    sync.Mutex
	runs  int             // number of runs of Before commands so far
	under int             // the number of the current run; 0 if there is none
	noted []string        // what changed during it
	own   []string        // files that hotdev has just written, and whose change is still to come
	set   watcher.Set     // what is watched
	built map[string]bool // files that were products at their last change

	isProduct func(path string) bool        // see Project; may be nil
	out       func(engine.Changed)          // to the engine; must not wait for the gate
	config    func() []string               // files that never count as written by a command
	texts     func(paths []string) []string // those whose new text the running program reads; may be nil
}

// pass is called by the watcher for every batch.
func (g *gate) pass(b watcher.Batch) {
	g.mu.Lock()
	defer g.mu.Unlock() // so that the engine learns of a change before it learns of the run's end
	b.Paths = slices.DeleteFunc(b.Paths, func(p string) bool {
		i := slices.Index(g.own, p)
		if i >= 0 {
			g.own = slices.Delete(g.own, i, i+1)
		}
		return i >= 0 || g.product(p)
	})
	if len(b.Paths) == 0 && !b.Overflow && len(b.Notices) == 0 {
		return
	}
	c := engine.Changed{Batch: b}
	if g.texts != nil {
		c.Texts = g.texts(b.Paths)
	}
	if g.under > 0 {
		g.noted = append(g.noted, b.Paths...)
		c.Marked = marked(b.Paths)
	}
	g.out(c)
}

// watches sets what is watched from now on.
func (g *gate) watches(set watcher.Set) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.set = set
}

// product reports whether a changed file is a program that was built for its own sake
// and that this program's build does not read. If such a program disappears, that is
// not a change either. What Before commands build is for this program.
func (g *gate) product(path string) bool {
	if g.isProduct == nil || g.under > 0 || strings.HasSuffix(path, ".go") {
		return false
	}
	is := g.isProduct(path)
	if !is && g.built[path] {
		_, err := os.Lstat(path)
		is = errors.Is(err, fs.ErrNotExist)
	}
	delete(g.built, path)
	if !is {
		return false
	}
	if g.built == nil {
		g.built = map[string]bool{}
	}
	g.built[path] = true
	set := g.set
	set.Ignore = append(slices.Clip(set.Ignore), watcher.Rule{Dir: filepath.Dir(path), Include: []string{"*"}})
	return len(set.Covered([]string{path})) == 0
}

// skip makes the gate ignore the next change of a file, which hotdev is about to write.
func (g *gate) skip(file string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.own = append(g.own, file)
}

// begin is called when Before commands are about to run, and returns the number of the
// run. It ends the previous run, which was cancelled.
func (g *gate) begin() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.runs++
	g.under, g.noted = g.runs, nil
	return g.runs
}

// end returns what changed during the run, and the files in more that were not reported
// yet, except the configuration, whose change is always reported. It does nothing if
// another run has begun.
func (g *gate) end(run int, more []string) []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.under != run {
		return nil
	}
	var wrote, config []string
	settings := g.config()
	for _, p := range more {
		if slices.Contains(settings, p) {
			config = append(config, p)
		}
	}
	for _, p := range append(g.noted, more...) {
		if !slices.Contains(wrote, p) && !slices.Contains(settings, p) {
			wrote = append(wrote, p)
		}
	}
	g.under, g.noted = 0, nil
	if len(config) > 0 {
		g.out(engine.Changed{Batch: watcher.Batch{Paths: config}})
	}
	return wrote
}

// marked returns those of paths that have Go's mark of generated code.
func marked(paths []string) []string {
	var m []string
	for _, p := range paths {
		if builder.Generated(p) {
			m = append(m, p)
		}
	}
	return m
}
