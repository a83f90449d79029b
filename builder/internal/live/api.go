package live

import (
	"go/constant"
	"go/token"
	"go/types"

	"github.com/hotdev/hotdev/builder/internal/goobj"
)

// sameAPI reports whether a package looks the same to its importers as before: whether
// the objects that it declares for them have the same types and values. The structure
// of its declared types has been compared already (compareTypes).
func sameAPI(old, now *types.Package) bool {
	was, is := visible(old.Scope()), visible(now.Scope())
	if len(was) != len(is) {
		return false
	}
	for name, a := range was {
		if b := is[name]; b == nil || !sameObject(a, b) {
			return false
		}
	}
	return true
}

// visible returns the objects that others can refer to: exported ones, and types, of
// which others may have values.
func visible(s *types.Scope) map[string]types.Object {
	m := map[string]types.Object{}
	for _, name := range s.Names() {
		o := s.Lookup(name)
		if _, isType := o.(*types.TypeName); isType || o.Exported() {
			m[name] = o
		}
	}
	return m
}

func sameObject(a, b types.Object) bool {
	if !identical(a.Type(), b.Type()) {
		return false
	}
	switch a := a.(type) {
	case *types.Const:
		b, ok := b.(*types.Const)
		return ok && a.Val().Kind() == b.Val().Kind() && constant.Compare(a.Val(), token.EQL, b.Val())
	case *types.TypeName:
		b, ok := b.(*types.TypeName)
		return ok && a.IsAlias() == b.IsAlias() && sameMethods(a.Type(), b.Type())
	case *types.Var:
		_, ok := b.(*types.Var)
		return ok
	case *types.Func:
		_, ok := b.(*types.Func)
		return ok
	}
	return false
}

// sameMethods reports whether two declarations of a type have the same methods.
func sameMethods(a, b types.Type) bool {
	x, ok1 := a.(*types.Named)
	y, ok2 := b.(*types.Named)
	if !ok1 || !ok2 {
		return ok1 == ok2
	}
	if x.NumMethods() != y.NumMethods() || typeParams(x) != typeParams(y) {
		return false
	}
	is := map[string]*types.Func{}
	for m := range y.Methods() {
		is[m.Name()] = m
	}
	for m := range x.Methods() {
		n := is[m.Name()]
		if n == nil || !identical(m.Signature(), n.Signature()) || !identical(m.Signature().Recv().Type(), n.Signature().Recv().Type()) {
			return false
		}
	}
	return true
}

// reaches reports whether a package imports, directly or not, one of others, which are
// import paths. newer are objects that are not in the program yet, by path in symbol
// names.
func (h *Host) reaches(pkg string, others map[string]bool, newer map[string]*object) bool {
	if len(others) == 0 {
		return false
	}
	seen := map[string]bool{}
	var visit func(pkg string) bool
	visit = func(pkg string) bool {
		if seen[pkg] {
			return false
		}
		seen[pkg] = true
		o := newer[pkg]
		if o == nil {
			o = h.newest[pkg]
		}
		if o == nil {
			o = h.current(pkg)
		}
		if o == nil {
			return true // unknown, so assume it does
		}
		for _, path := range o.imports() {
			if others[path] || visit(goobj.PathInNames(path)) {
				return true
			}
		}
		return false
	}
	return visit(pkg)
}
