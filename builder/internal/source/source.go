package source

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder/internal/disk"
)

// A Snapshot is the packages of a graph at one time, by import path. The files that
// determine the graph are under the empty path.
type Snapshot map[string]*Source

// A Source is one package at that time.
type Source struct {
	Pkg   Package
	Files map[string]*File // by absolute path
	// names are the files in the folder that are not part of the package but may become
	// so (for other systems, new, of other languages), with their headers; beside holds
	// these files by name, as read.
	names  string
	beside map[string]*File
	// around is what else determines the package: files that would take the folder out
	// of its module, and files that its embed patterns may match.
	around string
}

// A File is one file as it was read.
type File struct {
	size   int64
	when   time.Time // of the last change, by the system's clock
	Hash   [sha256.Size]byte
	header Header
	Text   []byte // of Go files
}

// Names returns the import paths.
func (s Snapshot) Names() iter.Seq[string] { return maps.Keys(s) }

// Read reads what the graph names. A file that has not been touched since it was read
// for old is taken from there.
func Read(g Graph, old Snapshot) Snapshot {
	now := Snapshot{}
	read := func(name string, p Package, files []string) {
		s := &Source{Pkg: p, Files: map[string]*File{}}
		for _, f := range files {
			var known *File
			if o := old[name]; o != nil {
				known = o.Files[f]
			}
			if r := readSource(f, known); r != nil {
				s.Files[f] = r
			}
		}
		if p.Dir != "" {
			s.names, s.beside = filesBeside(p, old[name])
			s.around = boundaries(g, p) + "\n" + embeddable(p)
		} else {
			s.around = vendorFolders(g)
		}
		now[name] = s
	}
	for _, p := range g.Packages {
		read(p.ImportPath, p, slices.Concat(p.Files, p.EmbedFiles))
	}
	read("", Package{}, g.Files)
	return now
}

// embeddable lists the files that a package's embed patterns may match.
func embeddable(p Package) string {
	var b strings.Builder
	for _, pattern := range p.EmbedPatterns {
		root := strings.TrimPrefix(pattern, "all:")
		for strings.ContainsAny(root, `*?[\`) {
			root = path.Dir(root)
		}
		_ = filepath.WalkDir(filepath.Join(p.Dir, filepath.FromSlash(root)), func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				b.WriteString(name + "\n")
			}
			return nil
		})
	}
	return b.String()
}

// boundaries are the go.mod files between a package's folder and its module's. Normally
// there are none; a new one takes the package out of the module.
func boundaries(g Graph, p Package) string {
	root := ""
	for _, r := range g.Roots {
		if len(r) > len(root) && disk.Within(r, p.Dir) {
			root = r
		}
	}
	if p.Vendored {
		return "" // modules.txt says which module it belongs to
	}
	var found string
	for dir := p.Dir; root != "" && dir != root && disk.Within(root, dir); dir = filepath.Dir(dir) {
		if file := filepath.Join(dir, "go.mod"); disk.Regular(file) {
			found += file + "\n"
		}
	}
	return found
}

// vendorFolders returns which of the possible vendor folders exist: even an empty one
// changes what the go command does.
func vendorFolders(g Graph) string {
	var found string
	for _, f := range g.Files {
		if dir := filepath.Dir(f); filepath.Base(dir) == "vendor" && disk.IsDir(dir) {
			found += dir + "\n"
		}
	}
	return found
}

// filesBeside names the files in a package's folder that are not its own but that the
// go command would consider, tests only if p is built with them. Those that have not
// been touched since known was read are not read again.
func filesBeside(p Package, known *Source) (string, map[string]*File) {
	entries, err := os.ReadDir(p.Dir)
	if err != nil {
		return "unreadable", nil
	}
	read := map[string]*File{}
	var names []string
	for _, e := range entries {
		name := e.Name()
		if (Buildable(name) || name == ProfileFile) && (p.Tests || !strings.HasSuffix(name, "_test.go")) && !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "_") &&
			!slices.Contains(p.Files, filepath.Join(p.Dir, name)) {
			// Its constraints may come to be satisfied.
			var before *File
			if known != nil {
				before = known.beside[name]
			}
			var head Header
			if f := readSource(filepath.Join(p.Dir, name), before); f != nil {
				f.Text = nil // only the header is needed
				read[name], head = f, f.header
			}
			names = append(names, fmt.Sprintf("%s %q", name, head))
		}
	}
	return strings.Join(names, "\n"), read
}

// readSource returns nil for a file that cannot be read.
func readSource(path string, known *File) *File {
	st, err := os.Stat(path)
	if err != nil {
		return nil
	}
	when := disk.ChangeTime(st)
	if known != nil && known.size == st.Size() && known.when.Equal(when) && time.Since(when) > Settled {
		return known
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	f := &File{size: st.Size(), when: when, Hash: sha256.Sum256(text)}
	if known != nil && known.Hash == f.Hash {
		f.header, f.Text = known.header, known.Text
		return f
	}
	f.header = ReadHeader(path)
	if filepath.Ext(path) == ".go" {
		f.Text = text
	}
	return f
}

// Coarse is how far a file's time may lag behind: the kernel's clock for it advances at
// least a hundred times a second.
const Coarse = 10 * time.Millisecond

// WrittenSince returns a file that may have changed after t, or "".
func (s *Source) WrittenSince(t time.Time) string {
	for _, f := range slices.Sorted(maps.Keys(s.Files)) {
		if s.Files[f].when.After(t.Add(-Coarse)) {
			return f
		}
	}
	return ""
}

// Touched reports whether any of the files may have changed since it was read.
func (s *Source) Touched() bool {
	if s == nil {
		return false
	}
	for name, f := range s.Files {
		st, err := os.Stat(name)
		if err != nil || st.Size() != f.size || !disk.ChangeTime(st).Equal(f.when) {
			return true
		}
	}
	return false
}

// Same reports whether two states of a package have the same content.
func (s *Source) Same(o *Source) bool {
	if s == nil || o == nil {
		return s == o
	}
	if len(s.Files) != len(o.Files) {
		return false
	}
	for name, f := range s.Files {
		g := o.Files[name]
		if g == nil || g.Hash != f.Hash {
			return false
		}
	}
	return true
}

// ChangedFile returns a file that differs, or "".
func (s *Source) ChangedFile(o *Source) string {
	for _, pair := range [][2]*Source{{s, o}, {o, s}} {
		for _, name := range slices.Sorted(maps.Keys(pair[0].Files)) {
			if g := pair[1].Files[name]; g == nil || g.Hash != pair[0].Files[name].Hash {
				return name
			}
		}
	}
	return ""
}

// Content identifies the content of a file that determines the graph.
func (s Snapshot) Content(file string) string {
	if f := s[""].Files[file]; f != nil {
		return string(f.Hash[:])
	}
	return ""
}

// Reshaped returns a sentence about a change of the shape.
func (s Snapshot) Reshaped(now Snapshot) string {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		a, b := s[name], now[name]
		if a.around != b.around && name == "" {
			return "the vendor folder was added or removed"
		}
		if a.names != b.names || a.around != b.around {
			return "files were added or removed in package " + name
		}
		for _, f := range slices.Sorted(maps.Keys(a.Files)) {
			switch g := b.Files[f]; {
			case g == nil:
				return filepath.Base(f) + " is gone"
			case g.header != a.Files[f].header:
				return "imports or directives of " + filepath.Base(f) + " changed"
			}
		}
	}
	return "the packages changed"
}

// Shape identifies all that the graph depends on: which files exist, and their headers.
func (s Snapshot) Shape() string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(s)) {
		p := s[name]
		fmt.Fprintf(h, "%q %q %q\n", name, p.names, p.around)
		for _, file := range slices.Sorted(maps.Keys(p.Files)) {
			fmt.Fprintf(h, "%q %q\n", file, p.Files[file].header)
		}
	}
	return string(h.Sum(nil))
}
