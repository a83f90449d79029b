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

// A Header is the part of a source file that can change the graph or the commands that
// build it: package clause, build constraints, settings of the runtime (//go:debug),
// imports, embed patterns. Equal headers of a file give the same graph. An empty header
// is unknown, and equals nothing.
type Header string

// ReadHeader reads a file's header; it is empty if the file cannot be read.
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
			// Errors in them are errors of the listing.
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

// foreignHeader returns the header of a C or assembly file: its constraints.
func foreignHeader(src []byte) Header {
	b := "source\n"
	for l := range strings.Lines(string(src[:min(len(src), maxHead)])) {
		if l = strings.TrimSpace(l); isConstraint(l) {
			b += l + "\n"
		}
	}
	return Header(b)
}

// maxHead limits how much of a file is searched for its header: more than any licence.
const maxHead = 64 << 10

// Settled is the age that a file's time must have at the start of go list to prove that
// the file has not changed since: the coarsest file times in use (FAT) count in steps
// of two seconds.
const Settled = 2*time.Second + 100*time.Millisecond

// Buildable reports whether a file's name is that of a source file.
func Buildable(file string) bool {
	switch filepath.Ext(file) {
	case ".go", ".c", ".cc", ".cpp", ".cxx", ".m", ".h", ".hh", ".hpp", ".hxx",
		".f", ".F", ".for", ".f90", ".s", ".S", ".sx", ".swig", ".swigcxx", ".syso":
		return true
	}
	return false
}

// Generated reports whether a file begins with Go's mark of generated code ("// Code
// generated … DO NOT EDIT.", before the package clause).
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

// ProfileFile is the profile in the main package's folder that go build uses by
// default.
const ProfileFile = "default.pgo"
