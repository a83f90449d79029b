package engine

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"testing"
)

// Every type that has the method of an event is among the kinds, under a name of
// its own.
func TestKinds(t *testing.T) {
	names, types := map[string]bool{}, map[string]bool{}
	for _, k := range Kinds() {
		name := k.Event.Name()
		if names[name] {
			t.Errorf("two kinds of event are called %q", name)
		}
		names[name], types[reflect.TypeOf(k.Event).Name()] = true, true
		if k.Means == "" {
			t.Errorf("%s means nothing", name)
		}
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range sources {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || fn.Name.Name != "Name" {
				continue
			}
			found++
			if name := fn.Recv.List[0].Type.(*ast.Ident).Name; !types[name] {
				t.Errorf("%s is an event that Kinds does not list", name)
			}
		}
	}
	if found != len(types) {
		t.Errorf("%d types are events, Kinds lists %d", found, len(types))
	}
}
