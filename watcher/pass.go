package watcher

import (
	"context"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// A pass is one comparison of a tree (or of its dirty parts) with the disk.
type pass struct {
	*tree
	check   map[*file]bool // to be compared at its end
	dropped []*place       // no longer observed, for now
	arrived int            // folders that were not there before

	full      error // once a limit is met, further subscriptions are not tried
	limit     limit
	eventless map[string][]string // directories by file-system type
	refused   map[string][]string // directories by error

	// before is the plan that a new one replaces, nil in any other pass: files
	// that it did not cover are known as they are. again: places that are polled
	// for lack of something are tried anew.
	before  *plan
	since   time.Time // what they were written after counts as changed
	again   bool
	tried   map[*place]bool
	created []*file
}

func (t *tree) newPass() *pass {
	return &pass{tree: t, check: map[*file]bool{}, eventless: map[string][]string{}, refused: map[string][]string{}, tried: map[*place]bool{}}
}

// run looks at the dirty folders and compares the files in them. If ctx ends
// it, everything is dirty.
func (w *pass) run(ctx context.Context) error {
	// New dirt arises where a directory was swapped while it was looked at. What
	// is left after a few rounds is for the next pass.
	for round := 0; round < 4 && len(w.dirty)+len(w.dropped) > 0; round++ {
		w.walk()
	}
	for _, f := range w.recheck {
		w.check[f] = true
	}
	for _, f := range w.orphans {
		w.check[f] = true
	}
	files := make([]*file, 0, len(w.check))
	for f := range w.check {
		f.altered = false
		files = append(files, f)
	}
	err := checkAll(ctx, files, w.seed)
	if err != nil {
		w.markAll(deep)
	}
	for _, f := range w.created {
		f.base = f.cur
		f.forced = f.cur.exists && !w.since.IsZero() && !f.stamp.latest().Before(w.since.Add(-coarse))
	}
	clear(w.recheck)
	for _, f := range files {
		w.account(f)
	}
	w.report()
	return err
}

func (w *pass) account(f *file) {
	delete(w.blocked, f.path)
	delete(w.changed, f.path)
	delete(w.orphans, f.path)
	if f.cur.exists {
		// Its folder's next visit will list it; but the folder may be gone again
		// by then, and nobody would miss the file.
		name := filepath.Base(f.path)
		if n := w.nodes[filepath.Dir(f.path)]; n == nil || !n.names[name] && !n.wants[name] {
			w.orphans[f.path] = f
		}
	}
	switch {
	case f.blocked:
		w.blocked[f.path] = f
		fallthrough
	case f.changed(), f.cur.exists:
		w.files[f.path] = f
	default:
		delete(w.files, f.path)
	}
	if f.changed() {
		w.changed[f.path] = f
		if f.emptied() {
			w.recheck[f.path] = f
		}
	}
}

// walk visits the dirty folders. Subscriptions that may be over end before new
// ones begin: a notifier that knows a directory already goes on calling it by
// its old name.
func (w *pass) walk() {
	for p := range w.lost {
		w.drop(p)
	}
	clear(w.lost)
	for _, n := range slices.SortedFunc(maps.Keys(w.dirty), topDown) {
		if d, ok := w.dirty[n]; ok {
			w.visit(n, d == deep)
		}
	}
	w.renew()
}

// visit brings n up to date with the disk, and if down, all below it.
func (w *pass) visit(n *node, down bool) {
	delete(w.dirty, n)
	delete(w.retry, n)
	if n.detached {
		return
	}
	links, isLink := w.locate(n)
	info, err := os.Stat(n.path)
	var id identity
	if err == nil && info.IsDir() {
		id, err = identify(n.path, info)
	}
	switch {
	case gone(err), err == nil && !info.IsDir(), !n.fixed && isLink && err == nil && (!n.parent.follow(info) || len(n.parent.inheritLink(filepath.Base(n.path))) == 0):
		w.repin(n, links)
		w.vanish(n)
		return
	case err != nil:
		w.retry[n] = true
		return
	}
	n.linked = !n.fixed && (isLink || n.parent.linked)
	old := n.place
	n.place = w.claim(n.real, id)
	n.place.nodes[n] = true
	if old != n.place {
		// Another directory: so is everything below it.
		down = true
		w.arrived++
		if old != nil {
			delete(old.nodes, n)
			w.sweep(old)
		}
	}
	if n.place.mode == idle {
		w.mark(n, deep)
	}
	w.repin(n, append(links, w.list(n, down)...))
}

// repin replaces n's pins. What is observed only from now on may have been
// different when the links were read; so n is visited once more.
func (w *pass) repin(n *node, entries []entry) {
	if w.pin(n, entries) {
		w.mark(n, shallow)
	}
}

// locate finds n's path without links, and if n itself is a link, what decides
// where it leads.
func (w *pass) locate(n *node) (links []entry, isLink bool) {
	name := filepath.Base(n.path)
	info, err := os.Lstat(n.path)
	isLink = err == nil && info.Mode().Type() == os.ModeSymlink
	n.link = isLink
	if n.parent != nil && n.parent.place != nil && !isLink {
		n.real = filepath.Join(n.parent.real, name)
		return nil, false
	}
	n.real = n.path
	if real, err := filepath.EvalSymlinks(n.path); err == nil {
		n.real = real
	}
	if !isLink {
		return nil, false
	}
	dir := filepath.Dir(n.path)
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return trail(dir, n.path), true
}

// list reads n's entries. It gives what decides about those of n's watched files
// that are links, and about links to folders that do not exist.
func (w *pass) list(n *node, down bool) []entry {
	was := n.names
	n.names, n.links = nil, map[string]bool{}
	kids := map[string]bool{}
	if len(n.scopes) > 0 {
		entries, err := os.ReadDir(n.path)
		if err != nil && !gone(err) {
			n.names = was
			w.retry[n] = true
			return nil
		}
		w.seal(n, was)
		n.names = make(map[string]bool, len(entries))
		for _, e := range entries {
			name, t := e.Name(), e.Type()
			if w.folder(n, e, down) {
				kids[name] = true
				t |= fs.ModeDir
			}
			if m, ok := n.counts(name, t); ok {
				n.names[name] = true
				if t&fs.ModeSymlink != 0 {
					n.links[name] = true
				}
				w.look(n.join(name)).match = m
			}
		}
	}
	for name := range was {
		w.look(n.join(name))
	}
	for name := range n.wants {
		w.look(n.join(name))
	}
	for name, k := range n.kids {
		if !kids[name] && (down || k.place == nil || len(n.scopes) > 0) {
			w.visit(k, down)
		}
	}
	var entries []entry
	for name := range n.links {
		entries = append(entries, trail(n.real, n.join(name))...)
	}
	for name := range n.wants {
		if !n.links[name] {
			entries = append(entries, trail(n.real, n.join(name))...)
		}
	}
	return entries
}

// folder visits e if it is a folder to enter.
func (w *pass) folder(n *node, e os.DirEntry, down bool) bool {
	name, isLink := e.Name(), e.Type() == os.ModeSymlink
	if !e.IsDir() && !isLink {
		return false
	}
	kid := n.kids[name]
	var scopes []scope
	if kid == nil {
		if scopes = n.inherit(name); isLink {
			scopes = n.inheritLink(name)
		}
		if len(scopes) == 0 {
			// A folder whose name matches as a file's is no watched file.
			return e.IsDir()
		}
	}
	if isLink {
		info, err := os.Stat(n.join(name))
		if gone(err) {
			n.links[name] = true
		}
		if err != nil || !info.IsDir() {
			return false
		}
		if kid == nil && !n.follow(info) {
			return true
		}
	}
	if kid == nil {
		kid = &node{path: n.join(name), scopes: scopes}
		n.adopt(kid)
		w.nodes[kid.path] = kid
		down = true
	}
	if down || kid.place == nil {
		w.visit(kid, down)
	}
	return true
}

// follow decides whether a walk goes on from n through a link that a pattern
// found, to the directory target: not to a folder above the link, nor if the
// walk came to n through a link already. So no web of links can make the walk
// endless.
func (n *node) follow(target os.FileInfo) bool {
	if n.linked {
		return false
	}
	for dir := n.path; ; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err == nil && os.SameFile(info, target) {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
	}
}

// look has the file at path compared at the end of the pass.
func (w *pass) look(path string) *file {
	f := w.files[path]
	if f == nil {
		f = &file{path: path}
		w.files[path] = f
		if w.before != nil && !w.before.covers(path) {
			w.created = append(w.created, f)
		}
	}
	w.check[f] = true
	return f
}

// vanish: there is no directory at n.
func (w *pass) vanish(n *node) {
	w.leave(n)
	for name := range n.names {
		w.look(n.join(name))
	}
	for name := range n.wants {
		w.look(n.join(name))
	}
	n.names = nil
	for _, k := range n.kids {
		delete(w.dirty, k)
		w.vanish(k)
	}
	if !n.fixed {
		w.pin(n, nil)
		n.detached = true
		delete(w.dirty, n)
		delete(w.retry, n)
		delete(w.nodes, n.path)
		delete(n.parent.kids, filepath.Base(n.path))
		if n.link {
			w.mark(n.parent, shallow) // which is to pin it
		}
		return
	}
	if parent := filepath.Dir(n.path); n.parent == nil && parent != n.path {
		// Nobody would tell when it comes back.
		p := w.fixed(parent)
		p.adopt(n)
		w.visit(p, false)
	}
}
