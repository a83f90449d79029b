package compiler

import (
	"bytes"
	"go/ast"
	"maps"
	"slices"
)

// A Difference is what differs in two states of a package's export data.
type Difference struct {
	// Whole: every dependent may see it.
	Whole bool
	// Names are those of exported objects of the package through which it can be
	// seen: what differs, and what refers to that.
	Names []string
	own   map[object]bool // these, and those that are not exported
}

// Differ compares two states of a package's export data.
//
// Elements are compared as the compiler wrote them, without asking what they mean:
// two are the same if their data are, byte for byte, and what they refer to, in
// order; objects are referred to by name. So nothing that the compiler might read
// of an object can differ without a difference here, line numbers included.
func Differ(old, now *Exports) (d Difference) {
	defer func() {
		if recover() != nil {
			d = Difference{Whole: true}
		}
	}()
	c := comparison{old, now, map[[3]int]bool{}}
	if old.self != now.self || old.init != now.init || !c.whole(inPkg, old.pkg, now.pkg) {
		return Difference{Whole: true}
	}
	changed := map[object]bool{}
	for o, j := range now.objects {
		i, known := old.objects[o]
		if !known || !c.whole(inObj, i, j) || !c.whole(inName, i, j) || !c.whole(inObjExt, i, j) || !c.whole(inObjDict, i, j) {
			changed[o] = true
		}
	}
	for o := range old.objects {
		if _, known := now.objects[o]; !known {
			changed[o] = true
		}
	}
	body := func(o object) {
		i, a := old.bodies[o]
		j, b := now.bodies[o]
		if a && b && c.same(ref{inBody, i}, ref{inBody, j}) {
			return
		}
		changed[o.owner()] = true
		// Whoever inlines that function may take it from here, whatever it uses of
		// this package.
		d.Whole = d.Whole || o.path != now.self
	}
	for o := range now.bodies {
		body(o)
	}
	for o := range old.bodies {
		body(o)
	}
	if d.Whole {
		return Difference{Whole: true}
	}
	d.own = now.reach(changed)
	maps.DeleteFunc(d.own, func(o object, _ bool) bool { return o.path != now.self })
	for o := range d.own {
		if ast.IsExported(o.name) {
			d.Names = append(d.Names, o.name)
		}
	}
	slices.Sort(d.Names)
	return d
}

// Numbered reports whether the objects that a difference leaves out have the same
// numbers in two archives, by which the code of dependents refers to them: where
// the difference is of others, which stand for these two.
func (d Difference) Numbered(old, now *Exports) (same bool) {
	defer func() {
		if recover() != nil {
			same = false
		}
	}()
	for o, j := range now.objects {
		i, known := old.objects[o]
		if known && !d.own[o] && !bytes.Equal(old.element(inObjExt, i).data, now.element(inObjExt, j).data) {
			return false
		}
	}
	return true
}

// In reports whether an archive's export data have a copy of an object through
// which the difference can be seen. Whoever imports that package may come by the
// object there, whatever it uses of the other one.
func (d Difference) In(archive string) bool {
	text, err := ExportData(archive)
	if err != nil {
		return true
	}
	for o := range d.own {
		if bytes.Contains(text, []byte(o.name)) {
			e, err := ParseExports(text)
			return err != nil || slices.ContainsFunc(slices.Collect(maps.Keys(d.own)), func(o object) bool {
				_, has := e.objects[o]
				return has
			})
		}
	}
	return false
}

// reach are some objects and all that refer to them, at whatever distance.
func (e *Exports) reach(changed map[object]bool) map[object]bool {
	names := make([]object, e.count(inObj))
	for o, i := range e.objects {
		names[i] = o
	}
	bodies := map[object][]int{}
	for o, i := range e.bodies {
		bodies[o.owner()] = append(bodies[o.owner()], i)
	}
	referring := map[object][]object{} // to each object
	for o, i := range e.objects {
		seen := map[ref]bool{}
		var follow func(r ref)
		follow = func(r ref) {
			if r.section == inString || seen[r] {
				return
			}
			seen[r] = true
			for _, to := range e.element(r.section, r.index).refs {
				if to.section == inObj {
					referring[names[to.index]] = append(referring[names[to.index]], o)
				} else {
					follow(to)
				}
			}
		}
		for _, section := range []int{inObj, inName, inObjExt, inObjDict} {
			follow(ref{section, i})
		}
		for _, b := range bodies[o] {
			follow(ref{inBody, b})
		}
	}
	reached := maps.Clone(changed)
	queue := slices.Collect(maps.Keys(changed))
	for len(queue) > 0 {
		o := queue[0]
		queue = queue[1:]
		for _, from := range referring[o] {
			if !reached[from] {
				reached[from] = true
				queue = append(queue, from)
			}
		}
	}
	return reached
}

// A comparison is of two packages' elements. It remembers what it found, by section
// and the two indices.
type comparison struct {
	old, now *Exports
	known    map[[3]int]bool
}

// same compares two elements that are referred to: objects by name.
func (c comparison) same(a, b ref) bool {
	switch {
	case a.section != b.section:
		return false
	case a.section == inString:
		return bytes.Equal(c.old.raw(inString, a.index), c.now.raw(inString, b.index))
	case a.section == inObj:
		// The name says which object it is, and of which kind.
		return c.whole(inName, a.index, b.index)
	}
	return c.whole(a.section, a.index, b.index)
}

// whole compares two elements themselves.
func (c comparison) whole(section, i, j int) bool {
	key := [3]int{section, i, j}
	if same, known := c.known[key]; known {
		return same
	}
	c.known[key] = false // where it refers to itself, which nothing but an object does
	x, y := c.old.element(section, i), c.now.element(section, j)
	same := bytes.Equal(x.data, y.data) && slices.EqualFunc(x.refs, y.refs, c.same)
	c.known[key] = same
	return same
}
