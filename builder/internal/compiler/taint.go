package compiler

import (
	"go/ast"
	"maps"
	"slices"
	"strings"
)

// A Taint is what a source must name so that its code can depend on a change.
//
// Code depends on a changed object only if the compiler looks at that object. It comes by
// a function, variable or constant only through its name. It comes by a type through the
// type's name, or through an expression of the type, and the last name in such an
// expression is that of something declared with that type: a function, a variable, a
// field, a method, or another type. What is done to an expression without a further name
// (a call, an index, a dereference, a range) leads only to types that the declaration is
// written with. So these names are tainted:
//
//   - what changed;
//   - what is declared with a tainted type, be it through pointers, slices or functions, and
//     constants of such a type;
//   - a type whose layout or selectors depend on a tainted type, because it is part of
//     it by value, or embedded in it;
//   - a function whose body names something tainted, if others may compile that body;
//   - what is generic and names a tainted method or field, also as one that a type argument
//     must have: other type arguments are inferred from its type;
//   - a type that is written with an alias that stands for another type now: which types are
//     identical depends on that.
//
// The fields and methods of a tainted type are not, because nobody comes by a value of it
// without another tainted name. Methods that are tainted may be called by wrappers that
// the compiler makes for types that embed theirs, without a name: such types are wrapped.
//
// If only methods of a type changed, the type is wrapped, and the methods are tainted
// (methods.go).
type Taint struct {
	objects map[object]bool
	wrapped map[object]bool
	aliases map[object]bool // those that stand for another type now
	members map[object]bool // fields and methods; see memberOf
	marks   []Mark
}

// NewTaint returns a Taint without names.
func NewTaint() *Taint {
	return &Taint{objects: map[object]bool{}, wrapped: map[object]bool{}, aliases: map[object]bool{}, members: map[object]bool{}}
}

// A Mark is a tainted name.
type Mark struct {
	Kind MarkKind
	Path string // of the package; empty for a member that is exported, which counts in all
	Name string
}

// A MarkKind is what a tainted name is.
type MarkKind int

// The kinds of marks.
const (
	MarkObject  MarkKind = iota // an object at package level
	MarkWrapped                 // a type with tainted methods, for what embeds it
	MarkMember                  // a field or a method
)

// Marks returns all tainted names, in the order in which they were.
func (t *Taint) Marks() []Mark { return t.marks }

// object taints an object, and reports whether it was not.
func (t *Taint) object(o object) bool { return t.mark(t.objects, MarkObject, o) }

// wrap is object for a type with tainted methods.
func (t *Taint) wrap(o object) bool { return t.mark(t.wrapped, MarkWrapped, o) }

// member is object for a field or method that is declared in a package.
func (t *Taint) member(path, name string) bool {
	return t.mark(t.members, MarkMember, memberOf(path, name))
}

func (t *Taint) mark(set map[object]bool, kind MarkKind, o object) bool {
	if set[o] {
		return false
	}
	set[o] = true
	t.marks = append(t.marks, Mark{kind, o.path, o.name})
	return true
}

// memberOf identifies a field or method: those that are not exported belong to a package.
func memberOf(path, name string) object {
	if ast.IsExported(name) {
		return object{"", name}
	}
	return object{path, name}
}

// Add taints what a package's change has changed, and then all that comes with it in its
// new export data. rewritten are the functions whose source changed, by the compiler's
// names, and redeclared the other declarations that did; known is false if that is not
// known, and then those count whose export data changed.
//
// Add reports whether the code of others may have old positions: if they are all that
// differs in something, or if the compiler comes by files in another order, and so
// numbers them in another one.
func (t *Taint) Add(d Difference, now *Exports, rewritten, redeclared []string, known bool, source Source) (moved bool) {
	for _, name := range redeclared {
		if _, has := now.objects[object{now.self, name}]; !has {
			t.object(object{now.self, name})
		}
	}
	methods, called := d.methods(now, source)
	for o := range d.declared {
		m, only := methods[o]
		switch {
		case o.path != now.self:
		case only:
			t.onlyMethods(o, m)
			moved = moved || m.moved || !d.sameReading(o)
		case d.sameShape(o):
			moved = true
		default:
			t.object(o)
			if d.old.kind(o) == isAlias || now.kind(o) == isAlias {
				t.aliases[o] = true
			}
			moved = moved || !d.sameReading(o)
		}
	}
	for b := range d.bodies {
		switch {
		case b.path != now.self:
		case known && d.both(b) && !slices.Contains(rewritten, b.name):
			moved = true
		default:
			t.body(b)
			if called[b.method()] {
				t.object(b.owner())
			}
		}
	}
	t.spread(now, source)
	return moved
}

// kind returns the kind of an object; -1 if there is none.
func (e *Exports) kind(o object) int {
	i, has := e.objects[o]
	if !has {
		return -1
	}
	x := e.element(inName, i)
	x.reference(inPkg)
	x.reference(inString)
	return x.number()
}

// both reports whether both states have a body.
func (d Difference) both(b object) bool {
	_, before := d.old.bodies[b]
	_, after := d.now.bodies[b]
	return before && after
}

// body taints a function or a method whose body is.
func (t *Taint) body(b object) (grew bool) {
	if strings.Contains(b.name, "[") {
		return t.object(b.owner())
	}
	if m := b.method(); m != "" {
		grew = t.member(b.path, m)
		return t.wrap(b.owner()) || grew
	}
	return t.object(b)
}

// method returns the name of the method that a body is of; "" if it is a function's.
func (o object) method() string {
	if i := strings.LastIndexByte(o.name, '.'); i >= 0 && !strings.Contains(o.name, "[") {
		return o.name[i+1:]
	}
	return ""
}

// sameShape reports whether the two states of an object have the same shape and the
// same extension.
func (d Difference) sameShape(o object) bool {
	x, y := d.old.declarations()[o], d.now.declarations()[o]
	if x == nil || y == nil || x.text != y.text {
		return false
	}
	c := compare(d.old, d.now)
	return c.sameExt(d.old.objects[o], d.now.objects[o], c.sameButBodies)
}

// sameReading reports whether the compiler comes by files and by other objects in the same
// order in both states when it reads an object, if it reads it at all.
func (d Difference) sameReading(o object) bool {
	i, before := d.old.objects[o]
	j, after := d.now.objects[o]
	return !before || !after || slices.Equal(d.old.reading(i), d.now.reading(j))
}

// reading returns the files and the other objects that the compiler comes by when it
// reads an object, in order.
func (e *Exports) reading(i int) (order []string) {
	seen := map[ref]bool{}
	var follow func(r ref)
	follow = func(r ref) {
		for _, to := range e.element(r.section, r.index).refs {
			if seen[to] {
				continue
			}
			seen[to] = true
			switch to.section {
			case inPosBase:
				order = append(order, e.element(inPosBase, to.index).text())
			case inObj:
				n := e.element(inName, to.index)
				order = append(order, e.pkgPath(n.reference(inPkg))+"."+n.text())
			case inType:
				follow(to)
			}
		}
	}
	follow(ref{inObj, i})
	follow(ref{inObjDict, i})
	return order
}

// spread taints what is declared in a package with something tainted.
func (t *Taint) spread(e *Exports, source Source) {
	// What the export data do not have may be in a body nevertheless, as a constant that
	// was computed from it.
	var folded []object
	for _, name := range source.Declared() {
		if _, has := e.objects[object{e.self, name}]; !has {
			folded = append(folded, object{e.self, name})
		}
	}
	bodies := slices.DeleteFunc(slices.Collect(maps.Keys(e.bodies)), func(b object) bool { return b.path != e.self })
	for grew := true; grew; {
		grew = false
		for _, o := range folded {
			if !t.objects[o] && source.Names(o.name) {
				grew = t.object(o) || grew
			}
		}
		for o, h := range e.declarations() {
			if h != nil && h.kind == isAlias && t.redefined(h.uses) && !t.aliases[o] {
				t.aliases[o], grew = true, true
			}
			if t.objects[o] {
				continue
			}
			if h == nil {
				if source.Names(o.name) || t.mentions(e, e.objects[o]) {
					grew = t.object(o) || grew
				}
			} else if t.declared(o, h) {
				grew = true
			}
		}
		for _, b := range bodies {
			owner := b.owner()
			if !t.objects[owner] && source.Names(b.name) {
				grew = t.body(b) || grew
			}
		}
	}
}

// declared taints an object that is declared with something tainted, or its members.
func (t *Taint) declared(o object, h *shape) (grew bool) {
	switch h.kind {
	case isAlias:
		if slices.ContainsFunc(h.uses.all, func(o object) bool { return t.wrapped[o] }) {
			grew = t.wrap(o)
		}
		return t.tainted(h.uses) && t.object(o) || grew
	case isConstant, isFunction, isVariable:
		return t.tainted(h.uses) && t.object(o)
	}
	// Which types are identical, and what implements what, depends on what aliases stand for.
	if t.redefined(h.uses) || slices.ContainsFunc(h.methods, func(m member) bool { return t.redefined(m.uses) }) {
		return t.object(o)
	}
	// A wrapped type that is embedded as part of another, such as a type argument, has
	// fields and methods whose types depend on it.
	if t.any(h.uses.layout) || h.opaque() && t.tainted(h.uses) || slices.ContainsFunc(h.fields, func(f member) bool { return f.embedded && t.tainted(f.uses) }) {
		return t.object(o)
	}
	wrapped := slices.ContainsFunc(h.uses.embedded, func(o object) bool { return t.wrapped[o] })
	for _, f := range h.fields {
		if !f.embedded && t.tainted(f.uses) {
			grew = t.member(o.path, f.name) || grew
		}
	}
	for _, m := range h.methods {
		if t.tainted(m.uses) {
			grew = t.member(o.path, m.name) || grew
			wrapped = true
		}
	}
	return wrapped && t.wrap(o) || grew
}

// redefined reports whether a type is written with an alias that stands for another type
// now.
func (t *Taint) redefined(u uses) bool {
	return slices.ContainsFunc(u.all, func(o object) bool { return t.aliases[o] })
}

func (t *Taint) any(os []object) bool {
	return slices.ContainsFunc(os, func(o object) bool { return t.objects[o] })
}

// tainted reports whether something declared with a type is tainted.
func (t *Taint) tainted(u uses) bool {
	return t.any(u.all) || slices.ContainsFunc(u.embedded, func(o object) bool { return t.wrapped[o] })
}

// mentions reports whether an object without a shape refers to anything of a tainted
// name. It follows references up to other objects.
func (t *Taint) mentions(e *Exports, i int) (found bool) {
	seen := map[ref]bool{}
	var follow func(r ref)
	follow = func(r ref) {
		if found || seen[r] {
			return
		}
		seen[r] = true
		switch r.section {
		case inString:
			name := string(e.raw(inString, r.index))
			found = t.members[memberOf(e.self, name)]
			return
		case inObj:
			n := e.element(inName, r.index)
			o := object{e.pkgPath(n.reference(inPkg)), n.text()}
			found = t.objects[o] || t.wrapped[o]
			return
		}
		for _, to := range e.element(r.section, r.index).refs {
			follow(to)
		}
	}
	for _, section := range []int{inObj, inObjExt, inObjDict} {
		for _, to := range e.element(section, i).refs {
			follow(to)
		}
	}
	return found
}
