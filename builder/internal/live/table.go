package live

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/goobj"
)

// A symID identifies a symbol of the program, the same for all objects. The zero value
// has not been looked up; noSymbol is no symbol.
type symID int32

const noSymbol symID = 1

// A def is the place where a symbol is defined; the zero value is nowhere.
type def struct {
	o *object
	i int
}

func (d def) ok() bool               { return d.o != nil }
func (d def) sym() symbol            { return d.o.sym(d.i) }
func (d def) kind() symKind          { return d.sym().kind() }
func (d def) data() []byte           { return d.o.data(d.i) }
func (d def) relocs() entries[reloc] { return d.o.relocs(d.i) }
func (d def) auxs() entries[aux]     { return d.o.auxs(d.i) }
func (d def) isText() bool           { return d.ok() && d.kind().isText() }
func (d def) isVar() bool            { return d.ok() && d.kind().isVar() }

// A table gives every symbol of a program a number, and knows where it is defined and
// what its address in the program is. Names of symbols are read when something refers
// to them, because most of what the objects define is not in the program.
type table struct {
	ids     map[string]symID
	names   []string
	defs    []def    // of the running program; content to which nothing refers may be missing
	addrs   []uint64 // 0 if the symbol is not in the program
	objects map[string][]*object
	// scanned are the packages whose named symbols have all been looked up.
	scanned map[string]bool
	foreign map[string]def // see linknames
	builtin []symID
	wrong   map[symID]bool // symbols for which the linker put something else
	// numbers remembers whether names are numbered, by their number.
	numbers []numbering
	scratch []byte
}

// A numbering is whether a name is numbered; zero is unknown.
type numbering uint8

const (
	isNumbered numbering = iota + 1
	isNot
)

func newTable(builtins []builtinFunc) *table {
	t := &table{ids: map[string]symID{}, objects: map[string][]*object{}, scanned: map[string]bool{}, wrong: map[symID]bool{}}
	t.intern(nil, 0) // 0
	t.intern([]byte("\x00none"), 0)
	for _, b := range builtins {
		t.builtin = append(t.builtin, t.named(b.name, b.abi))
	}
	return t
}

// intern returns the symbol with a key: its name, and whatever else identifies it. The
// name is the first n bytes of the key.
func (t *table) intern(key []byte, n int) symID {
	if id, ok := t.ids[string(key)]; ok {
		return id
	}
	id, k := symID(len(t.names)), string(key)
	t.ids[k] = id
	t.names = append(t.names, k[:n])
	t.defs = append(t.defs, def{})
	t.addrs = append(t.addrs, 0)
	t.numbers = append(t.numbers, 0)
	return id
}

// key returns the beginning of a key, a name. The next call overwrites it.
func (t *table) key(name []byte) []byte { return append(t.scratch[:0], name...) }

// named returns the symbol with this name in an ABI: 1 is Go's internal ABI, 0
// everything else.
func (t *table) named(name string, abi uint16) symID { return t.namedBytes([]byte(name), abi) }

func (t *table) namedBytes(name []byte, abi uint16) symID {
	t.scratch = t.key(name)
	if abi == 1 {
		t.scratch = append(t.scratch, "\x001"...)
	}
	return t.intern(t.scratch, len(name))
}

// numbered reports whether a symbol's name is numbered; see the function numbered.
func (t *table) numbered(id symID) bool {
	if t.numbers[id] == 0 {
		t.numbers[id] = isNot
		if numbered(t.names[id]) {
			t.numbers[id] = isNumbered
		}
	}
	return t.numbers[id] == isNumbered
}

// lookup returns the symbol of this name that is in the program, preferably the
// function with Go's internal ABI; noSymbol if there is none.
func (t *table) lookup(name string) symID {
	for _, key := range []string{name + "\x001", name} {
		if id, ok := t.ids[key]; ok && t.addrs[id] != 0 {
			return id
		}
	}
	return noSymbol
}

// at returns the address of the symbol with this name, or 0 if it is not in the
// program.
func (t *table) at(name string) uint64 { return t.addrs[t.lookup(name)] }

// id returns the identity of the symbol with index i in an object.
//
// Symbols identified by content have it as their identity, with two exceptions. An itab
// is identified by its name, which has its two types. And the text of closures is
// identified by content since Go 1.27, but versions are compared by the name of the
// function and its package: if the function that creates the closure was inlined,
// another package has one, too.
func (t *table) id(o *object, i int) symID {
	if o.ids == nil {
		o.ids = make([]symID, o.all)
	}
	if id := o.ids[i]; id != 0 {
		return id
	}
	s := o.sym(i)
	defined := i < o.defs()
	if defined && s.kind() > kindTLS && s.kind() < kindTLS+11 { // DWARF
		o.ids[i] = noSymbol
		return noSymbol
	}
	name := o.nameBytes(i)
	byHash := o.byContent(i)
	key := t.key(name)
	switch {
	case s.itab():
	case byHash && s.kind().isText() && !o.ambiguous(string(name)):
		key = closureKey(key, o.pkg)
	case byHash && i < o.own+o.short:
		key = binary.LittleEndian.AppendUint32(append(key, "\x00h"...), uint32(s.size()))
		key = append(key, o.hash(i)...)
	case byHash:
		key = append(append(key, "\x00H"...), o.hash(i)...)
	case len(name) == 0:
		key = fmt.Appendf(key, "\x00a%s/%p/%d", o.pkg, o, i)
	case s.abi() == abiStatic:
		key = fmt.Appendf(key, "\x00s%s/%v", o.pkg, o.flags&flagAssembly != 0)
	case s.abi() == 1:
		key = append(key, "\x001"...)
	}
	t.scratch = key
	id := t.intern(key, len(name))
	o.ids[i] = id
	if defined && o.newer == nil {
		t.define(id, def{o, i})
	}
	return id
}

// closureKey returns a key that identifies a closure by its name, if objects identify
// it by its content.
func closureKey(name []byte, pkg string) []byte { return append(append(name, "\x00c"...), pkg...) }

// lookupIn is lookup for code of a package.
func (t *table) lookupIn(name, pkg string) symID {
	if id, ok := t.ids[string(closureKey([]byte(name), pkg))]; ok && t.addrs[id] != 0 {
		return id
	}
	return t.lookup(name)
}

// ambiguous reports whether an object has several functions of a name, all identified
// by content: copies of a closure that differ because their function was inlined. Only
// their content identifies these.
func (o *object) ambiguous(name string) bool {
	if o.closures == nil {
		o.closures = map[string]int{}
		for i := range o.short + o.long {
			if o.sym(o.own + i).kind().isText() {
				o.closures[o.name(o.own+i)]++
			}
		}
	}
	return o.closures[name] > 1
}

// define records a definition, if it is better than a known one: if it may not be a
// duplicate, or if it has content. The definition of a patch stays.
func (t *table) define(id symID, d def) {
	old := t.defs[id]
	if old.ok() && old.o.newer != nil {
		return
	}
	if !old.ok() || old.sym().dupok() && !d.sym().dupok() || old.isVar() && len(old.data()) == 0 && len(d.data()) > 0 {
		t.defs[id] = d
	}
}

// ref returns the symbol of a reference within an object.
func (t *table) ref(o *object, s symRef) symID {
	if i, ok := o.index(s); ok {
		return t.id(o, i)
	}
	switch s.pkg {
	case 0:
		return noSymbol
	case goobj.InBuiltin:
		return t.builtin[s.sym]
	}
	return t.id(t.other(o, s.pkg), int(s.sym))
}

// other returns the object of a package to which an object has given a number.
func (t *table) other(o *object, number uint32) *object {
	if o.others == nil {
		o.others = make([]*object, len(o.pkgs))
	}
	if p := o.others[number]; p != nil {
		return p
	}
	pkg := o.pkgs[number]
	p := o.newer[pkg]
	if p == nil {
		if os := t.objects[pkg]; len(os) > 0 {
			p = os[0]
		}
	}
	if p == nil {
		panic(refuse(Internal, "", "package %s is not known", pkg))
	}
	o.others[number] = p
	return p
}

// auxDef returns the definition of an aux or a content-addressed reference: the
// object's own, or any with the same content.
func (t *table) auxDef(o *object, s symRef) def {
	if i, ok := o.index(s); ok && i < o.defs() {
		return def{o, i}
	}
	if id := t.ref(o, s); id != noSymbol {
		return t.find(id)
	}
	return def{}
}

// find returns a symbol's definition. A symbol that is identified only by name may be
// defined in a package that has not been searched for it yet.
func (t *table) find(id symID) def {
	if d := t.defs[id]; d.ok() {
		return d
	}
	pkg := packageOf(t.names[id])
	if os := t.objects[pkg]; len(os) > 0 && !t.scanned[pkg] {
		t.scanned[pkg] = true
		for _, o := range os {
			for i := range o.own {
				t.id(o, i)
			}
			for i := o.defs() - o.named; i < o.defs(); i++ {
				t.id(o, i)
			}
		}
	}
	if d := t.defs[id]; d.ok() || t.names[id] == "" {
		return d
	}
	t.linknames()
	if f, ok := t.foreign[t.names[id]]; ok {
		t.id(f.o, f.i)
	}
	return t.defs[id]
}

// linknames finds functions that are defined, by linkname, in another package than
// their name says.
func (t *table) linknames() {
	if t.foreign != nil {
		return
	}
	t.foreign = map[string]def{}
	for pkg, os := range t.objects {
		for _, o := range os {
			for i := o.defs() - o.named; i < o.defs(); i++ {
				if s := o.sym(i); s.kind().isText() && !s.dupok() {
					if name := o.name(i); packageOf(name) != pkg {
						t.foreign[name] = def{o, i}
					}
				}
			}
		}
	}
}

// packageOf returns the package of a symbol, in the form that symbol names have.
func packageOf(name string) string {
	name, _, _ = strings.Cut(name, "[") // type arguments contain packages too
	slash := strings.LastIndexByte(name, '/') + 1
	pkg, _, _ := strings.Cut(name[slash:], ".")
	return name[:slash] + pkg
}

// gotype returns the type of a variable.
func (t *table) gotype(d def) symID {
	for a := range d.auxs().all {
		if a.kind() == auxGotype {
			return t.ref(d.o, a.sym())
		}
	}
	return noSymbol
}
