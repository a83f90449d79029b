package live

import (
	"bytes"
	"slices"
	"sort"
	"strings"
)

// Offsets in a type descriptor (internal/abi.Type). The layout has been compared with
// the toolchain's sources.
const (
	typePtrBytes  = 8
	typeHash      = 16
	typeFlags     = 20
	typeKind      = 23
	typeGCData    = 32
	typeStr       = 40
	typePtrToThis = 44
	typeSize      = 48

	flagUncommon     = 1 << 0
	flagExtraStar    = 1 << 1
	flagMaskOnDemand = 1 << 4

	methodSize = 16

	listOfMethods = typeSize + 32 // of an interface type
)

// isInterface reports whether a definition is the descriptor of an interface type.
func isInterface(d def, name string) bool {
	return strings.HasPrefix(name, "type:") && !strings.HasPrefix(name, "type:.") && len(d.data()) >= listOfMethods && d.data()[typeKind]&31 == 20
}

// uncommon returns the offset of a descriptor's list of methods, or 0 if it has none.
func uncommon(b []byte) int {
	if len(b) < typeSize || b[typeFlags]&flagUncommon == 0 {
		return 0
	}
	switch b[typeKind] & 31 {
	case 17: // array
		return typeSize + 24
	case 18: // channel
		return typeSize + 16
	case 19, 22, 23: // function, pointer, slice
		return typeSize + 8
	case 20, 25: // interface, struct
		return typeSize + 32
	case 21: // map
		return 0
	}
	return typeSize
}

// moreMethods reports whether the type b is a with additional methods.
func (p *patch) moreMethods(a, b def) bool {
	da, db := a.data(), b.data()
	u := uncommon(da)
	if u == 0 || uncommon(db) != u {
		return false
	}
	ma, mb := u+int(le.Uint32(da[u+8:])), u+int(le.Uint32(db[u+8:]))
	na, nb := int(le.Uint16(da[u+4:])), int(le.Uint16(db[u+4:]))
	if ma != mb || nb <= na || len(db) < mb+nb*methodSize || !bytes.Equal(da[:u+4], db[:u+4]) || !bytes.Equal(da[u+8:ma], db[u+8:mb]) {
		return false
	}
	ha, xa := p.methods(a, ma)
	hb, xb := p.methods(b, mb)
	if len(ha) != len(hb) || len(xa) != na || len(xb) != nb {
		return false
	}
	for i, x := range ha {
		y := hb[i]
		if x.off() != y.off() || x.raw() != y.raw() || x.add() != y.add() || !p.sameTarget(a.o, x.sym(), b.o, y.sym()) {
			return false
		}
	}
	for name, x := range xa {
		if !slices.Equal(x, xb[name]) {
			return false
		}
	}
	return true
}

// methods splits a descriptor's relocations at the offset m of the methods: into those
// before m, and for each method, by its name's symbol, what it refers to.
func (p *patch) methods(d def, m int) (head []reloc, byName map[string][]symID) {
	byName = map[string][]symID{}
	rows := map[int][]reloc{}
	for r := range d.relocs().all {
		switch {
		case r.size() == 0, r.off() == typePtrToThis && r.weak():
		case r.off() < m:
			head = append(head, r)
		default:
			rows[(r.off()-m)/methodSize] = append(rows[(r.off()-m)/methodSize], r)
		}
	}
	for _, rs := range rows {
		sort.Slice(rs, func(i, j int) bool { return rs[i].off() < rs[j].off() })
		name := p.h.names[p.h.ref(d.o, rs[0].sym())]
		for _, r := range rs[1:] {
			byName[name] = append(byName[name], p.h.ref(d.o, r.sym()))
		}
	}
	return head, byName
}

// nameText returns the text of a name in the runtime's format: flags, a length, the
// text.
func nameText(b []byte) string {
	n, k := 0, 1
	for shift := 0; k < len(b); shift += 7 {
		n |= int(b[k]&0x7f) << shift
		k++
		if b[k-1]&0x80 == 0 {
			break
		}
	}
	if k+n > len(b) {
		return ""
	}
	return string(b[k : k+n])
}

// typeString returns the name of a type in reflection.
func (p *patch) typeString(d def) string {
	for r := range d.relocs().all {
		if r.off() == typeStr {
			s := nameText(p.def(p.h.ref(d.o, r.sym()), d).data())
			if d.data()[typeFlags]&flagExtraStar != 0 && s != "" {
				s = s[1:]
			}
			return s
		}
	}
	return ""
}

// pointers sets the bits of those words of a variable that hold pointers.
func (p *patch) pointers(x *placed, mask []byte) {
	t := p.h.gotype(x.d)
	name := p.h.names[x.id]
	if t == noSymbol {
		panic(refuse(Variable, name, "variable %s has no type", readable(name)))
	}
	d := p.def(t, x.d)
	if !d.ok() {
		panic(refuse(Variable, name, "the type of variable %s is not known", readable(name)))
	}
	b := d.data()
	if b[typeFlags]&flagMaskOnDemand != 0 {
		panic(refuse(Variable, name, "new variable %s is too large", readable(name)))
	}
	var bits []byte
	for r := range d.relocs().all {
		if r.off() == typeGCData {
			bits = p.h.auxDef(d.o, r.sym()).data()
		}
	}
	for k := range int(le.Uint64(b[typePtrBytes:]) / 8) {
		if bits[k/8]>>(k%8)&1 != 0 {
			w := x.off/8 + k
			mask[w/8] |= 1 << (w % 8)
		}
	}
}

// Composite types can also be made by reflection. It first looks for one that the
// compiler made. If reflection made the type while there was none, or does not find the
// one of a patch, the program has two types that should be the same. So the agent asks
// reflection for each type that a patch brings.
//
// A composer describes such a request.
type composer struct {
	kind     byte   // abi.Kind
	function string // of package reflect
	form     uint64 // the number of the request in package agent
	parts    []int  // offsets in the descriptor of the references to its parts
	number   int    // offset of a number: a length, a direction
}

var composers = []composer{
	{22, "reflect.(*rtype).ptrTo", 0, []int{typeSize}, 0},
	{23, "reflect.SliceOf", 1, []int{typeSize}, 0},
	{21, "reflect.MapOf", 2, []int{typeSize, typeSize + 8}, 0},
	{18, "reflect.ChanOf", 3, []int{typeSize}, typeSize + 8},
	{17, "reflect.ArrayOf", 3, []int{typeSize}, typeSize + 16},
}

// composed lists the types of an image that reflection can make in this program.
func (p *patch) composed(im *image, ro []*placed, r *relocator) {
	tab := p.h.at("go:itab.*reflect.rtype,reflect.Type")
	for _, x := range ro {
		if x.grow || !x.d.sym().typelink() || !strings.HasPrefix(p.h.names[x.id], "type:") {
			continue
		}
		b := x.d.data()
		for _, c := range composers {
			fn := p.h.at(c.function)
			if len(b) < typeSize || b[typeKind]&31 != c.kind || fn == 0 {
				continue
			}
			if tab == 0 && c.form != 0 {
				panic(refuse(Type, p.h.names[x.id], "%s is new, and whether reflection has made it is not known", strings.TrimPrefix(p.h.names[x.id], "type:")))
			}
			entry := [6]uint64{fn, c.form, tab, 0, 0, x.addr}
			for i, off := range c.parts {
				for rel := range x.d.relocs().all {
					if rel.off() == off && rel.size() == 8 {
						entry[3+i] = r.address(p.h.ref(x.d.o, rel.sym()), 0)
					}
				}
				if entry[3+i] == 0 {
					panic(refuse(Internal, p.h.names[x.id], "type %s is not understood", p.h.names[x.id]))
				}
			}
			if c.number != 0 {
				entry[4] = le.Uint64(b[c.number:])
			}
			im.composed = append(im.composed, entry)
		}
	}
}

// twice returns the obstacle that reflection has another type for the one at addr.
func (p *patch) twice(addr uint64) *Obstacle {
	name := "a type"
	for _, x := range p.layout {
		if x.addr == addr && !x.grow {
			name = strings.TrimPrefix(p.h.names[x.id], "type:")
		}
	}
	return refuse(Type, name, "type %s is new to the program, and reflection would have another one", name)
}
