package live

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/printer"
	"go/token"
	"go/types"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/goobj"
)

// sources are a package's source files, parsed and checked.
type sources struct {
	path  string
	lang  string
	fset  *token.FileSet
	texts []File
	files []*ast.File // of the files in the package
	pkg   *types.Package
	info  *types.Info
	leaks []byte
	flow  *escapes // from leaks, once it has been needed

	funcs map[string]*function      // by F or T.M
	vars  map[string]*ast.ValueSpec // package variables
	types map[string]types.Object   // declared types: path.T, and path.F.T for those in functions
	spots map[string]ast.Node       // the nodes that declare those
	order []*ast.FuncDecl           // init functions
}

// A function is a declared function.
type function struct {
	decl       *ast.FuncDecl
	obj        *types.Func
	directives []string
}

// A universe is a set of packages that were imported together, so that their types can
// be compared.
type universe struct {
	fset  *token.FileSet
	imp   types.Importer
	newer map[string]*Package // replace the program's packages, by path
}

// exportArchive returns an archive of a package's export data alone.
func (p *Package) exportArchive() []byte {
	return append(fmt.Appendf(nil, goobj.ArchiveMagic+"%-16s%-12d%-6d%-6d%-8o%-10d`\n", goobj.Exports, 0, 0, 0, 0o644, len(p.export)), p.export...)
}

// Export returns an archive of what a package of the program exports, for a compiler;
// nil if that is unknown.
func (h *Host) Export(path string) []byte {
	p := h.packages[path]
	if p == nil || p.export == nil {
		return nil
	}
	return p.exportArchive()
}

// newUniverse returns the universe of the program's packages, some replaced by newer
// ones. Packages are imported when they are needed.
func newUniverse(h *Host, newer map[string]*Package) *universe {
	u := &universe{fset: token.NewFileSet(), newer: newer}
	u.imp = importer.ForCompiler(u.fset, "gc", func(path string) (io.ReadCloser, error) {
		p := u.newer[path]
		if p == nil {
			p = h.packages[path]
		}
		if p == nil {
			return nil, fmt.Errorf("package %s is not in the program", path)
		}
		if p.export == nil {
			return nil, fmt.Errorf("package %s has no export data", path)
		}
		return io.NopCloser(bytes.NewReader(p.exportArchive())), nil
	})
	return u
}

// readable returns an obstacle if the toolchain's export data are newer than what this
// hotdev was built to read.
func (u *universe) readable(h *Host, path string) (o *Obstacle) {
	defer func() {
		if e := recover(); e != nil {
			o = refuse(WrongToolchain, path, "hotdev was built with %s and cannot read what %s compiles: install it with that version", runtime.Version(), h.tc.Version)
		}
	}()
	if _, err := u.imp.Import(path); err != nil {
		panic(err)
	}
	return nil
}

// check parses and type-checks a package. The compiler has checked the bodies of
// functions: check does so only for those that declare types, or, with deep, for all,
// because the order of initialisation depends on them. Files that have not changed
// since old, which may be nil, are not parsed again.
func (u *universe) check(h *Host, p *Package, old *sources, deep bool) (*sources, *Obstacle) {
	s := &sources{
		path: p.Path, lang: p.Lang, fset: u.fset, leaks: p.Leaks,
		funcs: map[string]*function{}, vars: map[string]*ast.ValueSpec{}, types: map[string]types.Object{}, spots: map[string]ast.Node{},
		info: &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}},
	}
	var files []*ast.File // the files to check
	for _, f := range p.Files {
		af := old.parsed(u, f)
		if af == nil {
			var err error
			if af, err = parser.ParseFile(u.fset, f.Path, f.Text, parser.ParseComments|parser.SkipObjectResolution); err != nil {
				return nil, refuse(Program, p.Path, "%v", err)
			}
		}
		for _, i := range af.Imports {
			if i.Path.Value == `"C"` {
				return nil, refuse(Pragma, p.Path, "package %s uses cgo", p.Path)
			}
		}
		s.texts, s.files = append(s.texts, f), append(s.files, af)
		if !deep {
			af = withoutBodies(af)
		}
		files = append(files, af)
	}
	var failed error
	conf := types.Config{
		Importer: u.imp, GoVersion: p.Lang, Sizes: types.SizesFor("gc", "amd64"),
		Error: func(err error) {
			// Imports and variables that only bodies use now appear to be unused.
			var e types.Error
			if soft := errors.As(err, &e) && e.Soft; failed == nil && !soft {
				failed = err
			}
		},
	}
	if s.pkg, _ = conf.Check(p.Path, u.fset, files, s.info); failed != nil {
		return nil, refuse(WrongToolchain, p.Path, "the types of package %s cannot be compared: %v", p.Path, failed)
	}
	for _, f := range s.files {
		for _, d := range f.Decls {
			s.declare(d)
		}
	}
	return s, nil
}

// parsed returns the parsed file if it is the same in s; else nil.
func (s *sources) parsed(u *universe, f File) *ast.File {
	if s == nil || s.fset != u.fset {
		return nil
	}
	if i := slices.IndexFunc(s.texts, func(g File) bool { return sameFile(f, g) }); i >= 0 {
		return s.files[i]
	}
	return nil
}

// withoutBodies removes the bodies of functions that declare no types.
func withoutBodies(f *ast.File) *ast.File {
	short := *f
	short.Decls = slices.Clone(f.Decls)
	for i, d := range short.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil && !declaresTypes(fn.Body) {
			head := *fn
			head.Body = nil
			short.Decls[i] = &head
		}
	}
	return &short
}

func declaresTypes(body *ast.BlockStmt) (found bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		if _, ok := n.(*ast.TypeSpec); ok {
			found = true
		}
		return !found
	})
	return found
}

// declare records a declaration.
func (s *sources) declare(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv == nil && name == "init" {
			name = fmt.Sprint("init.", len(s.order))
			s.order = append(s.order, d)
		}
		if d.Recv != nil && len(d.Recv.List) > 0 {
			name = receiver(d.Recv.List[0].Type) + "." + name
		}
		obj, _ := s.info.Defs[d.Name].(*types.Func)
		s.funcs[name] = &function{d, obj, directivesOf(d.Doc)}
		if d.Body != nil {
			s.localTypes(name, d.Body)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				s.declareType(s.path+"."+spec.Name.Name, spec)
			case *ast.ValueSpec:
				if d.Tok == token.VAR {
					for _, n := range spec.Names {
						s.vars[n.Name] = spec
					}
				}
			}
		}
	}
}

func (s *sources) declareType(name string, spec *ast.TypeSpec) {
	if obj := s.info.Defs[spec.Name]; obj != nil {
		s.types[name], s.spots[name] = obj, spec
	}
}

// localTypes records the types that a function declares, in their order.
func (s *sources) localTypes(name string, body *ast.BlockStmt) {
	n := map[string]int{}
	ast.Inspect(body, func(x ast.Node) bool {
		if spec, ok := x.(*ast.TypeSpec); ok {
			n[spec.Name.Name]++
			key := fmt.Sprintf("%s.%s.%s", s.path, name, spec.Name.Name)
			if k := n[spec.Name.Name]; k > 1 {
				key += fmt.Sprint("#", k)
			}
			s.declareType(key, spec)
		}
		return true
	})
}

// receiver returns the name of a method's type.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.ParenExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return "?"
}

// place returns the position of a node, as adjusted by //line directives.
func (s *sources) place(n ast.Node) (file string, line int) {
	p := s.fset.Position(n.Pos())
	return p.Filename, p.Line
}

// placed returns a node's position as the prefix of a sentence.
func (s *sources) placed(n ast.Node) string {
	file, line := s.place(n)
	return fmt.Sprintf("%s:%d: ", filepath.Base(file), line)
}

// text returns the source of a node as gofmt formats it, without comments.
func (s *sources) text(n ast.Node) string {
	var b strings.Builder
	_ = printer.Fprint(&b, token.NewFileSet(), n)
	return b.String()
}

// directivesOf returns the compiler directives in a comment.
func directivesOf(doc *ast.CommentGroup) (list []string) {
	if doc == nil {
		return nil
	}
	for _, c := range doc.List {
		if strings.HasPrefix(c.Text, "//go:") && !strings.HasPrefix(c.Text, "//go:generate") || strings.HasPrefix(c.Text, "//export ") {
			list = append(list, c.Text)
		}
	}
	return list
}

// harmless reports whether a function with the directive can be replaced like any
// other.
func harmless(directive string) bool {
	word, _, _ := strings.Cut(directive, " ")
	switch word {
	case "//go:noinline", "//go:build", "//go:generate", "//go:fix", "//go:debug":
		return true
	}
	return false
}

// directives returns an obstacle if a package's directives changed: they affect how the
// whole package is compiled and linked.
func (c *comparison) directives() *Obstacle {
	type directive struct {
		text  string
		of    string // the function after it
		count int    // number of equal ones so far
	}
	all := func(s *sources) map[directive]ast.Node {
		of := map[*ast.CommentGroup]string{}
		for name, f := range s.funcs {
			if f.decl.Doc != nil {
				of[f.decl.Doc] = name
			}
		}
		m := map[directive]ast.Node{}
		for _, f := range s.files {
			for _, g := range f.Comments {
				for _, x := range g.List {
					for _, d := range directivesOf(&ast.CommentGroup{List: []*ast.Comment{x}}) {
						if word, _, _ := strings.Cut(d, " "); harmless(d) && word != "//go:debug" {
							continue
						}
						k := directive{text: d, of: of[g]}
						for m[k] != nil {
							k.count++
						}
						m[k] = x
					}
				}
			}
		}
		return m
	}
	old, now := all(c.old), all(c.now)
	for d, n := range now {
		if old[d] == nil {
			o := refuse(Pragma, d.text, "directive %s is new", d.text)
			o.File, o.Line = c.now.place(n)
			return o
		}
	}
	for d := range old {
		if now[d] == nil {
			o := refuse(Pragma, d.text, "directive %s is gone", d.text)
			o.File, o.Line = c.old.place(old[d])
			return o
		}
	}
	return nil
}
