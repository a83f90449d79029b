package plugin

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/importpath"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// A syntax is the declarations of a package, as written in its files.
type syntax struct {
	path  string
	fset  *token.FileSet
	files []*ast.File
	// decls are the declarations by name; a method's name is "Type.Method".
	decls map[string]*declaration
	// broken: a file does not parse. The compiler reports it better.
	broken bool
	// special names a file that the linker or another compiler is involved with; empty
	// if there is none.
	special string
}

// A declaration is a top-level declaration of a function, method, type, constant or
// variable.
type declaration struct {
	name string
	kind token.Token // FUNC, TYPE, CONST, VAR
	node ast.Node    // *ast.FuncDecl, *ast.TypeSpec, *ast.ValueSpec
	file *ast.File
	text string // its source in canonical form, without comments
	// refs are the names that it mentions: "name" for its own package, or "path.name";
	// and ".name" for every selector that may be a method or a field.
	refs map[string]bool
}

// parseSyntax parses the text of a package's Go files.
func parseSyntax(s *source.Source) *syntax {
	x := &syntax{path: s.Pkg.ImportPath, fset: token.NewFileSet(), decls: map[string]*declaration{}}
	for _, name := range slices.Sorted(maps.Keys(s.Files)) {
		if filepath.Ext(name) != ".go" || !slices.Contains(s.Pkg.Files, name) {
			if slices.Contains(s.Pkg.Files, name) {
				x.special = filepath.Base(name) + " is not Go"
			}
			continue
		}
		text := s.Files[name].Text
		f, err := parser.ParseFile(x.fset, name, text, parser.SkipObjectResolution) // comments are not parsed
		if err != nil {
			x.broken = true
			continue
		}
		x.files = append(x.files, f)
		x.collect(f)
		n := 0
		for l := range strings.Lines(string(text)) {
			n++
			for _, directive := range []string{"//go:linkname ", "//go:cgo_"} {
				if strings.HasPrefix(l, directive) {
					x.special = fmt.Sprintf("%s:%d has %s", filepath.Base(name), n, strings.Fields(l)[0][2:])
				}
			}
		}
	}
	return x
}

func (x *syntax) collect(f *ast.File) {
	imports := importNames(f)
	if imports["C"] == "C" {
		x.special = x.place(f.Pos()) + " uses cgo"
	}
	add := func(name string, kind token.Token, node ast.Node) {
		d := &declaration{name: name, kind: kind, node: node, file: f, text: x.canonical(node), refs: map[string]bool{}}
		references(node, imports, d.refs)
		if name == "_" || name == "init" {
			name += strconv.Itoa(len(x.decls))
		}
		x.decls[name] = d
	}
	for _, decl := range f.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil {
				name = source.Receiver(d.Recv.List[0].Type) + "." + name
			}
			add(name, token.FUNC, d)
		case *ast.GenDecl:
			for i, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					add(s.Name.Name, token.TYPE, s)
				case *ast.ValueSpec:
					for _, n := range s.Names {
						add(n.Name, d.Tok, s)
						if d.Tok == token.CONST {
							// Its value may continue that of an earlier one (iota), so
							// all before it matter.
							c := x.decls[n.Name]
							if c == nil {
								continue
							}
							c.text += "\n" + strconv.Itoa(i)
							for _, before := range d.Specs[:i] {
								c.text += "\n" + x.canonical(before)
								references(before, imports, c.refs)
							}
						}
					}
				}
			}
		}
	}
}

// importNames are a file's imports, by their names in it. A package may have another
// name than the last element of its path; it is listed under every name that it may
// have.
func importNames(f *ast.File) map[string]string {
	names := map[string]string{}
	for _, spec := range f.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		if spec.Name != nil {
			names[spec.Name.Name] = p
			continue
		}
		last := importpath.LastElement(p)
		names[last] = p
		for _, part := range strings.FieldsFunc(last, func(r rune) bool { return r == '-' || r == '.' }) {
			if _, ok := names[part]; !ok {
				names[part] = p // go-yaml, yaml.v3
			}
		}
	}
	return names
}

// references collects what a node mentions.
func references(node ast.Node, imports map[string]string, into map[string]bool) {
	ast.Inspect(node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok {
				if p, ok := imports[x.Name]; ok {
					into[p+"."+n.Sel.Name] = true
				}
			}
			into["."+n.Sel.Name] = true
			references(n.X, imports, into)
			return false
		case *ast.Ident:
			into[n.Name] = true
		}
		return true
	})
}

// canonical returns a node's source without comments and layout.
func (x *syntax) canonical(node ast.Node) string {
	var b bytes.Buffer
	// In an empty file set no node has a line.
	if err := format.Node(&b, token.NewFileSet(), node); err != nil {
		return "unprintable"
	}
	return b.String()
}

func (x *syntax) place(pos token.Pos) string {
	p := x.fset.Position(pos)
	return filepath.Base(p.Filename) + ":" + strconv.Itoa(p.Line)
}

// methods returns the declarations of a type's methods, by name.
func (x *syntax) methods(typ string) map[string]*declaration {
	m := map[string]*declaration{}
	for name, d := range x.decls {
		if t, method, ok := strings.Cut(name, "."); ok && t == typ {
			m[method] = d
		}
	}
	return m
}

// signature returns a function's type as one writes it, without the names of
// parameters.
func (x *syntax) signature(d *declaration) string {
	f, ok := d.node.(*ast.FuncDecl)
	if !ok {
		return d.kind.String()
	}
	list := func(fields *ast.FieldList) []string {
		var types []string
		if fields != nil {
			for _, f := range fields.List {
				for range max(1, len(f.Names)) {
					types = append(types, x.canonical(f.Type))
				}
			}
		}
		return types
	}
	text := "func(" + strings.Join(list(f.Type.Params), ", ") + ")"
	if f.Type.TypeParams != nil {
		text = "func[" + strings.Join(list(f.Type.TypeParams), ", ") + "]" + text[len("func"):]
	}
	switch results := list(f.Type.Results); len(results) {
	case 0:
		return text
	case 1:
		return text + " " + results[0]
	default:
		return text + " (" + strings.Join(results, ", ") + ")"
	}
}
