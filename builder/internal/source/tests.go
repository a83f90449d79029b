package source

import (
	"crypto/sha256"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
)

// testPrefixes are how the names of functions begin that package testing runs.
var testPrefixes = []string{"Test", "Benchmark", "Fuzz", "Example"}

// Tests is what the go command makes the main package of a test from: the names and
// types of the functions in a package's test files that may be tests, and the whole of
// its examples, whose output is in comments. The answer is the same for two states of
// the package only if their main packages are.
func (s *Source) Tests() string {
	var b strings.Builder
	for _, file := range s.Pkg.Files {
		f := s.Files[file]
		if !strings.HasSuffix(file, "_test.go") {
			continue
		}
		fmt.Fprintf(&b, "%q\n", filepath.Base(file))
		if f != nil {
			b.WriteString(testsIn(f.Text))
		}
	}
	return b.String()
}

func testsIn(text []byte) string {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return fmt.Sprintf("broken %x\n", sha256.Sum256(text))
	}
	file := fset.File(f.Pos())
	var b strings.Builder
	for _, d := range f.Decls {
		d, ok := d.(*ast.FuncDecl)
		if !ok || d.Recv != nil || !slices.ContainsFunc(testPrefixes, func(p string) bool { return strings.HasPrefix(d.Name.Name, p) }) {
			continue
		}
		end := d.Type.End()
		if strings.HasPrefix(d.Name.Name, "Example") {
			end = d.End()
		}
		fmt.Fprintf(&b, "%q\n", text[file.Offset(d.Pos()):file.Offset(end)])
	}
	return b.String()
}
