package live

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/hotdev/hotdev/builder/internal/goobj"
)

var le = binary.LittleEndian

// An object is one object file of the compiler or the assembler, read in place
// (the format is described in GOROOT/src/cmd/internal/goobj/objfile.go).
//
// The symbols that it defines come first: the package's own, by index; those identified
// by their content (short and long hashes); those identified by name. References to
// symbols by name follow.
type object struct {
	b        []byte
	pkg      string // as in symbol names
	offsets  [goobj.BlockCount]uint32
	flags    uint32
	pkgs     []string // packages that symbols are referred to by index
	files    []string
	own      int            // number of the package's own symbols
	short    int            // number of the next kinds, in order
	long     int            //
	named    int            //
	all      int            // number of all, including references
	ids      []symID        // by index; 0 has not been looked up yet; nil if none has
	where    map[symID]int  // index of a definition, once it has been needed
	closures map[string]int // number of closures with a name, likewise
	// newer are the objects of packages that changed together with this one, or before
	// it: references by index lead there.
	newer  map[string]*object
	others []*object // by the number of their package, once they have been needed
}

const (
	flagShared   = 1 << 0
	flagAssembly = 1 << 2
	abiStatic    = ^uint16(0)
)

var errObject = errors.New("not an object of a known format")

// A symRef refers to a symbol from within an object.
type symRef struct{ pkg, sym uint32 }

// A symbol is an entry of an object's symbol table.
type symbol []byte

func (s symbol) abi() uint16   { return le.Uint16(s[8:]) }
func (s symbol) kind() symKind { return symKind(s[10]) }
func (s symbol) size() int     { return int(le.Uint32(s[13:])) }
func (s symbol) align() int    { return int(le.Uint32(s[17:])) }
func (s symbol) dupok() bool   { return s[11]&1 != 0 }
func (s symbol) typelink() bool {
	return s[11]&(1<<2) != 0
}
func (s symbol) reflectMethod() bool { return s[11]&(1<<5) != 0 }
func (s symbol) usedInIface() bool   { return s[12]&1 != 0 }
func (s symbol) itab() bool          { return s[12]&(1<<1) != 0 }
func (s symbol) linkname() bool      { return s[12]&(1<<4) != 0 }

// A reloc is a place in a symbol that refers to another one.
type reloc []byte

func (r reloc) off() int        { return int(int32(le.Uint32(r))) }
func (r reloc) size() int       { return int(r[4]) }
func (r reloc) kind() relocKind { return relocKind(le.Uint16(r[5:])) &^ relocWeak }
func (r reloc) weak() bool      { return relocKind(le.Uint16(r[5:]))&relocWeak != 0 }
func (r reloc) raw() relocKind  { return relocKind(le.Uint16(r[5:])) }
func (r reloc) add() int64      { return int64(le.Uint64(r[7:])) }
func (r reloc) sym() symRef     { return symRef{le.Uint32(r[15:]), le.Uint32(r[19:])} }

// An aux is a symbol that describes another one.
type aux []byte

func (a aux) kind() auxKind { return auxKind(a[0]) }
func (a aux) sym() symRef   { return symRef{le.Uint32(a[1:]), le.Uint32(a[5:])} }

// readObject parses an object of the package pkg.
func readObject(b []byte, pkg string) (*object, error) {
	if len(b) < goobj.OffsetsAt+4*goobj.BlockCount || string(b[:len(goobj.Magic)]) != goobj.Magic {
		return nil, errObject
	}
	o := &object{b: b, pkg: pkg, flags: le.Uint32(b[goobj.FlagsAt:])}
	last := uint32(0)
	for i := range o.offsets {
		o.offsets[i] = le.Uint32(b[goobj.OffsetsAt+4*i:])
		if o.offsets[i] < last || int(o.offsets[i]) > len(b) {
			return nil, errObject
		}
		last = o.offsets[i]
	}
	n := func(block, size int) int { return int(o.offsets[block+1]-o.offsets[block]) / size }
	o.own, o.short, o.long, o.named = n(goobj.BlockOwn, goobj.SymbolSize), n(goobj.BlockShort, goobj.SymbolSize), n(goobj.BlockLong, goobj.SymbolSize), n(goobj.BlockNamed, goobj.SymbolSize)
	o.all = o.defs() + n(goobj.BlockRefs, goobj.SymbolSize)
	for i := range n(goobj.BlockPackages, goobj.StringSize) {
		o.pkgs = append(o.pkgs, o.text(int(o.offsets[goobj.BlockPackages])+goobj.StringSize*i))
	}
	for i := range n(goobj.BlockFiles, goobj.StringSize) {
		o.files = append(o.files, o.text(int(o.offsets[goobj.BlockFiles])+goobj.StringSize*i))
	}
	return o, nil
}

// imports returns the import paths of the packages that the compiler read for this one.
func (o *object) imports() (paths []string) {
	for at := int(o.offsets[goobj.BlockAutolib]); at+goobj.LibSize <= int(o.offsets[goobj.BlockAutolib+1]); at += goobj.LibSize {
		paths = append(paths, o.text(at))
	}
	return paths
}

// pulls returns the names of what the object refers to by linkname.
func (o *object) pulls() (names []string) {
	for i := o.defs(); i < o.all; i++ {
		if o.sym(i).linkname() {
			names = append(names, o.name(i))
		}
	}
	return names
}

// defs returns the number of symbols that are defined.
func (o *object) defs() int { return o.own + o.short + o.long + o.named }

// byContent reports whether symbol i is identified by its content.
func (o *object) byContent(i int) bool { return i >= o.own && i < o.own+o.short+o.long }

// text returns a copy of the string that a reference at off names.
func (o *object) text(off int) string { return string(o.textBytes(off)) }

func (o *object) textBytes(off int) []byte {
	n, at := le.Uint32(o.b[off:]), le.Uint32(o.b[off+4:])
	return o.b[at : at+n]
}

func (o *object) sym(i int) symbol {
	off := int(o.offsets[goobj.BlockOwn]) + i*goobj.SymbolSize
	return symbol(o.b[off : off+goobj.SymbolSize : off+goobj.SymbolSize])
}

func (o *object) name(i int) string {
	return o.text(int(o.offsets[goobj.BlockOwn]) + i*goobj.SymbolSize)
}

// nameBytes returns a symbol's name, in place.
func (o *object) nameBytes(i int) []byte {
	return o.textBytes(int(o.offsets[goobj.BlockOwn]) + i*goobj.SymbolSize)
}

// span returns the range of the entries of symbol i in a block of entries of the given
// size, from the block that indexes them. It panics if the range is out of bounds.
func (o *object) span(index, i, block, size int) (from, to int) {
	at := int(o.offsets[index]) + 4*i
	from, to = int(le.Uint32(o.b[at:])), int(le.Uint32(o.b[at+4:]))
	if from > to || int(o.offsets[block])+to*size > int(o.offsets[block+1]) {
		panic(errObject)
	}
	return from, to
}

// relocs returns the relocations of symbol i, in the order of the object.
func (o *object) relocs(i int) entries[reloc] {
	from, to := o.span(goobj.BlockRelocIndex, i, goobj.BlockRelocs, goobj.RelocSize)
	at := int(o.offsets[goobj.BlockRelocs])
	return entries[reloc]{o.b[at+from*goobj.RelocSize : at+to*goobj.RelocSize], goobj.RelocSize}
}

func (o *object) auxs(i int) entries[aux] {
	from, to := o.span(goobj.BlockAuxIndex, i, goobj.BlockAux, goobj.AuxSize)
	at := int(o.offsets[goobj.BlockAux])
	return entries[aux]{o.b[at+from*goobj.AuxSize : at+to*goobj.AuxSize], goobj.AuxSize}
}

// entries are contiguous in an object, and of one size. There are millions of them, so
// they are read in place.
type entries[T ~[]byte] struct {
	b    []byte
	size int
}

func (e entries[T]) len() int { return len(e.b) / e.size }

func (e entries[T]) at(k int) T { return T(e.b[k*e.size : (k+1)*e.size : (k+1)*e.size]) }

// all iterates over the entries.
func (e entries[T]) all(yield func(T) bool) {
	for k := 0; k+e.size <= len(e.b); k += e.size {
		if !yield(T(e.b[k : k+e.size : k+e.size])) {
			return
		}
	}
}

// any reports whether f is true of at least one entry.
func (e entries[T]) any(f func(T) bool) bool {
	for x := range e.all {
		if f(x) {
			return true
		}
	}
	return false
}

// data returns the content of symbol i; what is missing up to the symbol's size is
// zero.
func (o *object) data(i int) []byte {
	from, to := o.span(goobj.BlockDataIndex, i, goobj.BlockData, 1)
	at := int(o.offsets[goobj.BlockData])
	return o.b[at+from : at+to : at+to]
}

// hash returns the content hash of symbol i, which must be identified by content.
func (o *object) hash(i int) []byte {
	if i -= o.own; i < o.short {
		at := int(o.offsets[goobj.BlockHash64]) + 8*i
		return o.b[at : at+8]
	}
	i -= o.short
	at := int(o.offsets[goobj.BlockHash]) + goobj.HashSize*i
	return o.b[at : at+goobj.HashSize]
}

// index returns the index of a reference's symbol in this object, if it is one of its
// own or one that it names.
func (o *object) index(s symRef) (i int, ok bool) {
	switch s.pkg {
	case goobj.InSelf:
		i = int(s.sym)
	case goobj.InShort:
		i = o.own + int(s.sym)
	case goobj.InLong:
		i = o.own + o.short + int(s.sym)
	case goobj.InNone:
		i = o.own + o.short + o.long + int(s.sym)
	default:
		return 0, false
	}
	return i, i < o.all
}

// members calls f for the Go objects of an archive, the compiler's first, and returns
// the export data.
func members(archive []byte, f func(object []byte)) (export []byte, err error) {
	rest, ok := bytes.CutPrefix(archive, []byte(goobj.ArchiveMagic))
	if !ok {
		return nil, errObject
	}
	for len(rest) >= goobj.HeadSize {
		var m goobj.Member
		if m, rest, ok = goobj.Next(rest); !ok {
			return nil, errObject
		}
		switch {
		case m.Name == goobj.Exports:
			export = m.Body
		case bytes.HasPrefix(m.Body, []byte(goobj.Prefix)):
			i := bytes.Index(m.Body, []byte("\n!\n"))
			if i < 0 || !bytes.HasPrefix(m.Body[i+3:], []byte(goobj.Magic)) {
				return nil, fmt.Errorf("member %s: %w", m.Name, errObject)
			}
			f(m.Body[i+3:])
		}
	}
	return export, nil
}
