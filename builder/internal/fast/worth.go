package fast

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"

	"github.com/hotdev/hotdev/builder/internal/source"
)

// To find out whether only lines moved, a package is compiled twice more. These are the
// estimates of whether that is worth it. They affect time only, never the result.

// A judgement tells how to find out how much of a change is only lines: by the text, or
// by compiling the layouts. It is empty if no line moved, here or in what it imports.
type judgement struct {
	text  *edited
	prove bool
}

// judge judges the change of a package. todo are the packages that are compiled anyway.
func (p *Plan) judge(n *Node, now *source.Source, todo map[*Node]bool) judgement {
	if n.From == nil || now == nil || n.Stale && !n.rewired || n.Archive == "" || !p.mayKeep(n) {
		return judgement{}
	}
	moved := declarationsMoved(n, n.From, now)
	if !moved && !p.lags(n) {
		return judgement{}
	}
	if e, ok := compareText(n, n.From, now, p.called); ok {
		return judgement{text: &e}
	}
	return judgement{prove: moved && !n.rewired && p.worthProving(n, now, todo)}
}

// called returns the name of a package of the program; empty if it is none.
func (p *Plan) called(path string) string {
	if n := p.Nodes[path]; n != nil {
		return n.listed.Name
	}
	return ""
}

// lags reports whether lines moved in a package that n imports, directly or not, since n
// was compiled.
func (p *Plan) lags(n *Node) bool {
	return p.anyBelow(n, p.unsettled)
}

// worthProving reports whether it is worth compiling the layouts: the dependents that
// might be spared must be more to compile than these. todo are the packages that are
// compiled anyway.
func (p *Plan) worthProving(n *Node, now *source.Source, todo map[*Node]bool) bool {
	names := changedNames(n, n.From, now)
	spared := map[*Node]bool{}
	size := 0
	for _, d := range p.Order { // dependencies first
		switch {
		case todo[d] || d == n:
			continue
		case slices.Contains(n.importers, d):
			if len(names) > 0 && d.mayUse(n.Path, n.listed.Name, names) {
				continue
			}
		case !slices.ContainsFunc(d.Imports, func(i string) bool { return spared[p.Nodes[i]] }):
			continue
		}
		if d.From == nil { // its size is unknown
			return true
		}
		spared[d] = true
		size += sizeOf(d.From)
	}
	own := sizeOf(n.From)
	if n.canon == nil || n.canon.of != n.From {
		own *= 2
	}
	return size > own
}

// sizeOf returns the size of a package's Go files, in bytes.
func sizeOf(s *source.Source) (size int) {
	for _, f := range s.Files {
		size += len(f.Text)
	}
	return size
}

// declarationsMoved reports whether a declaration begins on another line than before,
// was added or was removed, so that positions may differ.
func declarationsMoved(n *Node, old, now *source.Source) bool {
	files := n.Files(now)
	if !slices.Equal(files, n.Files(old)) {
		return true
	}
	for _, name := range files {
		f, g := old.Files[name], now.Files[name]
		if f == nil || g == nil {
			return true
		}
		if f.Hash != g.Hash && !slices.Equal(lines(f.Text), lines(g.Text)) {
			return true
		}
	}
	return false
}

// lines returns the lines on which the declarations of a file begin.
func lines(text []byte) (begin []int) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", text, parser.SkipObjectResolution)
	if err != nil {
		return []int{-len(text)}
	}
	for _, d := range f.Decls {
		begin = append(begin, fset.Position(d.Pos()).Line)
	}
	return begin
}

// changedNames returns the names of exported declarations whose text changed, apart
// from the bodies of functions. For a method it is the name of its type.
func changedNames(n *Node, old, now *source.Source) (names []string) {
	before, after := map[string]string{}, map[string]string{}
	for _, file := range n.Files(now) {
		f, g := old.Files[file], now.Files[file]
		if f != nil && g != nil && f.Hash != g.Hash {
			declared(f.Text, before)
			declared(g.Text, after)
		}
	}
	for name := range after {
		if before[name] != after[name] && ast.IsExported(name) {
			names = append(names, name)
		}
	}
	for name := range before {
		if _, still := after[name]; !still && ast.IsExported(name) {
			names = append(names, name)
		}
	}
	return names
}

// declared adds the text of a file's declarations to a map by their names.
func declared(text []byte, to map[string]string) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", text, parser.SkipObjectResolution)
	if err != nil {
		return
	}
	between := func(from, end token.Pos) string {
		file := fset.File(f.Pos())
		return string(text[file.Offset(from):file.Offset(end)])
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil && len(d.Recv.List) == 1 {
				if !d.Name.IsExported() {
					continue
				}
				name = source.Receiver(d.Recv.List[0].Type)
			}
			to[name] += between(d.Pos(), d.Type.End()) + "\n"
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					to[spec.Name.Name] += between(spec.Pos(), spec.End()) + "\n"
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						to[name.Name] += between(d.Pos(), d.End()) + "\n" // the other names matter because of iota
					}
				}
			}
		}
	}
}
