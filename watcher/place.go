package watcher

import (
	"fmt"
	"os"
	"slices"
)

// A place is a directory by its identity, and how changes in it are noticed.
// Subscriptions follow the inode, not the name; so do places.
type place struct {
	id   identity
	path string // without links; what is subscribed to, if anything
	mode mode
	// nodes are the nodes here; pins are names here that links of other nodes lead
	// through.
	nodes map[*node]bool
	pins  map[string]map[*node]int
}

// A mode is how a place is observed.
type mode string

const (
	idle       mode = ""           // not yet, or not now
	subscribed mode = "subscribed" // by events
	polled     mode = "polled"
	deaf       mode = "deaf" // not at all: a limit was met and polling is off
)

// A pin is one node's use of a name in a place.
type pin struct {
	place *place
	name  string
}

type places struct {
	byID   map[identity]*place
	byPath map[string]*place // the subscribed ones
	polled int               // how many
}

func (p *place) used() bool { return len(p.nodes) > 0 || len(p.pins) > 0 }

// users are all nodes that depend on p.
func (p *place) users() []*node {
	var users []*node
	for n := range p.nodes {
		users = append(users, n)
	}
	for _, nodes := range p.pins {
		for n := range nodes {
			if !slices.Contains(users, n) {
				users = append(users, n)
			}
		}
	}
	slices.SortFunc(users, topDown)
	return users
}

func (ps *places) set(p *place, m mode) {
	if p.mode == polled {
		ps.polled--
	}
	if m == polled {
		ps.polled++
	}
	p.mode = m
}

// claim gives the place of the directory with identity id at path (without links),
// observed if that is possible.
func (w *pass) claim(path string, id identity) *place {
	p := w.places.byID[id]
	if p == nil {
		p = &place{id: id, path: path, nodes: map[*node]bool{}, pins: map[string]map[*node]int{}}
		w.places.byID[id] = p
	}
	if p.path != path && !isAt(p.path, id) {
		// It was moved here. The notifier knows it by its old name and would go
		// on telling that.
		w.drop(p)
		p.path = path
	}
	if p.mode == idle || w.again && p.mode != subscribed && !w.tried[p] {
		w.observe(p)
	}
	return p
}

// claimAt is claim for a path that was not looked at yet; nil if it is no
// directory.
func (w *pass) claimAt(path string) *place {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return nil
	}
	id, err := identify(path, info)
	if err != nil {
		return nil
	}
	return w.claim(path, id)
}

// isAt reports whether the directory with identity id is at path.
func isAt(path string, id identity) bool {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return false
	}
	now, err := identify(path, info)
	return err == nil && now == id
}

// observe subscribes to p, or has it polled.
func (w *pass) observe(p *place) {
	set := &w.plan.set
	w.tried[p] = true
	if set.Poll == PollAlways {
		w.places.set(p, polled)
		return
	}
	if set.Poll == PollAuto {
		if kind := w.sys.eventless(p.path); kind != "" {
			w.places.set(p, polled)
			w.eventless[kind] = append(w.eventless[kind], p.path)
			return
		}
	}
	err := w.subscribe(p)
	switch {
	case err == nil:
		w.places.set(p, subscribed)
		w.places.byPath[p.path] = p
	case gone(err):
		w.places.set(p, idle) // moved on meanwhile; its parent tells
	case set.Poll == PollNever:
		w.places.set(p, deaf)
		w.refused[err.Error()] = append(w.refused[err.Error()], p.path)
	default:
		w.places.set(p, polled)
		w.refused[err.Error()] = append(w.refused[err.Error()], p.path)
	}
	if l, ok := limitOf(err, w.feed == nil); ok {
		w.full, w.limit = err, l
	}
}

// subscribe asks the notifier for p's events. If another directory has taken the
// path since it was found, the parent's subscription reports that.
func (w *pass) subscribe(p *place) error {
	if w.full != nil {
		return w.full
	}
	if w.feed == nil {
		n, err := w.sys.open()
		if err != nil {
			return err
		}
		w.feed = newFeed(n, w.tree.marks)
	}
	if old := w.places.byPath[p.path]; old != nil && old != p {
		w.drop(old) // it was here before
	}
	return w.feed.Add(p.path)
}

// drop ends p's observation. If it is still used at the end of the pass, that
// begins anew.
func (w *pass) drop(p *place) {
	if p.mode == subscribed {
		w.feed.Remove(p.path)
		delete(w.places.byPath, p.path)
	}
	w.places.set(p, idle)
	w.dropped = append(w.dropped, p)
}

// renew observes the dropped places that are still used.
func (w *pass) renew() {
	dropped := w.dropped
	w.dropped = nil
	for _, p := range dropped {
		if p.mode != idle || !p.used() {
			continue
		}
		users := p.users()
		for n := range p.nodes {
			if n.real != p.path && isAt(n.real, p.id) {
				p.path = n.real
			}
		}
		if isAt(p.path, p.id) {
			w.observe(p)
		}
		for _, n := range users {
			w.mark(n, shallow)
		}
	}
}

// leave ends n's stay at its place.
func (w *pass) leave(n *node) {
	if p := n.place; p != nil {
		n.place = nil
		delete(p.nodes, n)
		w.sweep(p)
	}
}

// pin replaces n's pins. It reports whether a place was newly observed for
// them.
func (w *pass) pin(n *node, entries []entry) bool {
	old, fresh := n.pins, false
	n.pins = nil
	for _, e := range entries {
		known := len(w.places.byPath)
		p := w.claimAt(e.dir)
		if p == nil {
			continue
		}
		fresh = fresh || len(w.places.byPath) > known
		if p.pins[e.name] == nil {
			p.pins[e.name] = map[*node]int{}
		}
		p.pins[e.name][n]++
		n.pins = append(n.pins, pin{p, e.name})
	}
	for _, o := range old {
		nodes := o.place.pins[o.name]
		if nodes[n]--; nodes[n] <= 0 {
			delete(nodes, n)
		}
		if len(nodes) == 0 {
			delete(o.place.pins, o.name)
		}
		w.sweep(o.place)
	}
	return fresh
}

// sweep forgets a place that nobody uses.
func (w *pass) sweep(p *place) {
	if p.used() {
		return
	}
	if p.mode == subscribed {
		w.feed.Remove(p.path)
		delete(w.places.byPath, p.path)
	}
	w.places.set(p, idle)
	if w.places.byID[p.id] == p {
		delete(w.places.byID, p.id)
	}
}

// report turns what a pass ran into into notices.
func (w *pass) report() {
	for kind, paths := range w.eventless {
		slices.Sort(paths)
		w.notice("file system "+kind, fmt.Sprintf("%s is on a file system (%s) that does not tell of all changes; %s",
			paths[0], kind, w.plan.instead(len(paths))))
	}
	for text, paths := range w.refused {
		slices.Sort(paths)
		if w.full != nil && text == w.full.Error() {
			what, raise := advice(w.limit)
			w.notice("limit "+string(w.limit), fmt.Sprintf("%s; %s; %s", what, w.plan.instead(len(paths)), raise))
			continue
		}
		w.notice(text, fmt.Sprintf("%s cannot be subscribed to (%s); %s", paths[0], text, w.plan.instead(len(paths))))
	}
}

func (t *tree) notice(subject, text string) {
	if !t.told[subject] {
		t.told[subject] = true
		t.notices = append(t.notices, text)
	}
}
