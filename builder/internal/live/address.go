package live

import (
	"bytes"
	"strings"
)

// A site is a place in the running program that refers to a function.
type site struct {
	at     uint64
	r      reloc
	target uint64 // the function's address, as it is now
	text   bool   // the place is in code
}

// locate finds the addresses of symbols: of those in the symbol table by their names,
// and from these, by the linked bytes at their relocations, of all that they refer to.
// A symbol whose bytes differ from its object is not trusted.
func (h *Host) locate() {
	var queue []symID
	found := func(id symID, addr uint64) {
		if h.addrs[id] == 0 && !h.wrong[id] {
			h.addrs[id] = addr
			queue = append(queue, id)
		}
	}
	for _, objects := range h.objects {
		for _, o := range objects {
			h.locateNamed(o, found)
		}
	}
	for name, addr := range h.exe.symbols { // symbols that the linker made, such as runtime.lastmoduledatap
		if id := h.named(name, 0); h.addrs[id] == 0 && !h.defs[id].ok() {
			h.addrs[id] = addr
		}
	}
	for len(queue) > 0 {
		id := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		d := h.defs[id]
		if !d.ok() || !d.kind().loaded() {
			continue
		}
		if !h.isLinked(d, h.addrs[id]) {
			h.wrong[id] = true
			if at, ok := h.exe.symbols[h.names[id]]; ok && at == h.addrs[id] && d.kind().isText() && !d.sym().dupok() && !d.o.byContent(d.i) && d.sym().abi() == 1 {
				panic(refuse(Program, h.names[id], "the program was not linked from these archives: %s is another function", readable(h.names[id])))
			}
			if d.kind().isText() { // unreachableMethod, mapinitnoop: the function itself was left out
				h.addrs[id] = 0
			}
			continue
		}
		for r := range d.relocs().all {
			if r.size() == 0 || r.kind() == relTLS {
				continue
			}
			t := h.ref(d.o, r.sym())
			if t == noSymbol || h.addrs[t] != 0 || h.wrong[t] {
				continue
			}
			td := h.find(t)
			if !td.ok() {
				continue
			}
			if addr, ok := h.linkedTarget(d, r, h.addrs[id], h.names[t], td.isText()); ok {
				found(t, addr)
			}
		}
	}
}

// locateNamed looks up an object's symbols in the symbol table. Only symbols that are
// there get numbers, and types, which other objects refer to by name.
func (h *Host) locateNamed(o *object, found func(symID, uint64)) {
	look := func(i int) {
		s := o.sym(i)
		if k := s.kind(); !k.loaded() || s.abi() == abiStatic {
			return
		}
		name := o.nameBytes(i)
		if s.kind().isText() && s.abi() == 0 {
			if addr, ok := h.exe.symbols[string(name)+".abi0"]; ok {
				found(h.id(o, i), addr)
				return
			}
		}
		if addr, ok := h.exe.symbols[string(name)]; ok {
			found(h.id(o, i), addr)
		} else if bytes.HasPrefix(name, []byte("type:")) && (!s.dupok() || o.pkg == "runtime") { // runtime has the descriptors of the basic types
			h.id(o, i)
		}
	}
	for i := range o.own {
		look(i)
	}
	for i := range o.short + o.long { // since Go 1.27 closures are among them
		if o.sym(o.own + i).kind().isText() {
			look(o.own + i)
		}
	}
	for i := o.defs() - o.named; i < o.defs(); i++ {
		look(i)
	}
}

// linkedTarget returns what a relocated place of a definition at addr refers to in the
// executable.
func (h *Host) linkedTarget(d def, r reloc, addr uint64, name string, text bool) (uint64, bool) {
	at := addr + uint64(r.off())
	b := h.exe.mem(at, r.size())
	if b == nil {
		return 0, false
	}
	v, ok := h.arch.target(b, r, at, h.exe.base(name, text))
	if !ok || h.exe.mem(v, 1) == nil {
		return 0, false
	}
	return v, true
}

// isLinked reports whether the executable's bytes at addr are the definition's, apart
// from relocated places.
func (h *Host) isLinked(d def, addr uint64) bool {
	data := d.data()
	if len(data) == 0 || d.kind().isVar() {
		return true // -ldflags=-X may have set another value
	}
	m := h.exe.mem(addr, len(data))
	if m == nil {
		return false
	}
	from := 0
	for r := range d.relocs().all {
		if r.size() == 0 {
			continue
		}
		off := r.off()
		if off > from && !bytes.Equal(m[from:off], data[from:off]) {
			return false
		}
		from = max(from, off+r.size())
	}
	return from >= len(data) || bytes.Equal(m[from:], data[from:])
}

// survey records what the linker knew and did: where the program refers to functions
// that may change, which methods it left out, and for which interface methods it kept
// some.
func (h *Host) survey() {
	var exposed []symID // types that are put into interfaces
	for i := range h.defs {
		id, d := symID(i), h.defs[i]
		if !d.ok() || h.addrs[i] == 0 || h.wrong[id] || !d.kind().loaded() {
			continue
		}
		k := d.kind()
		if k.isText() && h.mutable[d.o.pkg] {
			h.sharing[h.addrs[i]]++
		}
		if d.sym().usedInIface() {
			exposed = append(exposed, id)
		}
		if k.isText() && d.sym().reflectMethod() {
			h.reflects = true
		}
		for r := range d.relocs().all {
			switch r.kind() {
			case relUseIface:
				exposed = append(exposed, h.ref(d.o, r.sym()))
			case relUseMethod:
				h.usedMethods[methodUse{h.ref(d.o, r.sym()), r.add()}] = true
			case relUseNamed:
				if t := h.auxDef(d.o, r.sym()); t.ok() {
					h.usedNames[string(t.data())] = true
				}
			case relMethodOff:
				if b := h.exe.mem(h.addrs[i]+uint64(r.off()), 4); b != nil && int32(le.Uint32(b)) == -1 {
					t := h.ref(d.o, r.sym())
					if td := h.find(t); td.isText() {
						name := h.names[t]
						name = name[strings.LastIndexByte(name, '.')+1:]
						h.pruned[name] = append(h.pruned[name], id)
						h.bare[id] = true
					}
				}
			case relAddr:
				if t := h.ref(d.o, r.sym()); d.sym().itab() && h.addrs[t] == 0 && h.find(t).isText() {
					h.holes[t] = append(h.holes[t], hole{h.addrs[i] + uint64(r.off()), r})
				}
			}
			if r.size() == 0 || r.add() != 0 || !k.isText() && !k.isRodata() {
				continue
			}
			t := h.ref(d.o, r.sym())
			if td := h.defs[t]; !td.isText() || h.addrs[t] == 0 || !h.mutable[td.o.pkg] {
				continue
			}
			if v, ok := h.linkedTarget(d, r, h.addrs[i], h.names[t], true); ok && v == h.addrs[t] {
				h.sites[t] = append(h.sites[t], &site{h.addrs[i] + uint64(r.off()), r, v, k.isText()})
			}
		}
	}
	for _, id := range exposed {
		h.expose(id, h.find, func(id symID) bool {
			new := !h.exposed[id]
			h.exposed[id] = true
			return new
		})
	}
}

// expose records that values of a type are put into interfaces. Reflection can reach
// the types that it consists of, so these are exposed as well, if mark reports that
// they are new. (cmd/link's deadcode pass does the same.)
func (h *Host) expose(id symID, find func(symID) def, mark func(symID) bool) {
	queue := []symID{id}
	for len(queue) > 0 {
		id := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		name := h.names[id]
		if !strings.HasPrefix(name, "type:") || strings.HasPrefix(name, "type:.") || !mark(id) {
			continue
		}
		d := find(id)
		if !d.ok() {
			panic(refuse(Symbol, name, "%s is not known", name))
		}
		for r := range d.relocs().all {
			if r.size() > 0 && !r.weak() {
				queue = append(queue, h.ref(d.o, r.sym()))
			}
		}
	}
}

// strays finds functions that may change and that code refers to without a relocation.
// Such a function can be redirected at its entry, but not by changing all references to
// it.
//
// Code that is as its object has it refers to others only by relocations. So only those
// need checking, and code whose object is unknown: the linker's own, and C code.
func (h *Host) strays() {
	at := map[uint64]symID{}
	text := h.exe.mem(h.exe.text, int(h.exe.etext-h.exe.text))
	plain := make(bitset, len(text)/64+1) // code that is known not to refer to other functions
	for id, d := range h.defs {
		addr := h.addrs[id]
		if !d.isText() || addr < h.exe.text || addr >= h.exe.etext || h.wrong[symID(id)] {
			continue
		}
		if h.mutable[d.o.pkg] {
			at[addr] = symID(id)
		}
		from := int(addr - h.exe.text)
		size := min(len(text)-from, len(d.data()))
		for i := range size {
			plain.set(from+i, true)
		}
		for r := range d.relocs().all {
			if r.size() > 0 && r.off() < size {
				plain.set(from+r.off(), false)
			}
		}
	}
	if len(at) == 0 || h.arch.quantum() != 1 {
		return
	}
	known := map[uint64]bool{}
	for _, sites := range h.sites {
		for _, s := range sites {
			known[s.at] = true
		}
	}
	low, high := ^uint64(0), uint64(0)
	for a := range at {
		low, high = min(low, a), max(high, a)
	}
	for i := 0; i+4 <= len(text); i++ {
		p := h.exe.text + uint64(i)
		s := p + 4 + uint64(int64(int32(le.Uint32(text[i:]))))
		if s < low || s > high || known[p] || plain.has(i) {
			continue
		}
		if id, ok := at[s]; ok {
			h.stray[id] = true
		}
	}
}

// A bitset is a set of small non-negative numbers.
type bitset []uint64

func (b bitset) set(i int, in bool) {
	if in {
		b[i/64] |= 1 << (i % 64)
	} else {
		b[i/64] &^= 1 << (i % 64)
	}
}

func (b bitset) has(i int) bool { return b[i/64]>>(i%64)&1 != 0 }
