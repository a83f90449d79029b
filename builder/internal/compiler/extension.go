package compiler

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// An extension is what the compiler adds to the export data of an object (linker.go of
// cmd/compile/internal/noder), with the numbers of its symbols apart.
type extension struct {
	rest    []byte
	numbers []uint32
	keys    []string // what each number is of: a method by its name, or another symbol of the object
	// told is what is said of each method, by name, and of the object itself under the
	// empty name, in a form that can be compared.
	told map[string]string
}

// The keys of numbers that are not a method's. No method is called so.
const (
	ofObject     = ""
	ofDescriptor = "type"
	ofPointer    = "*type"
)

// extension reads the extension of an object. ok is false if it is not understood.
func (e *Exports) extension(i int) (x extension, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	name, of, ext := e.element(inName, i), e.element(inObj, i), e.element(inObjExt, i)
	data := ext.data // from the last number on
	var told strings.Builder
	number := func(key string) (has bool) {
		before := data[:len(data)-len(ext.data)]
		n := ext.signed()
		if n < 0 { // it has none
			return false
		}
		x.numbers, x.keys = append(x.numbers, uint32(n)), append(x.keys, key)
		x.rest, data = append(append(x.rest, before...), 0), ext.data
		fmt.Fprintf(&told, "numbered %s ", key)
		return true
	}
	linkname := func(key string) {
		if !number(key) {
			fmt.Fprintf(&told, "%q ", e.raw(inString, ext.reference(inString)))
			if e.version >= version27 {
				fmt.Fprint(&told, ext.flag()) // of the standard library alone
			}
		}
	}
	function := func(key string, parameters int) {
		fmt.Fprint(&told, ext.signed()) // pragmas
		linkname(key)
		if !ext.flag() { // its body takes the place of what is known of it
			ext.reference(inBody)
			told.WriteString("body")
			return
		}
		fmt.Fprint(&told, ext.number()) // ABI
		for range parameters {
			fmt.Fprintf(&told, " %q", e.raw(inString, ext.reference(inString)))
		}
		if ext.flag() { // it may be inlined
			fmt.Fprint(&told, " ", ext.number(), ext.flag()) // what that costs
		}
	}
	name.reference(inPkg)
	name.reference(inString)
	x.told = map[string]string{}
	const typ, fn, variable = 2, 3, 4
	switch name.number() { // the kind of object
	case fn:
		of.position()
		if e.version >= version27 && of.flag() {
			panic(errExports) // a generic method, which has no symbols
		}
		function(ofObject, of.signature())
		of.position()
	case variable:
		linkname(ofObject)
		of.data = nil
	case typ:
		of.position()
		fmt.Fprint(&told, ext.signed()) // pragmas
		number(ofDescriptor)
		number(ofPointer)
		of.typ()
		methods := of.number()
		x.told[ofObject] = told.String()
		for range methods {
			told.Reset()
			if e.version >= version27 {
				of.number() // its place among all methods
			}
			of.position()
			of.reference(inPkg)
			called := of.text()
			of.parameter()
			function(called, 1+of.signature())
			of.position()
			x.told[called] = told.String()
		}
		if e.version >= version27 {
			for range of.number() {
				of.reference(inObj) // to a generic method
			}
		}
	default:
		of.data = nil
	}
	x.rest = append(x.rest, data...)
	return x, len(ext.data) == 0 && len(of.data) == 0 && len(name.data) == 0
}

func (x *element) signed() int {
	n, size := binary.Varint(x.data)
	if size <= 0 {
		panic(errExports)
	}
	x.data = x.data[size:]
	return int(n)
}

func (x *element) flag() bool {
	b := x.data[0]
	x.data = x.data[1:]
	if b > 1 {
		panic(errExports)
	}
	return b == 1
}

func (x *element) position() {
	if x.flag() {
		x.reference(inPosBase)
		x.number()
		x.number()
	}
}

func (x *element) typ() {
	if x.flag() {
		panic(errExports) // of something generic, which has no symbols
	}
	x.reference(inType)
}

func (x *element) parameter() {
	x.position()
	x.reference(inPkg)
	x.reference(inString)
	x.typ()
}

// signature returns the number of parameters.
func (x *element) signature() int {
	parameters := x.number()
	for range parameters {
		x.parameter()
	}
	for range x.number() {
		x.parameter()
	}
	x.flag() // variadic
	return parameters
}
