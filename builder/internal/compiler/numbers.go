package compiler

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"maps"
	"os"
	"slices"
)

// The code of dependents refers to the symbols of a package by number: a symbol's place
// in the package's object. So a new function gives other numbers to all that come after
// it. The compiler puts the numbers into the export data, where dependents find them; they
// have no other meaning. So if objects differ in their numbers only, a dependent's
// archive with the new numbers in the place of the old ones is what the compiler would
// make.

// Numbers are the new numbers of the symbols of a package.
type Numbers struct {
	path string
	// symbols are those of the objects that do not differ, by their old numbers.
	symbols map[uint32]renumbered
	// extensions are what the compiler adds to the export data of these objects, which is
	// where the numbers are, by the objects' names.
	extensions map[string]extensions
}

type renumbered struct {
	name   string
	now    uint32
	unsure bool // it may be another symbol in the new state
}

type extensions struct{ old, now []byte }

var errNumbers = errors.New("references that have no new number")

// Numbers returns the new numbers of the objects that do not differ; nil if they have
// the numbers that they had. was and is are the archives of the two states.
func (d Difference) Numbers(old, now *Exports, was, is string) (n *Numbers, err error) {
	defer func() {
		if recover() != nil {
			n, err = nil, errNumbers
		}
	}()
	n = &Numbers{path: now.self, symbols: map[uint32]renumbered{}, extensions: map[string]extensions{}}
	same := true
	for o, j := range now.objects {
		i, known := old.objects[o]
		if !known || o.path != now.self {
			continue
		}
		if d.own[o] {
			same = n.common(old, now, i, j) && same
			continue
		}
		e := extensions{old.element(inObjExt, i).data, now.element(inObjExt, j).data}
		n.extensions[o.name] = e
		same = same && bytes.Equal(e.old, e.now)
		a, known := old.extension(i)
		b, understood := now.extension(j)
		if !known || !understood {
			continue // then a reference to it has no new number
		}
		if len(a.numbers) != len(b.numbers) {
			return nil, errNumbers
		}
		for k, number := range a.numbers {
			if s, twice := n.symbols[number]; twice && !s.unsure && s.now != b.numbers[k] {
				return nil, errNumbers
			}
			n.symbols[number] = renumbered{now: b.numbers[k]}
		}
	}
	unsure := slices.ContainsFunc(slices.Collect(maps.Values(n.symbols)), func(s renumbered) bool { return s.unsure })
	if same && !unsure {
		return nil, nil
	}
	if lost, err := n.name(was, is); err != nil || same && !lost {
		return nil, err
	}
	return n, nil
}

// common adds the symbols of an object that differs, as far as both states have them: code
// that may refer to them is compiled, or is known not to depend on the difference. It
// reports whether they have the numbers that they had.
func (n *Numbers) common(old, now *Exports, i, j int) (same bool) {
	a, known := old.extension(i)
	b, understood := now.extension(j)
	if !known || !understood {
		return true
	}
	same = true
	for k, number := range a.numbers {
		m := slices.Index(b.keys, a.keys[k])
		if m < 0 {
			same = false // a reference to it has no new number
			continue
		}
		same = same && number == b.numbers[m]
		if _, twice := n.symbols[number]; !twice {
			n.symbols[number] = renumbered{now: b.numbers[m], unsure: true}
		}
	}
	return same
}

// name names the symbols, which must be called the same in both archives. lost: some are
// not, and a reference to them has no new number.
func (n *Numbers) name(was, is string) (lost bool, err error) {
	old, err := readCode(was)
	if err != nil {
		return false, err
	}
	now, err := readCode(is)
	if err != nil {
		return false, err
	}
	for number, s := range n.symbols {
		if s.name = old.ownName(number); s.name == "" || s.name != now.ownName(s.now) {
			if !s.unsure {
				return false, errNumbers
			}
			delete(n.symbols, number)
			lost = true
			continue
		}
		n.symbols[number] = s
	}
	return lost, nil
}

// Renumber writes the archive of a dependent, with the new numbers, to the file to. It
// returns what is in it as the compiler would have written it; the file itself keeps the
// fingerprint that others know, which is returned too. was is what the archive is known to
// consist of; nil if it is as the compiler wrote it. It writes nothing if the archive has
// no numbers of the package; then the object is nil.
//
// exportOnly leaves the code as it is: it is for an archive that is compared, but not
// linked.
func (n *Numbers) Renumber(file, to string, was *Object, exportOnly bool) (o *Object, known Fingerprint, err error) {
	defer func() {
		if recover() != nil {
			o, err = nil, errNumbers
		}
	}()
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, known, err
	}
	a, err := split(data)
	if err != nil {
		return nil, known, err
	}
	if was == nil {
		was = objectOf(a.export.Body, a.code.Body)
	}
	export, self, exportChanged, err := n.export(a.export.Body, was.Print, exportOnly)
	if err != nil {
		return nil, known, err
	}
	code, err := parseCode(bytes.Clone(a.code.Body))
	if err != nil {
		return nil, known, err
	}
	codeChanged := false
	if !exportOnly {
		if codeChanged, err = n.renumber(code, self); err != nil {
			return nil, known, err
		}
	}
	if !exportChanged && !codeChanged {
		return nil, known, nil
	}
	if o, known, err = a.rewrite(to, export, code); exportOnly {
		o.Code = was.Code
	}
	return o, known, err
}

// export returns the export data of a dependent with the new numbers in its copies of the
// package's objects, and with the fingerprint that the compiler would give to them.
func (n *Numbers) export(text []byte, print Fingerprint, lenient bool) (next []byte, self string, changed bool, err error) {
	e, err := splitExports(text)
	if err != nil {
		return nil, "", false, err
	}
	begin := bytes.Index(text, []byte(exportBegin)) + len(exportBegin)
	body := text[begin : len(text)-len(exportEnd)]
	hash := func(data []byte) (f Fingerprint) {
		sum := sha256.Sum256(data)
		copy(f[:], sum[:])
		return f
	}
	if hash(body[:len(body)-len(print)]) != print {
		return nil, "", false, errNumbers
	}
	from := -1
	for i := range e.count(inPkg) {
		if e.pkgPath(i) == n.path {
			from = i
		}
	}
	replaced := map[int][]byte{}
	for i := range e.count(inObj) {
		name := e.element(inName, i)
		if from < 0 || name.reference(inPkg) != from {
			continue
		}
		x := e.element(inObjExt, i).data
		known, has := n.extensions[name.text()]
		switch {
		case has && bytes.Equal(x, known.old):
			if !bytes.Equal(x, known.now) {
				raw := e.raw(inObjExt, i)
				replaced[i] = append(bytes.Clone(raw[:len(raw)-len(x)]), known.now...)
			}
		case lenient:
		default:
			return nil, "", false, errNumbers
		}
	}
	next = bytes.Clone(text[:begin])
	at, grown := e.sections[inObjExt-1], 0
	next = append(next, body[:4*(2+int(sections))]...)
	for i, end := range e.ends {
		if x, is := replaced[i-at]; is {
			grown += len(x) - len(e.raw(inObjExt, i-at))
		}
		next = binary.LittleEndian.AppendUint32(next, uint32(int(end)+grown))
	}
	last := uint32(0)
	for i, end := range e.ends {
		if x, is := replaced[i-at]; is {
			next = append(next, x...)
		} else {
			next = append(next, e.data[last:end]...)
		}
		last = end
	}
	now := hash(next[begin:])
	self = e.pkgPath(e.element(inMeta, 0).reference(inPkg))
	return append(append(next, now[:]...), exportEnd...), self, len(replaced) > 0, nil
}
