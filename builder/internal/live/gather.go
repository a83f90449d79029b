package live

import (
	"slices"
	"strings"
)

// def is a symbol's definition as it will be: the new one, or the program's.
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

// gather places what is replaced, and all that this needs and the program lacks.
func (p *patch) gather() {
	h := p.h
	for _, id := range p.roots {
		p.place(id, p.news[id])
	}
	for _, id := range p.runs {
		p.need(id, "")
	}
	for _, id := range p.grown {
		p.grow(id, p.news[id])
	}
	for len(p.queue) > 0 {
		x := p.queue[0]
		p.queue = p.queue[1:]
		if x.d.isText() {
			p.checkCode(x)
		}
		for _, r := range x.d.relocs() {
			t := h.ref(x.d.o, r.sym())
			switch k := r.kind(); {
			case k == relUseIface:
				p.putIntoInterface(t)
				continue
			case k == relUseMethod:
				p.useMethod(t, r.add())
				continue
			case k == relUseNamed:
				p.useNamed(h.names[t], x)
				continue
			case r.size() == 0, t == noSymbol, k == relKeep, k == relTLS, r.weak() && k != relCall:
				continue
			}
			p.need(t, h.names[x.id])
		}
		for _, a := range x.d.auxs() {
			if a.kind() == auxFuncdata {
				if t := h.ref(x.d.o, a.sym()); t != noSymbol {
					if d := h.auxDef(x.d.o, a.sym()); d.ok() {
						p.place(t, d) // always a copy: its place is relative to the image's tables
					}
				}
			}
		}
	}
}

// grow places a type's methods; the type itself stays where it is.
func (p *patch) grow(id symID, d def) {
	x := &placed{id: id, d: d, grow: true}
	p.layout = append(p.layout, x)
	p.queue = append(p.queue, x)
}

// putIntoInterface is for a type of which the new code puts values into
// interfaces. If nothing in the program did so before, the linker has left out
// its methods: they are placed, and the type is given the list anew.
func (p *patch) putIntoInterface(id symID) {
	h := p.h
	h.expose(id, func(id symID) def { return p.def(id, def{}) }, func(id symID) bool {
		if h.exposed[id] || p.exposed[id] {
			return false
		}
		p.exposed[id] = true
		if h.bare[id] && p.placed[id] == nil && !slices.Contains(p.grown, id) {
			p.grown = append(p.grown, id)
			p.grow(id, p.def(id, def{}))
		}
		return true
	})
}

// need makes sure that a symbol will be in the program.
func (p *patch) need(id symID, from string) {
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

// pulledVariable refuses a variable that the linker had left out of a package
// which is in the program: what should have initialised it has been left out as
// well, or has run without it.
func (p *patch) pulledVariable(id symID, d def) {
	h := p.h
	if !d.isVar() || isTemporary(h.names[id]) || p.fresh[d.o.pkg] {
		return
	}
	for _, o := range h.objects[d.o.pkg] {
		for i := range o.defs() {
			if !o.sym(i).kind().isText() || !runsOnce(o.name(i)) {
				continue
			}
			for _, r := range o.relocs(i) {
				if r.size() > 0 && h.ref(o, r.sym()) == id {
					panic(refuse(Init, h.names[id], "%s was not used before, so the program has not initialised it", readable(h.names[id])))
				}
			}
		}
	}
}

// checkCode refuses new code that may look up methods which the linker has left
// out, in ways that relocations do not say one by one.
func (p *patch) checkCode(x *placed) {
	if x.d.sym().reflectMethod() && !p.h.reflects {
		for name := range p.h.pruned {
			if name[0] >= 'A' && name[0] <= 'Z' || name[0] >= 0x80 {
				panic(refuse(Method, p.h.names[x.id], "%s looks up methods by reflection, and the linker left some out", readable(p.h.names[x.id])))
			}
		}
	}
}

// useMethod refuses a call of an interface's method that nothing called before,
// if the linker has left methods of that name out.
func (p *patch) useMethod(iface symID, off int64) {
	h := p.h
	if h.usedMethods[methodUse{iface, off}] {
		return
	}
	d := p.def(iface, def{})
	if !d.ok() {
		panic(refuse(Method, h.names[iface], "the methods of %s are not known", h.names[iface]))
	}
	for _, r := range d.relocs() {
		if int64(r.off()) != off {
			continue
		}
		if name := nameText(p.h.auxDef(d.o, r.sym()).data()); h.pruned[name] || name == "" {
			panic(refuse(Method, h.names[iface], "method %s of %s was not used before, and the linker left it out of some types", name, strings.TrimPrefix(h.names[iface], "type:")))
		}
		return
	}
	panic(refuse(Method, h.names[iface], "a method of %s is not known", h.names[iface]))
}

func (p *patch) useNamed(name string, x *placed) {
	if p.h.pruned[name] && !p.h.usedNames[name] && !p.h.reflects {
		panic(refuse(Method, name, "%s looks up method %s by its name, and the linker left it out of some types", readable(p.h.names[x.id]), name))
	}
}
