package fast

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/compiler"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// Judge checks what the text tells about a changed package, by compiling both of its
// states: missed are the objects that differ without the text telling it. told is false
// if the text does not tell anything. Judge is for tests.
func (p *Plan) Judge(ctx context.Context, path string) (told bool, missed []string, err error) {
	n, now := p.Nodes[path], source.Read(p.Graph, p.seen)[path]
	e, ok := compareText(n, n.From, now, p.called)
	if !ok {
		return false, nil, nil
	}
	var exports [2]*compiler.Exports
	lines := map[string]int{}
	for i, s := range []*source.Source{n.From, now} {
		if exports[i], err = p.flatExports(ctx, n, s, lines); exports[i] == nil {
			return false, nil, err
		}
	}
	return true, compiler.Differ(exports[0], exports[1]).Beyond(compiler.DifferIn(exports[0], exports[1], e.declared, e.bodies)), nil
}

// flatExports returns the export data of a state of a package in which each declaration
// is on a line of its own, the same in every state, so that positions do not count. It
// returns nil if a group of declarations contains directives.
func (p *Plan) flatExports(ctx context.Context, n *Node, s *source.Source, lines map[string]int) (*compiler.Exports, error) {
	folder := filepath.Join(p.Folder, "judge")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	flat := true
	files, err := write(folder, n.Files(s), func(f string) ([]byte, error) {
		text, ok := flatten(f, s.Files[f].Text, lines)
		flat = flat && ok
		return text, nil
	})
	if err != nil || !flat {
		return nil, err
	}
	archive, imports := filepath.Join(folder, "judge.a"), p.importsOf(n)
	for path, d := range p.Nodes { // the source may import others than before
		if !slices.Contains(n.Imports, path) && d.Archive != "" {
			imports.Package(path, d.Archive)
		}
	}
	if _, err := p.compile(ctx, n, imports, archive, folder+"=>"+s.Pkg.Dir, files); err != nil {
		return nil, err
	}
	return compiler.ReadExports(archive)
}

// flatten puts each declaration of a file on its line. New ones get the next lines.
func flatten(file string, text []byte, lines map[string]int) (flat []byte, ok bool) {
	f, err := parser.ParseFile(token.NewFileSet(), "", text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, false
	}
	// Positions of a file that is alone in its set are offsets, and one more.
	at, last, twice := map[int]string{}, f.Name.End(), map[string]int{}
	for _, d := range f.Decls {
		said := ""
		for _, group := range f.Comments {
			for _, c := range group.List {
				if !strings.HasPrefix(c.Text, "//go:") || c.Pos() < last || c.Pos() > d.End() {
					continue
				}
				if c.Pos() > d.Pos() {
					return nil, false
				}
				said += c.Text + "\n"
			}
		}
		key := file
		switch d := d.(type) {
		case *ast.FuncDecl:
			if key += " func " + d.Name.Name; d.Recv != nil {
				key += " " + source.Receiver(d.Recv.List[0].Type)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.ImportSpec:
					key = "" // before all others
				case *ast.TypeSpec:
					key += " " + spec.Name.Name
				case *ast.ValueSpec:
					key += fmt.Sprint(" ", spec.Names)
				}
			}
		}
		last = d.End()
		if key == "" {
			at[len(at)-1000] = tokens(text[d.Pos()-1:d.End()-1]) + "\n"
			continue
		}
		if twice[key]++; twice[key] > 1 {
			key += fmt.Sprint(" ", twice[key])
		}
		if lines[key] == 0 {
			lines[key] = 10 * (len(lines) + 10)
		}
		at[lines[key]] = said + tokens(text[d.Pos()-1:d.End()-1]) + "\n"
	}
	out := "package " + f.Name.Name + "\n"
	for _, line := range slices.Sorted(maps.Keys(at)) {
		if blank := line - strings.Count(out, "\n") - strings.Count(at[line], "\n"); blank > 0 {
			out += strings.Repeat("\n", blank)
		}
		out += at[line]
	}
	return []byte(out), true
}

// Remade reports whether the archive of a package is the same as what the compiler makes
// of its source and of its imports now ([compiler.SameArchive]). Remade is for tests.
func (p *Plan) Remade(ctx context.Context, path string) (bool, error) {
	n := p.Nodes[path]
	archive := filepath.Join(p.Folder, "remade.a")
	defer os.Remove(archive)
	if _, err := p.compile(ctx, n, p.importsOf(n), archive, p.Folder+"=>", n.Files(n.From)); err != nil {
		return false, err
	}
	return compiler.SameArchive(n.Archive, archive)
}
