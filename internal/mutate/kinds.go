package mutate

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// kinds are changes that people make, small ones more often. The last ones often break
// the program, which must be tested as well.
var kinds = []kind{
	{"a string", 6, func(s *source) map[string][]byte {
		l, ok := one(s, s.words)
		if !ok {
			return nil
		}
		return s.insert(s.at(l.End())-1, strconv.Itoa(s.n))
	}},
	{"a number", 3, func(s *source) map[string][]byte { return s.plus(s.numbers) }},
	{"lines", 12, func(s *source) map[string][]byte {
		f, ok := one(s, s.funcs)
		if !ok {
			return nil
		}
		return s.insert(s.at(f.Body.Lbrace)+1, strings.Repeat("\n", 1+s.rng.IntN(3)))
	}},
	{"a statement", 12, func(s *source) map[string][]byte { return s.statement(s.funcs) }},
	{"a method's body", 3, func(s *source) map[string][]byte { return s.statement(s.methods) }},
	{"a generic body", 3, func(s *source) map[string][]byte { return s.statement(s.variants) }},
	{"a comment", 3, func(s *source) map[string][]byte { return s.end("// Note %d.\n", s.n) }},
	{"a constant", 6, func(s *source) map[string][]byte { return s.plus(s.constants) }},
	{"a signature", 6, func(s *source) map[string][]byte {
		f, ok := one(s, s.funcs)
		if !ok || f.Name.Name == "main" {
			return nil
		}
		comma := ""
		if len(f.Type.Params.List) > 0 {
			comma = ", "
		}
		return s.insert(s.at(f.Type.Params.Closing), fmt.Sprintf("%s_ ...[%d]byte", comma, s.n%9))
	}},
	{"a struct's field", 6, func(s *source) map[string][]byte {
		t, ok := one(s, s.structs)
		if !ok {
			return nil
		}
		return s.insert(s.at(t.Type.(*ast.StructType).Fields.Closing), fmt.Sprintf("\n\tAdded%d int\n", s.n))
	}},
	{"a struct's field on the same line", 6, func(s *source) map[string][]byte {
		t, ok := one(s, s.structs)
		if !ok {
			return nil
		}
		return s.insert(s.at(t.Type.(*ast.StructType).Fields.Opening)+1, fmt.Sprintf(" Added%d [%d]int;", s.n, s.n%5))
	}},
	{"a method", 6, func(s *source) map[string][]byte {
		t, ok := one(s, s.structs)
		if !ok {
			return nil
		}
		return s.end("func (*%s) Added%d() int { return %d }\n", t.Name.Name, s.n, s.n)
	}},
	{"a method of an embedded type", 3, func(s *source) map[string][]byte {
		t, ok := one(s, s.structs)
		if !ok {
			return nil
		}
		return s.end("type Base%d struct{ N int }\n\nfunc (b Base%d) Sum%d() int { return b.N }\n\ntype Outer%d struct {\n\t%s\n\tBase%d\n}\n", s.n, s.n, s.n, s.n, t.Name.Name, s.n)
	}},
	{"a declaration moved down", 4, func(s *source) map[string][]byte {
		f, ok := one(s, s.funcs)
		if !ok {
			return nil
		}
		rest, moved := s.cut(f)
		return s.changed(slices.Concat(rest, []byte("\n"), moved))
	}},
	{"a declaration moved to another file", 6, (*source).moveOver},
	{"initialisation", 5, func(s *source) map[string][]byte {
		return s.end("var order%d = func() int { return %d }()\n\nfunc init() { order%d++ }\n", s.n, s.n, s.n)
	}},
	{"a generic function", 4, func(s *source) map[string][]byte {
		return s.end("func Generic%d[E ~int | ~string](a, b E) E {\n\tif a > b {\n\t\treturn a\n\t}\n\treturn b\n}\n\nvar _ = Generic%d(1, %d)\n", s.n, s.n, s.n)
	}},
	{"an embedded interface", 4, func(s *source) map[string][]byte {
		return s.end("type embedded%d interface{ Sum() int }\n\ntype Added%d interface {\n\tembedded%d\n\tMore%d()\n}\n", s.n, s.n, s.n, s.n)
	}},
	{"a function", 6, func(s *source) map[string][]byte {
		return s.end("func added%d(n int) int { return n + %d }\n", s.n, s.n)
	}},
	{"a file added", 3, func(s *source) map[string][]byte {
		return s.new("func InFile%d() int { return %d }\n", s.n, s.n)
	}},
	{"a linkname", 3, func(s *source) map[string][]byte {
		return s.new("import _ \"unsafe\"\n\n//go:linkname linked%d\nfunc linked%d() int { return %d }\n\n//go:linkname nanotime%d runtime.nanotime\nfunc nanotime%d() int64\n\nvar _ = linked%d() > 0 && nanotime%d() > 0\n", s.n, s.n, s.n, s.n, s.n, s.n, s.n)
	}},
	{"an embed", 3, func(s *source) map[string][]byte {
		out := s.new("import _ \"embed\"\n\n//go:embed %s\nvar Embedded%d string\n\nfunc init() { print(Embedded%d[:0]) }\n", filepath.Base(s.path("txt")), s.n, s.n)
		out[s.path("txt")] = []byte("text")
		return out
	}},
	{"an embedded file", 6, func(s *source) map[string][]byte {
		name, ok := one(s, s.texts)
		if !ok {
			return nil
		}
		return map[string][]byte{name: []byte(strconv.Itoa(s.n))}
	}},
	{"a file renamed", 3, func(s *source) map[string][]byte {
		if strings.Contains(filepath.Base(s.name), "_") {
			return nil // its name may contain a build constraint
		}
		return map[string][]byte{s.name: nil, s.path("go"): s.text}
	}},
	{"a file deleted", 4, func(s *source) map[string][]byte {
		if len(s.beside) == 0 {
			return nil
		}
		return map[string][]byte{s.name: nil}
	}},
	{"an import", 6, (*source).use},
	{"an import of another file's", 4, func(s *source) map[string][]byte {
		path, ok := one(s, s.paths)
		if !ok {
			return nil
		}
		return s.importing("_", path, "")
	}},
	{"an import that is not used", 2, func(s *source) map[string][]byte {
		return s.importing(fmt.Sprintf("unused%d", s.n), "container/heap", "")
	}},
	{"an import removed", 4, (*source).unimport},
	{"a package", 4, (*source).newPackage},
	{"a constraint", 3, func(s *source) map[string][]byte {
		not := []string{"!", "", "!go1.1 || !"}[s.rng.IntN(3)]
		return s.changed(fmt.Appendf(nil, "//go:build %splan9\n\n%s", not, s.text))
	}},
	{"a file for another system", 2, func(s *source) map[string][]byte {
		return map[string][]byte{strings.TrimSuffix(s.path("go"), ".go") + "_plan9.go": []byte("package " + s.syntax.Name.Name + "\n")}
	}},
	{"an embedded folder", 3, func(s *source) map[string][]byte {
		out := s.new("import \"embed\"\n\n//go:embed %s\nvar Embedded%d embed.FS\n\nfunc init() { d, _ := Embedded%d.ReadDir(\".\"); print(\"\"[len(d)-len(d):]) }\n", embedded+strconv.Itoa(s.n), s.n, s.n)
		out[filepath.Join(filepath.Dir(s.name), embedded+strconv.Itoa(s.n), "first.txt")] = []byte("text")
		return out
	}},
	{"a file in an embedded folder", 4, func(s *source) map[string][]byte {
		name, ok := one(s, s.inFolders())
		if !ok {
			return nil
		}
		return map[string][]byte{filepath.Join(filepath.Dir(name), fmt.Sprintf("more%d.txt", s.n)): []byte("more")}
	}},
	{"a file gone from an embedded folder", 3, func(s *source) map[string][]byte {
		name, ok := one(s, s.inFolders())
		if !ok {
			return nil
		}
		return map[string][]byte{name: nil}
	}},
	{"a comment in go.mod", 2, func(s *source) map[string][]byte {
		_, file, text := s.module()
		if file == "" {
			return nil
		}
		return map[string][]byte{file: fmt.Appendf(text, "\n// Note %d.\n", s.n)}
	}},
	{"a name that is not declared", 3, func(s *source) map[string][]byte {
		f, ok := one(s, s.funcs)
		if !ok {
			return nil
		}
		return s.insert(s.at(f.Body.Lbrace)+1, fmt.Sprintf(" nowhere%d(); ", s.n))
	}},
	{"broken syntax", 1, func(s *source) map[string][]byte {
		f, ok := one(s, s.funcs)
		if !ok {
			return nil
		}
		return s.insert(s.at(f.Body.Lbrace)+1, " if { ")
	}},
}

// statement adds a statement to a body that does nothing or calls the probe.
func (s *source) statement(funcs []*ast.FuncDecl) map[string][]byte {
	f, ok := one(s, funcs)
	if !ok {
		return nil
	}
	if s.probe != "" {
		return s.into(f, "%s", s.tell("%d", s.n))
	}
	return s.insert(s.at(f.Body.Lbrace)+1, fmt.Sprintf(" if len(%q) > 5000 { println(%d) }; ", "never", s.n))
}

// plus adds a small amount to a number.
func (s *source) plus(numbers []*ast.BasicLit) map[string][]byte {
	l, ok := one(s, numbers)
	if !ok {
		return nil
	}
	return s.insert(s.at(l.End()), "+0"+strconv.Itoa(s.n%8))
}

// cut removes a function with its comment from the file.
func (s *source) cut(f *ast.FuncDecl) (rest, moved []byte) {
	from, to := s.at(f.Pos()), s.at(f.End())
	if f.Doc != nil {
		from = s.at(f.Doc.Pos())
	}
	return slices.Concat(s.text[:from], s.text[to:]), slices.Concat(s.text[from:to], []byte("\n"))
}

// moveOver moves a function that uses no import to the end of another file of the
// package.
func (s *source) moveOver() map[string][]byte {
	imported := map[string]bool{"C": true}
	for _, i := range s.syntax.Imports {
		path, err := strconv.Unquote(i.Path.Value)
		if err != nil || i.Name != nil && i.Name.Name == "." {
			return nil
		}
		for _, elem := range strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == '.' || r == '-' }) {
			imported[elem] = true // usually one of these is the package's name
		}
		if i.Name != nil {
			imported[i.Name.Name] = true
		}
	}
	movable := slices.DeleteFunc(slices.Clone(s.funcs), func(f *ast.FuncDecl) bool {
		uses := false
		ast.Inspect(f, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				x, ok := sel.X.(*ast.Ident)
				uses = uses || ok && imported[x.Name]
			}
			return true
		})
		return uses
	})
	f, ok := one(s, movable)
	to, other := one(s, s.beside)
	if !ok || !other {
		return nil
	}
	text, err := os.ReadFile(to)
	if err != nil {
		return nil
	}
	clause, err := parser.ParseFile(token.NewFileSet(), "", text, parser.PackageClauseOnly)
	if err != nil || clause.Name.Name != s.syntax.Name.Name {
		return nil
	}
	rest, moved := s.cut(f)
	return map[string][]byte{s.name: rest, to: slices.Concat(text, []byte("\n"), moved)}
}
