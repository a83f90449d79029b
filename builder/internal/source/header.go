package source

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder/internal/disk"
)

// A Header is what of a source file can change the graph or the commands that
// build it: package clause, build constraints, settings of the runtime (//go:debug),
// imports, embed patterns. Two equal headers of the same file give the same graph. Empty means unknown, and equals nothing.
type Header string

// ReadHeader reads a file's header; empty if the file cannot be read.
func ReadHeader(file string) Header {
	if !disk.Regular(file) {
		return ""
	}
	src, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	if filepath.Ext(file) != ".go" {
		return foreignHeader(src)
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, src, parser.ImportsOnly|parser.ParseComments|parser.SkipObjectResolution)
	if err != nil || f.Name == nil {
		return Header(fmt.Sprintf("broken %x", sha256.Sum256(src)))
	}
	return goHeader(f, src)
}

func goHeader(f *ast.File, src []byte) Header {
	var b strings.Builder
	fmt.Fprintf(&b, "package %s\n", f.Name.Name)
	for _, group := range f.Comments {
		for _, c := range group.List {
			if c.Pos() < f.Package && (isConstraint(c.Text) || strings.HasPrefix(c.Text, "//go:debug")) {
				b.WriteString(c.Text + "\n")
			}
			// Their errors are errors of the listing.
			for l := range strings.Lines(c.Text) {
				if l = strings.TrimLeft(l, "/* \t"); strings.HasPrefix(l, "#cgo") {
					b.WriteString(strings.TrimSpace(l) + "\n")
				}
			}
		}
	}
	var imports []string
	for _, spec := range f.Imports {
		imports = append(imports, spec.Path.Value)
	}
	slices.Sort(imports)
	imports = slices.Compact(imports)
	b.WriteString(strings.Join(imports, " "))
	if slices.Contains(imports, `"embed"`) || slices.Contains(imports, "`embed`") {
		for l := range strings.Lines(string(src)) {
			if l = strings.TrimSpace(l); strings.HasPrefix(l, "//go:embed") {
				b.WriteString("\n" + l)
			}
		}
	}
	return Header(b.String())
}

func isConstraint(comment string) bool {
	text := strings.TrimLeft(comment, "/ \t")
	return strings.HasPrefix(comment, "//") && (strings.HasPrefix(text, "go:build") || strings.HasPrefix(text, "+build"))
}

// foreignHeader is that of a C or assembly file: its constraints.
func foreignHeader(src []byte) Header {
	b := "source\n"
	for l := range strings.Lines(string(src[:min(len(src), maxHead)])) {
		if l = strings.TrimSpace(l); isConstraint(l) {
			b += l + "\n"
		}
	}
	return Header(b)
}

// maxHead bounds how far into a file its head is looked for. Licences are long;
// this is longer.
const maxHead = 64 << 10

// Settled is how old a file's time must be, seen from the beginning of go list,
// to say that the file did not change since: the coarsest times in use (FAT)
// count two seconds.
const Settled = 2*time.Second + 100*time.Millisecond

// Buildable reports whether a file's name is one of a source.
func Buildable(file string) bool {
	switch filepath.Ext(file) {
	case ".go", ".c", ".cc", ".cpp", ".cxx", ".m", ".h", ".hh", ".hpp", ".hxx",
		".f", ".F", ".for", ".f90", ".s", ".S", ".sx", ".swig", ".swigcxx", ".syso":
		return true
	}
	return false
}

// Generated reports whether a file carries Go's mark of generated code in its
// head ("// Code generated … DO NOT EDIT.", before the package clause).
func Generated(file string) bool {
	if !disk.Regular(file) {
		return false
	}
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, maxHead)
	for read := 0; read < maxHead && s.Scan(); read += len(s.Bytes()) + 1 {
		line := strings.TrimSuffix(s.Text(), "\r")
		if rest, ok := strings.CutPrefix(line, "// Code generated "); ok && strings.HasSuffix(rest, " DO NOT EDIT.") {
			return true
		}
		if strings.HasPrefix(line, "package ") {
			return false
		}
	}
	return false
}

// ProfileFile is the profile that go build takes by itself from the main package.
const ProfileFile = "default.pgo"
