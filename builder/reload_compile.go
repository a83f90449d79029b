package builder

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder/complaint"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/builder/internal/source"
	"github.com/hotdev/hotdev/internal/argv"
)

// A toolchain is what the go command says of itself, as far as one needs it to
// call the compiler and the linker directly.
type toolchain struct {
	goos, cgo, version string
	tools              string // the folder that they are in
	settings           string // the file of go env -w
	cc                 []string
	env                []string // for the tools
}

func (b *Builder) toolchain(ctx context.Context, req Request) (toolchain, error) {
	e, err := b.tool(ctx, req.Dir, req.Env)
	if err != nil {
		return toolchain{}, err
	}
	return newToolchain(e, req.Env)
}

// newToolchain fails with the go command's own failure.
func newToolchain(e gocmd.Env, env []string) (toolchain, error) {
	if e.Failure != nil {
		return toolchain{}, e.Failure
	}
	t := toolchain{goos: e.GOOS, cgo: e.CGO_ENABLED, tools: e.GOTOOLDIR, version: e.GOVERSION, settings: e.GOENV, env: gocmd.Environ(env)}
	if t.cc, _ = argv.SplitQuoted(e.CC); len(t.cc) == 0 {
		t.cc = []string{"cc"}
	}
	for _, v := range [][2]string{
		{"GOOS", e.GOOS}, {"GOARCH", e.GOARCH}, {"GOAMD64", e.GOAMD64}, {"GOARM64", e.GOARM64}, {"GOEXPERIMENT", e.GOEXPERIMENT}, {"GOROOT", e.GOROOT},
	} {
		if v[1] != "" {
			t.env = gocmd.Setenv(t.env, v[0], v[1])
		}
	}
	return t, nil
}

// exports are the archives of all packages of a program, compiled in the form
// for plugins.
type exports struct {
	files map[string]string         // archive by import path
	lang  map[string]string         // language version of the user's packages
	of    map[string]*source.Source // what those were compiled from
	stale bool                      // the graph has changed since
}

// export has the go command compile, or find in its cache, what plugins of the
// host link with.
func (b *Builder) export(ctx context.Context, h *host, req ReloadRequest, g source.Graph, hooks Hooks) error {
	before := source.Read(g, h.seen)
	args := []string{"go", "list", "-e", "-export", "-deps", "-v", "-json=ImportPath,Export,Module", "-buildmode=plugin"}
	args = append(args, req.Flags...)
	args = append(args, "--")
	args = append(append(args, req.Target...), req.Plugins...)
	if !gocmd.NamesFiles(req.Target) {
		args = append(args, "runtime/cgo") // a program by itself may do without
	}
	if err := os.MkdirAll(req.Folder, 0o700); err != nil {
		return fmt.Errorf("folder for plugins: %w", err)
	}
	var out bytes.Buffer
	var text []string
	err := gocmd.Command{
		Argv: args, Tree: true, Dir: req.Dir, Env: gocmd.WorkIn(gocmd.Environ(req.Env), req.Folder),
		Stdout: func(l string) { out.WriteString(l); out.WriteByte('\n') },
		Stderr: func(l string) {
			if gocmd.IsPackage(l) && hooks.Progress != nil {
				hooks.Progress(l)
				return
			}
			text = append(text, l)
		},
	}.Run(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && !gocmd.Failed(err) {
		return fmt.Errorf("go list -export: %w", err)
	}
	e := exports{files: map[string]string{}, lang: map[string]string{}, of: map[string]*source.Source{}}
	for dec := json.NewDecoder(&out); ; {
		var p struct {
			ImportPath, Export string
			Module             *struct{ GoVersion string }
		}
		if derr := dec.Decode(&p); errors.Is(derr, io.EOF) {
			break
		} else if derr != nil {
			return fmt.Errorf("go list -export: its answer makes no sense: %w", derr)
		}
		name, _, _ := strings.Cut(p.ImportPath, " ")
		if p.Export != "" {
			e.files[name] = p.Export
		}
		if p.Module != nil && p.Module.GoVersion != "" {
			e.lang[name] = "go" + p.Module.GoVersion
		}
	}
	if len(e.files) == 0 {
		return fmt.Errorf("go list -export: nothing was compiled: %s", strings.Join(complaint.LastLines(text, 3), "; "))
	}
	after := source.Read(g, before)
	for name, s := range before {
		if s.Same(after[name]) {
			e.of[name] = s
		}
	}
	h.exports = e
	return nil
}

// fits reports whether the archives are those of the packages as they are, but
// for the chosen ones.
func (e exports) fits(now source.Snapshot, g source.Graph, chosen []string) bool {
	if e.files == nil || e.stale {
		return false
	}
	for _, p := range g.Packages {
		if name := p.ImportPath; name != g.Main && !slices.Contains(chosen, name) && (e.files[name] == "" || !e.of[name].Same(now[name])) {
			return false
		}
	}
	return true
}

// buildPlugin compiles the chosen packages under paths of their own and links
// them with what they import.
func (b *Builder) buildPlugin(ctx context.Context, h *host, now source.Snapshot, g source.Graph, chosen []string, req ReloadRequest, hooks Hooks) (ReloadResult, error) {
	if !h.exports.fits(now, g, chosen) {
		if err := b.export(ctx, h, req, g, hooks); err != nil {
			return ReloadResult{}, err
		}
		if !h.exports.fits(now, g, chosen) {
			return ReloadResult{Restart: "files were saved while the plugin's packages were compiled"}, nil
		}
	}
	tools, err := b.toolchain(ctx, req.Request)
	if err != nil {
		return ReloadResult{}, err
	}
	tool, err := b.tool(ctx, req.Dir, req.Env)
	if err != nil {
		return ReloadResult{}, err
	}
	if err := os.MkdirAll(req.Folder, 0o700); err != nil {
		return ReloadResult{}, fmt.Errorf("folder for plugins: %w", err)
	}
	work, err := os.MkdirTemp(req.Folder, "work-")
	if err != nil {
		return ReloadResult{}, fmt.Errorf("folder for plugins: %w", err)
	}
	defer os.RemoveAll(work)
	p := plugin{
		req: req, tools: tools, race: gocmd.FlagsInForce(req.Flags, tool).On("race"), work: work, now: now, hooks: hooks, report: b.report(req.Request),
		lang: h.exports.lang, archives: maps.Clone(h.exports.files), copies: map[string]string{},
	}
	for _, name := range chosen {
		p.copies[name] = fmt.Sprintf("%s/%s%d", name, copyElement, req.Gen)
	}
	p.root = fmt.Sprintf("hotdev_root%d", req.Gen)
	for i, name := range g.Plugins {
		if p.copies[name] != "" {
			p.copies[name] = fmt.Sprintf("hotdev_plugin%d_%d", i, req.Gen)
			p.mains = append(p.mains, name)
		}
	}
	r := ReloadResult{Packages: chosen}
	if failed := p.entry(g, &r); failed != nil {
		return ReloadResult{Diagnostics: failed}, nil
	}
	for _, name := range chosen {
		if failed, err := p.compile(ctx, name, &r); err != nil || failed != nil {
			return ReloadResult{Diagnostics: failed}, err
		}
	}
	if why, err := p.finish(ctx, &r); err != nil || why != "" {
		for _, f := range append(r.Plugins, PluginFile{File: r.Plugin}) {
			_ = os.Remove(f.File)
		}
		return ReloadResult{Restart: why}, err
	}
	return r, nil
}

// finish links the files that the plugin consists of: one for the packages of
// slots, and one for each package that the program opens itself.
func (p *plugin) finish(ctx context.Context, r *ReloadResult) (why string, err error) {
	began := time.Now()
	defer func() { r.Link = time.Since(began) }()
	for _, name := range p.mains {
		file := filepath.Join(p.req.Folder, p.copies[name]+".so")
		if why, err := p.link(ctx, p.copies[name], p.archives[p.copies[name]], file); err != nil || why != "" {
			return why, err
		}
		r.Plugins = append(r.Plugins, PluginFile{Package: name, File: file})
	}
	if len(r.Slots) == 0 {
		return "", nil
	}
	root := p.archives[p.root] // of a bare main package
	if p.rootText != "" {
		if root, why, err = p.compileRoot(ctx); err != nil || why != "" {
			return why, err
		}
	}
	file := filepath.Join(p.req.Folder, fmt.Sprintf("gen%d.so", p.req.Gen))
	if why, err := p.link(ctx, p.root, root, file); err != nil || why != "" {
		return why, err
	}
	r.Plugin = file
	return "", nil
}

// A plugin is one that is being built.
type plugin struct {
	req      ReloadRequest
	tools    toolchain
	race     bool // -race is in force
	work     string
	now      source.Snapshot
	hooks    Hooks
	report   *complaint.Report
	lang     map[string]string
	archives map[string]string // by import path, copies too
	copies   map[string]string // import path of each chosen package's copy
	root     string            // the plugin's own path
	rootText string            // the source of its root package; empty if that is a chosen one
	mains    []string          // the chosen packages that are plugins of their own
}

// entry decides what the plugin's root package is and what it carries.
func (p *plugin) entry(g source.Graph, r *ReloadResult) []Diagnostic {
	exported := map[string]string{} // what the plugin calls it → how the root does
	if p.req.Bare {
		name, failed := bareEntry(p.now[g.Main], p.req.Symbol)
		if failed != nil {
			return failed
		}
		r.Slots = []string{name}
		if p.now[g.Main].Pkg.Name == "main" {
			r.Symbol = name
			p.copies[g.Main] = p.root
			return nil
		}
		exported[name] = g.Main + "." + name
	}
	for _, slot := range p.req.Slots {
		if !p.req.Bare && p.copies[packageOf(slot)] != "" {
			r.Slots = append(r.Slots, slot)
			exported[slot] = slot
		}
	}
	var b strings.Builder
	b.WriteString("package main\n\nimport (\n")
	packages := slices.DeleteFunc(slices.Sorted(maps.Keys(p.copies)), func(n string) bool { return slices.Contains(p.mains, n) })
	local := map[string]string{}
	for i, name := range packages {
		local[name] = "p" + strconv.Itoa(i)
		fmt.Fprintf(&b, "\t%s %q\n", local[name], name)
	}
	b.WriteString(")\n\nvar Hotdev = map[string]any{\n")
	used := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(exported)) {
		pkg := packageOf(exported[name])
		used[pkg] = true
		fmt.Fprintf(&b, "\t%q: %s.%s,\n", name, local[pkg], exported[name][len(pkg)+1:])
	}
	fmt.Fprintf(&b, "}\n\nvar HotdevPackages = %#v\n\nfunc main() {}\n", r.Packages)
	p.rootText = b.String()
	for name, id := range local { // those without a slot are only linked
		if !used[name] {
			p.rootText = strings.Replace(p.rootText, fmt.Sprintf("\t%s %q\n", id, name), fmt.Sprintf("\t_ %q\n", name), 1)
		}
	}
	return nil
}

// importcfg writes the file that tells a tool where packages are.
func (p *plugin) importcfg(name string, mapped bool) (string, error) {
	var b bytes.Buffer
	if mapped {
		for _, from := range slices.Sorted(maps.Keys(p.copies)) {
			fmt.Fprintf(&b, "importmap %s=%s\n", from, p.copies[from])
		}
	}
	for _, pkg := range slices.Sorted(maps.Keys(p.archives)) {
		fmt.Fprintf(&b, "packagefile %s=%s\n", pkg, p.archives[pkg])
	}
	file := filepath.Join(p.work, name)
	return file, os.WriteFile(file, b.Bytes(), 0o600)
}

// compile compiles a chosen package's copy. The diagnostics are the user's.
func (p *plugin) compile(ctx context.Context, name string, r *ReloadResult) ([]Diagnostic, error) {
	if p.hooks.Progress != nil {
		p.hooks.Progress(name)
	}
	began := time.Now()
	s := p.now[name]
	cfg, err := p.importcfg("importcfg", true)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, f := range s.Pkg.Files {
		if filepath.Ext(f) == ".go" {
			files = append(files, f)
		}
	}
	archive := filepath.Join(p.work, strconv.Itoa(len(r.Compiled))+".a")
	args := []string{"-p", p.copies[name], "-importcfg", cfg, "-o", archive, "-c=4"}
	if v := p.lang[name]; v != "" {
		args = append(args, "-lang="+languageOf(v))
	}
	if len(s.Pkg.EmbedPatterns) > 0 {
		cfg, err := p.embedcfg(s.Pkg)
		if err != nil {
			return nil, err
		}
		args = append(args, "-embedcfg", cfg)
	}
	lines, err := p.tool(ctx, "compile", append(args, p.compileFlags()...), files)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil && !gocmd.Failed(err) {
		return nil, err
	}
	if err != nil {
		p.report.Begin(name)
		for _, l := range lines {
			p.report.Line(strings.ReplaceAll(l, fmt.Sprintf("/%s%d", copyElement, p.req.Gen), ""))
		}
		failed := p.report.Done()
		if len(failed) == 0 {
			return nil, fmt.Errorf("compile %s: %w: %s", name, err, strings.Join(complaint.LastLines(lines, 3), "; "))
		}
		return failed, nil
	}
	p.archives[p.copies[name]] = archive
	r.Compiled = append(r.Compiled, Compile{Package: name, Took: time.Since(began)})
	return nil, nil
}

func (p *plugin) compileFlags() []string {
	flags := []string{"-pack", "-complete", "-dynlink", "-nolocalimports"}
	if p.race {
		flags = append(flags, "-race")
	}
	return flags
}

// languageOf cuts a go directive's version to that of the language.
func languageOf(v string) string {
	parts := strings.SplitN(strings.TrimPrefix(v, "go"), ".", 3)
	if len(parts) < 2 {
		return v
	}
	minor := strings.TrimRight(strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return ' '
		}
		return r
	}, parts[1]), " ")
	minor, _, _ = strings.Cut(minor, " ")
	return "go" + parts[0] + "." + minor
}

// embedcfg writes the file that tells the compiler what //go:embed means.
func (p *plugin) embedcfg(pkg source.Package) (string, error) {
	cfg := struct {
		Patterns map[string][]string
		Files    map[string]string
	}{map[string][]string{}, map[string]string{}}
	for _, f := range pkg.EmbedFiles {
		rel, err := filepath.Rel(pkg.Dir, f)
		if err != nil {
			return "", err
		}
		cfg.Files[filepath.ToSlash(rel)] = f
	}
	for _, pattern := range pkg.EmbedPatterns {
		glob, all := strings.CutPrefix(pattern, "all:")
		cfg.Patterns[pattern] = []string{}
		for _, name := range slices.Sorted(maps.Keys(cfg.Files)) {
			// A pattern that matches a folder embeds what is in it.
			for dir := name; dir != "."; dir = path.Dir(dir) {
				if ok, _ := path.Match(glob, dir); ok {
					cfg.Patterns[pattern] = append(cfg.Patterns[pattern], name)
					break
				}
				if base := path.Base(dir); !all && (base[0] == '.' || base[0] == '_') {
					break // another pattern embeds it
				}
			}
		}
	}
	text, err := json.Marshal(cfg)
	if err != nil {
		return "", err
	}
	file := filepath.Join(p.work, "embedcfg")
	return file, os.WriteFile(file, text, 0o600)
}

// compileRoot compiles the package that lists the functions of slots.
func (p *plugin) compileRoot(ctx context.Context) (archive, why string, err error) {
	cfg, err := p.importcfg("importcfg", true)
	if err != nil {
		return "", "", err
	}
	source := filepath.Join(p.work, "root.go")
	if err := os.WriteFile(source, []byte(p.rootText), 0o600); err != nil {
		return "", "", err
	}
	archive = filepath.Join(p.work, "root.a")
	lines, err := p.tool(ctx, "compile", append([]string{"-p", p.root, "-importcfg", cfg, "-o", archive}, p.compileFlags()...), []string{source})
	if ctx.Err() != nil {
		return "", "", ctx.Err()
	}
	if err != nil {
		return "", "the plugin's list of functions does not compile: " + strings.Join(complaint.LastLines(lines, 1), ""), nil
	}
	return archive, "", nil
}

// link links a plugin of the given path. why is what the linker says if it
// cannot.
func (p *plugin) link(ctx context.Context, path, root, file string) (why string, err error) {
	cfg, err := p.importcfg("importcfg.link", false)
	if err != nil {
		return "", err
	}
	linker, err := p.linker()
	if err != nil {
		return "", err
	}
	extld, err := argv.JoinQuoted([]string{linker})
	if err != nil {
		return "", err
	}
	// Without -s and -w half of the time would go into debugging information.
	args := []string{"-o", file, "-importcfg", cfg, "-pluginpath", path, "-buildmode=plugin", "-s", "-w", "-extld=" + extld}
	if p.race {
		args = append(args, "-race")
	}
	lines, err := p.tool(ctx, "link", args, []string{root})
	if ctx.Err() != nil {
		_ = os.Remove(file)
		return "", ctx.Err()
	}
	if err != nil {
		_ = os.Remove(file)
		if !gocmd.Failed(err) {
			return "", err
		}
		return "the plugin does not link: " + strings.Join(complaint.LastLines(lines, 2), "; "), nil
	}
	return "", nil
}

// tool runs the compiler or the linker, and returns what it printed.
func (p *plugin) tool(ctx context.Context, name string, args, files []string) (lines []string, err error) {
	err = gocmd.Command{
		Argv: slices.Concat([]string{filepath.Join(p.tools.tools, name)}, args, files),
		Dir:  p.work, Env: gocmd.WorkIn(p.tools.env, p.work),
		Stdout: func(l string) { lines = append(lines, l) },
	}.Run(ctx)
	return lines, err
}

// bareEntry chooses the function of a bare plugin.
func bareEntry(s *source.Source, symbol string) (string, []Diagnostic) {
	x := parseSyntax(s)
	pkg := cmp.Or(s.Pkg.ImportPath, s.Pkg.Name)
	if symbol != "" {
		if d := x.decls[symbol]; d == nil && !x.broken {
			return "", []Diagnostic{{Package: pkg, Message: fmt.Sprintf("package %s has no function %s", path.Base(pkg), symbol), More: fitting(x)}}
		}
		return symbol, nil
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(x.decls)) {
		if d := x.decls[name]; fits(x, d) {
			names = append(names, name)
		}
	}
	switch {
	case len(names) == 1:
		return names[0], nil
	case x.broken:
		return "Broken", nil // the compiler says what is wrong
	case len(names) == 0:
		return "", []Diagnostic{{
			Package: pkg, Message: fmt.Sprintf("package %s has no exported function that could be called", path.Base(pkg)),
			More: append([]string{"want func F(), with a context.Context or an error result if you like"}, fitting(x)...),
		}}
	}
	return "", []Diagnostic{{
		Package: pkg, Message: fmt.Sprintf("package %s has several functions that could be called; name one by plugin.symbol", path.Base(pkg)),
		More: fitting(x),
	}}
}

// bareTypes are the types that a bare plugin's function may have.
var bareTypes = []string{"func()", "func() error", "func(context.Context)", "func(context.Context) error"}

func fits(x *syntax, d *declaration) bool {
	return d.kind.String() == "func" && !strings.Contains(d.name, ".") && ast.IsExported(d.name) && slices.Contains(bareTypes, x.signature(d))
}

// fitting describes the exported functions of a package.
func fitting(x *syntax) (lines []string) {
	for _, name := range slices.Sorted(maps.Keys(x.decls)) {
		if d := x.decls[name]; d.kind.String() == "func" && !strings.Contains(name, ".") && ast.IsExported(name) {
			lines = append(lines, "there is "+name+", a "+x.signature(d))
		}
	}
	return lines
}
