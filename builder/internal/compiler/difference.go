package compiler

import (
	"bytes"
	"go/ast"
	"maps"
	"slices"
)

// A Difference is the difference between two states of a package's export data.
type Difference struct {
	// Whole: it may affect every dependent.
	Whole bool
	// Names are the exported objects of the package through which it can be seen: those
	// that differ, and those that refer to them.
	Names []string
	own   map[object]bool // the same objects, and those that are not exported
	// Carried is what differs in bodies of other packages' functions; nil if nothing does.
	Carried *Carried

	// What Whole, Names and own come from: the two states, the objects that differ in
	// themselves, and the bodies.
	old, now         *Exports
	declared, bodies map[object]bool
}

// Elements are compared as the compiler wrote them, without regard to their meaning:
// two are the same if their data are equal byte for byte, and if they refer to the same
// elements in the same order. Objects are identified by name. So whatever the compiler
// might read of an object, line numbers included, cannot differ without a difference
// here.
func Differ(old, now *Exports) Difference {
	return differ(old, now, map[object]bool{}, map[object]bool{},
		func(c comparison, i, j int) bool {
			return c.whole(inObj, i, j) && c.whole(inName, i, j) && c.sameExt(i, j, c.same) && c.whole(inObjDict, i, j)
		},
		func(c comparison, i, j int) bool { return c.whole(inBody, i, j) })
}

// DifferIn is Differ for when it is known which of the package's objects differ in their
// declarations, and which functions in their bodies. All other objects may differ in
// positions only; DifferIn compares what the compiler found out about them and nothing
// else.
func DifferIn(old, now *Exports, declared, bodies []string) Difference {
	changed, rewritten := map[object]bool{}, map[object]bool{}
	either := func(o object, was, is map[object]int) bool {
		_, before := was[o]
		_, after := is[o]
		return before || after
	}
	for _, name := range declared {
		if o := (object{now.self, name}); either(o, old.objects, now.objects) {
			changed[o] = true
		}
	}
	for _, name := range bodies {
		if o := (object{now.self, name}); either(o, old.bodies, now.bodies) {
			rewritten[o] = true
		}
	}
	return differ(old, now, changed, rewritten,
		func(c comparison, i, j int) bool { return c.whole(inName, i, j) && c.sameExt(i, j, c.sameButBodies) },
		func(comparison, int, int) bool { return true })
}

// differ adds to the objects and bodies that are known to have changed those that are in
// only one of the states, and those that differ by the rules sameObject and sameBody,
// which compare two elements by index.
func differ(old, now *Exports, changed, bodies map[object]bool, sameObject, sameBody func(c comparison, i, j int) bool) (d Difference) {
	defer func() {
		if recover() != nil {
			d = Difference{Whole: true}
		}
	}()
	c := compare(old, now)
	if old.version != now.version || old.self != now.self || old.init != now.init || !c.whole(inPkg, old.pkg, now.pkg) {
		return Difference{Whole: true}
	}
	for o, j := range now.objects {
		if i, known := old.objects[o]; !known || !sameObject(c, i, j) {
			changed[o] = true
		}
	}
	for o := range old.objects {
		if _, known := now.objects[o]; !known {
			changed[o] = true
		}
	}
	d.old, d.now, d.declared, d.bodies = old, now, maps.Clone(changed), bodies
	carried := map[object]bool{}
	body := func(o object) {
		i, a := old.bodies[o]
		j, b := now.bodies[o]
		switch {
		case a && b && !bodies[o] && sameBody(c, i, j):
		case o.path == now.self:
			bodies[o], changed[o.owner()] = true, true
		default:
			carried[o] = true
		}
	}
	for o := range now.bodies {
		body(o)
	}
	for o := range old.bodies {
		body(o)
	}
	d.through(now, changed)
	d.Carried = carry(old, now, carried)
	return d
}

// through records the objects of the package through which what changed can be seen.
func (d *Difference) through(now *Exports, changed map[object]bool) {
	d.own = now.reach(changed)
	maps.DeleteFunc(d.own, func(o object, _ bool) bool { return o.path != now.self })
	d.Names = exported(d.own, now.self)
}

// exported returns the names of a package's objects that are exported.
func exported(objects map[object]bool, path string) (names []string) {
	for o := range objects {
		if o.path == path && ast.IsExported(o.name) {
			names = append(names, o.name)
		}
	}
	slices.Sort(names)
	return names
}

// None reports whether nothing differs.
func (d Difference) None() bool { return !d.Whole && len(d.own) == 0 && d.Carried == nil }

// sameExt compares what the compiler adds to the export data of two objects, except for
// the numbers of their symbols if they are the package's own. same compares what it refers
// to.
func (c comparison) sameExt(i, j int, same func(a, b ref) bool) bool {
	x, y := c.old.element(inObjExt, i), c.now.element(inObjExt, j)
	equal := bytes.Equal(x.data, y.data)
	if !equal && c.now.element(inName, j).reference(inPkg) == c.now.pkg {
		a, known := c.old.extension(i)
		b, understood := c.now.extension(j)
		equal = known && understood && bytes.Equal(a.rest, b.rest)
	}
	return equal && slices.EqualFunc(x.refs, y.refs, same)
}

// sameButBodies is same for what refers to the bodies of generic functions, which it
// does not compare.
func (c comparison) sameButBodies(a, b ref) bool {
	return a.section == inBody && b.section == inBody || c.same(a, b)
}

// Beyond returns the names of the objects that differ in d and not in other. It is for
// tests.
func (d Difference) Beyond(other Difference) (names []string) {
	if other.Whole {
		return nil
	}
	if d.Whole {
		return []string{"all"}
	}
	for o := range d.own {
		if !other.own[o] {
			names = append(names, o.name)
		}
	}
	if d.Carried != nil {
		for o := range d.Carried.bodies {
			if other.Carried == nil || !other.Carried.bodies[o] {
				names = append(names, o.path+"."+o.name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// In reports whether an archive's export data contain a copy of an object through which
// the difference can be seen. A package that imports the archive's package may get the
// object from there, even if it uses nothing else of the changed package.
func (d Difference) In(archive string) bool { return hasAny(archive, d.own) }

// hasAny reports whether an archive's export data have one of the objects.
func hasAny(archive string, objects map[object]bool) bool {
	text, err := ExportData(archive)
	if err != nil {
		return true
	}
	for o := range objects {
		if bytes.Contains(text, []byte(o.name)) {
			e, err := ParseExports(text)
			return err != nil || slices.ContainsFunc(slices.Collect(maps.Keys(objects)), func(o object) bool {
				_, has := e.objects[o]
				return has
			})
		}
	}
	return false
}

// A comparison compares elements of two packages. It remembers its results, by section
// and the two indices.
type comparison struct {
	old, now *Exports
	known    map[[3]int]bool
}

func compare(old, now *Exports) comparison { return comparison{old, now, map[[3]int]bool{}} }

// same compares two elements that are referred to. It compares objects by name.
func (c comparison) same(a, b ref) bool {
	switch {
	case a.section != b.section:
		return false
	case a.section == inString:
		return bytes.Equal(c.old.raw(inString, a.index), c.now.raw(inString, b.index))
	case a.section == inObj:
		// The name determines the object and its kind.
		return c.whole(inName, a.index, b.index)
	}
	return c.whole(a.section, a.index, b.index)
}

// whole compares the content of two elements.
func (c comparison) whole(section, i, j int) bool {
	key := [3]int{section, i, j}
	if same, known := c.known[key]; known {
		return same
	}
	c.known[key] = false // used if it refers to itself, which only objects do
	x, y := c.old.element(section, i), c.now.element(section, j)
	var same bool
	if section == inPkg {
		same = c.samePackage(x, y)
	} else {
		same = bytes.Equal(x.data, y.data) && slices.EqualFunc(x.refs, y.refs, c.same)
	}
	c.known[key] = same
	return same
}

// samePackage compares the paths and names of two packages. It does not compare what they
// import: for the compiler that has no meaning, except that an error which names two
// packages of one name may be worded in another way.
func (c comparison) samePackage(x, y *element) bool {
	if x.text() != y.text() { // the path
		return false
	}
	if len(x.data) == 0 || len(y.data) == 0 { // builtin and unsafe have a path only
		return len(x.data) == len(y.data)
	}
	return x.text() == y.text() // the name
}
