package compiler

import (
	"bytes"
	"maps"
	"slices"
)

// If only methods of a type change, not all code that comes by the type depends on that.
// What does, names one of the methods, or has a type that embeds the type, and thereby
// has the methods as well: the type is wrapped.
//
// Without either, code depends on which methods a type has, and on their signatures, where
// a value becomes one of an interface type; and on their bodies where a function is inlined
// that calls them through an interface, if the compiler then knows the type of the value.
// So if any interface type of the program has a method of that name, or a function that
// may be inlined calls one, then the whole type counts as changed.

// A Source answers questions about the sources of a program.
type Source interface {
	// Names reports whether the source of a function of the package, of any method of a type
	// or of another declaration names something tainted.
	Names(name string) bool
	// Declared returns the names that are declared at package level, and methods.
	Declared() []string
	// Interfaces returns which of the methods any interface type in the program has, and
	// which of them functions may call that can be inlined and whose packages are not
	// tainted, such as those of the standard library.
	Interfaces(methods []string) (required, called map[string]bool)
}

// A changedMethods says how the methods of a type changed, if nothing else of it did.
type changedMethods struct {
	declared []string // those that came, went, or have another signature
	found    []string // those about which the compiler found out something else
	moved    bool     // others, or the type itself, may have other positions
}

// methods returns the package's types of which only methods changed, unless the whole type
// counts because of interface types. called are those of the methods with changed bodies
// that functions may call that are inlined.
func (d Difference) methods(now *Exports, source Source) (only map[object]changedMethods, called map[string]bool) {
	only, names := map[object]changedMethods{}, map[string]bool{}
	for o := range d.declared {
		if o.path != now.self {
			continue
		}
		if m, ok := d.methodsOf(o); ok {
			only[o] = m
			for _, name := range slices.Concat(m.declared, m.found) {
				names[name] = true
			}
		}
	}
	for b := range d.bodies {
		if m := b.method(); m != "" && b.path == now.self {
			names[m] = true
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	required, called := source.Interfaces(slices.Sorted(maps.Keys(names)))
	maps.DeleteFunc(only, func(_ object, m changedMethods) bool {
		return slices.ContainsFunc(m.declared, func(name string) bool { return required[name] || called[name] }) ||
			slices.ContainsFunc(m.found, func(name string) bool { return called[name] })
	})
	return only, called
}

// methodsOf returns how the methods of a type changed. ok is false if something else did
// too, if the type is an interface type or generic, or if it is not a type.
func (d Difference) methodsOf(o object) (m changedMethods, ok bool) {
	x, y := d.old.declarations()[o], d.now.declarations()[o]
	if x == nil || y == nil || y.kind != isType || y.code == iface || x.head != y.head {
		return m, false
	}
	i, j := d.old.objects[o], d.now.objects[o]
	a, known := d.old.extension(i)
	b, understood := d.now.extension(j)
	if !known || !understood || a.told[ofObject] != b.told[ofObject] {
		return m, false
	}
	was, is := byName(*x), byName(*y)
	for name, text := range is {
		switch {
		case was[name] != text:
			m.declared = append(m.declared, name)
		case a.told[name] != b.told[name]:
			m.found = append(m.found, name)
		}
	}
	for name := range was {
		if _, has := is[name]; !has {
			m.declared = append(m.declared, name)
		}
	}
	if len(m.declared)+len(m.found) == 0 {
		return m, false
	}
	exactX, known := newShapes(d.old, true).shape(i)
	exactY, understood := newShapes(d.now, true).shape(j)
	m.moved = !known || !understood || exactX.head != exactY.head
	before, after := byName(exactX), byName(exactY)
	for name, text := range is {
		m.moved = m.moved || was[name] == text && before[name] != after[name]
	}
	return m, true
}

func byName(h shape) map[string]string {
	texts := map[string]string{}
	for _, m := range h.methods {
		texts[m.name] = m.text
	}
	return texts
}

// onlyMethods taints the methods of a type that changed.
func (t *Taint) onlyMethods(o object, m changedMethods) {
	for _, name := range slices.Concat(m.declared, m.found) {
		t.member(o.path, name)
	}
	t.wrap(o)
}

// MethodsIn returns which of the methods an interface type in an archive's export data may
// have, and which of them a function there may call that may be inlined.
func MethodsIn(archive string, methods []string) (required, called []string, err error) {
	defer func() {
		if recover() != nil {
			err = errExports
		}
	}()
	text, err := ExportData(archive)
	if err != nil || !slices.ContainsFunc(methods, func(name string) bool { return bytes.Contains(text, []byte(name)) }) {
		return nil, nil, err
	}
	e, err := splitExports(text)
	if err != nil {
		return nil, nil, err
	}
	named := func(section int, of func(x *element) bool) (names []string) {
		for i := range e.count(section) {
			x := e.element(section, i)
			if !of(x) {
				continue
			}
			for _, r := range x.refs {
				if r.section != inString {
					continue
				}
				if name := string(e.raw(inString, r.index)); slices.Contains(methods, name) && !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
		return names
	}
	return named(inType, func(x *element) bool { return x.number() == iface }), named(inBody, func(*element) bool { return true }), nil
}
