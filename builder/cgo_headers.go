package builder

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/disk"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/builder/internal/source"
	"github.com/hotdev/hotdev/internal/argv"
)

// The go command knows the headers in a cgo package's own folder, but not headers
// elsewhere or with unusual names: after a change of these its cache still returns the
// old archive (golang.org/issue/24355). hotdev finds them by following the #include
// lines through the folders that the package's cgo flags name. That takes microseconds;
// the C preprocessor would take a tenth of a second. Conditions are not evaluated, so a
// header for another system may be watched as well. If a macro names the included file,
// it may be any header in the folders searched.

// cgoSources is the C sources of a package, and the folders that it takes headers from.
type cgoSources struct {
	dir           string
	files         []string // absolute, those that the go command knows
	quoted, plain []string // folders searched for "x.h" before, and for all
	forced        []string // by -include
}

// newCgoSources is empty for a package without cgo. env is the environment of the
// build, and tool what the go command makes of it.
func newCgoSources(p *listed, env []string, tool gocmd.Env) cgoSources {
	s := cgoSources{dir: p.Dir}
	if len(p.CgoFiles) == 0 {
		return s
	}
	for _, list := range [][]string{p.CgoFiles, p.CFiles, p.CXXFiles, p.MFiles, p.HFiles, p.SFiles} {
		s.files = append(s.files, gocmd.Absolute(p.Dir, list)...)
	}
	flags := slices.Concat(p.CgoCPPFLAGS, p.CgoCFLAGS, p.CgoCXXFLAGS)
	for _, line := range []string{tool.CC, tool.CGO_CPPFLAGS, tool.CGO_CFLAGS, tool.CGO_CXXFLAGS} {
		words, _ := argv.SplitQuoted(line)
		flags = append(flags, words...)
	}
	s.follow(flags)
	for _, name := range []string{"CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH"} { // the compilers' own
		for _, dir := range filepath.SplitList(gocmd.Getenv(env, name)) {
			if filepath.IsAbs(dir) {
				s.plain = append(s.plain, filepath.Clean(dir))
			}
		}
	}
	s.plain = append(s.plain, p.searched...)
	s.forced = append(s.forced, p.pkgConfigFiles...) // they include nothing, but a change of them matters as much
	return s
}

// follow takes the folders of headers from a C compiler's flags.
func (s *cgoSources) follow(flags []string) {
	for i := 0; i < len(flags); i++ {
		for _, name := range []string{"-iquote", "-isystem", "-idirafter", "-include", "-imacros", "-I"} {
			value, ok := strings.CutPrefix(flags[i], name)
			if !ok {
				continue
			}
			if value == "" && i+1 < len(flags) {
				i++
				value = flags[i]
			}
			if value = strings.TrimPrefix(value, "="); value == "" {
				break
			}
			if !filepath.IsAbs(value) {
				value = filepath.Join(s.dir, value)
			}
			switch name {
			case "-iquote":
				s.quoted = append(s.quoted, filepath.Clean(value))
			case "-include", "-imacros":
				s.forced = append(s.forced, filepath.Clean(value))
			default:
				s.plain = append(s.plain, filepath.Clean(value))
			}
			break
		}
	}
}

// headers returns the files that the package includes and that the go command does not
// know. read has those that exist, wherever they are. watched has those below roots,
// and also files there that do not exist but would be included instead if they did.
func (s cgoSources) headers(roots []string) (watched, read []string) {
	seen, found, there, searched := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	known := map[string]bool{}
	for _, f := range s.files {
		known[f] = true
	}
	inRoots := func(file string) bool {
		return slices.ContainsFunc(roots, func(r string) bool { return disk.Within(r, file) })
	}
	var visit func(file string)
	// find visits the first candidate that exists.
	find := func(candidates []string) {
		for _, c := range candidates {
			exists := disk.Regular(c)
			// A header that appears in the package's folder becomes known to the go
			// command.
			if !known[c] && inRoots(c) && (exists || filepath.Dir(c) != s.dir || !knownHeader(c)) {
				found[c] = true
			}
			if exists {
				if !known[c] {
					there[c] = true
				}
				visit(c)
				return
			}
		}
	}
	visit = func(file string) {
		if seen[file] {
			return
		}
		seen[file] = true
		text, err := os.ReadFile(file)
		if err != nil {
			return
		}
		for line := range strings.Lines(string(text)) {
			name, form := included(line)
			switch form {
			case notIncluded:
				continue
			case byMacro:
				for _, dir := range slices.Concat([]string{filepath.Dir(file), s.dir}, s.quoted, s.plain) {
					if searched[dir] || !inRoots(dir) {
						continue
					}
					searched[dir] = true
					for _, f := range headersBelow(dir) {
						find([]string{f})
					}
				}
				continue
			}
			if filepath.IsAbs(name) {
				find([]string{filepath.Clean(name)})
				continue
			}
			var dirs []string
			if form == inQuotes {
				dirs = append([]string{filepath.Dir(file)}, s.quoted...)
			}
			var candidates []string
			for _, d := range append(append(dirs, s.plain...), s.dir) { // cgo adds the package's own folder
				if c := filepath.Join(d, filepath.FromSlash(name)); !slices.Contains(candidates, c) {
					candidates = append(candidates, c)
				}
			}
			find(candidates)
		}
	}
	for _, f := range s.forced {
		find([]string{f})
	}
	for _, f := range s.files {
		visit(f)
	}
	return slices.Sorted(maps.Keys(found)), slices.Sorted(maps.Keys(there))
}

// An inclusion is how an #include names its file.
type inclusion int

const (
	notIncluded inclusion = iota // the line is not an #include
	inQuotes
	inBrackets
	byMacro // a macro has the name
)

// included returns the file that a line of C, or of a comment in Go, includes. The name
// is empty if a macro has it.
func included(line string) (name string, form inclusion) {
	line = strings.TrimLeft(line, "/* \t")
	line, ok := strings.CutPrefix(line, "#")
	if !ok {
		return "", notIncluded
	}
	line = strings.TrimLeft(line, " \t")
	word := line[:identifier(line)]
	if !slices.Contains([]string{"include", "include_next", "import", "embed"}, word) {
		return "", notIncluded
	}
	rest := strings.TrimLeft(line[len(word):], " \t")
	for strings.HasPrefix(rest, "/*") {
		_, after, _ := strings.Cut(rest, "*/")
		rest = strings.TrimLeft(after, " \t")
	}
	switch {
	case strings.HasPrefix(rest, `"`):
		if name, _, ok := strings.Cut(rest[1:], `"`); ok && name != "" {
			return name, inQuotes
		}
	case strings.HasPrefix(rest, "<"):
		if name, _, ok := strings.Cut(rest[1:], ">"); ok && name != "" {
			return name, inBrackets
		}
	case identifier(rest) > 0 && line[len(word):] != rest: // not "#include_x"
		return "", byMacro
	}
	return "", notIncluded
}

// identifier returns the length of the C identifier at the start of s.
func identifier(s string) int {
	n := 0
	for n < len(s) && (s[n] == '_' || 'a' <= s[n] && s[n] <= 'z' || 'A' <= s[n] && s[n] <= 'Z' || n > 0 && '0' <= s[n] && s[n] <= '9') {
		n++
	}
	return n
}

// knownHeader reports whether the go command takes a file of this name in a package's
// folder for a header.
func knownHeader(name string) bool {
	return slices.Contains([]string{".h", ".hh", ".hpp", ".hxx"}, filepath.Ext(name))
}

// manyHeaders limits the search for the file that a macro may name: an -I may point to
// the root of a large tree.
const manyHeaders = 2000

// headersBelow returns the files below dir that have a header's extension. It skips
// hidden folders and node_modules.
func headersBelow(dir string) (found []string) {
	_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil // an unreadable file cannot be included
		case e.IsDir() && path != dir && (e.Name()[0] == '.' || e.Name() == "node_modules"):
			return fs.SkipDir
		case len(found) == manyHeaders:
			return fs.SkipAll
		case knownHeader(path) || slices.Contains([]string{".inc", ".inl", ".def", ".ipp", ".tpp"}, filepath.Ext(path)):
			found = append(found, path)
		}
		return nil
	})
	return found
}

// addHeaders adds to the graph the headers that its cgo packages include from
// elsewhere. A change of any of them makes the go command list and build again.
func (l *listing) addHeaders(found []listed, env []string, tool gocmd.Env) {
	g := &l.graph
	l.headerRoots = headerRoots(g.Roots)
	for i := range found {
		p := &found[i]
		if len(p.CgoFiles) == 0 || !slices.ContainsFunc(g.Packages, func(q source.Package) bool { return q.ImportPath == p.ImportPath }) {
			continue
		}
		s := newCgoSources(p, env, tool)
		watched, read := s.headers(l.headerRoots)
		if len(watched)+len(read) > 0 {
			l.cgo = append(l.cgo, s)
			g.Files = union(g.Files, watched)
		}
	}
}

// A headerOverlay makes the go command's cache distinguish the states of such headers.
// Each package that includes some gets an additional header. No file includes it, and
// its content changes whenever they do. So exactly these packages are compiled again,
// with the same commands and from the same sources.
type headerOverlay struct {
	states []string // of the headers, by package, as hashes of their content
	flag   []string // for go build; empty if no package includes such headers
}

// headerOverlay writes one to the folder work, from what is known of req's packages.
func (b *Builder) headerOverlay(req Request, tool gocmd.Env, work string) (o headerOverlay, err error) {
	b.mu.Lock()
	last := b.known[requestKey(req)]
	b.mu.Unlock()
	if tool.CGO_ENABLED != "1" || last == nil || len(last.cgo) == 0 {
		return o, nil
	}
	var overlay struct{ Replace map[string]string }
	base := gocmd.FlagsInForce(req.Flags, tool).Path(req.Dir, "overlay")
	if req.agent != nil {
		base = req.agent.file // an agent is used only if the user has no overlay
	}
	if base != "" {
		text, err := os.ReadFile(base)
		if err != nil || json.Unmarshal(text, &overlay) != nil {
			return o, nil // the go command will report it
		}
	}
	if overlay.Replace == nil {
		overlay.Replace = map[string]string{}
	}
	for i, s := range last.cgo {
		h := sha256.New()
		_, read := s.headers(last.headerRoots)
		for _, f := range read {
			if text, err := os.ReadFile(f); err == nil {
				fmt.Fprintf(h, "%q %x\n", f, sha256.Sum256(text))
			}
		}
		state := fmt.Sprintf("/* %x */\n", h.Sum(nil))
		file := filepath.Join(work, fmt.Sprintf("headers%d.h", i))
		if err := os.WriteFile(file, []byte(state), 0o600); err != nil {
			return o, err
		}
		overlay.Replace[filepath.Join(s.dir, "hotdev_headers.h")] = file
		o.states = append(o.states, s.dir+" "+state)
	}
	text, err := json.Marshal(overlay)
	if err != nil {
		return o, err
	}
	file := filepath.Join(work, "overlay.json")
	o.flag = []string{"-overlay=" + file}
	return o, os.WriteFile(file, text, 0o600)
}

// awaitListing waits for a List of req that is running. If there has not been one yet,
// it makes one, and ignores its errors.
func (b *Builder) awaitListing(ctx context.Context, req Request) {
	if take(ctx, b.list) != nil {
		return
	}
	give(b.list)
	b.mu.Lock()
	known := b.known[requestKey(req)] != nil
	b.mu.Unlock()
	if !known {
		_, _, _ = b.List(ctx, req, nil)
	}
}

// hasOutsideHeaders reports whether a package of the program includes headers that the
// go command does not know: the archives that it lists may be older than these.
func (b *Builder) hasOutsideHeaders(req Request) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	last := b.known[requestKey(req)]
	return last != nil && len(last.cgo) > 0
}
