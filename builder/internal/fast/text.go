package fast

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/source"
)

// If nothing differs in what a package imports, the text of its declarations tells what
// may differ in its export data apart from positions: a declaration with the same tokens
// means the same, unless it names one that changed, or an import that its file did not
// have. What the compiler adds to a declaration (whether a function may be inlined, which
// of its parameters escape) is compared in the archives; see [compiler.DifferIn].
//
// This costs only the time to parse the source. Where the text cannot tell, the proof by
// two more compilations (lines.go) takes its place.

// An edited is the difference between two states of a package's source.
type edited struct {
	// declared are the objects whose declarations may have another meaning.
	declared []string
	// bodies are the functions whose bodies alone may have another meaning, by the
	// compiler's names.
	bodies []string
	// rewritten are the functions whose text differs.
	rewritten []string
}

// A declaration is one at package level.
type declaration struct {
	file string // its base name
	of   string // the object that it belongs to: for a method, the type
	head string // its tokens, without a function's body
	body string // the tokens of a function's body
	call string // the compiler's name of a function; empty for other declarations
	// generic functions are always exported with their bodies.
	generic bool
}

// compareText compares two states of a package's source. It returns false if the text
// alone cannot tell what differs. called returns the name of a package; empty if it is
// unknown.
func compareText(n *Node, old, now *source.Source, called func(path string) string) (e edited, ok bool) {
	if old == nil || now == nil || len(n.Files(old)) < len(old.Pkg.Files) || len(n.Files(now)) < len(now.Pkg.Files) {
		return e, false
	}
	before, ok := readAll(n, old, nil, nil)
	if !ok {
		return e, false
	}
	after, ok := readAll(n, now, old, before.files)
	if !ok || !slices.Equal(before.directives, after.directives) || !slices.Equal(before.nesting, after.nesting) || before.aliased() || after.aliased() {
		return e, false
	}
	imports, ok := otherImports(before.imports, after.imports, called)
	if !ok {
		return e, false
	}
	return before.compare(after, imports)
}

// readAll returns the declarations of a state of a package. known are those of files of
// another state.
func readAll(n *Node, s, other *source.Source, known map[string]declarations) (all declarations, ok bool) {
	all.files = map[string]declarations{}
	for _, name := range n.Files(s) {
		f := s.Files[name]
		if f == nil || f.Text == nil {
			return all, false
		}
		file, has := known[name]
		if !has || !bytes.Equal(f.Text, other.Files[name].Text) {
			if file, ok = readDeclarations(filepath.Base(name), f.Text); !ok {
				return all, false
			}
		}
		all.files[name] = file
		all.add(file)
	}
	return all, true
}

// An imported is an import of a file. name is empty if the file does not rename it.
type imported struct{ file, name, path string }

// otherImports returns the names that mean different packages in two states of a file, by
// files. ok is false if one is not known.
func otherImports(old, now []imported, called func(path string) string) (names map[string]map[string]bool, ok bool) {
	names = map[string]map[string]bool{}
	for _, side := range [][2][]imported{{old, now}, {now, old}} {
		for _, i := range side[0] {
			if slices.Contains(side[1], i) || i.name == "_" {
				continue
			}
			if i.name == "" {
				i.name = called(i.path)
			}
			if i.name == "" || i.name == "." || i.path == "C" {
				return nil, false
			}
			if names[i.file] == nil {
				names[i.file] = map[string]bool{}
			}
			names[i.file][i.name] = true
		}
	}
	return names, true
}

// declarations are all declarations of a file or a package.
type declarations struct {
	files      map[string]declarations // of a package, by name
	imports    []imported
	directives []string
	// nesting are the declarations that declare types within functions. The compiler
	// numbers these types throughout the package.
	nesting []string
	aliases []string
	all     []declaration
}

// add adds the declarations of a file.
func (ds *declarations) add(file declarations) {
	ds.imports = append(ds.imports, file.imports...)
	ds.directives = append(ds.directives, file.directives...)
	ds.nesting = append(ds.nesting, file.nesting...)
	ds.aliases = append(ds.aliases, file.aliases...)
	ds.all = append(ds.all, file.all...)
}

// aliased reports whether a method is declared by an alias of its type.
func (ds declarations) aliased() bool {
	return slices.ContainsFunc(ds.all, func(d declaration) bool { return d.call != "" && slices.Contains(ds.aliases, d.of) })
}

// compare compares two states. It returns false if methods are in another order. imports
// are the names that mean other packages than before, by files.
func (ds declarations) compare(now declarations, imports map[string]map[string]bool) (e edited, ok bool) {
	declared, bodies := map[string]bool{}, map[string]bool{}
	key := func(d declaration) string { return d.of + "\n" + d.call }
	before := map[string]declaration{}
	for _, d := range ds.all {
		before[key(d)] = d
	}
	after := map[string]bool{}
	own := map[string]bool{} // objects of which only an exported body differs
	for _, d := range now.all {
		after[key(d)] = true
		b, known := before[key(d)]
		switch {
		case known && b.head == d.head && b.body == d.body && !mentions(d.head, imports[d.file]) && !mentions(d.body, imports[d.file]):
			continue
		}
		if d.call != "" {
			e.rewritten = append(e.rewritten, d.call)
		}
		switch {
		case !known || b.head != d.head || mentions(d.head, imports[d.file]):
			declared[d.of] = true
		case d.generic:
			own[d.of] = true
		default:
			bodies[d.call] = true
		}
	}
	for _, d := range ds.all {
		if !after[key(d)] {
			declared[d.of] = true
		}
	}
	if !sameOrder(ds.all, now.all, declared) {
		return e, false
	}
	for grew := true; grew; {
		grew = false
		for _, d := range now.all {
			if !declared[d.of] && mentions(d.head, declared) {
				declared[d.of], grew = true, true
			}
		}
	}
	for _, d := range now.all {
		if d.call != "" && !declared[d.of] && mentions(d.body, declared) {
			if d.generic {
				own[d.of] = true
			} else {
				bodies[d.call] = true
			}
		}
	}
	for name := range own {
		declared[name] = true
	}
	for name := range declared {
		e.declared = append(e.declared, name)
	}
	for name := range bodies {
		e.bodies = append(e.bodies, name)
	}
	return e, true
}

// sameOrder reports whether the methods of each type are declared in the same order,
// which is the order in which they are exported.
func sameOrder(old, now []declaration, declared map[string]bool) bool {
	methods := func(ds []declaration) map[string]string {
		order := map[string]string{}
		for _, d := range ds {
			if d.call != "" && d.call != d.of && !declared[d.of] {
				order[d.of] += d.call + " "
			}
		}
		return order
	}
	before, after := methods(old), methods(now)
	for name, order := range after {
		if before[name] != order {
			return false
		}
	}
	return true
}

// mentions reports whether tokens contain one of the names.
func mentions(tokens string, names map[string]bool) bool {
	if len(names) == 0 {
		return false
	}
	for t := range strings.FieldsSeq(tokens) {
		if names[t] {
			return true
		}
	}
	return false
}

// readDeclarations returns the declarations of a file; ok is false if the file is not
// understood.
func readDeclarations(file string, text []byte) (ds declarations, ok bool) {
	if placesItself(text) {
		return ds, false
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return ds, false
	}
	at := fset.File(f.Pos())
	between := func(from, to token.Pos) string { return tokens(text[at.Offset(from):at.Offset(to)]) }
	// The directives of a declaration are before it, or within a group.
	directives := func(from, to token.Pos) (list string) {
		for _, group := range f.Comments {
			for _, c := range group.List {
				if c.Pos() >= from && c.Pos() < to && strings.HasPrefix(c.Text, "//go:") {
					list += " " + c.Text
				}
			}
		}
		return list
	}
	for l := range strings.Lines(directives(f.FileStart, f.FileEnd)) {
		ds.directives = append(ds.directives, file+l)
	}
	last := f.Name.End()
	for _, d := range f.Decls {
		end := d.End()
		if nests(d) {
			ds.nesting = append(ds.nesting, file+" "+between(d.Pos(), end))
		}
		switch d := d.(type) {
		case *ast.FuncDecl:
			one := declaration{file: file, of: d.Name.Name, call: d.Name.Name, generic: d.Type.TypeParams != nil}
			if d.Recv != nil && len(d.Recv.List) == 1 {
				one.receiver(d.Name.Name, d.Recv.List[0].Type)
			}
			one.head = file + directives(last, d.Type.End()) + " " + between(d.Pos(), d.Type.End())
			if d.Body != nil {
				one.head, one.body = one.head+" {", between(d.Body.Pos(), d.Body.End())
			}
			ds.put(one)
		case *ast.GenDecl:
			said := file + directives(last, end) + " "
			group := said + between(d.Pos(), end)
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.ImportSpec:
					one := imported{file: file}
					if one.path, err = strconv.Unquote(spec.Path.Value); err != nil {
						return ds, false
					}
					if spec.Name != nil {
						one.name = spec.Name.Name
					}
					ds.imports = append(ds.imports, one)
				case *ast.TypeSpec:
					ds.put(declaration{file: file, of: spec.Name.Name, head: said + between(spec.Pos(), spec.End())})
					if spec.Assign.IsValid() {
						ds.aliases = append(ds.aliases, spec.Name.Name)
					}
				case *ast.ValueSpec:
					head := group // iota counts the others
					if d.Tok == token.VAR {
						head = said + between(spec.Pos(), spec.End())
					}
					for _, name := range spec.Names {
						ds.put(declaration{file: file, of: name.Name, head: head})
					}
				}
			}
		default:
			return ds, false
		}
		last = end
	}
	return ds, true
}

// nests reports whether types are declared in the functions of a declaration.
func nests(d ast.Decl) (found bool) {
	within := func(n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			_, is := n.(*ast.TypeSpec)
			found = found || is
			return !found
		})
	}
	switch d := d.(type) {
	case *ast.FuncDecl:
		within(d)
	case *ast.GenDecl:
		if d.Tok == token.VAR {
			within(d)
		}
	}
	return found
}

// put adds a declaration, unless nothing can refer to it: the blank name and init.
func (ds *declarations) put(d declaration) {
	if d.of != "_" && d.call != "_" && d.call != "init" {
		ds.all = append(ds.all, d)
	}
}

// receiver makes the declaration that of a method of a type.
func (d *declaration) receiver(name string, of ast.Expr) {
	if p, ok := of.(*ast.ParenExpr); ok {
		of = p.X
	}
	d.of = source.Receiver(of)
	star, pointer := of.(*ast.StarExpr)
	if d.call = d.of + "." + name; pointer {
		d.call, of = "(*"+d.of+")."+name, star.X
	}
	switch of.(type) {
	case *ast.IndexExpr, *ast.IndexListExpr:
		d.generic = true
	}
}

// tokens returns the tokens of a piece of source, separated by blanks, without comments.
func tokens(text []byte) string {
	var s scanner.Scanner
	fset := token.NewFileSet()
	s.Init(fset.AddFile("", -1, len(text)), text, func(token.Position, string) {}, 0)
	var b strings.Builder
	for {
		_, tok, lit := s.Scan()
		switch {
		case tok == token.EOF:
			return b.String()
		case tok == token.SEMICOLON, lit == "":
			b.WriteString(tok.String())
		default:
			b.WriteString(lit)
		}
		b.WriteByte(' ')
	}
}
