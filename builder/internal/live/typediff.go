package live

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// compareTypes compares the declared types of the program with the new ones. The two
// belong to different universes, so types are compared by their structure. A named type
// counts as the same if its name is; its own structure is compared where it is
// declared.
func (c *comparison) compareTypes(known map[string]types.Object) {
	for _, name := range slices.Sorted(maps.Keys(c.now.types)) {
		now := c.now.types[name]
		old := known[name]
		if old == nil {
			continue
		}
		short := name[strings.LastIndexByte(name, '.')+1:]
		if i := strings.IndexByte(short, '#'); i >= 0 {
			short = short[:i]
		}
		if why := declaredDiffer(short, old.Type(), now.Type()); why != "" {
			o := refuse(Type, name, "%s", why)
			o.File, o.Line = c.now.place(c.now.spots[name])
			if pos := fieldPlace(old.Type(), now.Type()); pos.IsValid() {
				p := c.now.fset.Position(pos)
				o.File, o.Line = p.Filename, p.Line
			}
			c.types = append(c.types, o)
		}
	}
}

// declaredDiffer returns a sentence about how two declarations of a type differ, or ""
// if they do not. Methods are ignored here.
func declaredDiffer(name string, old, now types.Type) string {
	oldNamed, ok1 := old.(*types.Named)
	nowNamed, ok2 := now.(*types.Named)
	if ok1 != ok2 {
		return fmt.Sprintf("type %s is an alias now, or no longer one", name)
	}
	if ok1 && typeParams(oldNamed) != typeParams(nowNamed) {
		return fmt.Sprintf("the type parameters of %s changed", name)
	}
	if !ok1 { // an alias, which is identical to the type that it names
		if !identical(old, now) {
			return fmt.Sprintf("type %s is %s, and was %s", name, typeText(now), typeText(old))
		}
		return ""
	}
	a, b := old.Underlying(), now.Underlying()
	if identical(a, b) {
		return ""
	}
	if x, ok := a.(*types.Struct); ok {
		if y, ok := b.(*types.Struct); ok {
			return structsDiffer(name, x, y)
		}
	}
	if x, ok := a.(*types.Interface); ok {
		if y, ok := b.(*types.Interface); ok {
			return interfacesDiffer(name, x, y)
		}
	}
	return fmt.Sprintf("type %s is %s, and was %s", name, typeText(b), typeText(a))
}

func structsDiffer(name string, old, now *types.Struct) string {
	fields := func(s *types.Struct) map[string]int {
		m := map[string]int{}
		for i := range s.NumFields() {
			m[s.Field(i).Name()] = i
		}
		return m
	}
	was, is := fields(old), fields(now)
	for i := range now.NumFields() {
		if _, ok := was[now.Field(i).Name()]; !ok {
			return fmt.Sprintf("field %s added to %s", now.Field(i).Name(), name)
		}
	}
	for i := range old.NumFields() {
		f := old.Field(i)
		k, ok := is[f.Name()]
		switch {
		case !ok:
			return fmt.Sprintf("field %s of %s removed", f.Name(), name)
		case !identical(f.Type(), now.Field(k).Type()) || f.Embedded() != now.Field(k).Embedded():
			return fmt.Sprintf("field %s of %s is %s, and was %s", f.Name(), name, typeText(now.Field(k).Type()), typeText(f.Type()))
		case old.Tag(i) != now.Tag(k):
			return fmt.Sprintf("field %s of %s has another tag", f.Name(), name)
		}
	}
	return fmt.Sprintf("the fields of %s are in another order", name)
}

func interfacesDiffer(name string, old, now *types.Interface) string {
	was, is := interfaceMethods(old), interfaceMethods(now)
	for _, m := range slices.Sorted(maps.Keys(is)) {
		if was[m] == nil {
			return fmt.Sprintf("method %s added to interface %s", m, name)
		}
	}
	for _, m := range slices.Sorted(maps.Keys(was)) {
		if is[m] == nil {
			return fmt.Sprintf("method %s of interface %s removed", m, name)
		}
		if !identical(was[m].Type(), is[m].Type()) {
			return fmt.Sprintf("method %s of interface %s has another type", m, name)
		}
	}
	return fmt.Sprintf("interface %s changed", name)
}

func interfaceMethods(i *types.Interface) map[string]*types.Func {
	m := map[string]*types.Func{}
	for k := range i.NumMethods() {
		m[i.Method(k).Name()] = i.Method(k)
	}
	return m
}

// identical reports whether two types of different universes are the same.
func identical(a, b types.Type) bool {
	// The text contains everything (package paths, field names, tags, array lengths,
	// parameter types) except the names of parameters.
	return same{}.types(a, b)
}

// same compares types. Pairs of interfaces and type parameters that are being compared
// count as the same.
type same struct{ depth int }

func (s same) types(a, b types.Type) bool {
	if s.depth > 100 {
		return false
	}
	s.depth++
	a, b = types.Unalias(a), types.Unalias(b)
	switch a := a.(type) {
	case *types.Basic:
		b, ok := b.(*types.Basic)
		return ok && a.Kind() == b.Kind()
	case *types.Named:
		b, ok := b.(*types.Named)
		return ok && s.named(a, b)
	case *types.Pointer:
		b, ok := b.(*types.Pointer)
		return ok && s.types(a.Elem(), b.Elem())
	case *types.Slice:
		b, ok := b.(*types.Slice)
		return ok && s.types(a.Elem(), b.Elem())
	case *types.Array:
		b, ok := b.(*types.Array)
		return ok && a.Len() == b.Len() && s.types(a.Elem(), b.Elem())
	case *types.Map:
		b, ok := b.(*types.Map)
		return ok && s.types(a.Key(), b.Key()) && s.types(a.Elem(), b.Elem())
	case *types.Chan:
		b, ok := b.(*types.Chan)
		return ok && a.Dir() == b.Dir() && s.types(a.Elem(), b.Elem())
	case *types.Struct:
		b, ok := b.(*types.Struct)
		if !ok || a.NumFields() != b.NumFields() {
			return false
		}
		for i := range a.NumFields() {
			x, y := a.Field(i), b.Field(i)
			if x.Name() != y.Name() || x.Embedded() != y.Embedded() || a.Tag(i) != b.Tag(i) || !samePackage(x, y) || !s.types(x.Type(), y.Type()) {
				return false
			}
		}
		return true
	case *types.Signature:
		b, ok := b.(*types.Signature)
		return ok && a.Variadic() == b.Variadic() && s.params(a.TypeParams(), b.TypeParams()) && s.tuple(a.Params(), b.Params()) && s.tuple(a.Results(), b.Results())
	case *types.Interface:
		b, ok := b.(*types.Interface)
		if !ok || a.NumMethods() != b.NumMethods() || a.NumEmbeddeds() != b.NumEmbeddeds() || a.IsComparable() != b.IsComparable() {
			return false
		}
		was, is := interfaceMethods(a), interfaceMethods(b)
		for m, x := range was {
			y := is[m]
			if y == nil || !samePackage(x, y) || !s.types(x.Type(), y.Type()) {
				return false
			}
		}
		for i := range a.NumEmbeddeds() {
			if !s.types(a.EmbeddedType(i), b.EmbeddedType(i)) {
				return false
			}
		}
		return true
	case *types.Union:
		b, ok := b.(*types.Union)
		if !ok || a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if a.Term(i).Tilde() != b.Term(i).Tilde() || !s.types(a.Term(i).Type(), b.Term(i).Type()) {
				return false
			}
		}
		return true
	case *types.TypeParam:
		b, ok := b.(*types.TypeParam)
		return ok && a.Index() == b.Index()
	case *types.Tuple:
		b, ok := b.(*types.Tuple)
		return ok && s.tuple(a, b)
	}
	return false
}

func (s same) named(a, b *types.Named) bool {
	x, y := a.Obj(), b.Obj()
	if x.Name() != y.Name() || (x.Pkg() == nil) != (y.Pkg() == nil) || x.Pkg() != nil && x.Pkg().Path() != y.Pkg().Path() {
		return false
	}
	// Types declared in functions have no unique name: they are compared where they are
	// declared, and here by their structure.
	if x.Pkg() != nil && x.Parent() != x.Pkg().Scope() && a.TypeArgs() == nil && !s.types(a.Underlying(), b.Underlying()) {
		return false
	}
	p, q := a.TypeArgs(), b.TypeArgs()
	if p.Len() != q.Len() {
		return false
	}
	for i := range p.Len() {
		if !s.types(p.At(i), q.At(i)) {
			return false
		}
	}
	return true
}

func (s same) tuple(a, b *types.Tuple) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i := range a.Len() {
		if !s.types(a.At(i).Type(), b.At(i).Type()) {
			return false
		}
	}
	return true
}

func (s same) params(a, b *types.TypeParamList) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i := range a.Len() {
		if !s.types(a.At(i).Constraint(), b.At(i).Constraint()) {
			return false
		}
	}
	return true
}

// samePackage compares the packages of two objects, because names that are not exported
// belong to a package.
func samePackage(a, b types.Object) bool {
	if a.Exported() || a.Pkg() == nil || b.Pkg() == nil {
		return true
	}
	return a.Pkg().Path() == b.Pkg().Path()
}

// typeParams returns a type's parameters as text.
func typeParams(n *types.Named) string {
	var b strings.Builder
	for i := range n.TypeParams().Len() {
		fmt.Fprintf(&b, "%s;", n.TypeParams().At(i).Constraint())
	}
	return b.String()
}

// typeText returns a type as its package would write it.
func typeText(t types.Type) string {
	s := types.TypeString(t, func(p *types.Package) string { return p.Name() })
	if len(s) > 60 {
		return "another one"
	}
	return s
}

// methods returns an obstacle if a method of a type changed: the set of methods is a
// part of what the program knows of the type.
func (c *comparison) methods(typeName string) *Obstacle {
	obstacle := func(kind Kind, s *sources, f *function, format string, args ...any) *Obstacle {
		o := refuse(kind, typeName, format, args...)
		o.File, o.Line = s.place(f.decl)
		return o
	}
	for _, name := range slices.Sorted(maps.Keys(c.old.funcs)) {
		method, ok := strings.CutPrefix(name, typeName+".")
		if !ok {
			continue
		}
		was, is := c.old.funcs[name], c.now.funcs[name]
		switch {
		case is == nil:
			return obstacle(Method, c.old, was, "method %s of %s removed", method, typeName)
		case c.calls[name]:
			return obstacle(Signature, c.now, is, "method %s of %s has another type", method, typeName)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.now.funcs)) {
		if method, ok := strings.CutPrefix(name, typeName+"."); ok && c.old.funcs[name] == nil {
			return obstacle(Method, c.now, c.now.funcs[name], "method %s added to %s", method, typeName)
		}
	}
	return nil
}
