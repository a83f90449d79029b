package live

import (
	"bytes"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/goobj"
)

// A patch is what will be put into the program.
type patch struct {
	h *Host
	v *verdict
	// news are the definitions in the new objects of the changed packages.
	news  map[symID]def
	order []symID // of news

	own     map[symID]bool // symbols whose own content differs
	dirty   map[symID]bool // symbols that differ, or that refer to one that cannot be redirected
	roots   []symID        // functions that are replaced
	weak    map[symID]bool // those roots that are replaced only in words, for dynamic calls
	grown   []symID        // types to which methods were added
	growing map[symID]*placed
	placed  map[symID]*placed
	layout  []*placed // in order
	queue   []*placed
	runs    []symID          // init tasks and functions, to be run before anything is redirected
	maps    []symID          // functions that fill maps which the linker had left out, to be run before runs
	at      map[symID]uint64 // itabs that the program has made itself meanwhile
	fresh   map[string]bool  // packages that are new to the program
	exposed map[symID]bool   // types that only the patch puts into interfaces
	pulled  int
	depth   int
	// same are pairs of numbered symbols that have the same content. While depth is not
	// 0, it also contains the pairs that are being compared, because they may refer to
	// themselves.
	same    map[[2]def]bool
	assumed [][2]def
	once    []string // functions that changed but do not run again
	stale   []string // functions whose closures, where they exist, keep their old code
	kept    []string // variables whose initial value changed, and that keep their old one
}

// placed is a symbol of the image.
type placed struct {
	id   symID
	d    def
	addr uint64
	off  int  // in its section
	grow bool // a type that stays where it is; only its new methods are placed
	// only are the names of the methods that the linker left out and that a type gets;
	// nil if it gets all.
	only map[string]bool
}

// newPatch collects the definitions of new objects.
func (h *Host) newPatch(objects []*object, v *verdict) *patch {
	p := &patch{
		h: h, v: v, news: map[symID]def{}, own: map[symID]bool{}, dirty: map[symID]bool{}, weak: map[symID]bool{},
		same: map[[2]def]bool{}, placed: map[symID]*placed{}, growing: map[symID]*placed{}, at: map[symID]uint64{}, fresh: map[string]bool{}, exposed: map[symID]bool{},
	}
	for _, o := range objects {
		for i := range o.defs() {
			id := h.id(o, i)
			if id == noSymbol {
				continue
			}
			if old, ok := p.news[id]; !ok {
				p.news[id] = def{o, i}
				p.order = append(p.order, id)
			} else if old.o == o && h.names[id] != "" && !old.sym().dupok() && !o.byContent(i) {
				panic(refuse(Symbol, h.names[id], "symbol %s is defined twice", h.names[id]))
			}
		}
	}
	return p
}

// equal reports whether two definitions are the same apart from line numbers.
func (p *patch) equal(a, b def) bool {
	sa, sb := a.sym(), b.sym()
	if sa.kind() != sb.kind() || sa.size() != sb.size() || !bytes.Equal(a.data(), b.data()) {
		return false
	}
	return sameRelocs(a, b, p.sameTarget) && (!sa.kind().isText() || p.sameTables(a, b))
}

// sameRelocs reports whether two definitions refer to the same, at the same places, by
// the rule target.
func sameRelocs(a, b def, target func(ao *object, x symRef, bo *object, y symRef) bool) bool {
	ra, rb := a.relocs(), b.relocs()
	if bytes.HasPrefix(a.o.nameBytes(a.i), []byte("type:")) {
		ra, rb = withoutPointer(ra), withoutPointer(rb)
	}
	if ra.len() != rb.len() {
		return false
	}
	for i := range ra.len() {
		x, y := ra.at(i), rb.at(i)
		if x.off() != y.off() || x.size() != y.size() || x.raw() != y.raw() || x.add() != y.add() || !target(a.o, x.sym(), b.o, y.sym()) {
			return false
		}
	}
	return true
}

// withoutPointer leaves out a descriptor's reference to the descriptor of the pointer
// type, which exists only if the package happens to use that type.
func withoutPointer(rs entries[reloc]) entries[reloc] {
	pointer := func(r reloc) bool { return r.off() == typePtrToThis && r.weak() }
	if !rs.any(pointer) {
		return rs
	}
	rest := entries[reloc]{size: rs.size}
	for r := range rs.all {
		if !pointer(r) {
			rest.b = append(rest.b, r...)
		}
	}
	return rest
}

// sameTables reports whether the runtime's tables for two functions are the same, apart
// from lines: stack maps, defers, safe points.
func (p *patch) sameTables(a, b def) bool {
	return p.sameAux(a, b, []auxKind{auxFuncdata, auxPcsp, auxPcdata}, func(_ auxKind, s, t def) bool {
		rs, rt := s.relocs(), t.relocs()
		if !bytes.Equal(s.data(), t.data()) || rs.len() != rt.len() {
			return false
		}
		for i := range rs.len() {
			if p.h.ref(s.o, rs.at(i).sym()) != p.h.ref(t.o, rt.at(i).sym()) {
				return false
			}
		}
		return true
	})
}

// sameAux reports whether two functions have the same tables of the given kinds, by the
// rule same.
func (p *patch) sameAux(a, b def, kinds []auxKind, same func(kind auxKind, s, t def) bool) bool {
	tables := func(d def) (list []aux) {
		for x := range d.auxs().all {
			if slices.Contains(kinds, x.kind()) {
				list = append(list, x)
			}
		}
		return list
	}
	return slices.EqualFunc(tables(a), tables(b), func(x, y aux) bool {
		s, t := p.h.auxDef(a.o, x.sym()), p.h.auxDef(b.o, y.sym())
		return x.kind() == y.kind() && s.ok() == t.ok() && (!s.ok() || same(x.kind(), s, t))
	})
}

// sameTarget reports whether two references mean the same: the same symbol, or, if its
// name or hash contains numbers that a change shifts, the same content.
func (p *patch) sameTarget(ao *object, x symRef, bo *object, y symRef) bool {
	s, t := p.h.ref(ao, x), p.h.ref(bo, y)
	byHash := func(r symRef) bool { return r.pkg == goobj.InShort || r.pkg == goobj.InLong }
	switch {
	case p.h.numbered(s) && p.h.numbered(t):
	case s == t:
		return true
	case byHash(x) && byHash(y) && p.h.names[s] == p.h.names[t]:
	default:
		return false
	}
	a, b := p.h.auxDef(ao, x), p.h.auxDef(bo, y)
	return a.ok() && b.ok() && p.sameContent(a, b)
}

// sameContent reports whether two definitions are equal, even if they refer to
// themselves: pairs that are met again count as equal while everything else is.
func (p *patch) sameContent(a, b def) (same bool) {
	pair := [2]def{a, b}
	if p.same[pair] {
		return true
	}
	if p.depth > 100 {
		return false
	}
	p.same[pair], p.assumed = true, append(p.assumed, pair)
	p.depth++
	same = p.equal(a, b)
	if p.depth--; p.depth == 0 {
		for _, pair := range p.assumed {
			if !same { // results that assumed it are invalid
				delete(p.same, pair)
			}
		}
		p.assumed = p.assumed[:0]
	}
	return same
}

// diff finds what changed.
func (p *patch) diff() {
	h := p.h
	for _, id := range p.order {
		d := p.news[id]
		if !d.kind().loaded() {
			if d.kind() == kindTLS || d.kind() == 0 && d.sym().size() > 0 || d.kind() >= kindTLS+11 && d.kind() < kindTLS+14 {
				panic(refuse(Symbol, h.names[id], "symbol %s is of kind %d", h.names[id], d.kind()))
			}
			continue
		}
		p.compare(id, d)
	}
	for id := range p.own {
		p.dirty[id] = true
	}
	p.spread()
	p.choose()
	p.lostMethods()
}

// lostMethods refuses the removal of a method that the program knows, because the
// program's types keep it.
func (p *patch) lostMethods() {
	for pkg, c := range p.v.packages {
		for name, f := range c.old.funcs {
			typ, method, ok := strings.Cut(name, ".")
			if !ok || c.now.funcs[name] != nil || f.decl.Recv == nil {
				continue
			}
			if p.h.typeKnown(pkg+"."+typ) || p.h.typeKnown("*"+pkg+"."+typ) {
				o := refuse(Method, pkg+"."+name, "method %s of %s removed", method, typ)
				o.File, o.Line = c.old.place(f.decl)
				panic(o)
			}
		}
	}
}

// typeKnown reports whether the program has a descriptor of a type.
func (h *Host) typeKnown(name string) bool {
	id, ok := h.ids["type:"+name]
	return ok && h.addrs[id] != 0
}

// compare finds out whether a symbol's own content changed.
func (p *patch) compare(id symID, d def) {
	h := p.h
	name := h.names[id]
	old := h.defs[id]
	switch {
	case h.addrs[id] == 0:
		p.own[id] = true
		if h.wrong[id] && (!d.isText() || d.o.byContent(d.i) && !p.asBefore(id, d)) {
			panic(refuse(Symbol, name, "symbol %s is not in the program as its object has it", name))
		}
	case !old.ok():
		panic(refuse(Symbol, name, "symbol %s is in the program, but its object is not known", name))
	case d.sym().dupok() && p.asBefore(id, d):
		// The program may have the copy of another package.
	case d.isVar() && isTemporary(name):
		if !p.equal(old, d) {
			p.own[id] = true
		}
	case d.isVar():
		if strings.HasSuffix(name, "..inittask") {
			return // its content is compared, or belongs to a new package
		}
		if old.sym().size() != d.sym().size() || h.gotype(old) != h.gotype(d) || d.kind().noPointers() != old.kind().noPointers() {
			o := refuse(Variable, name, "the type of variable %s changed", readable(name))
			o.File, o.Line = p.v.place(declared(name))
			panic(o)
		}
		if !p.equal(old, d) && !p.asBefore(id, d) {
			p.kept = append(p.kept, name)
		}
	case !p.equal(old, d):
		if strings.HasPrefix(name, "type:") && !strings.HasPrefix(name, "type:.") {
			if !p.moreMethods(old, d) {
				panic(p.v.typeChanged(strings.TrimPrefix(name, "type:")))
			}
			p.grown = append(p.grown, id)
			return
		}
		p.own[id] = true
	}
}

// asBefore reports whether the package's current object defines the symbol just as d
// does.
func (p *patch) asBefore(id symID, d def) bool {
	old := p.h.current(d.o.pkg)
	if old == nil {
		return false
	}
	i, ok := p.h.indexIn(old, id)
	return ok && p.equal(def{old, i}, d)
}

// redirectable reports whether callers of a function of the program can be given its
// new version.
func (p *patch) redirectable(id symID) bool {
	h := p.h
	if !p.news[id].isText() || h.addrs[id] == 0 || !h.defs[id].ok() {
		return false
	}
	name := h.names[id]
	switch key := declared(name); {
	case strings.HasPrefix(name, "type:"), p.v.changedCall(key), h.sharing[h.addrs[id]] > 1:
		return false
	case enclosing(name) != "":
		return p.sameClosure(id)
	case strings.HasSuffix(name, "-fm"): // its callers do not know which function they call
		return true
	default:
		return !p.leaks(id)
	}
}

// leaks reports whether a function may do more with its parameters than before. The
// compiler reports nothing for functions that several packages may have: instances of
// generic functions, and wrappers.
func (p *patch) leaks(id symID) bool {
	return p.v.leaksMore(declared(p.h.names[id])) || p.news[id].sym().dupok()
}

// sameClosure reports whether a closure is the same as before, so that existing
// closures can be given the new code: the function that creates it must be unchanged,
// and with it the closure's number, and the order and the place of what it captures.
func (p *patch) sameClosure(id symID) bool {
	h := p.h
	name := h.names[id]
	for up := enclosing(name); up != ""; up = enclosing(up) {
		if pkg := packageOf(up); up == pkg+".init" || up == pkg+".glob." { // a closure of a package variable, which captures nothing
			if !p.v.sameClosures(up) {
				return false
			}
			continue
		}
		uid := h.lookupIn(up, p.news[id].o.pkg)
		if _, ok := p.news[uid]; !ok || p.own[uid] || h.addrs[uid] == 0 || runsOnce(up) && !p.v.sameClosures(up) {
			return false
		}
	}
	leak, bound := p.v.closuresLeak(declared(name))
	if !leak && !p.news[id].sym().dupok() {
		return true
	}
	// It does more with its parameters. Dynamic callers allow for that. Its function,
	// whose code is the same, allocates what it passes as before. What remains are
	// changed closures beside it, which may know it by a name.
	return !p.v.leaksMore(declared(name)) && (!bound && !p.news[id].sym().dupok() || p.alone(id))
}

// alone reports whether a closure is the only changed code of its function.
func (p *patch) alone(id symID) bool {
	name := outermost(p.h.names[id])
	for other := range p.own {
		if other != id && p.news[other].isText() && outermost(p.h.names[other]) == name {
			return false
		}
	}
	return true
}
