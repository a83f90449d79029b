package watcher

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// bound is the boundary (see [Rule]) that ends s here if there is one; empty if
// nothing does. The rule's own folder is within every boundary.
func (s scope) bound() string {
	if s.rel == "" {
		return ""
	}
	return s.rule.boundary
}

// bounded reports whether a file called name would close n to one of its rules.
func (n *node) bounded(name string) bool {
	return slices.ContainsFunc(n.scopes, func(s scope) bool { return s.bound() == name })
}

// open gives the scopes that no boundary in n ends.
func (n *node) open() []scope {
	if len(n.sealed) == 0 {
		return n.scopes
	}
	var open []scope
	for _, s := range n.scopes {
		if !n.sealed[s.bound()] {
			open = append(open, s)
		}
	}
	return open
}

// seal finds the boundaries in n before its entries are looked at. Files that a
// new one takes away are forgotten, and if any of them was known to exist, the
// boundary is news. Those that an old one gave back are found as new files.
func (w *pass) seal(n *node, names map[string]bool) {
	sealed := map[string]bool{}
	for _, s := range n.scopes {
		if b := s.bound(); b != "" && !sealed[b] {
			if _, err := os.Stat(n.join(b)); err == nil {
				sealed[b] = true
			}
		}
	}
	if maps.Equal(sealed, n.sealed) {
		return
	}
	n.sealed = sealed
	n.names = names
	for _, k := range n.kids {
		k.spread()
	}
	lost := w.narrow(n)
	for _, k := range n.kids {
		w.mark(k, deep)
	}
	if !lost {
		return
	}
	for b := range sealed {
		if path := n.join(b); w.files[path] == nil && !n.watches(b) {
			// It is told as any other file and then, not being watched, forgotten.
			f := &file{path: path, base: content{exists: true}}
			w.files[path], w.changed[path] = f, f
		}
	}
}

// narrow forgets the files in n, and below it, that n's scopes no longer cover.
// It reports whether any of them was known to exist.
func (w *pass) narrow(n *node) (lost bool) {
	for name := range n.names {
		if !n.watches(name) {
			lost = w.forget(n.join(name)) || lost
			delete(n.names, name)
			delete(n.links, name)
		}
	}
	if n.names == nil {
		// A new plan's node. Files that the old plan's node knew may be below it.
		for path, f := range w.files {
			if _, ok := below(n.path, path); ok && !w.check[f] && !n.holds(path) {
				lost = w.forget(path) || lost
			}
		}
	}
	for _, k := range n.kids {
		lost = w.narrow(k) || lost
	}
	if !n.fixed && len(n.scopes) == 0 && !n.detached {
		w.leave(n)
		w.pin(n, nil)
		n.detached = true
		delete(w.dirty, n)
		delete(w.retry, n)
		delete(w.nodes, n.path)
		delete(n.parent.kids, filepath.Base(n.path))
	}
	return lost
}

// holds reports whether path, below n, is watched although n may be sealed.
func (n *node) holds(path string) bool {
	dir, name := filepath.Split(path)
	dir = filepath.Clean(dir)
	if dir == n.path {
		return n.watches(name)
	}
	rel, _ := below(n.path, dir)
	first, _, _ := strings.Cut(rel, string(filepath.Separator))
	if k := n.kids[first]; k != nil {
		return k.holds(path)
	}
	return len(n.inherit(first)) > 0
}

// forget drops a file from the snapshot, and reports whether it was known to
// exist.
func (w *pass) forget(path string) bool {
	f := w.files[path]
	if f == nil {
		return false
	}
	delete(w.files, path)
	delete(w.changed, path)
	delete(w.recheck, path)
	delete(w.blocked, path)
	delete(w.orphans, path)
	delete(w.check, f)
	return f.base.exists
}
