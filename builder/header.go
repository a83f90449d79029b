package builder

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// A header is what of a source file can change the graph or the commands that
// build it: package clause, build constraints, settings of the runtime (//go:debug),
// imports, embed patterns. Two equal headers of the same file give the same graph. Empty means unknown, and equals nothing.
type header string

// readHeader reads a file's header; empty if the file cannot be read.
func readHeader(file string) header {
	if !regular(file) {
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
		return header(fmt.Sprintf("broken %x", sha256.Sum256(src)))
	}
	return goHeader(f, src)
}

func goHeader(f *ast.File, src []byte) header {
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
	return header(b.String())
}

func isConstraint(comment string) bool {
	text := strings.TrimLeft(comment, "/ \t")
	return strings.HasPrefix(comment, "//") && (strings.HasPrefix(text, "go:build") || strings.HasPrefix(text, "+build"))
}

// foreignHeader is that of a C or assembly file: its constraints.
func foreignHeader(src []byte) header {
	b := "source\n"
	for l := range strings.Lines(string(src[:min(len(src), maxHead)])) {
		if l = strings.TrimSpace(l); isConstraint(l) {
			b += l + "\n"
		}
	}
	return header(b)
}

// maxHead bounds how far into a file its head is looked for. Licences are long;
// this is longer.
const maxHead = 64 << 10

// A headerWatch makes sure that a header is of the content that go list saw. A
// file that changed while go list ran may have been read before or after.
type headerWatch struct {
	began  time.Time
	before map[string]header // of what changed, read before go list ran
	last   map[string]header // of what had not changed then
}

// settled is how old a file's time must be, seen from the beginning of go list,
// to say that the file did not change since: the coarsest times in use (FAT)
// count two seconds.
const settled = 2*time.Second + 100*time.Millisecond

// newHeaderWatch is to be called before go list runs.
func newHeaderWatch(last *listing, paths []string) headerWatch {
	w := headerWatch{began: time.Now(), before: make(map[string]header)}
	if last != nil {
		w.last = last.headers
	}
	for _, p := range paths {
		if buildable(p) {
			w.before[p] = readHeader(p)
		}
	}
	return w
}

// trusted is a file's header if go list must have seen it, else empty.
func (w headerWatch) trusted(file string) header {
	st, err := os.Stat(file)
	if err != nil {
		return ""
	}
	h := readHeader(file)
	if before, ok := w.before[file]; ok && before == h {
		return h
	}
	if last, ok := w.last[file]; ok && last == h {
		return h
	}
	if st.ModTime().Add(settled).Before(w.began) {
		return h
	}
	return ""
}

// buildable reports whether a file's name is one of a source.
func buildable(file string) bool {
	switch filepath.Ext(file) {
	case ".go", ".c", ".cc", ".cpp", ".cxx", ".m", ".h", ".hh", ".hpp", ".hxx",
		".f", ".F", ".for", ".f90", ".s", ".S", ".sx", ".swig", ".swigcxx", ".syso":
		return true
	}
	return false
}

// unchangedBy reports whether none of the changed paths can make go list answer
// differently. In doubt it says no.
func (l *listing) unchangedBy(paths []string) bool {
	return !l.stale && len(paths) > 0 && !slices.ContainsFunc(paths, l.changedBy)
}

func (l *listing) changedBy(file string) bool {
	base, dir := filepath.Base(file), filepath.Dir(file)
	if base == "go.mod" || base == "go.work" || slices.Contains(l.graph.Files, file) {
		return true
	}
	if known, ok := l.headers[file]; ok {
		return known == "" || readHeader(file) != known
	}
	if l.plain[file] {
		return !regular(file)
	}
	st, err := os.Stat(file)
	if err != nil || st.IsDir() {
		// A folder that came or went with packages or embedded files in it, or a
		// file that was never a part.
		for d := range l.dirs {
			if within(file, d) {
				return true
			}
		}
		for f := range l.plain {
			if within(file, f) {
				return true
			}
		}
	}
	if err != nil {
		return false
	}
	if l.embeds(file) {
		return true
	}
	pkg, ok := l.dirs[dir]
	if !ok || st.IsDir() {
		return false
	}
	if l.graph.FilesOnly && pkg == l.graph.Main {
		return false
	}
	if base == pgoFile {
		return true
	}
	return buildable(base) && !strings.HasSuffix(base, "_test.go") && base[0] != '_' && base[0] != '.'
}

// embeds reports whether a file or folder matches an embed pattern, or stands in
// a folder that does.
func (l *listing) embeds(file string) bool {
	for _, p := range l.graph.Packages {
		if len(p.EmbedPatterns) == 0 || !within(p.Dir, file) || file == p.Dir {
			continue
		}
		rel, err := filepath.Rel(p.Dir, file)
		if err != nil {
			continue
		}
		elems := strings.Split(filepath.ToSlash(rel), "/")
		for _, pattern := range p.EmbedPatterns {
			pattern = strings.TrimPrefix(pattern, "all:")
			if pattern == "." {
				return true
			}
			n := strings.Count(pattern, "/") + 1
			for i := 1; i <= min(n, len(elems)); i++ {
				// A parent of what would match counts too: a folder that appeared
				// may have brought its content with it.
				sub := strings.Join(strings.Split(pattern, "/")[:i], "/")
				if i < n && i < len(elems) {
					continue
				}
				if ok, _ := path.Match(sub, strings.Join(elems[:i], "/")); ok {
					return true
				}
			}
		}
	}
	return false
}

var generatedMark = lazy(`^// Code generated .* DO NOT EDIT\.$`)

// Generated reports whether a file carries Go's mark of generated code in its
// head ("// Code generated … DO NOT EDIT.", before the package clause).
func Generated(file string) bool {
	if !regular(file) {
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
		if generatedMark().MatchString(line) {
			return true
		}
		if strings.HasPrefix(line, "package ") {
			return false
		}
	}
	return false
}

// lazy compiles an expression when it is first wanted: most processes of hotdev
// are supervisors, and start for each run of the program.
func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
