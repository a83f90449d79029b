package live

import (
	"slices"
	"strings"
)

// def returns the definition that a symbol will have: the new one, or the program's.
func (p *patch) def(id symID, from def) def {
	if d, ok := p.news[id]; ok {
		return d
	}
	return p.h.find(id)
}

// place puts a symbol into the image.
func (p *patch) place(id symID, d def) *placed {
	if x := p.placed[id]; x != nil {
		return x
	}
	if !d.kind().loaded() {
		panic(refuse(Symbol, p.h.names[id], "symbol %s is of kind %d", p.h.names[id], d.kind()))
	}
	x := &placed{id: id, d: d}
	p.placed[id] = x
	p.layout = append(p.layout, x)
	p.queue = append(p.queue, x)
	return x
}

// gather places what is replaced, and everything that this needs and the program lacks.
func (p *patch) gather() {
	h := p.h
	for _, id := range p.roots {
		p.place(id, p.news[id])
	}
	for _, id := range p.runs {
		p.need(id, def{}, "")
	}
	for _, id := range p.grown {
		p.grow(id, "")
	}
	for len(p.queue) > 0 {
		x := p.queue[0]
		p.queue = p.queue[1:]
		switch {
		case x.d.isText():
			p.checkCode(x)
		case isInterface(x.d, h.names[x.id]):
			p.restoreAll(x.d)
		}
		for r := range x.d.relocs().all {
			if p.omits(x, r) {
				continue
			}
			t := h.ref(x.d.o, r.sym())
			switch k := r.kind(); {
			case k == relUseIface:
				p.putIntoInterface(t)
				continue
			case k == relUseMethod:
				p.useMethod(t, r.add())
				continue
			case k == relUseNamed:
				p.useNamed(string(h.auxDef(x.d.o, r.sym()).data()))
				continue
			case r.size() == 0, t == noSymbol, k == relKeep, k == relTLS, r.weak() && k != relCall:
				continue
			}
			if d, ok := p.news[t]; ok && x.d.isVar() && d.isVar() && isTemporary(h.names[t]) {
				p.place(t, d) // it is a part of a new variable, even if a part of an old variable equals it
				continue
			}
			local := def{}
			if i, ok := x.d.o.index(r.sym()); ok && i < x.d.o.defs() {
				local = def{x.d.o, i}
			}
			p.need(t, local, h.names[x.id])
		}
		for a := range x.d.auxs().all {
			if a.kind() == auxFuncdata {
				if t := h.ref(x.d.o, a.sym()); t != noSymbol {
					if d := h.auxDef(x.d.o, a.sym()); d.ok() {
						p.place(t, d) // always a copy, because its position is relative to the image's tables
					}
				}
			}
		}
	}
}

// grow places a type's methods; the type itself stays where it is. only is the name of
// a method that the linker left out, if the others must not be placed; otherwise it is
// empty.
func (p *patch) grow(id symID, only string) {
	x := p.growing[id]
	switch {
	case x == nil:
		x = &placed{id: id, d: p.def(id, def{}), grow: true}
		if only != "" {
			x.only = map[string]bool{only: true}
		}
		p.growing[id] = x
		p.layout = append(p.layout, x)
	case x.only == nil || x.only[only]:
		return
	case only == "":
		x.only = nil
	default:
		x.only[only] = true
	}
	p.queue = append(p.queue, x)
}

// omits reports whether a relocation belongs to a method that a growing type does not
// get.
func (p *patch) omits(x *placed, r reloc) bool {
	if x.only == nil || r.kind() != relMethodOff {
		return false
	}
	t := p.h.ref(x.d.o, r.sym())
	return p.h.addrs[t] == 0 && p.placed[t] == nil && !x.only[p.methodName(x.d, r.off())]
}

// methodName returns the name of the method at an offset of a type's list.
func (p *patch) methodName(d def, off int) string {
	b := d.data()
	u := uncommon(b)
	first := u + int(le.Uint32(b[u+8:]))
	row := first + (off-first)/methodSize*methodSize
	for r := range d.relocs().all {
		if r.off() == row && r.size() > 0 {
			return nameText(p.h.auxDef(d.o, r.sym()).data())
		}
	}
	return ""
}

// putIntoInterface handles a type whose values the new code puts into interfaces. If
// nothing in the program did so before, the linker has left out its methods: they are
// placed, and the type gets a new list.
func (p *patch) putIntoInterface(id symID) {
	h := p.h
	h.expose(id, func(id symID) def { return p.def(id, def{}) }, func(id symID) bool {
		if h.exposed[id] || p.exposed[id] {
			return false
		}
		p.exposed[id] = true
		if h.bare[id] && p.placed[id] == nil {
			p.grow(id, "")
		}
		return true
	})
}

// need ensures that a symbol will be in the program. local is its definition in the
// object that refers to it, if it has one.
func (p *patch) need(id symID, local def, from string) {
	h := p.h
	name := h.names[id]
	if p.placed[id] != nil || p.at[id] != 0 {
		return
	}
	if d, ok := p.news[id]; ok && d.kind().loaded() {
		if h.addrs[id] != 0 && (d.isVar() && !isTemporary(name) || !p.dirty[id]) {
			return
		}
		p.place(id, d)
		return
	}
	if h.addrs[id] != 0 {
		if h.wrong[id] && !h.defs[id].isVar() {
			panic(refuse(Symbol, name, "symbol %s is not in the program as its object has it", name))
		}
		return
	}
	d := h.find(id)
	if !d.ok() {
		d = local
	}
	if !d.ok() {
		if strings.HasPrefix(name, "type:") || name == "" {
			panic(refuse(Symbol, name, "%s refers to %q, which is not known", readable(from), name))
		}
		panic(refuse(Symbol, name, "%s uses %s, which is not in the program", readable(from), readable(name)))
	}
	if d.kind() == kindTLS {
		return
	}
	if d.isText() && d.o.flags&flagAssembly == 0 && d.sym().linkname() && h.mutable[d.o.pkg] {
		panic(refuse(Pragma, name, "%s is linked by another name", readable(name)))
	}
	p.pulledVariable(id, d)
	p.pulled++
	p.place(id, d)
}

// pulledVariable handles a variable that the linker had left out of a package which is
// in the program. Its initialisation has been left out as well, or has run without it,
// so it is refused. The exception is a map: a function of its own initialises it, and
// can run now.
func (p *patch) pulledVariable(id symID, d def) {
	h := p.h
	if !d.isVar() || isTemporary(h.names[id]) || p.fresh[d.o.pkg] {
		return
	}
	var once []def
	maps := true
	for _, o := range h.objects[d.o.pkg] {
		for i := range o.defs() {
			if !o.sym(i).kind().isText() || !runsOnce(o.name(i)) {
				continue
			}
			if o.relocs(i).any(func(r reloc) bool { return r.size() > 0 && h.ref(o, r.sym()) == id }) {
				once = append(once, def{o, i})
				maps = maps && strings.HasPrefix(o.name(i), d.o.pkg+".map.init.")
			}
		}
	}
	content := slices.ContainsFunc(d.data(), func(b byte) bool { return b != 0 }) || d.relocs().len() > 0
	switch {
	case len(once) == 0, maps && content: // the function would also make another map
	case maps && len(once) == 1 && h.addrs[h.id(once[0].o, once[0].i)] == 0:
		f := h.id(once[0].o, once[0].i)
		p.place(f, once[0])
		p.maps = append(p.maps, f)
	default:
		panic(refuse(Init, h.names[id], "%s was not used before, so the program has not initialised it", readable(h.names[id])))
	}
}

// checkCode refuses new code that may look up methods which the linker left out, in
// ways that relocations do not list one by one.
func (p *patch) checkCode(x *placed) {
	if x.d.sym().reflectMethod() && !p.h.reflects {
		for name, types := range p.h.pruned {
			if (name[0] >= 'A' && name[0] <= 'Z' || name[0] >= 0x80) && slices.ContainsFunc(types, func(id symID) bool { return p.lacks(id) && (p.growing[id] == nil || p.growing[id].only != nil) }) {
				panic(refuse(Method, p.h.names[x.id], "%s looks up methods by reflection, and the linker left some out", readable(p.h.names[x.id])))
			}
		}
	}
}

// useMethod handles a call of an interface method that nothing called before: types
// that may be in the interface get the methods that the linker left out.
func (p *patch) useMethod(iface symID, off int64) {
	h := p.h
	if h.usedMethods[methodUse{iface, off}] {
		return
	}
	d := p.def(iface, def{})
	if !d.ok() {
		panic(refuse(Method, h.names[iface], "the methods of %s are not known", h.names[iface]))
	}
	for r := range d.relocs().all {
		if int64(r.off()) != off {
			continue
		}
		name := nameText(p.h.auxDef(d.o, r.sym()).data())
		if name == "" {
			break
		}
		p.restore(name)
		return
	}
	panic(refuse(Method, h.names[iface], "a method of %s is not known", h.names[iface]))
}

// useNamed handles code that looks up a method by its name.
func (p *patch) useNamed(name string) {
	if !p.h.usedNames[name] && !p.h.reflects {
		p.restore(name)
	}
}

// lacks reports whether a type whose values may be in interfaces lacks some of its
// methods.
func (p *patch) lacks(id symID) bool {
	return p.h.bare[id] && p.h.exposed[id] && p.placed[id] == nil
}

// restore gives the methods of this name to all types that lack them, in a new list. A
// type that is in no interface yet gets all its methods when that changes.
func (p *patch) restore(name string) {
	for _, id := range p.h.pruned[name] {
		if p.lacks(id) {
			p.grow(id, name)
		}
	}
}

// restoreAll does the same for all methods of a new interface type, because its list of
// methods decides which types implement it.
func (p *patch) restoreAll(d def) {
	for r := range d.relocs().all {
		if name := p.h.names[p.h.ref(d.o, r.sym())]; r.off() >= listOfMethods && strings.HasPrefix(name, "type:.namedata.") {
			p.restore(nameText(p.h.auxDef(d.o, r.sym()).data()))
		}
	}
}
