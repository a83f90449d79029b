package compiler

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/goobj"
)

// Exports are the export data of an archive, split into the elements that the compiler
// wrote (package internal/pkgbits of the toolchain). Each is a piece of data with
// references to other elements. Their meaning is not known here, only some names: an
// object has a package path and a name, and so has the body of a function that may be
// inlined.
type Exports struct {
	version  uint32
	self     string        // the package's path
	pkg      int           // index of the package itself in the section of packages
	init     bool          // the package has something to initialise
	ends     []uint32      // of the elements, as offsets in data
	sections [sections]int // the end of each section, as an index in ends
	data     []byte
	objects  map[object]int // by index in the section of objects
	bodies   map[object]int
	shapes   map[object]*shape // see declarations
}

// An object is the name of an object or a body.
type object struct{ path, name string }

// The sections of export data, in the order of the file.
const (
	inString = iota
	inMeta
	inPosBase
	inPkg
	inName
	inType
	inObj
	inObjExt
	inObjDict
	inBody
	sections
)

// The versions of export data that this package understands.
const (
	version26 = 2 // Go 1.24 to 1.26
	version27 = 5 // Go 1.27
)

// What is before and after the data in the text.
const (
	exportBegin = "\n$$B\nu"
	exportEnd   = "\n$$\n"
)

var errExports = errors.New("export data that are not understood")

// ReadExports reads the export data of an archive.
func ReadExports(file string) (*Exports, error) {
	text, err := ExportData(file)
	if err != nil {
		return nil, err
	}
	return ParseExports(text)
}

// ExportData returns the text of an archive's first member.
func ExportData(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, len(goobj.ArchiveMagic)+goobj.HeadSize)
	if _, err := io.ReadFull(f, head); err != nil {
		return nil, errNotArchive
	}
	rest, ok := bytes.CutPrefix(head, []byte(goobj.ArchiveMagic))
	name, size, known := goobj.ReadHead(rest)
	if !ok || !known || name != goobj.Exports || size > 1<<30 {
		return nil, errNotArchive
	}
	text := make([]byte, size)
	if _, err := io.ReadFull(f, text); err != nil {
		return nil, errNotArchive
	}
	return text, nil
}

// ParseExports splits export data into elements.
func ParseExports(text []byte) (e *Exports, err error) {
	defer func() {
		if recover() != nil { // an offset was out of range
			e, err = nil, errExports
		}
	}()
	if e, err = splitExports(text); err != nil {
		return nil, err
	}
	e.objects, e.bodies = map[object]int{}, map[object]int{}
	if err := e.readNames(); err != nil {
		return nil, err
	}
	return e, nil
}

// splitExports splits export data without reading names. It may panic if they are not
// what the compiler wrote.
func splitExports(text []byte) (*Exports, error) {
	_, data, ok := bytes.Cut(text, []byte(exportBegin))
	data, end := bytes.CutSuffix(data, []byte(exportEnd))
	if !ok || !end {
		return nil, errExports
	}
	word := func() uint32 {
		w := binary.LittleEndian.Uint32(data)
		data = data[4:]
		return w
	}
	e := &Exports{version: word()}
	if e.version != version26 && e.version != version27 || word() != 0 { // no flags are known
		return nil, errExports
	}
	for i := range e.sections {
		e.sections[i] = int(word())
	}
	for range e.sections[sections-1] {
		e.ends = append(e.ends, word())
	}
	const fingerprint = 8
	e.data = data[:len(data)-fingerprint]
	if len(e.data) != int(e.ends[len(e.ends)-1]) {
		return nil, errExports
	}
	return e, nil
}

// readNames reads the names of objects and bodies, and the properties of the whole
// package.
func (e *Exports) readNames() error {
	public := e.element(inMeta, 0)
	e.pkg = public.reference(inPkg)
	e.self = e.pkgPath(e.pkg)
	for range public.number() {
		public.reference(inObj)
		public.number()
	}
	for i := range e.count(inObj) {
		n := e.element(inName, i)
		o := object{e.pkgPath(n.reference(inPkg)), n.text()}
		if _, twice := e.objects[o]; twice {
			return errExports
		}
		e.objects[o] = i
	}
	private := e.element(inMeta, 1)
	e.init = private.number() != 0
	for range private.number() {
		o := object{private.text(), private.text()}
		if _, twice := e.bodies[o]; twice {
			return errExports
		}
		e.bodies[o] = private.reference(inBody)
		if _, known := e.objects[o.owner()]; !known {
			return errExports
		}
	}
	if len(public.data)+len(private.data) > 0 || e.count(inMeta) != 2 {
		return errExports
	}
	return nil
}

// owner returns the object that a body belongs to: the function itself, or the type of
// a method. Instances of generic objects have their type arguments in brackets.
func (o object) owner() object {
	name := strings.TrimPrefix(o.name, "(*")
	if i := strings.IndexAny(name, ".[)"); i >= 0 {
		name = name[:i]
	}
	return object{o.path, name}
}

// An element is one element while it is read.
type element struct {
	from *Exports
	refs []ref
	data []byte
}

// A ref identifies an element by its section and its index there.
type ref struct{ section, index int }

func (e *Exports) count(section int) int {
	if section == 0 {
		return e.sections[0]
	}
	return e.sections[section] - e.sections[section-1]
}

// id returns the number of an element among all.
func (e *Exports) id(section, index int) int {
	if section > 0 {
		index += e.sections[section-1]
	}
	if index < 0 || index >= e.sections[section] {
		panic(errExports)
	}
	return index
}

// raw returns all of an element.
func (e *Exports) raw(section, index int) []byte {
	id, from := e.id(section, index), uint32(0)
	if id > 0 {
		from = e.ends[id-1]
	}
	return e.data[from:e.ends[id]]
}

func (e *Exports) element(section, index int) *element {
	x := &element{from: e, data: e.raw(section, index)}
	n := x.number()
	if n > len(x.data) {
		panic(errExports)
	}
	x.refs = make([]ref, n)
	for i := range x.refs {
		x.refs[i] = ref{x.number(), x.number()}
	}
	return x
}

func (x *element) number() int {
	n, size := binary.Uvarint(x.data)
	if size <= 0 {
		panic(errExports)
	}
	x.data = x.data[size:]
	return int(n)
}

// reference reads the next reference, and returns the element's index.
func (x *element) reference(section int) int {
	r := x.refs[x.number()]
	if r.section != section {
		panic(errExports)
	}
	return r.index
}

func (x *element) text() string { return string(x.from.raw(inString, x.reference(inString))) }

func (e *Exports) pkgPath(index int) string { return e.element(inPkg, index).text() }
