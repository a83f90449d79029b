package builder

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/complaint"
	"github.com/hotdev/hotdev/builder/internal/disk"
	"github.com/hotdev/hotdev/builder/internal/fast"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// A listing is one answer of go list, with what is needed to decide whether a change
// could alter that answer. Only stale ever changes, under the list token.
type listing struct {
	graph source.Graph
	found []fast.Listed // nil if this listing is remembered
	// stale: something has changed since the listing.
	stale bool
	// headers are those of all sources that go list reads; empty for a file whose state
	// at that time is unknown.
	headers map[string]source.Header
	// plain are files of which only the existence matters.
	plain map[string]bool
	dirs  map[string]string // package folder → import path
	paths map[string]string // the reverse
	// folders are those of all packages of the program, including the standard
	// library's and the modules', by import path.
	folders map[string]string
	cgo     []cgoSources // of the packages that include headers from elsewhere
	// headerRoots are the folders below which headers are watched.
	headerRoots []string
}

func (l *listing) dirOf(pkg string) string    { return l.paths[pkg] }
func (l *listing) ownerOf(file string) string { return l.dirs[filepath.Dir(file)] }

func (l *listing) folderOf(pkg string) string { return l.folders[pkg] }

// dependsOn reports whether pkg imports other, directly or not. Both are packages of
// the user's own.
func (l *listing) dependsOn(pkg, other string) bool {
	reached := map[string]bool{other: true}
	for _, p := range l.graph.Packages { // dependencies first
		if slices.ContainsFunc(p.Imports, func(path string) bool { return reached[path] }) {
			reached[p.ImportPath] = true
		}
		if p.ImportPath == pkg {
			return pkg != other && reached[pkg]
		}
	}
	return false
}

// rankOf is a package's position in the graph; negative if it is not in it.
func (l *listing) rankOf(pkg string) int {
	return slices.IndexFunc(l.graph.Packages, func(p source.Package) bool { return p.ImportPath == pkg })
}

// assemble makes a listing from the answer of go list. If go list reported errors, what
// the last listing knew is kept.
func (b *Builder) assemble(req Request, tool gocmd.Env, last *listing, found []listed, complaints []string, watch headerWatch) *listing {
	l := &listing{
		headers: make(map[string]source.Header), plain: make(map[string]bool),
		dirs: make(map[string]string), paths: make(map[string]string), folders: make(map[string]string),
	}
	g := &l.graph
	g.FilesOnly = gocmd.NamesFiles(req.Target)
	vendor := tool.VendorFolder()
	mods := modules{}
	for i := range found {
		p := &found[i]
		if last != nil && complaint.RelativePath(p.ImportPath) && last.dirs[p.Dir] != "" {
			p.ImportPath = last.dirs[p.Dir] // go list cannot name a folder without files
		}
		p.vendored = vendor != "" && p.Dir != "" && disk.Within(vendor, p.Dir)
		if p.Module != nil && local(p.Module) && !p.vendored {
			mods.add(p.Module)
		}
	}
	if tool.GOMOD != "" && tool.GOMOD != os.DevNull {
		// The main module is included even if none of its packages could be listed.
		mods.add(&module{Dir: filepath.Dir(tool.GOMOD), GoMod: tool.GOMOD})
	}
	for i := range found {
		p := &found[i]
		if p.Error == nil {
			g.Total++
		}
		if p.Dir != "" {
			l.folders[p.ImportPath] = p.Dir
		}
		if p.plugin {
			g.Plugins = append(g.Plugins, p.ImportPath)
		} else if !p.DepOnly && g.Main == "" {
			g.Main = p.ImportPath
		}
		switch {
		case p.Standard:
			continue
		case p.vendored:
		case p.Module != nil && !local(p.Module):
			continue
		case p.Dir == "":
			dir := mods.dirFor(p.ImportPath)
			if complaint.RelativePath(p.ImportPath) {
				dir = filepath.Join(req.Dir, filepath.FromSlash(p.ImportPath)) // the target itself
			}
			if dir != "" {
				g.Missing = append(g.Missing, dir)
			}
			continue
		case p.Module == nil && p.Error != nil && !g.FilesOnly && mods.rootOf(p.Dir) == "":
			continue
		}
		if p.Error != nil && len(p.GoFiles)+len(p.CgoFiles) == 0 {
			g.Missing = append(g.Missing, p.Dir)
		}
		if slices.ContainsFunc(g.Packages, func(q source.Package) bool { return q.ImportPath == p.ImportPath }) {
			continue
		}
		g.Packages = append(g.Packages, p.pkg())
		l.remember(p, watch)
	}
	slices.Sort(g.Missing)
	g.Missing = slices.Compact(g.Missing)
	b.shape(g, req, tool, mods)
	l.addHeaders(found, gocmd.Environ(req.Env), tool)

	l.index()
	ps := &complaint.Report{Dir: req.Dir, DirOf: l.dirOf, OwnerOf: l.ownerOf}
	for i := range found {
		if e := found[i].Error; e != nil {
			ps.Begin(found[i].ImportPath)
			e.parse(ps, l.importer)
		}
	}
	ps.Begin("")
	for _, c := range complaints {
		ps.Line(c)
	}
	g.Diagnostics = ps.Done()
	if len(complaints) > 0 && len(g.Diagnostics) == 0 {
		g.Diagnostics = []Diagnostic{{Message: "go list: " + complaint.Clean(complaints[0]), More: complaint.LastLines(complaints[1:], 20)}}
	}
	if len(g.Diagnostics) > 0 {
		l.stale = true // any change may fix it
		if last != nil {
			keep(g, last.graph)
		}
		if len(g.Packages) == 0 {
			guess(g, req)
		}
	}
	l.index()
	return l
}

// index fills dirs and paths from the packages of the graph.
func (l *listing) index() {
	for _, p := range l.graph.Packages {
		l.dirs[p.Dir], l.paths[p.ImportPath] = p.ImportPath, p.Dir
	}
}

// importer returns a file of the package pkg that imports another one.
func (l *listing) importer(pkg, imported string) string {
	for _, p := range l.graph.Packages {
		if p.ImportPath != pkg {
			continue
		}
		for _, f := range p.Files {
			if _, ok := complaint.ImportPosition(f, imported); ok {
				return f
			}
		}
	}
	return ""
}

// remember records which files of a package go list has read.
func (l *listing) remember(p *listed, watch headerWatch) {
	for _, list := range [][]string{
		p.GoFiles, p.CgoFiles, p.IgnoredGoFiles, p.InvalidGoFiles, p.CFiles, p.CXXFiles, p.MFiles, p.HFiles,
		p.FFiles, p.SFiles, p.SwigFiles, p.SwigCXXFiles, p.IgnoredOtherFiles,
	} {
		for _, f := range gocmd.Absolute(p.Dir, list) {
			l.headers[f] = watch.trusted(f)
		}
	}
	for _, f := range gocmd.Absolute(p.Dir, p.SysoFiles) {
		l.plain[f] = true
	}
	for _, f := range gocmd.Absolute(p.Dir, p.EmbedFiles) {
		l.plain[f] = true
	}
	if pgo := filepath.Join(p.Dir, source.ProfileFile); p.Name == "main" && disk.Regular(pgo) {
		l.plain[pgo] = true
	}
}

// pkg converts the go command's description of a package.
func (p *listed) pkg() source.Package {
	out := source.Package{ImportPath: p.ImportPath, Name: p.Name, Dir: p.Dir, EmbedPatterns: p.EmbedPatterns, Imports: p.Imports, Vendored: p.vendored}
	for _, list := range [][]string{
		p.GoFiles, p.CgoFiles, p.CFiles, p.CXXFiles, p.MFiles, p.HFiles, p.FFiles, p.SFiles,
		p.SwigFiles, p.SwigCXXFiles, p.SysoFiles,
	} {
		out.Files = append(out.Files, gocmd.Absolute(p.Dir, list)...)
	}
	if pgo := filepath.Join(p.Dir, source.ProfileFile); p.Name == "main" && disk.Regular(pgo) {
		out.Files = append(out.Files, pgo)
	}
	out.EmbedFiles = gocmd.Absolute(p.Dir, p.EmbedFiles)
	return out
}

// parse reads the complaint as go build would print it. importer returns a file of a
// package that imports another one.
func (e *listError) parse(p *complaint.Report, importer func(pkg, imported string) string) {
	if len(e.ImportStack) > 1 && strings.HasPrefix(e.Err, "import cycle not allowed") {
		p.Line("package " + e.ImportStack[0])
		for i, pkg := range e.ImportStack[1:] {
			link := "\timports " + pkg
			if f := importer(e.ImportStack[i], pkg); f != "" {
				link += " from " + filepath.Base(f)
			}
			if i == len(e.ImportStack)-2 {
				link += ": " + e.Err
			}
			p.Line(link)
		}
		return
	}
	text := e.Err
	if e.Pos != "" && !strings.HasPrefix(text, e.Pos) {
		text = e.Pos + ": " + text
	}
	for l := range strings.Lines(text) {
		p.Line(strings.TrimRight(l, "\r\n"))
	}
}

// keep adds to g, which is incomplete, what the earlier graph old knew.
func keep(g *source.Graph, old source.Graph) {
	g.Main = cmp.Or(g.Main, old.Main)
	g.Total = max(g.Total, old.Total)
	g.Roots = union(old.Roots, g.Roots)
	g.Files = union(old.Files, g.Files)
	g.Missing = union(old.Missing, g.Missing)
	var gone []source.Package
	for _, o := range old.Packages {
		i := slices.IndexFunc(g.Packages, func(p source.Package) bool { return p.ImportPath == o.ImportPath })
		if i < 0 {
			gone = append(gone, o)
			continue
		}
		p := &g.Packages[i]
		p.Name = cmp.Or(p.Name, o.Name)
		p.Files = union(o.Files, p.Files)
		p.EmbedPatterns = union(o.EmbedPatterns, p.EmbedPatterns)
		p.EmbedFiles = union(o.EmbedFiles, p.EmbedFiles)
		p.Imports = union(o.Imports, p.Imports)
	}
	g.Packages = append(gone, g.Packages...)
}

// union appends to a the elements that only b has; it shares no storage with either.
func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(a, s) {
			out = append(out, s)
		}
	}
	return out
}

// guess fills a graph about which nothing is known with the target's own folder, so
// that a save that fixes it is noticed.
func guess(g *source.Graph, req Request) {
	for _, t := range req.Target {
		dir := filepath.Join(req.Dir, filepath.FromSlash(t))
		if filepath.IsAbs(t) {
			dir = t
		}
		if strings.HasSuffix(t, ".go") {
			dir = filepath.Dir(dir)
		}
		if st, err := os.Stat(dir); err != nil || !st.IsDir() {
			continue
		}
		files := goFilesIn(dir)
		if gocmd.NamesFiles(req.Target) {
			files = gocmd.Absolute(req.Dir, req.Target)
		}
		files = slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, "_test.go") })
		g.Packages = append(g.Packages, source.Package{ImportPath: t, Dir: dir, Files: files})
		if gocmd.NamesFiles(req.Target) {
			return
		}
	}
}

// goFilesIn returns all files in a folder whose names end in .go.
func goFilesIn(dir string) []string {
	files, _ := filepath.Glob(filepath.Join(escapeGlob(dir), "*.go"))
	return files
}

// escapeGlob escapes a folder's name for use in a pattern.
func escapeGlob(dir string) string {
	if os.PathSeparator == '\\' {
		return dir // Windows has no escaping; a "[" in the path only means that nothing matches
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(dir)
}
