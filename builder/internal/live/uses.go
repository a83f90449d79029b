package live

import (
	"os"
	"slices"
	"strings"
)

// A use is a place in the executable that refers to a symbol.
type use struct {
	at     uint64
	r      reloc
	owner  symID  // the symbol that the place belongs to
	target uint64 // what it refers to
}

// uses are the places that an appended link changes: all that refer to what the
// packages that may change define.
type uses struct {
	file *os.File // the executable, which may be replaced where it is
	of   map[symID][]use
	// unfilled are weak calls of functions that the linker left out.
	unfilled map[symID][]use
	// doubtful are symbols with references that are not understood.
	doubtful map[symID]bool
	tasks    []symID // in the order of the program's initialisation
}

// openUses prepares for [Host.Append].
func (h *Host) openUses(executable string) *Obstacle {
	if h.arch.quantum() != 1 {
		return refuse(Program, "", "an appended link needs amd64")
	}
	u := h.findUses()
	f, err := os.Open(executable)
	if err != nil {
		return refuse(Program, "", "%v", err)
	}
	u.file, h.uses = f, u
	return h.checkOrder()
}

// findUses reads all relocations of what the linker kept.
func (h *Host) findUses() *uses {
	u := &uses{of: map[symID][]use{}, unfilled: map[symID][]use{}, doubtful: map[symID]bool{}}
	mutable := map[symID]bool{}
	for pkg := range h.mutable {
		for _, o := range h.objects[pkg] {
			for i := range o.defs() {
				if id := h.id(o, i); o.sym(i).kind().loaded() {
					mutable[id] = true
				}
			}
		}
	}
	type copy struct {
		id   symID
		addr uint64
	}
	noop := map[uint64]bool{h.unreachable(): true, h.at("runtime.mapinitnoop"): true}
	seen := map[copy]bool{}
	var queue []copy
	for id, addr := range h.addrs {
		if addr != 0 {
			queue = append(queue, copy{symID(id), addr})
		}
	}
	for len(queue) > 0 {
		c := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		d := h.defs[c.id]
		if seen[c] || !d.ok() || !d.kind().loaded() {
			continue
		}
		seen[c] = true
		wrong := h.wrong[c.id] && !h.isLinked(d, c.addr)
		for r := range d.relocs().all {
			if r.size() == 0 || r.kind() == relTLS {
				continue
			}
			t := h.ref(d.o, r.sym())
			if t == noSymbol {
				continue
			}
			td := h.find(t)
			if wrong {
				u.doubtful[t] = u.doubtful[t] || mutable[t]
				continue
			}
			v, ok := h.linkedTarget(d, r, c.addr, h.names[t], td.isText())
			x := use{c.addr + uint64(r.off()), r, c.id, v}
			switch {
			case !ok:
				b := h.exe.mem(x.at, r.size())
				none := b != nil && (!slices.ContainsFunc(b, func(c byte) bool { return c != 0 }) || le.Uint32(b) == ^uint32(0))
				u.doubtful[t] = u.doubtful[t] || mutable[t] && !none
			case noop[v] && h.addrs[t] != v:
				u.unfilled[t] = append(u.unfilled[t], x)
			case v != h.addrs[t] && (!td.ok() || !h.isLinked(td, v)):
				u.doubtful[t] = u.doubtful[t] || mutable[t]
			default:
				if mutable[t] {
					u.of[t] = append(u.of[t], x)
				}
				if v != h.addrs[t] { // the program has the same content twice
					queue = append(queue, copy{t, v})
				}
			}
		}
	}
	u.tasks = h.initOrder(h.find)
	return u
}

// initOrder returns the packages' init tasks in the order in which the linker lists
// them for the runtime: after those of imported packages, and by name.
func (h *Host) initOrder(find func(symID) def) (order []symID) {
	first := h.named("main..inittask", 0)
	waits := map[symID]int{first: 0}
	importers := map[symID][]symID{}
	queue, ready := []symID{first}, []symID{}
	for len(queue) > 0 {
		id := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		d := find(id)
		if !d.ok() {
			panic(refuse(Init, h.names[id], "the init task %s is not known", h.names[id]))
		}
		for r := range d.relocs().all {
			if r.kind() != relInitOrder {
				continue
			}
			t := h.ref(d.o, r.sym())
			waits[id]++
			importers[t] = append(importers[t], id)
			if _, ok := waits[t]; !ok {
				waits[t] = 0
				queue = append(queue, t)
			}
		}
		if waits[id] == 0 {
			ready = append(ready, id)
		}
	}
	for len(ready) > 0 {
		k := 0
		for i, id := range ready {
			if h.names[id] < h.names[ready[k]] {
				k = i
			}
		}
		id := ready[k]
		ready = slices.Delete(ready, k, k+1)
		if find(id).sym().size() > 8 { // it has functions
			order = append(order, id)
		}
		for _, by := range importers[id] {
			if waits[by]--; waits[by] == 0 {
				ready = append(ready, by)
			}
		}
	}
	return order
}

// checkOrder compares the order with the list in the executable.
func (h *Host) checkOrder() *Obstacle {
	at := h.at("runtime.firstmoduledata") + uint64(h.tc.modules.offsets["inittasks"])
	b := h.exe.mem(at, 16)
	if b == nil || le.Uint64(b[8:]) != uint64(len(h.uses.tasks)) {
		return refuse(Init, "", "the order of initialisation is not understood")
	}
	list := h.exe.mem(le.Uint64(b), 8*len(h.uses.tasks))
	for i, id := range h.uses.tasks {
		if list == nil || le.Uint64(list[8*i:]) != h.addrs[id] {
			return refuse(Init, h.names[id], "the order of initialisation is not understood: %s", strings.TrimSuffix(h.names[id], "..inittask"))
		}
	}
	return nil
}
