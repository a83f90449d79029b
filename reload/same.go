//go:build hotdev && cgo && (linux || darwin || freebsd)

package reload

import (
	"reflect"
	"strings"
)

// A comparison compares types of different generations: they are the same if
// nothing distinguishes them but which copy of a package declares them.
type comparison struct {
	seen map[[2]reflect.Type]bool
}

// sameType reports whether a and b are the same, generations aside.
//
// If they are, a value of the one may be taken for a value of the other, which
// is what cast does: both have the same size and layout, so the same words of
// it are pointers, for the garbage collector as for code, and a function of such
// a type passes its arguments in the same registers. What does differ is the
// identity of named types: a value that was put into an interface by the one
// generation is not of the type that the other one asserts. Those who decide
// whether code may be reloaded look out for that; nothing unsafe follows from it.
func sameType(a, b reflect.Type) bool {
	c := comparison{map[[2]reflect.Type]bool{}}
	return c.same(a, b)
}

func (c comparison) same(a, b reflect.Type) bool {
	pair := [2]reflect.Type{a, b}
	if a == b || c.seen[pair] {
		return true
	}
	c.seen[pair] = true // a cycle is the same unless a difference is found in it
	if a.Kind() != b.Kind() || original(a.Name()) != original(b.Name()) || original(a.PkgPath()) != original(b.PkgPath()) {
		return false
	}
	if a.Name() != "" && !strings.Contains(a.PkgPath()+b.PkgPath()+a.Name()+b.Name(), "/"+generated) {
		return false // two of the program's own, as two functions' local types are
	}
	if a.Name() != "" && !(c.methods(a, b) && c.methods(reflect.PointerTo(a), reflect.PointerTo(b))) {
		return false
	}
	switch a.Kind() {
	case reflect.Array:
		return a.Len() == b.Len() && c.same(a.Elem(), b.Elem())
	case reflect.Chan:
		return a.ChanDir() == b.ChanDir() && c.same(a.Elem(), b.Elem())
	case reflect.Map:
		return c.same(a.Key(), b.Key()) && c.same(a.Elem(), b.Elem())
	case reflect.Pointer, reflect.Slice:
		return c.same(a.Elem(), b.Elem())
	case reflect.Func:
		return c.funcs(a, b)
	case reflect.Interface:
		return c.methods(a, b)
	case reflect.Struct:
		return c.structs(a, b)
	}
	return true // the kind says it all
}

func (c comparison) funcs(a, b reflect.Type) bool {
	if a.NumIn() != b.NumIn() || a.NumOut() != b.NumOut() || a.IsVariadic() != b.IsVariadic() {
		return false
	}
	for i := range a.NumIn() {
		if !c.same(a.In(i), b.In(i)) {
			return false
		}
	}
	for i := range a.NumOut() {
		if !c.same(a.Out(i), b.Out(i)) {
			return false
		}
	}
	return true
}

func (c comparison) structs(a, b reflect.Type) bool {
	if a.NumField() != b.NumField() || a.Size() != b.Size() {
		return false
	}
	for i := range a.NumField() {
		f, g := a.Field(i), b.Field(i)
		if f.Name != g.Name || f.Anonymous != g.Anonymous || f.Tag != g.Tag || f.Offset != g.Offset ||
			original(f.PkgPath) != original(g.PkgPath) || !c.same(f.Type, g.Type) {
			return false
		}
	}
	return true
}

// methods compares method sets, of which reflection knows the exported part
// (and of interfaces all).
func (c comparison) methods(a, b reflect.Type) bool {
	if a.NumMethod() != b.NumMethod() {
		return false
	}
	for i := range a.NumMethod() {
		m, n := a.Method(i), b.Method(i)
		if m.Name != n.Name || original(m.PkgPath) != original(n.PkgPath) || !c.same(m.Type, n.Type) {
			return false
		}
	}
	return true
}

// cast takes a value for one of a type that sameType holds the same.
func cast(v reflect.Value, to reflect.Type) reflect.Value {
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	return reflect.NewAt(to, p.UnsafePointer()).Elem()
}
