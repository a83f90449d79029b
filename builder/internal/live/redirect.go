package live

import (
	"bytes"
	"maps"
	"slices"
)

// redirectable reports whether a version of a function can be redirected at its entry:
// either it has been already, or no goroutine can be stopped inside the bytes that a
// jump takes.
func (h *Host) redirectable(id symID, addr uint64) bool {
	d := h.defs[id]
	if _, ok := h.writes[addr]; ok {
		return true
	}
	code := h.mem(addr, 16)
	if !d.ok() || code == nil || h.addrs[id] != addr {
		return false
	}
	return h.arch.entry(code, func(off int) bool {
		const unsafePoint, pcdataUnsafePoint = -2, 0
		n := 0
		for a := range d.auxs().all {
			if a.kind() != auxPcdata {
				continue
			}
			if n == pcdataUnsafePoint {
				return pcValue(h.auxDef(d.o, a.sym()).data(), off, int(h.arch.quantum())) == unsafePoint
			}
			n++
		}
		return false
	})
}

// versions returns the addresses of a function's versions so far, the newest last.
func (h *Host) versions(id symID) []uint64 {
	r := slices.Clone(h.entries[id])
	if a := h.addrs[id]; a != 0 && !slices.Contains(r, a) {
		r = append(r, a)
	}
	return r
}

// redirect decides what is written so that the new functions are called.
func (p *patch) redirect(im *image, canon map[symID]uint64, r *relocator) {
	for _, id := range p.roots {
		to := p.placed[id].addr
		switch c := canon[id]; {
		case p.weak[id]:
			for _, old := range p.h.versions(id) {
				im.words = append(im.words, [2]uint64{old, to})
				p.retarget(im, id, old, to, func(s *site) bool { return !s.text })
			}
		case c != 0:
			p.jump(im, c, to)
			im.commit = append(im.commit, func() { p.h.first[id] = c })
		default:
			for _, old := range p.h.versions(id) {
				im.words = append(im.words, [2]uint64{old, to})
				if p.h.redirectable(id, old) {
					p.jump(im, old, to)
					continue
				}
				if p.h.stray[id] {
					panic(refuse(Reach, p.h.names[id], "%s has no stack check, and not all that refers to it is known", readable(p.h.names[id])))
				}
				p.retarget(im, id, old, to, func(*site) bool { return true })
			}
		}
	}
	for id, at := range p.at { // an itab made at run time has no hash for type switches to compare
		d := p.news[id]
		if !d.ok() {
			d = p.h.find(id)
		}
		for r := range d.relocs().all {
			if r.off() == 8 {
				t := p.def(p.h.ref(d.o, r.sym()), d)
				if !t.ok() {
					panic(refuse(Internal, p.h.names[id], "the type of %s is not known", p.h.names[id]))
				}
				im.write(at+16, make([]byte, 4), t.data()[typeHash:typeHash+4])
			}
		}
	}
}

func (im *image) write(addr uint64, old, new []byte) {
	if bytes.Equal(old, new) {
		return
	}
	im.writes = append(im.writes, write{addr, bytes.Clone(old), bytes.Clone(new)})
}

// jump adds the write that redirects an entry.
func (p *patch) jump(im *image, from, to uint64) {
	code, o := p.h.arch.jump(from, to)
	if o != nil {
		panic(o)
	}
	im.write(from, p.h.mem(from, len(code)), code)
}

// retarget adds the writes that change references to one version of a function.
func (p *patch) retarget(im *image, id symID, old, to uint64, which func(*site) bool) {
	h := p.h
	for _, s := range h.sites[id] {
		if s.target != old || !which(s) {
			continue
		}
		was := h.mem(s.at, s.r.size())
		if was == nil {
			panic(refuse(Internal, h.names[id], "a reference to %s is nowhere", readable(h.names[id])))
		}
		now := bytes.Clone(was)
		if o := h.arch.put(now, s.r, s.at, to, h.exe.base("", true)); o != nil {
			panic(o)
		}
		if check, ok := h.arch.target(was, s.r, s.at, h.exe.base("", true)); !ok || check != old {
			panic(refuse(Internal, h.names[id], "a reference to %s is not what it should be", readable(h.names[id])))
		}
		im.write(s.at, was, now)
		im.commit = append(im.commit, func() { s.target = to })
	}
}

// growTypes gives types of the program their new lists of methods.
func (p *patch) growTypes(im *image, r *relocator) {
	h := p.h
	if len(p.growing) == 0 {
		return
	}
	filled := map[symID]bool{}
	for _, x := range p.layout {
		if !x.grow {
			continue
		}
		addr, b := h.addrs[x.id], x.d.data()
		u := uint64(uncommon(b))
		// Mcount, Xcount and Moff are eight contiguous bytes.
		methods := x.addr + u + uint64(le.Uint32(b[u+8:]))
		now := le.AppendUint32(nil, le.Uint32(b[u+4:]))
		now = le.AppendUint32(now, uint32(methods-addr-u))
		at := addr + u + 4
		im.write(at, h.mem(at, 8), now)
		im.filled = append(im.filled, addr)
		if slices.Contains(p.grown, x.id) {
			im.grown = append(im.grown, addr)
		}
		for rel := range x.d.relocs().all {
			if t := h.ref(x.d.o, rel.sym()); rel.kind() == relMethodOff && !filled[t] {
				filled[t] = true
				p.fill(im, t, r.address(t, 0))
			}
		}
	}
	// The runtime finds the module of a type by its address, and resolves the type's
	// offsets in that module. These offsets now reach into the image.
	at := h.at("runtime.firstmoduledata") + uint64(h.tc.modules.offsets["etypes"])
	im.write(at, h.mem(at, 8), le.AppendUint64(nil, im.ro.end()))
}

// fill puts a method into the method tables that lack it.
func (p *patch) fill(im *image, method symID, to uint64) {
	h := p.h
	if to == 0 {
		return
	}
	for _, hole := range h.holes[method] {
		im.write(hole.at, h.mem(hole.at, 8), le.AppendUint64(nil, to))
		im.news, im.newSite = append(im.news, &site{hole.at, hole.r, to, false}), append(im.newSite, method)
	}
	im.commit = append(im.commit, func() { delete(h.holes, method) })
}

// applied records that the program has the image.
func (p *patch) applied(im *image) {
	h := p.h
	for _, w := range im.writes {
		h.writes[w.addr] = w.new
	}
	for _, f := range im.commit {
		f()
	}
	replaced := map[symID]bool{}
	for _, id := range p.roots {
		replaced[id] = !p.weak[id]
	}
	for _, x := range p.layout {
		if x.grow { // the type stays where it is
			h.defs[x.id] = x.d
			if x.only == nil {
				delete(h.bare, x.id)
			}
			continue
		}
		if x.d.isText() {
			h.retire(x.id)
			h.bodies[x.id] = body{x.addr, x.addr + uint64(x.d.sym().size()), h.names[x.id]}
			h.entries[x.id] = h.versions(x.id)
			if !replaced[x.id] { // code that refers to an earlier version still does
				delete(h.entries, x.id)
				delete(h.first, x.id)
			}
		}
		h.addrs[x.id], h.defs[x.id] = x.addr, x.d
		delete(h.wrong, x.id)
		if c := h.first[x.id]; c != 0 {
			h.addrs[x.id] = c
		}
	}
	maps.Copy(h.exposed, p.exposed)
	for _, name := range p.once {
		h.retire(h.lookup(name))
	}
	for id, a := range p.at {
		h.addrs[id] = a
	}
	for i, id := range im.newSite {
		h.sites[id] = append(h.sites[id], im.news[i])
	}
	h.gen++
	if im.empty() {
		return
	}
	for _, s := range []*section{im.text, im.ro, im.data} {
		if len(s.b) > 0 {
			h.segments = append(h.segments, part{addr: s.addr, b: s.b, size: uint64(len(s.b))})
		}
	}
	h.next = im.end()
}
