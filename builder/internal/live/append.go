package live

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/goobj"
)

// An appended link makes a new executable from one that the linker made: what changed is
// in segments of its own after the program, and all that refers to it is changed to refer
// there. In contrast to a patch of a running program there is nothing to preserve, no
// values and no running functions. So types, variables and initialisation may change, and
// sources need not be compared.

// An Appended is an appended link, ready to be written.
type Appended struct {
	h      *Host
	image  *image // nil if nothing changed
	writes []write
}

// Append links the changed packages to the executable that the Host was opened for.
// Packages without Files are new to the program. Nothing of it remains in the Host: the
// next call begins with the same executable, so changed must be all packages that differ
// from those it was made of.
func (h *Host) Append(changed []Package) (a *Appended, o *Obstacle) {
	defer catch(&o)
	if h.uses == nil {
		return nil, refuse(Internal, "", "the program was not opened for appending")
	}
	if len(changed) == 0 {
		return &Appended{h: h}, nil
	}
	defer h.forgetChanged(len(h.archives))
	now, fresh := &Patch{objects: map[string]*object{}, index: map[string]*object{}}, map[string]bool{}
	var objects []*object
	for i := range changed {
		c := changed[i]
		name := goobj.PathInNames(c.Path)
		if c.Files == nil {
			if o := h.include(&c); o != nil {
				return nil, o
			}
			fresh[name] = true
			continue
		}
		if o := now.read(h, &c); o != nil {
			return nil, o
		}
		o := now.objects[name]
		objects = append(objects, o)
		if old := h.current(name); old != nil {
			for _, pulled := range o.pulls() {
				if !slices.Contains(old.pulls(), pulled) { // which the linker may not allow
					return nil, refuse(Pragma, pulled, "%s is used by linkname now", readable(pulled))
				}
			}
		}
	}
	for _, o := range objects {
		o.newer = now.objects
	}
	p := h.newPatch(objects, nil)
	p.fresh = fresh
	p.diffStrictly()
	tasks := h.initOrder(func(id symID) def { return p.def(id, def{}) })
	p.runs = tasks
	p.gather()
	for p.addMaps() {
		p.gather()
	}
	p.addFunction()
	h.next = alignUp(h.exe.end(), pageSize) + pageSize
	h.limit = h.next + 1<<30
	im, _, r := p.layOut(nil)
	p.growTypes(im, r)
	p.moveUses(im, now.objects)

	var list []byte
	for _, id := range tasks {
		list = le.AppendUint64(list, r.address(id, 0))
	}
	n := uint64(len(tasks))
	h.setModule(im, "inittasks", im.data.add(list, 8), n, n)
	h.setModule(im, "etypes", im.ro.end())
	h.setModule(im, "next", im.module)
	last := h.at("runtime.lastmoduledatap")
	im.write(last, h.exe.mem(last, 8), le.AppendUint64(nil, im.module))
	return &Appended{h, im, im.writes}, nil
}

// setModule sets words of a field of the program's own moduledata.
func (h *Host) setModule(im *image, field string, words ...uint64) {
	at := h.at("runtime.firstmoduledata") + uint64(h.tc.modules.offsets[field])
	for i, w := range words {
		at := at + 8*uint64(i)
		im.write(at, h.exe.mem(at, 8), le.AppendUint64(nil, w))
	}
}

// forgetChanged releases the archives that were read since there were n, but for those
// of packages that are new to the program.
func (h *Host) forgetChanged(n int) {
	rest := h.archives[n:]
	h.archives = h.archives[:n:n]
	for _, m := range rest {
		if h.packages[m.of.Path] == m.of {
			h.archives = append(h.archives, m)
		} else if m.mapped {
			unmapFile(m.b)
		}
	}
}

// diffStrictly finds what changed. Whatever is not the same, or has not the same lines,
// is placed, and all that refers to it will refer to the new one.
func (p *patch) diffStrictly() {
	h := p.h
	for _, id := range p.order {
		d, old := p.news[id], h.defs[id]
		name := h.names[id]
		switch {
		case !d.kind().loaded():
			if d.kind() == kindTLS || d.kind() == 0 && d.sym().size() > 0 || d.kind() >= kindTLS+11 && d.kind() < kindTLS+14 {
				panic(refuse(Symbol, name, "symbol %s is of kind %d", name, d.kind()))
			}
			continue
		case h.addrs[id] == 0:
			p.own[id] = true
			if h.wrong[id] && !d.isText() {
				panic(refuse(Symbol, name, "symbol %s is not in the program as its object has it", name))
			}
			continue
		case !old.ok():
			panic(refuse(Symbol, name, "symbol %s is in the program, but its object is not known", name))
		case d.sym().dupok() && p.strictlyAsBefore(id, d): // the program may have the copy of another package
			continue
		case p.strictlyEqual(old, d):
			continue
		}
		p.own[id] = true
		p.roots = append(p.roots, id)
	}
	p.dirty = p.own
}

func (p *patch) strictlyAsBefore(id symID, d def) bool {
	old := p.h.current(d.o.pkg)
	if old == nil {
		return false
	}
	i, ok := p.h.indexIn(old, id)
	return ok && p.strictlyEqual(def{old, i}, d)
}

// strictlyEqual reports whether two definitions are the same, lines included. Symbols
// that they refer to count as the same only if they have the same identity.
func (p *patch) strictlyEqual(a, b def) bool {
	sa, sb := a.sym(), b.sym()
	if sa.kind() != sb.kind() || sa.size() != sb.size() || sa.align() != sb.align() || !bytes.Equal(a.data(), b.data()) {
		return false
	}
	if sa.kind().isVar() && p.h.gotype(a) != p.h.gotype(b) {
		return false
	}
	return sameRelocs(a, b, p.strictlySame) && (!sa.kind().isText() || p.sameTables(a, b) && p.sameLines(a, b))
}

func (p *patch) strictlySame(ao *object, x symRef, bo *object, y symRef) bool {
	s, t := p.h.ref(ao, x), p.h.ref(bo, y)
	if s == t {
		return true
	}
	if p.h.names[s] != "" || p.h.names[t] != "" || s == noSymbol || t == noSymbol {
		return false
	}
	a, b := p.h.auxDef(ao, x), p.h.auxDef(bo, y)
	return a.ok() && b.ok() && a.relocs().len() == 0 && b.relocs().len() == 0 && a.kind() == b.kind() && a.kind().isRodata() && bytes.Equal(a.data(), b.data())
}

// sameLines reports whether two functions have the same lines, files and inlined calls.
func (p *patch) sameLines(a, b def) bool {
	return p.sameAux(a, b, []auxKind{auxPcfile, auxPcline, auxPcinline, auxFuncInfo}, func(kind auxKind, s, t def) bool {
		switch kind {
		case auxPcfile:
			return slices.Equal(filesOf(s, a.o), filesOf(t, b.o))
		case auxFuncInfo:
			f, g := readFuncInfo(s), readFuncInfo(t)
			return f.args == g.args && f.startLine == g.startLine && f.id == g.id && f.flag == g.flag &&
				slices.EqualFunc(f.inlined, g.inlined, func(x, y inlinedCall) bool {
					return x.parentPC == y.parentPC && p.h.ref(a.o, x.fn) == p.h.ref(b.o, y.fn)
				})
		}
		return bytes.Equal(s.data(), t.data())
	})
}

// filesOf returns the names of the files that a table of a function has, and the
// instructions that they are for. The table has their positions in the object's list.
func filesOf(table def, o *object) (list []string) {
	b := table.data()
	file := -1
	for first := true; len(b) > 0; first = false {
		delta, n := binary.Uvarint(b)
		if n <= 0 || delta == 0 && !first {
			break
		}
		pc, m := binary.Uvarint(b[n:])
		b = b[n+max(m, 0):]
		file += int(int32(delta>>1) ^ -int32(delta&1))
		name := "?"
		if file >= 0 && file < len(o.files) {
			name = o.files[file]
		}
		list = append(list, fmt.Sprint(pc, name))
		if m <= 0 {
			break
		}
	}
	return list
}

// addMaps places the functions that fill maps which the program did not use before, and
// reports whether there are any.
func (p *patch) addMaps() (more bool) {
	h := p.h
	for _, id := range p.order {
		d := p.news[id]
		if !d.isText() || h.addrs[id] != 0 || p.placed[id] != nil || !strings.HasPrefix(h.names[id], d.o.pkg+".map.init.") {
			continue
		}
		if d.relocs().any(func(r reloc) bool {
			x := p.placed[h.ref(d.o, r.sym())]
			return r.size() > 0 && x != nil && x.d.isVar()
		}) {
			p.place(id, d)
			more = true
		}
	}
	return more
}

// addFunction places a function if there is none, because the runtime expects that
// every module has one.
func (p *patch) addFunction() {
	if slices.ContainsFunc(p.layout, func(x *placed) bool { return x.d.isText() }) {
		return
	}
	id := p.h.named("main.main", 1)
	p.place(id, p.def(id, def{}))
	p.gather()
}

// moveUses changes the places that refer to what was moved: those in symbols that stay.
// changed are the objects of the packages that changed. What these no longer define, and
// what they define elsewhere, keeps its old references, so that what remains of it in the
// runtime's tables is complete in itself.
func (p *patch) moveUses(im *image, changed map[string]*object) {
	h := p.h
	gone := func(id symID) bool {
		if x := p.placed[id]; x != nil {
			return !x.grow
		}
		d := h.defs[id]
		_, kept := p.news[id]
		return !kept && d.ok() && changed[d.o.pkg] != nil
	}
	for _, x := range p.layout {
		if x.grow {
			continue
		}
		old := h.addrs[x.id]
		list := h.uses.unfilled[x.id]
		if old != 0 {
			if h.uses.doubtful[x.id] {
				panic(refuse(Reach, h.names[x.id], "not all that refers to %s is known", readable(h.names[x.id])))
			}
			list = h.uses.of[x.id]
			p.checkItab(x)
		}
		name, text := h.names[x.id], x.d.isText()
		for _, u := range list {
			if gone(u.owner) {
				continue
			}
			was := h.exe.mem(u.at, u.r.size())
			now := bytes.Clone(was)
			if to, ok := h.arch.target(was, u.r, u.at, h.exe.base(name, text)); !ok || to != u.target && old != 0 {
				panic(refuse(Internal, name, "a reference to %s is not what it should be", readable(name)))
			}
			if o := h.arch.put(now, u.r, u.at, x.addr, h.exe.base(name, text)); o != nil {
				panic(o)
			}
			im.write(u.at, was, now)
		}
		if text && old != 0 && h.sharing[old] <= 1 && x.d.sym().size() >= jumpSize && h.defs[x.id].sym().size() >= jumpSize {
			p.jump(im, old, x.addr) // should anything else know its address
		}
	}
}

// checkItab refuses another itab for the same two types: the runtime would find the old
// one first.
func (p *patch) checkItab(x *placed) {
	if !x.d.sym().itab() {
		return
	}
	for r := range x.d.relocs().all {
		if y := p.placed[p.h.ref(x.d.o, r.sym())]; r.off() <= 8 && r.size() > 0 && y != nil && !y.grow {
			return
		}
	}
	panic(refuse(Method, p.h.names[x.id], "%s changed", p.h.names[x.id]))
}
