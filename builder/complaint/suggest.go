package complaint

import (
	"cmp"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/hotdev/hotdev/builder/internal/importpath"
	"github.com/hotdev/hotdev/internal/nearest"
)

const (
	// maxSuggest is the number of names that are offered: more would not help.
	maxSuggest = 3
	// maxExplained and maxParsed limit the work: a user fixes the first few errors, and
	// two megabytes of source are parsed in some 20 ms.
	maxExplained = 20
	maxParsed    = 2 << 20
)

// withSuggestions adds names to diagnostics about names that do not exist: names of the
// same kind, in scope, and spelled alike. folderOf returns an imported package's
// folder, or ""; it may be nil.
func withSuggestions(list []Diagnostic, folderOf func(importPath string) string) []Diagnostic {
	s := scopes{folderOf: folderOf, packages: map[string]*names{}, left: maxParsed}
	for i := range list[:min(len(list), maxExplained)] {
		d := &list[i]
		if filepath.Ext(d.File) == ".go" && d.Line > 0 {
			d.Suggest = s.suggest(*d)
		}
	}
	return list
}

// The messages of the compiler (cmd/compile, types2) about names that do not exist. The
// patterns are compiled on first use: most processes of hotdev are supervisors, which
// start with each run of the program and need none.
var (
	undefinedName   = lazy(`^undefined: (?:([\pL_][\pL\pN_]*)\.)?([\pL_][\pL\pN_]*)$`)
	undefinedMember = lazy(`\.([\pL_][\pL\pN_]*) undefined \(type (\S+) has no field or method ([\pL_][\pL\pN_]*)(?:, but does have (?:field|method) ([\pL_][\pL\pN_]*))?`)
	unknownField    = lazy(`^unknown field ([\pL_][\pL\pN_]*) in struct literal of type (\S+?)(?:, but does have ([\pL_][\pL\pN_]*))?$`)
)

func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

func (s *scopes) suggest(d Diagnostic) []string {
	if m := undefinedName().FindStringSubmatch(d.Message); m != nil {
		if m[1] == "" {
			return alike(m[2], s.inScope(d))
		}
		exported := slices.DeleteFunc(s.of(s.imported(d.File, m[1])).all(), func(name string) bool { return !token.IsExported(name) })
		return alike(m[2], exported)
	}
	name, typ, has, methods := "", "", "", true
	if m := undefinedMember().FindStringSubmatch(d.Message); m != nil {
		name, typ, has = m[3], m[2], m[4]
	} else if m := unknownField().FindStringSubmatch(d.Message); m != nil {
		name, typ, has, methods = m[1], m[2], m[3], false
	} else {
		return nil
	}
	if has != "" { // the compiler knows best
		return []string{has}
	}
	typ = strings.TrimLeft(typ, "*")
	typ, _, _ = strings.Cut(typ, "[")
	pkg := s.of(filepath.Dir(d.File))
	qualifier, base, qualified := strings.Cut(typ, ".")
	if qualified {
		pkg, typ = s.of(s.imported(d.File, path.Base(qualifier))), base
	}
	members := slices.Clone(pkg.fields[typ])
	if methods {
		members = append(members, pkg.methods[typ]...)
	}
	if qualified {
		members = slices.DeleteFunc(members, func(name string) bool { return !token.IsExported(name) })
	}
	return alike(name, members)
}

// names are what a package declares.
type names struct {
	top             []string
	fields, methods map[string][]string // by type
}

func (n *names) all() []string { return slices.Clone(n.top) }

// scopes finds names in sources. It reads each package once.
type scopes struct {
	folderOf func(string) string
	packages map[string]*names // by folder
	left     int               // bytes that may still be read
}

// of reads the package in a folder; the empty folder has no names.
func (s *scopes) of(dir string) *names {
	if n, ok := s.packages[dir]; ok {
		return n
	}
	n := &names{fields: map[string][]string{}, methods: map[string][]string{}}
	s.packages[dir] = n
	if dir == "" {
		return n
	}
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if name := e.Name(); filepath.Ext(name) == ".go" && !strings.HasSuffix(name, "_test.go") {
			if ok, err := build.Default.MatchFile(dir, name); ok && err == nil {
				n.add(s.parse(filepath.Join(dir, name)))
			}
		}
	}
	return n
}

// parse parses as much of a file as it can; nil if that is nothing.
func (s *scopes) parse(file string) *ast.File {
	st, err := os.Stat(file)
	if err != nil || !st.Mode().IsRegular() || st.Size() > int64(s.left) {
		return nil
	}
	s.left -= int(st.Size())
	f, _ := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	return f
}

func (n *names) add(f *ast.File) {
	if f == nil {
		return
	}
	for _, decl := range f.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				n.top = append(n.top, d.Name.Name)
			} else if len(d.Recv.List) == 1 {
				t := typeName(d.Recv.List[0].Type)
				n.methods[t] = append(n.methods[t], d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.ValueSpec:
					for _, id := range spec.Names {
						n.top = append(n.top, id.Name)
					}
				case *ast.TypeSpec:
					n.top = append(n.top, spec.Name.Name)
					n.members(spec)
				}
			}
		}
	}
}

// members adds the fields of a struct and the methods of an interface.
func (n *names) members(spec *ast.TypeSpec) {
	note := func(to map[string][]string, list *ast.FieldList) {
		for _, field := range list.List {
			for _, id := range field.Names {
				to[spec.Name.Name] = append(to[spec.Name.Name], id.Name)
			}
			if len(field.Names) == 0 {
				to[spec.Name.Name] = append(to[spec.Name.Name], typeName(field.Type))
			}
		}
	}
	switch t := spec.Type.(type) {
	case *ast.StructType:
		note(n.fields, t.Fields)
	case *ast.InterfaceType:
		note(n.methods, t.Methods)
	}
}

// typeName is the name of a receiver's or an embedded field's type.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.IndexExpr:
		return typeName(e.X)
	case *ast.IndexListExpr:
		return typeName(e.X)
	}
	return ""
}

// imported returns the folder of the package that a file imports under a name, or "".
func (s *scopes) imported(file, name string) string {
	if s.folderOf == nil {
		return ""
	}
	f, _ := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if f == nil {
		return ""
	}
	for _, spec := range f.Imports {
		importPath, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		if spec.Name != nil {
			if spec.Name.Name == name {
				return s.folderOf(importPath)
			}
			continue
		}
		// The true name is in the package's files; this follows the conventions.
		base, _, _ := strings.Cut(importpath.LastElement(importPath), ".v")
		if base == name || strings.TrimPrefix(base, "go-") == name || strings.TrimSuffix(base, "-go") == name {
			return s.folderOf(importPath)
		}
	}
	return ""
}

// inScope returns the names that are valid at a diagnostic's place: those of the
// package, of the file's imports, and of the enclosing function up to there.
func (s *scopes) inScope(d Diagnostic) []string {
	out := append(s.of(filepath.Dir(d.File)).all(), strings.Fields(predeclared)...)
	st, err := os.Stat(d.File)
	if err != nil || st.Size() > int64(s.left) {
		return out
	}
	s.left -= int(st.Size())
	fset := token.NewFileSet()
	f, _ := parser.ParseFile(fset, d.File, nil, parser.SkipObjectResolution)
	if f == nil {
		return out
	}
	for _, spec := range f.Imports {
		if spec.Name != nil {
			out = append(out, spec.Name.Name)
		} else if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			out = append(out, path.Base(p))
		}
	}
	line := func(p token.Pos) int { return fset.PositionFor(p, false).Line }
	for _, decl := range f.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || line(fn.Pos()) > d.Line || line(fn.End()) < d.Line {
			continue
		}
		note := func(id *ast.Ident) {
			if line(id.Pos()) <= d.Line {
				out = append(out, id.Name)
			}
		}
		ast.Inspect(fn, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Field:
				for _, id := range n.Names {
					note(id)
				}
			case *ast.ValueSpec:
				for _, id := range n.Names {
					note(id)
				}
			case *ast.AssignStmt:
				if n.Tok == token.DEFINE {
					for _, e := range n.Lhs {
						if id, ok := e.(*ast.Ident); ok {
							note(id)
						}
					}
				}
			case *ast.RangeStmt:
				for _, e := range []ast.Expr{n.Key, n.Value} {
					if id, ok := e.(*ast.Ident); ok && n.Tok == token.DEFINE {
						note(id)
					}
				}
			}
			return true
		})
	}
	return out
}

// predeclared are the names that the language declares (Go specification, "Predeclared
// identifiers").
const predeclared = `any bool byte comparable complex64 complex128 error float32 float64
	int int8 int16 int32 int64 rune string uint uint8 uint16 uint32 uint64 uintptr
	true false iota nil append cap clear close complex copy delete imag len make max
	min new panic print println real recover`

// maxEdits is the greatest edit distance of a suggestion from what was written.
const maxEdits = 3

// alike returns the candidates that are spelled like name, the nearest first.
func alike(name string, candidates []string) []string {
	type near struct {
		name     string
		distance int
	}
	var found []near
	slices.Sort(candidates)
	for _, c := range slices.Compact(candidates) {
		if c == "_" || c == name {
			continue
		}
		if len(c)-len(name) > maxEdits || len(name)-len(c) > maxEdits {
			continue
		}
		d := nearest.Edits(name, c)
		// A third of the letters may differ: Conect is Connect, but get is not set.
		if d <= min(maxEdits, len(name)/3) || strings.EqualFold(name, c) {
			found = append(found, near{c, d})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return cmp.Compare(a.distance, b.distance) })
	var out []string
	for _, n := range found[:min(len(found), maxSuggest)] {
		out = append(out, n.name)
	}
	return out
}

// Suggestion returns a question whether one of the names was meant; empty if there are
// none.
func (d Diagnostic) Suggestion() string {
	names := d.Suggest[:min(len(d.Suggest), maxSuggest)]
	switch last := len(names) - 1; last {
	case -1:
		return ""
	case 0:
		return "did you mean " + names[0] + "?"
	default:
		return "did you mean " + strings.Join(names[:last], ", ") + " or " + names[last] + "?"
	}
}
