package compiler

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"go/ast"
	"maps"
	"os"
	"slices"
	"strings"
)

// Export data hold copies of whatever they refer to in other packages. So if an import's
// export data change, those of a dependent change, even if its code does not. Then they
// need not come from the compiler: they are put together once more from what the
// dependent declares itself and from the new export data of its imports.
//
// The order of everything is that of the compiler (linker.go of
// cmd/compile/internal/noder): it follows references, beginning with the exported
// objects by name. It reads an object of another package from the import that it read
// last of those that have it, and a body from the first one.

var errRelink = errors.New("export data that are not linked as expected")

// Relink writes the archive of a package whose code is the same although its imports'
// export data changed, to the file to. imports are in the order in which the source
// imports them. code are new numbers that the code in the archive does not have yet.
//
// Relink returns what is in the file as the compiler would have written it, and its
// export data; the file itself keeps the fingerprint that others know, which is
// returned too.
func Relink(file, to string, imports []*Exports, code []*Numbers) (o *Object, known Fingerprint, now *Exports, err error) {
	defer func() {
		if recover() != nil {
			o, err = nil, errRelink
		}
	}()
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, known, nil, err
	}
	a, err := split(data)
	if err != nil {
		return nil, known, nil, err
	}
	old, err := ParseExports(a.export.Body)
	if err != nil {
		return nil, known, nil, err
	}
	begin := bytes.Index(a.export.Body, []byte(exportBegin)) + len(exportBegin)
	unit, err := old.relink(imports)
	if err != nil {
		return nil, known, nil, err
	}
	export := slices.Concat(a.export.Body[:begin], unit, []byte(exportEnd))
	if now, err = ParseExports(export); err != nil {
		return nil, known, nil, err
	}
	c, err := parseCode(bytes.Clone(a.code.Body))
	if err != nil {
		return nil, known, nil, err
	}
	for _, n := range code {
		if _, err := n.renumber(c, old.self); err != nil {
			return nil, known, nil, err
		}
	}
	o, known, err = a.rewrite(to, export, c)
	return o, known, now, err
}

// relink returns the unit of export data, from the version to the fingerprint, that the
// compiler would write for the same package with other imports.
func (e *Exports) relink(imports []*Exports) ([]byte, error) {
	if e.version != version26 {
		return nil, errRelink
	}
	// What is understood of the order must explain the old unit. This also shows which
	// packages were described by the package itself, and which by an import.
	itself := newLinking(e, nil)
	if again := itself.link(); !bytes.Equal(again[:len(again)-len(Fingerprint{})], e.unit()) {
		return nil, errRelink
	}
	l := newLinking(e, imports)
	l.described = itself.described
	return l.link(), nil
}

// unit returns the bytes of the export data from the version on, without the
// fingerprint.
func (e *Exports) unit() []byte {
	b := binary.LittleEndian.AppendUint32(nil, e.version)
	b = binary.LittleEndian.AppendUint32(b, 0)
	for _, end := range e.sections {
		b = binary.LittleEndian.AppendUint32(b, uint32(end))
	}
	for _, end := range e.ends {
		b = binary.LittleEndian.AppendUint32(b, end)
	}
	return append(b, e.data...)
}

// A linking is the work of putting export data together.
type linking struct {
	local   *input
	imports []*input
	// again: there are no imports, and what was copied from them is copied once more.
	again  bool
	bodies map[object][]object // of the old unit, by their owners, in order

	out       [sections][][]byte
	texts     map[string]int
	packages  map[string]int
	objects   map[object]int
	placed    map[object]int // bodies
	described map[string]bool
}

// An input is export data to copy from. copied are the new places of its elements, by
// their places among all, and one more.
type input struct {
	*Exports
	copied []int
}

func newLinking(e *Exports, imports []*Exports) *linking {
	l := &linking{
		local: &input{e, make([]int, len(e.ends))}, again: imports == nil, bodies: map[object][]object{},
		texts: map[string]int{}, packages: map[string]int{}, objects: map[object]int{}, placed: map[object]int{}, described: map[string]bool{},
	}
	for _, i := range imports {
		l.imports = append(l.imports, &input{i, make([]int, len(i.ends))})
	}
	if l.again {
		l.imports = []*input{{e, make([]int, len(e.ends))}}
	}
	for b := range e.bodies {
		l.bodies[b.owner()] = append(l.bodies[b.owner()], b)
	}
	for _, bs := range l.bodies {
		slices.SortFunc(bs, func(a, b object) int { return e.bodies[a] - e.bodies[b] })
	}
	return l
}

// link returns the new unit with its fingerprint.
func (l *linking) link() []byte {
	e := l.local
	public, private := l.place(inMeta), l.place(inMeta)
	self := l.copy(e, ref{inPkg, e.pkg})
	var names []string
	for o := range e.objects {
		if o.path == e.self && ast.IsExported(o.name) && !strings.Contains(o.name, "·") {
			names = append(names, o.name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		l.copy(e, ref{inObj, e.objects[object{e.self, name}]})
	}

	var w writer
	w.reference(ref{inPkg, self})
	w.number(len(l.objects))
	for _, i := range slices.Sorted(maps.Values(l.objects)) {
		w.number(len(w.refs)) // each occurs once
		w.refs = append(w.refs, ref{inObj, i})
		w.number(0)
	}
	l.out[inMeta][public] = w.element()

	w = writer{}
	if e.init {
		w.data = append(w.data, 1)
	} else {
		w.data = append(w.data, 0)
	}
	w.number(len(l.placed))
	for _, b := range slices.SortedFunc(maps.Keys(l.placed), func(a, b object) int { return l.placed[a] - l.placed[b] }) {
		w.reference(ref{inString, l.text(b.path)})
		w.reference(ref{inString, l.text(b.name)})
		w.reference(ref{inBody, l.placed[b]})
	}
	l.out[inMeta][private] = w.element()

	unit := binary.LittleEndian.AppendUint32(nil, e.version)
	unit = binary.LittleEndian.AppendUint32(unit, 0)
	count := 0
	for _, elements := range l.out {
		count += len(elements)
		unit = binary.LittleEndian.AppendUint32(unit, uint32(count))
	}
	end := 0
	for _, elements := range l.out {
		for _, x := range elements {
			end += len(x)
			unit = binary.LittleEndian.AppendUint32(unit, uint32(end))
		}
	}
	for _, elements := range l.out {
		for _, x := range elements {
			unit = append(unit, x...)
		}
	}
	sum := sha256.Sum256(unit)
	return append(unit, sum[:len(Fingerprint{})]...)
}

// place makes room for an element.
func (l *linking) place(section int) int {
	l.out[section] = append(l.out[section], nil)
	return len(l.out[section]) - 1
}

func (l *linking) text(s string) int {
	i, known := l.texts[s]
	if !known {
		i = l.place(inString)
		l.out[inString][i], l.texts[s] = []byte(s), i
	}
	return i
}

// copy copies an element, unless that was done already, and returns its new place.
func (l *linking) copy(from *input, r ref) (to int) {
	at := from.id(r.section, r.index)
	if from.copied[at] > 0 {
		return from.copied[at] - 1
	}
	switch r.section {
	case inString:
		to = l.text(string(from.raw(inString, r.index)))
	case inPkg:
		to = l.pkg(from, r.index)
	case inObj:
		to = l.object(from, r.index)
	default:
		to = l.place(r.section)
		l.fill(from, r, to)
	}
	from.copied[at] = to + 1
	return to
}

// fill copies what an element refers to, and then its content.
func (l *linking) fill(from *input, r ref, to int) {
	x := from.element(r.section, r.index)
	w := writer{data: x.data}
	for _, one := range x.refs {
		w.refs = append(w.refs, ref{one.section, l.copy(from, one)})
	}
	l.out[r.section][to] = w.element()
}

// pkg copies the description of a package. The compiler writes its path once more each
// time.
func (l *linking) pkg(from *input, i int) int {
	path := from.pkgPath(i)
	if to, known := l.packages[path]; known {
		return to
	}
	to := l.place(inPkg)
	l.packages[path] = to
	switch {
	case from == l.local && l.again:
		l.described[path] = true
	case from == l.local && !l.described[path]:
		panic(errRelink) // the old unit has the description of an import
	}
	if from == l.local || l.again {
		l.fill(from, ref{inPkg, i}, to)
		return to
	}
	x := from.element(inPkg, i)
	w := writer{}
	for _, one := range x.refs {
		w.refs = append(w.refs, ref{one.section, l.copy(from, one)})
	}
	x.text() // the path
	w.refs = append(w.refs, ref{inString, l.text(path)})
	w.number(len(w.refs) - 1)
	w.data = append(w.data, x.data...)
	l.out[inPkg][to] = w.element()
	return to
}

// object copies an object, and the bodies that belong to it.
func (l *linking) object(from *input, i int) int {
	name := from.element(inName, i)
	o := object{from.pkgPath(name.reference(inPkg)), name.text()}
	if to, known := l.objects[o]; known {
		return to
	}
	if from == l.local && o.path != l.local.self && o.path != "builtin" && o.path != "unsafe" {
		from = nil
		for _, one := range l.imports { // the last one that has it
			if k, has := one.objects[o]; has {
				from, i = one, k
			}
		}
		if from == nil {
			panic(errRelink)
		}
	}
	to := l.place(inObj)
	l.objects[o] = to
	for _, section := range []int{inObjExt, inName, inObjDict} {
		if l.place(section) != to {
			panic(errRelink)
		}
	}
	for _, section := range []int{inObj, inName, inObjDict, inObjExt} {
		l.fill(from, ref{section, i}, to)
	}
	for _, b := range l.bodies[o] {
		if _, done := l.placed[b]; !done {
			l.placed[b] = l.body(b)
		}
	}
	return to
}

func (l *linking) body(b object) int {
	if b.path == l.local.self {
		return l.copy(l.local, ref{inBody, l.local.bodies[b]})
	}
	for _, one := range l.imports { // the first one that has it
		if k, has := one.Exports.bodies[b]; has {
			return l.copy(one, ref{inBody, k})
		}
	}
	panic(errRelink)
}

// A writer writes an element.
type writer struct {
	refs []ref
	data []byte
}

func (w *writer) number(n int) { w.data = binary.AppendUvarint(w.data, uint64(n)) }

func (w *writer) reference(r ref) {
	i := slices.Index(w.refs, r)
	if i < 0 {
		i = len(w.refs)
		w.refs = append(w.refs, r)
	}
	w.number(i)
}

func (w *writer) element() []byte {
	b := binary.AppendUvarint(nil, uint64(len(w.refs)))
	for _, r := range w.refs {
		b = binary.AppendUvarint(b, uint64(r.section))
		b = binary.AppendUvarint(b, uint64(r.index))
	}
	return append(b, w.data...)
}
