package fast

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"

	"github.com/hotdev/hotdev/builder/internal/compiler"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// usage are the names that a package's source uses.
type usage struct {
	of      *source.Source
	imports []string // in the order in which the source imports them, without "unsafe"
	whole   names
	// declared are the names that each declaration uses. A function's name is the
	// compiler's. For a type they are those that its methods use, too.
	declared map[string][]*names
}

// names are names that a piece of source uses.
type names struct {
	plain    map[string]bool    // identifiers
	members  map[string]bool    // what is selected, and keys of literals
	selected map[[2]string]bool // what is selected from imports: path and name
	// extended are the same of types that are embedded, or that others are defined as; the
	// path of the package's own is empty.
	extended map[[2]string]bool
	dots     map[string]bool // imports whose names are used as they are
	required map[string]bool // methods of interface types
}

// usage returns the names that the source of a package uses; nil if it is not
// understood.
func (p *Plan) usage(n *Node) *usage {
	if m := n.usage; m != nil && m.of == n.From {
		return m
	}
	m := &usage{of: n.From, declared: map[string][]*names{}}
	for _, file := range n.Files(n.From) {
		text := n.text(file)
		f, err := parser.ParseFile(token.NewFileSet(), "", text, parser.SkipObjectResolution)
		if err != nil || len(text) == 0 || !m.add(f, p) {
			return nil
		}
	}
	n.usage = m
	return m
}

// add adds a file. It returns false if the name of an imported package is not known.
func (m *usage) add(f *ast.File, p *Plan) bool {
	called, dots := map[string]string{}, map[string]bool{}
	declared := declaredIn(f)
	for _, spec := range f.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil || path == "C" {
			return false
		}
		if path == "unsafe" {
			continue
		}
		if !slices.Contains(m.imports, path) {
			m.imports = append(m.imports, path)
		}
		n := p.Nodes[path]
		switch {
		case n == nil:
			return false
		case spec.Name == nil && n.listed.Name == "":
			return false
		case spec.Name == nil:
			called[n.listed.Name] = path
		case spec.Name.Name == ".":
			dots[path] = true
		default:
			called[spec.Name.Name] = path
		}
	}
	m.whole.collect(f, called, dots, declared)
	namesIn := func(root ast.Node) *names {
		ns := &names{}
		ns.collect(root, called, dots, declared)
		return ns
	}
	add := func(name string, ns *names) { m.declared[name] = append(m.declared[name], ns) }
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			of, ns := declaration{of: d.Name.Name, call: d.Name.Name}, namesIn(d)
			if d.Recv != nil && len(d.Recv.List) == 1 {
				of.receiver(d.Name.Name, d.Recv.List[0].Type)
				add(of.of, ns)
			}
			add(of.call, ns)
		case *ast.GenDecl:
			var group *names
			if d.Tok == token.CONST {
				group = namesIn(d) // a constant's expression may be another one's
			}
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					add(spec.Name.Name, namesIn(spec))
				case *ast.ValueSpec:
					ns := group
					if ns == nil {
						ns = namesIn(spec)
					}
					for _, id := range spec.Names {
						add(id.Name, ns)
					}
				}
			}
		}
	}
	return true
}

// declaredIn returns the names that a file declares anywhere. They may hide an import's.
func declaredIn(f *ast.File) map[string]bool {
	declared := map[string]bool{}
	add := func(x ast.Expr) {
		if id, ok := x.(*ast.Ident); ok {
			declared[id.Name] = true
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, x := range n.Lhs {
				add(x)
			}
		case *ast.RangeStmt:
			add(n.Key)
			add(n.Value)
		case *ast.Field:
			for _, x := range n.Names {
				add(x)
			}
		case *ast.ValueSpec:
			for _, x := range n.Names {
				add(x)
			}
		case *ast.TypeSpec:
			add(n.Name)
		}
		return true
	})
	return declared
}

// collect adds the names in a piece of source. called are the names of the file's
// imports.
func (ns *names) collect(root ast.Node, called map[string]string, dots, declared map[string]bool) {
	if ns.plain == nil {
		*ns = names{
			plain: map[string]bool{}, members: map[string]bool{}, dots: map[string]bool{}, required: map[string]bool{},
			selected: map[[2]string]bool{}, extended: map[[2]string]bool{},
		}
	}
	for path := range dots {
		ns.dots[path] = true
	}
	imported := func(x ast.Expr) (path, name string, ok bool) {
		s, is := x.(*ast.SelectorExpr)
		if !is {
			return "", "", false
		}
		id, is := s.X.(*ast.Ident)
		if !is {
			return "", "", false
		}
		path, ok = called[id.Name]
		return path, s.Sel.Name, ok
	}
	var extend func(x ast.Expr)
	extend = func(x ast.Expr) {
		switch x := x.(type) {
		case *ast.StarExpr:
			extend(x.X)
		case *ast.ParenExpr:
			extend(x.X)
		case *ast.UnaryExpr:
			extend(x.X)
		case *ast.IndexExpr: // a generic alias may stand for its argument
			extend(x.X)
			extend(x.Index)
		case *ast.IndexListExpr:
			extend(x.X)
			for _, argument := range x.Indices {
				extend(argument)
			}
		case *ast.Ident:
			ns.extended[[2]string{"", x.Name}] = true
		case *ast.SelectorExpr:
			if path, name, ok := imported(x); ok {
				ns.extended[[2]string{path, name}] = true
			}
		}
	}
	fields := func(list *ast.FieldList) {
		if list == nil {
			return
		}
		for _, f := range list.List {
			if len(f.Names) == 0 {
				extend(f.Type)
			}
		}
	}
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			ns.plain[n.Name] = true
		case *ast.SelectorExpr:
			path, name, ok := imported(n)
			if ok {
				ns.selected[[2]string{path, name}] = true
			}
			if id, is := n.X.(*ast.Ident); !ok || is && declared[id.Name] {
				ns.members[n.Sel.Name] = true
			}
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok {
				ns.members[key.Name] = true
			}
		case *ast.FuncDecl:
			if n.Type.TypeParams != nil {
				ns.inferred(n.Type)
			}
		case *ast.StructType:
			fields(n.Fields)
		case *ast.InterfaceType:
			fields(n.Methods)
			for _, f := range n.Methods.List {
				for _, name := range f.Names {
					ns.required[name.Name] = true
				}
			}
		case *ast.TypeSpec:
			extend(n.Type)
			if n.TypeParams != nil {
				ns.inferred(n)
			}
		}
		return true
	})
}

// inferred adds the methods and fields that types of something generic are written with:
// type arguments are inferred from the types of those of the same name.
func (ns *names) inferred(root ast.Node) {
	add := func(list *ast.FieldList) {
		for _, f := range list.List {
			for _, id := range f.Names {
				ns.members[id.Name] = true
			}
		}
	}
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.StructType:
			add(n.Fields)
		case *ast.InterfaceType:
			add(n.Methods)
		}
		return true
	})
}

// touch reports whether a tainted name is one of the names. path is the package that they
// are used in.
func (ns *names) touch(m compiler.Mark, path string) bool {
	if m.Kind == compiler.MarkMember {
		return ns.members[m.Name] && (m.Path == "" || m.Path == path)
	}
	of := [2]string{m.Path, m.Name}
	switch {
	case ns.dots[m.Path]:
		return true
	case m.Kind == compiler.MarkWrapped && m.Path == path:
		return ns.extended[[2]string{"", m.Name}]
	case m.Kind == compiler.MarkWrapped:
		return ns.extended[of]
	case m.Path == path:
		return ns.plain[m.Name]
	}
	return ns.selected[of]
}
