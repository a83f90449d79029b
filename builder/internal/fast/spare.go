package fast

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"github.com/hotdev/hotdev/builder/internal/compiler"
)

// A package may have a copy of what changed in its export data although its code cannot
// depend on it: a struct that it uses has a pointer to a struct that has a new field. Then
// it is not compiled. Its code stays, and its export data are put together once more
// ([compiler.Relink]).
//
// Whether code can depend on the change is a question of the names in its source
// ([compiler.Taint]). It is asked of the packages above the change, dependencies first.
// What a package declares with a tainted name is tainted for those above it.

// A spare is what is known of a stale package that perhaps need not be compiled.
type spare struct {
	owed []*compiler.Numbers // which the code in its archive does not have yet
}

// taints are the tainted names in one [Plan.Compile].
type taints struct {
	plan  *Plan
	taint *compiler.Taint
	found bool // there are any
	// asked are packages whose declarations are in taint, as far as they are tainted, and
	// the number of marks that were known then.
	asked map[*Node]int
	// held are how many marks were held to names, and -1 if one touches them.
	held map[*names]int
	lost map[*Node]bool // packages of which it is not known what changed

	mu      sync.Mutex
	exports map[string]*compiler.Exports // by archive
}

func newTaints(p *Plan) *taints {
	return &taints{plan: p, taint: compiler.NewTaint(), asked: map[*Node]int{}, held: map[*names]int{}, lost: map[*Node]bool{}, exports: map[string]*compiler.Exports{}}
}

// read reads the export data of a package.
func (t *taints) read(archive string) (*compiler.Exports, error) {
	t.mu.Lock()
	e := t.exports[archive]
	t.mu.Unlock()
	if e != nil {
		return e, nil
	}
	e, err := compiler.ReadExports(archive)
	if err == nil {
		t.mu.Lock()
		t.exports[archive] = e
		t.mu.Unlock()
	}
	return e, err
}

// add adds what compiling a package has changed.
func (t *taints) add(n *Node, m made) {
	switch {
	case m.relinked, m.reach < reachNames && !t.found:
		return
	case m.reach == reachDependents:
		t.lost[n] = true
		return
	}
	t.complete(n)
	t.found = true
	now, err := t.read(n.Archive)
	if err != nil {
		t.lost[n] = true
		return
	}
	var rewritten, redeclared []string
	if m.text != nil {
		rewritten, redeclared = m.text.rewritten, m.text.declared
	}
	var differs compiler.Difference
	if m.reach == reachNames {
		differs = m.differs
	}
	if t.taint.Add(differs, now, rewritten, redeclared, m.text != nil || m.same, asking{t, n}) || differs.Carried != nil && differs.Carried.Both(t.covers) {
		t.plan.unsettled[n] = true
	}
	t.asked[n] = len(t.taint.Marks())
}

// covers reports whether taint has all that changed in a package.
func (t *taints) covers(path string) bool {
	n := t.plan.Nodes[path]
	_, asked := t.asked[n]
	return asked && !t.lost[n]
}

// complete taints the declarations of the packages below a package, which are final.
func (t *taints) complete(d *Node) {
	if !t.found {
		return
	}
	below := t.plan.below(d)
	for was := -1; was < len(t.taint.Marks()); {
		was = len(t.taint.Marks())
		for _, n := range t.plan.Order { // dependencies first
			if n == d {
				break
			}
			if !below[n] || n.step == nil {
				continue
			}
			marks, m := t.taint.Marks()[t.asked[n]:], t.plan.usage(n)
			t.asked[n] += len(marks)
			if m != nil && !slices.ContainsFunc(marks, func(one compiler.Mark) bool { return m.whole.touch(one, n.Path) }) {
				continue
			}
			now, err := t.read(n.Archive)
			if err != nil {
				t.lost[n] = true
				continue
			}
			t.taint.Add(compiler.Difference{}, now, nil, nil, false, asking{t, n})
			t.asked[n] = len(t.taint.Marks())
		}
	}
}

// touches reports whether the source of a package uses a tainted name.
func (t *taints) touches(n *Node) bool {
	m := t.plan.usage(n)
	return m == nil || t.touched(&m.whole, n)
}

// touched reports whether a tainted name is one of the names that a package uses.
func (t *taints) touched(ns *names, n *Node) bool {
	from := t.held[ns]
	if from < 0 {
		return true
	}
	marks := t.taint.Marks()
	t.held[ns] = len(marks)
	touched := slices.ContainsFunc(marks[from:], func(m compiler.Mark) bool { return ns.touch(m, n.Path) })
	if touched {
		t.held[ns] = -1
	}
	return touched
}

// asking asks about the sources of the program, and of one package; it is a
// [compiler.Source].
type asking struct {
	t *taints
	n *Node
}

func (a asking) Names(name string) bool {
	m := a.t.plan.usage(a.n)
	if m == nil {
		return true
	}
	return slices.ContainsFunc(m.declared[name], func(ns *names) bool { return a.t.touched(ns, a.n) })
}

func (a asking) Declared() []string {
	if m := a.t.plan.usage(a.n); m != nil {
		return slices.Collect(maps.Keys(m.declared))
	}
	return nil
}

// Interfaces reads the export data of all packages that are never compiled here, until it
// has found all.
func (a asking) Interfaces(methods []string) (required, called map[string]bool) {
	p := a.t.plan
	required, called = map[string]bool{"Error": true}, map[string]bool{} // the type error has no package
	add := func(to map[string]bool, names []string) {
		for _, name := range names {
			to[name] = true
		}
	}
	for _, n := range p.Nodes {
		wanted := slices.DeleteFunc(slices.Clone(methods), func(name string) bool { return required[name] || !n.mentions(name) })
		if n.step == nil || len(wanted) == 0 {
			continue
		}
		m := p.usage(n)
		add(required, slices.DeleteFunc(wanted, func(name string) bool { return m != nil && !m.whole.required[name] }))
	}
	for _, n := range p.Nodes {
		if n.step != nil || n.Archive == "" {
			continue
		}
		wanted := slices.DeleteFunc(slices.Clone(methods), func(name string) bool { return required[name] && called[name] })
		if len(wanted) == 0 {
			break
		}
		r, c, err := compiler.MethodsIn(n.Archive, wanted)
		if err != nil {
			r, c = wanted, wanted
		}
		add(required, r)
		add(called, c)
	}
	return required, called
}

// mentions reports whether a word may occur in the sources that a node was compiled from.
func (n *Node) mentions(word string) bool {
	return n.step != nil && slices.ContainsFunc(n.Files(n.From), func(file string) bool {
		text := n.text(file)
		return len(text) == 0 || bytes.Contains(text, []byte(word))
	})
}

// below returns the packages that a package imports, directly or not.
func (p *Plan) below(d *Node) map[*Node]bool {
	found := map[*Node]bool{}
	var visit func(d *Node)
	visit = func(d *Node) {
		for _, path := range d.Imports {
			if n := p.Nodes[path]; n != nil && n.step != nil && !found[n] {
				found[n] = true
				visit(n)
			}
		}
	}
	visit(d)
	return found
}

// anyBelow reports whether a package imports one of a set, directly or not.
func (p *Plan) anyBelow(d *Node, set map[*Node]bool) bool {
	if len(set) > 0 {
		for n := range p.below(d) {
			if set[n] {
				return true
			}
		}
	}
	return false
}

// spared reports whether a package whose imports are final need not be compiled.
func (s *schedule) spared(n *Node) bool {
	if n.spare == nil {
		return false
	}
	s.taints.complete(n)
	if !s.mayRelink(n) || s.plan.anyBelow(n, s.taints.lost) || s.taints.touches(n) {
		n.spare = nil
		return false
	}
	return true
}

// seemsSpared reports whether a package need not be compiled as far as its imports are
// known.
func (s *schedule) seemsSpared(n *Node) bool {
	return n.spare != nil && s.mayRelink(n) && !s.taints.touches(n)
}

func (s *schedule) mayRelink(n *Node) bool {
	p := s.plan
	return n.Compilable() && len(n.step.maps) == 0 && !n.step.profiled && n.Archive != "" &&
		(p.Agent == nil || n.Path != p.linking.main) && p.usage(n) != nil
}

// relink starts to put the export data of a package together.
func (s *schedule) relink(n *Node) {
	p := s.plan
	n.busy = true
	s.running++
	p.count++
	archive := filepath.Join(p.Folder, strconv.Itoa(p.count)+".a")
	was, order := *n, p.usage(n).imports
	archives := make([]string, 0, len(order))
	for _, path := range order {
		if i := p.Nodes[path]; i != nil {
			archives = append(archives, i.Archive)
		} else {
			archives = append(archives, "")
		}
	}
	go func() { // joined by the receive of its answer
		o := outcome{n: n}
		o.made, o.err = s.taints.relink(&was, archive, archives)
		o.made.relinked = true
		s.answers <- o
	}()
}

func (t *taints) relink(n *Node, archive string, archives []string) (m made, err error) {
	var imports []*compiler.Exports
	for _, a := range archives {
		e, err := t.read(a)
		if err != nil {
			return m, err
		}
		imports = append(imports, e)
	}
	old := n.parts
	if old == nil {
		o, err := compiler.ReadArchive(n.Archive)
		if err != nil {
			return m, err
		}
		old = &o
	}
	o, known, now, err := compiler.Relink(n.Archive, archive, imports, n.spare.owed)
	if err != nil {
		_ = os.Remove(archive)
		return m, err
	}
	t.mu.Lock()
	t.exports[archive] = now
	t.mu.Unlock()
	m = made{archive: archive, parts: *o, known: known, leaks: n.Leaks, reach: reachNames, differs: compiler.Difference{Whole: true}}
	if n.print != nil {
		m.known = *n.print
	}
	if old.Export == m.parts.Export {
		m.reach = reachObject
		if old.Code == m.parts.Code {
			m.reach = reachNothing
		}
	}
	return m, nil
}
