package compiler

import (
	"fmt"
	"slices"
	"strings"
)

// A shape is what export data tell of an object. Only objects that are not generic have
// one.
type shape struct {
	kind    int
	text    string   // two objects of the same text are the same
	head    string   // of a type: the text without its methods, unless it is an interface
	uses    uses     // a type's are those of its underlying type
	code    int      // of a type's underlying type
	fields  []member // of a struct
	methods []member // also those of an interface
}

// opaque reports whether the shape is that of a type that is neither a struct nor an
// interface.
func (h shape) opaque() bool { return h.kind == isType && h.code != structure && h.code != iface }

// The kinds of objects.
const (
	isAlias = iota
	isConstant
	isType
	isFunction
	isVariable
)

// A member is a field or a method.
type member struct {
	name     string
	text     string // of a method
	uses     uses   // a method's are without its receiver
	embedded bool
}

// uses are the named types that a type is written with.
type uses struct {
	all      []object
	layout   []object // those that its own layout or its selectors depend on
	embedded []object // those that are embedded in it
}

func (u *uses) add(v uses) {
	u.all = append(u.all, v.all...)
	u.layout = append(u.layout, v.layout...)
	u.embedded = append(u.embedded, v.embedded...)
}

// shapes reads the shapes of the objects of a package.
type shapes struct {
	e     *Exports
	exact bool     // the texts have positions
	names []object // of the objects, by index
	types map[int]typeShape
}

type typeShape struct {
	text    string
	uses    uses
	fields  []member
	methods []member
	code    int
}

func newShapes(e *Exports, exact bool) *shapes {
	s := &shapes{e: e, exact: exact, names: make([]object, e.count(inObj)), types: map[int]typeShape{}}
	for o, i := range e.objects {
		s.names[i] = o
	}
	return s
}

// declarations returns the shapes of the package's objects; nil for an object that is not
// understood. It must not be called from several goroutines.
func (e *Exports) declarations() map[object]*shape {
	if e.shapes != nil {
		return e.shapes
	}
	s := newShapes(e, false)
	e.shapes = map[object]*shape{}
	for o, i := range e.objects {
		if o.path != e.self {
			continue
		}
		e.shapes[o] = nil
		if h, ok := s.shape(i); ok {
			e.shapes[o] = &h
		}
	}
	return e.shapes
}

// generic reports whether an object has type parameters.
func (s *shapes) generic(i int) bool {
	x := s.e.element(inObjDict, i)
	for range 3 { // those of what is around it, its own, and types that depend on them
		if x.number() > 0 {
			return true
		}
	}
	return false
}

// shape returns the shape of an object. ok is false if it is not understood.
func (s *shapes) shape(i int) (h shape, ok bool) {
	defer func() {
		if recover() != nil {
			h, ok = shape{}, false
		}
	}()
	if s.generic(i) {
		return shape{}, false
	}
	name, x := s.e.element(inName, i), s.e.element(inObj, i)
	name.reference(inPkg)
	name.reference(inString)
	h.kind = name.number()
	var text strings.Builder
	fmt.Fprint(&text, h.kind, s.position(x))
	switch h.kind {
	case isAlias, isVariable:
		t := s.typ(x)
		h.uses = t.uses
		text.WriteString(t.text)
	case isConstant:
		t := s.typ(x)
		fmt.Fprintf(&text, "%s %q", t.text, x.data)
		for _, r := range x.refs {
			if r.section == inString {
				fmt.Fprintf(&text, " %q", s.e.raw(inString, r.index))
			}
		}
		return shape{kind: h.kind, text: text.String(), uses: t.uses}, true
	case isFunction:
		t := s.signature(x)
		h.uses = t.uses
		text.WriteString(t.text + s.position(x))
	case isType:
		t := s.typ(x)
		h.uses, h.code, h.fields, h.methods = t.uses, t.code, t.fields, slices.Clone(t.methods)
		text.WriteString(t.text)
		h.head = text.String()
		for range x.number() {
			at := s.position(x)
			called := s.selector(x)
			receiver := s.parameter(x)
			t := s.signature(x)
			m := member{name: lastName(called), uses: t.uses}
			m.text = fmt.Sprintf("\n%s %s%s%s%s", receiver.text, at, called, t.text, s.position(x))
			h.methods = append(h.methods, m)
			text.WriteString(m.text)
		}
	default:
		return shape{}, false
	}
	h.text = text.String()
	return h, len(x.data) == 0
}

func (s *shapes) selector(x *element) string {
	path := s.e.pkgPath(x.reference(inPkg))
	return path + "." + x.text()
}

func lastName(selector string) string { return selector[strings.LastIndexByte(selector, '.')+1:] }

// position reads a position. It returns it if the texts have positions.
func (s *shapes) position(x *element) string {
	if !x.flag() {
		return ""
	}
	file, line, column := x.reference(inPosBase), x.number(), x.number()
	if !s.exact {
		return ""
	}
	return fmt.Sprintf(" @%q:%d:%d ", s.e.element(inPosBase, file).text(), line, column)
}

// typ reads a type, which is not one of something generic.
func (s *shapes) typ(x *element) typeShape {
	if x.flag() {
		panic(errExports)
	}
	i := x.reference(inType)
	if t, known := s.types[i]; known {
		return t
	}
	t := s.readType(s.e.element(inType, i))
	s.types[i] = t
	return t
}

// The codes of types.
const (
	basic = iota
	named
	pointer
	slice
	array
	channel
	mapping
	signature
	structure
	iface
	union
)

func (s *shapes) readType(x *element) (t typeShape) {
	switch t.code = x.number(); t.code {
	case basic:
		t.text = fmt.Sprint("basic", x.number())
	case named:
		o := s.names[x.reference(inObj)]
		t.text = o.path + "." + o.name
		t.uses.all = []object{o}
		for range x.number() {
			of := s.typ(x)
			t.text += "[" + of.text + "]"
			t.uses.add(of.uses)
		}
		t.uses.layout = slices.Clone(t.uses.all)
	case pointer, slice:
		t.elem([]string{pointer: "*", slice: "[]"}[t.code], s.typ(x))
	case array:
		t.text = fmt.Sprintf("[%d]", x.number())
		of := s.typ(x)
		t.text += of.text
		t.uses.add(of.uses)
	case channel:
		t.elem(fmt.Sprint("chan", x.number(), " "), s.typ(x))
	case mapping:
		t.elem("map ", s.typ(x))
		t.elem(" to ", s.typ(x))
	case signature:
		t = s.signature(x)
	case structure:
		t.text = "struct{"
		for range x.number() {
			t.text += s.position(x)
			called := s.selector(x)
			of := s.typ(x)
			tag, embedded := x.text(), x.flag()
			t.text += fmt.Sprintf("%s %s %q %t;", called, of.text, tag, embedded)
			t.uses.add(of.uses)
			if embedded { // selectors depend on what it consists of
				t.uses.layout = append(t.uses.layout, of.uses.all...)
				t.uses.embedded = append(t.uses.embedded, of.uses.all...)
			}
			t.fields = append(t.fields, member{name: lastName(called), uses: of.uses, embedded: embedded})
		}
		t.text += "}"
	case iface:
		methods, embedded := x.number(), x.number()
		t.text = fmt.Sprint("interface ", methods, " ", embedded)
		if methods == 0 && embedded == 1 {
			t.text += fmt.Sprint(x.flag())
		}
		t.text += "{"
		for range methods {
			t.text += s.position(x)
			called := s.selector(x)
			of := s.signature(x)
			t.elem(called, of)
			t.text += ";"
			t.methods = append(t.methods, member{name: lastName(called), uses: of.uses})
		}
		for range embedded {
			of := s.typ(x)
			t.text += of.text + ";"
			t.uses.add(of.uses)
			t.uses.layout = append(t.uses.layout, of.uses.all...)
			t.uses.embedded = append(t.uses.embedded, of.uses.all...)
		}
		t.text += "}"
	case union:
		t.text = "union"
		for range x.number() {
			t.text += fmt.Sprint(" | ", x.flag())
			of := s.typ(x)
			t.text += of.text
			t.uses.add(of.uses)
			t.uses.layout = append(t.uses.layout, of.uses.all...)
		}
	default:
		panic(errExports)
	}
	if len(x.data) > 0 {
		panic(errExports)
	}
	return t
}

// elem makes the type one whose layout does not depend on that of its elements.
func (t *typeShape) elem(before string, of typeShape) {
	t.text += before + of.text
	t.uses.all = append(t.uses.all, of.uses.all...)
	t.uses.embedded = append(t.uses.embedded, of.uses.embedded...)
}

func (s *shapes) signature(x *element) (t typeShape) {
	t.text = "func("
	for part := range 2 {
		for range x.number() {
			t.elem(" ", s.parameter(x))
		}
		if part == 0 {
			t.text += ") ("
		}
	}
	t.text += fmt.Sprint(") ", x.flag())
	return t
}

func (s *shapes) parameter(x *element) (t typeShape) {
	at := s.position(x)
	called := s.selector(x)
	t = s.typ(x)
	t.text = at + called + " " + t.text
	return t
}
