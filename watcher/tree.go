package watcher

import (
	"hash/maphash"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// A tree is what is known about the disk: the folders that matter, which of
// them are subscribed to, and the snapshot of the watched files. It has no
// goroutine and no clock of its own; its owner serialises all calls.
type tree struct {
	sys   system
	marks chan<- marks // where a feed sends
	feed  *feed        // nil until the first subscription, and where there can be none
	plan  plan
	seed  maphash.Seed
	empty time.Duration // how long an emptied file is waited for: emptyMax, but in tests

	nodes  map[string]*node // by path
	places places

	files   map[string]*file // the snapshot, by path
	changed map[string]*file // those with news that nobody was told yet
	recheck map[string]*file // those that the next look checks in any case
	blocked map[string]*file // those that could not be read; polled
	orphans map[string]*file // those that came back just after their folder was found without them

	dirty   map[*node]depth
	lost    map[*place]bool // those whose subscription may be over
	retry   map[*node]bool  // folders that could not be read; polled
	crowded bool            // the notifier lacks resources: poll everything as well

	overflow bool
	worn     map[string]time.Time // Hold files that were waited for in vain, by their time
	notices  []string
	told     map[string]bool // subjects of all notices so far
}

// A depth is how thoroughly a dirty folder is looked at.
type depth int

const (
	shallow depth = iota + 1 // its own entries
	deep                     // and all below it
)

func newTree(sys system, out chan<- marks) *tree {
	return &tree{
		sys: sys, marks: out, seed: maphash.MakeSeed(), empty: emptyMax,
		nodes:  map[string]*node{},
		places: places{byID: map[identity]*place{}, byPath: map[string]*place{}},
		files:  map[string]*file{}, changed: map[string]*file{}, recheck: map[string]*file{}, blocked: map[string]*file{}, orphans: map[string]*file{},
		dirty: map[*node]depth{}, lost: map[*place]bool{}, retry: map[*node]bool{}, worn: map[string]time.Time{}, told: map[string]bool{},
	}
}

// A node is a folder by its name: one directory may be several nodes, where
// links lead to it. Nodes that the Set names (fixed) stay when the folder is
// gone; those that a pattern found last as long as the folder.
type node struct {
	path   string
	real   string // path without links
	parent *node  // nil above the highest folder of interest
	kids   map[string]*node
	place  *place // nil while there is no such directory
	pins   []pin  // links on the way to it, and to files in it

	fixed    bool
	link     bool // a symlink, at the last look
	linked   bool // found by a pattern, through a link (or itself one)
	detached bool // no longer part of the tree

	own    []*rule         // rules of which it is the Dir
	scopes []scope         // all that rules say about it
	wants  map[string]bool // single files
	sealed map[string]bool // boundaries that exist here
	names  map[string]bool // files that matched at the last look
	links  map[string]bool // those of names that are links, and links to folders that do not exist
}

func (n *node) join(name string) string { return filepath.Join(n.path, name) }

func (n *node) watches(name string) bool {
	return n.wants[name] || slices.ContainsFunc(n.open(), func(s scope) bool { return s.matches(name) })
}

// counts reports whether name is watched if it has the mode type t, and as what:
// a rule that takes anything sees more than others do, and one that takes regular
// files alone sees less.
func (n *node) counts(name string, t fs.FileMode) (m Match, ok bool) {
	m = MatchRegular
	for _, s := range n.open() {
		if !s.rule.takes(t) || m == s.rule.match && ok || !s.matches(name) {
			continue
		}
		if ok = true; m == MatchRegular || s.rule.match == MatchAny {
			m = s.rule.match
		}
	}
	if n.wants[name] && !t.IsDir() {
		if ok = true; m == MatchRegular {
			m = ""
		}
	}
	return m, ok
}

// inherit gives what n's rules say about its folder name.
func (n *node) inherit(name string) []scope {
	var scopes []scope
	for _, s := range n.open() {
		if s, ok := s.enter(name); ok {
			scopes = append(scopes, s)
		}
	}
	return scopes
}

// inheritLink is inherit for a link to a folder.
func (n *node) inheritLink(name string) []scope {
	return slices.DeleteFunc(n.inherit(name), func(s scope) bool { return s.rule.match != "" })
}

// build makes the fixed nodes of the plan.
func (t *tree) build() {
	t.nodes = map[string]*node{}
	for _, r := range t.plan.rules {
		n := t.fix(r.dir)
		n.own = append(n.own, r)
	}
	for path := range t.plan.files {
		n := t.fix(filepath.Dir(path))
		if n.wants == nil {
			n.wants = map[string]bool{}
		}
		n.wants[filepath.Base(path)] = true
	}
	for path, n := range t.nodes {
		if p := t.nodes[filepath.Dir(path)]; p != nil && p != n && n.parent == nil {
			p.adopt(n)
		}
	}
	for _, n := range t.tops() {
		n.spread()
	}
}

// spread hands the rules down.
func (n *node) spread() {
	n.scopes = nil
	if n.parent != nil {
		n.scopes = n.parent.inherit(filepath.Base(n.path))
	}
	for _, r := range n.own {
		n.scopes = append(n.scopes, newScope(r))
	}
	for _, k := range n.kids {
		k.spread()
	}
}

func (n *node) adopt(kid *node) {
	if n.kids == nil {
		n.kids = map[string]*node{}
	}
	n.kids[filepath.Base(kid.path)] = kid
	kid.parent = n
}

// fix gives the fixed node of path, and makes those between the parent of the
// outermost root and it: a folder's renaming is told by its parent alone.
func (t *tree) fix(path string) *node {
	top := path
	for _, r := range t.plan.roots {
		if _, ok := below(r, path); ok && len(r) < len(top) {
			top = r
		}
	}
	top = filepath.Dir(top)
	leaf := t.fixed(path)
	for n := leaf; n.path != top; {
		p := t.fixed(filepath.Dir(n.path))
		p.adopt(n)
		n = p
	}
	return leaf
}

func (t *tree) fixed(path string) *node {
	n := t.nodes[path]
	if n == nil {
		n = &node{path: path, fixed: true}
		t.nodes[path] = n
	}
	return n
}

// tops are the nodes without parent, in order.
func (t *tree) tops() []*node {
	var tops []*node
	for _, n := range t.nodes {
		if n.parent == nil {
			tops = append(tops, n)
		}
	}
	slices.SortFunc(tops, topDown)
	return tops
}

// topDown orders parents before their children.
func topDown(a, b *node) int {
	if d := len(a.path) - len(b.path); d != 0 {
		return d
	}
	return strings.Compare(a.path, b.path)
}

func (t *tree) mark(n *node, d depth) {
	if !n.detached {
		t.dirty[n] = max(t.dirty[n], d)
	}
}

func (t *tree) markAll(d depth) {
	for _, n := range t.tops() {
		t.mark(n, d)
	}
}

// absorb turns raw events into dirty folders. It reports whether any of them
// matters.
func (t *tree) absorb(m marks) bool {
	hit := false
	for path, op := range m.paths {
		if t.event(path, op) {
			hit = true
		}
	}
	for _, err := range m.errs {
		// The notifier could not follow something by itself; what, it cannot say.
		if _, ok := limitOf(err, false); ok {
			t.crowded = true
		}
		t.markAll(deep)
		hit = true
	}
	if m.overflow {
		t.overflow = true
		t.markAll(deep)
		for _, p := range t.places.byID {
			t.lost[p] = true
		}
		hit = true
	}
	return hit
}

func (t *tree) event(path string, op fsnotify.Op) bool {
	hit := false
	moved := op.Has(fsnotify.Create | fsnotify.Remove | fsnotify.Rename)
	if p := t.places.byPath[path]; p != nil && moved {
		// A subscribed directory itself: its subscription may be over. (Where the
		// parent is subscribed to, the notifier does not say whose event it is.)
		t.lost[p] = true
		for _, n := range p.users() {
			t.mark(n, deep)
			hit = true
		}
	}
	p := t.places.byPath[filepath.Dir(path)]
	if p == nil {
		return hit
	}
	name := filepath.Base(path)
	for n := range p.nodes {
		if t.entry(n, name, op) {
			hit = true
		}
	}
	for n := range p.pins[name] {
		t.mark(n, shallow)
		hit = true
	}
	return hit
}

// entry is an event of name in n.
func (t *tree) entry(n *node, name string, op fsnotify.Op) bool {
	if kid := n.kids[name]; kid != nil {
		if !op.Has(fsnotify.Create | fsnotify.Remove | fsnotify.Rename) {
			return false // its own subscription says more
		}
		t.mark(kid, deep)
		t.mark(n, shallow)
		return true
	}
	if n.watches(name) || n.bounded(name) {
		t.mark(n, shallow)
		return true
	}
	if op.Has(fsnotify.Create) && len(n.inherit(name)) > 0 {
		// A folder to enter? What is gone again already is none.
		info, err := os.Stat(filepath.Join(n.path, name))
		if err == nil && info.IsDir() {
			t.mark(n, shallow)
			return true
		}
	}
	return false
}
