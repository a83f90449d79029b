// Package mutate changes Go programs at random, as people do, so that they usually
// still compile: for tests that compare two ways of building.
//
// It knows files and their syntax, but not types: only the compiler can judge the
// effect of a change on the rest of the program.
package mutate

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A Program is the sources that are changed.
type Program struct {
	rng   *rand.Rand
	files []string // Go files
	texts []string // text files that one of the Go files embeds
	count int      // changes so far, to give each addition a unique name
	probe string
}

// New returns a program of Go files, and of text files that they embed. The same rng
// and content lead to the same changes.
func New(rng *rand.Rand, files, texts []string) *Program {
	return &Program{rng: rng, files: slices.Clone(files), texts: slices.Clone(texts)}
}

// Probe names a function that every package of the program has and that takes a number.
// From then on added code calls it, so that a test sees the code run; some kinds of
// changes exist only with it, because they would have no visible effect.
func (p *Program) Probe(function string) { p.probe = function }

// An Edit is a change that was made.
type Edit struct {
	What string // one of the names in the tables of this package
	// before and after are the content of the files; nil for a file that does not exist.
	before, after map[string][]byte
	undo          func()
}

// Files returns the files that the change created, modified or removed.
func (e Edit) Files() []string { return slices.Sorted(maps.Keys(e.before)) }

// Undo undoes the change.
func (e Edit) Undo() error {
	for name, text := range e.before {
		var err error
		if text == nil {
			err = os.Remove(name)
		} else {
			err = os.WriteFile(name, text, 0o644)
		}
		if err != nil {
			return err
		}
	}
	e.undo()
	return nil
}

// Edit makes one change. An error is the file system's.
func (p *Program) Edit() (Edit, error) {
	for {
		p.count++
		k := p.pick()
		after, err := p.plan(k)
		if err != nil {
			return Edit{}, err
		}
		if after == nil {
			continue // the file has nothing of that kind
		}
		files, texts := slices.Clone(p.files), slices.Clone(p.texts)
		e := Edit{What: k.name, before: map[string][]byte{}, after: after, undo: func() { p.files, p.texts = files, texts }}
		for name, text := range after {
			old, err := os.ReadFile(name)
			if err != nil && !os.IsNotExist(err) {
				return Edit{}, err
			}
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				return Edit{}, err
			}
			e.before[name] = old
			p.note(name, old == nil, text == nil)
			if text == nil {
				err = os.Remove(name)
			} else {
				err = os.WriteFile(name, text, 0o644)
			}
			if err != nil {
				return Edit{}, err
			}
		}
		return e, nil
	}
}

// note updates the lists of files.
func (p *Program) note(name string, came, went bool) {
	if filepath.Base(name) == "go.mod" || strings.HasSuffix(name, "_plan9.go") {
		return // it is not a source of the program
	}
	list := &p.files
	if filepath.Ext(name) != ".go" {
		list = &p.texts
	}
	switch {
	case came:
		*list = append(*list, name)
		slices.Sort(*list)
	case went:
		*list = slices.DeleteFunc(*list, func(f string) bool { return f == name })
	}
}

// A kind is a kind of change. It returns the new content of the files that it changes,
// nil for a file that it deletes; no files if this file does not allow the change.
type kind struct {
	name   string
	weight int
	do     func(*source) map[string][]byte
}

func (p *Program) pick() kind {
	all, total := kinds, 0
	if p.probe != "" {
		all = slices.Concat(kinds, more)
	}
	for _, k := range all {
		total += k.weight
	}
	n := p.rng.IntN(total)
	for _, k := range all {
		if n -= k.weight; n < 0 {
			return k
		}
	}
	panic("unreachable")
}

func (p *Program) plan(k kind) (map[string][]byte, error) {
	s := &source{rng: p.rng, n: p.count, name: p.files[p.rng.IntN(len(p.files))], texts: p.texts, probe: p.probe}
	for _, f := range p.files {
		if f != s.name && filepath.Dir(f) == filepath.Dir(s.name) {
			s.beside = append(s.beside, f)
		}
	}
	var err error
	if s.text, err = os.ReadFile(s.name); err != nil {
		return nil, err
	}
	for _, f := range p.files {
		if f, err := parser.ParseFile(token.NewFileSet(), f, nil, parser.ImportsOnly); err == nil {
			for _, i := range f.Imports {
				if path, err := strconv.Unquote(i.Path.Value); err == nil && path != "C" {
					s.paths = append(s.paths, path)
				}
			}
		}
	}
	if s.syntax, err = parser.ParseFile(s.set(), "", s.text, parser.ParseComments|parser.SkipObjectResolution); err != nil {
		return nil, nil // an edit broke it, which no build sees because of a constraint
	}
	s.look()
	return k.do(s), nil
}

// A source is a Go file to change, with the parts that may be changed.
type source struct {
	rng    *rand.Rand
	n      int
	name   string
	text   []byte
	beside []string // the other Go files of its folder
	texts  []string // what the program embeds
	paths  []string // all imports of the program
	probe  string

	fset   *token.FileSet
	syntax *ast.File

	funcs             []*ast.FuncDecl // with a body, and not init
	words, numbers    []*ast.BasicLit // in bodies, except keys of cases and literals
	constants         []*ast.BasicLit
	structs           []*ast.TypeSpec // without type parameters
	methods, variants []*ast.FuncDecl // with a receiver; with type parameters
}

func (s *source) set() *token.FileSet {
	s.fset = token.NewFileSet()
	return s.fset
}

func (s *source) at(p token.Pos) int { return s.fset.Position(p).Offset }

// look finds what may be changed.
func (s *source) look() {
	for _, d := range s.syntax.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					if _, ok := spec.Type.(*ast.StructType); ok && spec.TypeParams == nil {
						s.structs = append(s.structs, spec)
					}
				case *ast.ValueSpec:
					for _, v := range spec.Values {
						if l, ok := v.(*ast.BasicLit); ok && d.Tok == token.CONST && l.Kind == token.INT {
							s.constants = append(s.constants, l)
						}
					}
				}
			}
		case *ast.FuncDecl:
			if d.Body == nil || d.Name.Name == "init" {
				continue
			}
			s.funcs = append(s.funcs, d)
			if d.Recv != nil {
				s.methods = append(s.methods, d)
			}
			if d.Type.TypeParams != nil {
				s.variants = append(s.variants, d)
			}
			s.literals(d.Body)
		}
	}
}

func (s *source) literals(body *ast.BlockStmt) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			switch {
			case n.Kind == token.STRING && strings.HasPrefix(n.Value, `"`):
				s.words = append(s.words, n)
			case n.Kind == token.INT:
				s.numbers = append(s.numbers, n)
			}
		case *ast.CaseClause, *ast.CompositeLit: // keys must stay different
			return false
		}
		return true
	})
}

// changed returns the file with new content.
func (s *source) changed(text []byte) map[string][]byte { return map[string][]byte{s.name: text} }

// insert inserts code at an offset.
func (s *source) insert(offset int, code string) map[string][]byte {
	return s.changed(bytes.Join([][]byte{s.text[:offset], s.text[offset:]}, []byte(code)))
}

// end appends code.
func (s *source) end(format string, args ...any) map[string][]byte {
	return s.insert(len(s.text), fmt.Sprintf("\n"+format, args...))
}

// new returns a new file beside this one, in the same package.
func (s *source) new(format string, args ...any) map[string][]byte {
	return map[string][]byte{s.path("go"): fmt.Appendf(nil, "package "+s.syntax.Name.Name+"\n\n"+format, args...)}
}

func (s *source) path(ext string) string {
	return filepath.Join(filepath.Dir(s.name), "zadded"+strconv.Itoa(s.n)+"."+ext)
}

// one chooses at random; ok is false for an empty list.
func one[T any](s *source, list []T) (v T, ok bool) {
	if len(list) == 0 {
		return v, false
	}
	return list[s.rng.IntN(len(list))], true
}
