package live

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"sort"
)

// An image is a patch that is laid out and relocated: what the agent maps, and what it
// then writes.
type image struct {
	text, ro, data *section
	module         uint64 // address of its moduledata
	itabs          []uint64
	calls          [][2]uint64 // functions to run, each with an argument
	writes         []write
	words          [][2]uint64 // functions that itabs made at run time may contain: old and new address
	composed       [][6]uint64 // types that reflection may have made itself: see composed
	grown          []uint64    // types for which no assertion may have failed
	filled         []uint64    // types whose itabs must not lack methods
	news           []*site     // references to functions that may change
	newSite        []symID
	commit         []func() // updates the Host once the program has the image
	functions      int
}

// empty reports whether the program has nothing to do.
func (im *image) empty() bool {
	return im.functions == 0 && len(im.writes) == 0 && len(im.calls) == 0 && len(im.words) == 0
}

// end returns the address where the next image may begin.
func (im *image) end() uint64 { return im.data.after() + pageSize }

// A write replaces bytes in the program's memory, if they are the expected ones.
type write struct {
	addr     uint64
	old, new []byte // at most eight bytes each
}

// link makes the image, and decides what is written to the program and called in it.
func (p *patch) link() *image {
	h := p.h
	if h.next == 0 {
		panic(refuse(Agent, "", "the agent has reserved no memory"))
	}
	canon := p.canonical()
	im, ro, r := p.layOut(canon)
	p.composed(im, ro, r)
	p.redirect(im, canon, r)
	p.growTypes(im, r)
	for _, id := range append(p.maps, p.runs...) {
		if x := p.placed[id]; x == nil || x.d.isText() {
			im.calls = append(im.calls, [2]uint64{r.address(id, 0), 0})
		} else {
			im.calls = append(im.calls, [2]uint64{h.at("runtime.doInit1"), x.addr})
		}
	}
	return im
}

// layOut gives what is placed its addresses, from the host's next free one, and
// relocates it. canon are the addresses by which replaced functions are called. It also
// returns the read-only symbols.
func (p *patch) layOut(canon map[symID]uint64) (*image, []*placed, *relocator) {
	h := p.h
	im := &image{
		text: &section{addr: h.next, prot: protRead | protExec},
		ro:   &section{prot: protRead},
		data: &section{prot: protRead | protWrite},
	}
	var text, ro, data, plain []*placed
	for _, x := range p.layout {
		switch k := x.d.kind(); {
		case k.isText():
			text = append(text, x)
		case k.isRodata():
			ro = append(ro, x)
		case k.noPointers():
			plain = append(plain, x)
		default:
			data = append(data, x)
		}
	}
	im.functions = len(text)
	for _, x := range text {
		for len(im.text.b)%32 != 0 {
			im.text.b = append(im.text.b, h.arch.pad())
		}
		x.addr = im.text.add(padded(x.d), 32)
		x.off = int(x.addr - im.text.addr)
	}
	im.ro.addr = im.text.after()
	// Itabs are contiguous, for toolchains whose moduledata has only their range.
	isItab := func(x *placed) int {
		if x.d.sym().itab() {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(ro, func(a, b *placed) int { return cmp.Compare(isItab(a), isItab(b)) })
	itabs := [2]uint64{im.ro.addr, im.ro.addr}
	for _, x := range ro {
		align := max(x.d.sym().align(), 1)
		if align == 1 && len(x.d.data()) >= 8 {
			align = 8
		}
		x.addr = im.ro.add(padded(x.d), align)
		x.off = int(x.addr - im.ro.addr)
		if x.d.sym().itab() {
			im.itabs = append(im.itabs, x.addr)
			itabs[1] = im.ro.end()
		}
	}
	m := moduleData{tc: h.tc, im: im, itabs: itabs}
	m.dataSize = 0
	for _, x := range data {
		x.off = alignUp(m.dataSize, max(8, x.d.sym().align()))
		m.dataSize = x.off + alignUp(x.d.sym().size(), 8)
	}
	mask := make([]byte, (m.dataSize/8+7)/8+1)
	for _, x := range data {
		p.pointers(x, mask)
	}
	m.tables = p.functionTables(text, im.ro)
	m.mask = im.ro.add(mask, 8)
	p.typeLinks(&m, ro)
	slots := p.slots(text, im.ro)
	m.name = im.ro.add(fmt.Appendf(nil, "hotdev.gen%d", h.gen+1), 1)
	m.nameSize = int(im.ro.end() - m.name)
	m.zero = im.ro.add(make([]byte, 8), 8)

	im.data.addr = im.ro.after()
	for _, x := range data {
		x.addr = im.data.addr + uint64(x.off)
	}
	im.data.b = make([]byte, m.dataSize)
	for _, x := range data {
		copy(im.data.b[x.off:], x.d.data())
	}
	im.data.add(nil, 64)
	m.plain = im.data.end()
	for _, x := range plain {
		x.addr = im.data.add(padded(x.d), max(8, x.d.sym().align()))
		x.off = int(x.addr - im.data.addr)
	}
	m.plainEnd = im.data.end()

	r := &relocator{p: p, im: im, slots: slots, canon: canon}
	for _, x := range text {
		r.symbol(x, im.text)
	}
	for _, x := range ro {
		r.symbol(x, im.ro)
	}
	for _, x := range append(data, plain...) {
		r.symbol(x, im.data)
	}
	if len(text) > 0 || len(im.itabs) > 0 || len(data) > 0 {
		im.module = im.data.add(m.build(h.exe), 64)
	}
	if im.end() > h.limit {
		panic(refuse(Reach, "", "the memory that was reserved for patches is full"))
	}
	return im, ro, r
}

// typeLinks lists the image's types that reflection finds by their names, and its
// itabs, for toolchains whose moduledata has such lists.
func (p *patch) typeLinks(m *moduleData, ro []*placed) {
	type entry struct {
		name string
		addr uint64
	}
	var links []entry
	for _, x := range ro {
		if !x.grow && x.d.sym().typelink() {
			links = append(links, entry{p.typeString(x.d), x.addr})
		}
	}
	sort.Slice(links, func(i, j int) bool { return links[i].name < links[j].name })
	var types, itabs []byte
	for _, l := range links {
		types = le.AppendUint32(types, uint32(l.addr-p.h.exe.types))
	}
	for _, a := range m.im.itabs {
		itabs = le.AppendUint64(itabs, a)
	}
	m.types, m.typeCount = m.im.ro.add(types, 8), len(links)
	m.itabList, m.itabCount = m.im.ro.add(itabs, 8), len(m.im.itabs)
}

// slots adds words for addresses that code cannot reach: those of itabs that the
// program made itself, on its heap.
func (p *patch) slots(text []*placed, ro *section) map[symID]uint64 {
	slots := map[symID]uint64{}
	for _, x := range text {
		for r := range x.d.relocs().all {
			t := p.h.ref(x.d.o, r.sym())
			if r.size() != 4 || t == noSymbol || p.placed[t] != nil || slots[t] != 0 {
				continue
			}
			if a := p.at[t]; a > 1<<31 {
				slots[t] = ro.add(le.AppendUint64(nil, a), 8)
			}
		}
	}
	return slots
}

// canonical returns the addresses by which the replaced functions are called. A
// function that is redirected at its entry is still called there, so that a later
// version takes one write, instead of one at every caller.
func (p *patch) canonical() map[symID]uint64 {
	canon := map[symID]uint64{}
	for _, id := range p.roots {
		if p.weak[id] {
			continue
		}
		if a := p.h.first[id]; a != 0 {
			canon[id] = a
		} else if a := p.h.addrs[id]; p.h.redirectable(id, a) {
			canon[id] = a
		}
	}
	return canon
}

// A relocator fills in a patch's references.
type relocator struct {
	p     *patch
	im    *image
	slots map[symID]uint64
	canon map[symID]uint64
}

// address returns the address that a reference to a symbol leads to; add is the
// reference's offset.
func (r *relocator) address(id symID, add int64) uint64 {
	p := r.p
	if x := p.placed[id]; x != nil {
		if c := r.canon[id]; c != 0 && add == 0 {
			return c
		}
		return x.addr // a jump table: the offset leads into the function
	}
	if a := p.at[id]; a != 0 {
		return a
	}
	return p.h.addrs[id]
}

func (r *relocator) symbol(x *placed, s *section) {
	p, h := r.p, r.p.h
	fail := func(o *Obstacle, t symID) {
		o.Symbol = h.names[t]
		o.Reason = fmt.Sprintf("%s in %s: %s", readable(h.names[t]), readable(h.names[x.id]), o.Reason)
		panic(o)
	}
	for rel := range x.d.relocs().all {
		if rel.size() == 0 || rel.kind() == relKeep {
			continue
		}
		t := h.ref(x.d.o, rel.sym())
		target := r.address(t, rel.add())
		off := x.off + rel.off()
		at, b := s.addr+uint64(off), s.b[off:off+rel.size()]
		if slot := r.slots[t]; slot != 0 && rel.size() == 4 {
			if !h.arch.throughSlot(s.b[x.off:off+4], rel) {
				fail(refuse(Reach, "", "it is out of reach"), t)
			}
			target = slot
		}
		if target == 0 && rel.kind() != relTLS {
			switch {
			case x.d.sym().itab() && rel.weak() && h.unreachable() != 0:
				target = h.unreachable()           // as the linker does it: nothing calls it
				hole := hole{at, bytes.Clone(rel)} // a copy, because the archive may be released
				r.im.commit = append(r.im.commit, func() { h.holes[t] = append(h.holes[t], hole) })
			case rel.weak() && rel.kind() != relCall:
				continue
			case rel.kind() == relMethodOff:
				le.PutUint32(b, ^uint32(0))
				continue
			}
			if target == 0 {
				fail(refuse(Symbol, "", "it is not in the program"), t)
			}
		}
		td := p.def(t, x.d)
		if o := h.arch.put(b, rel, at, target, h.exe.base(h.names[t], td.isText())); o != nil {
			fail(o, t)
		}
		if td.isText() && target != h.unreachable() && h.mutable[td.o.pkg] && !x.d.isVar() && rel.add() == 0 && rel.size() > 0 && r.slots[t] == 0 {
			r.im.news = append(r.im.news, &site{at, bytes.Clone(rel), target, x.d.isText()})
			r.im.newSite = append(r.im.newSite, t)
		}
	}
}
