package plugin

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder/complaint"
	"github.com/hotdev/hotdev/builder/internal/compiler"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/builder/internal/source"
	"github.com/hotdev/hotdev/internal/argv"
)

// build compiles the chosen packages under import paths of their own and links them
// with what they import.
func (h *Host) build(ctx context.Context, now source.Snapshot, g source.Graph, chosen []string, req Request, t Tools) (Result, error) {
	if !h.exports.fits(now, g, chosen) {
		if err := h.export(ctx, req, g, t.Begun); err != nil {
			return Result{}, err
		}
		if !h.exports.fits(now, g, chosen) {
			return Result{Restart: "files were saved while the plugin's packages were compiled"}, nil
		}
	}
	chain, err := t.Toolchain(ctx)
	if err != nil {
		return Result{}, err
	}
	if err := os.MkdirAll(req.Folder, 0o700); err != nil {
		return Result{}, fmt.Errorf("folder for plugins: %w", err)
	}
	work, err := os.MkdirTemp(req.Folder, "work-")
	if err != nil {
		return Result{}, fmt.Errorf("folder for plugins: %w", err)
	}
	defer os.RemoveAll(work)
	p := plugin{
		req: req, chain: chain, work: work, now: now, begun: t.Begun, report: t.Report,
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
	r := Result{Packages: chosen}
	if failed := p.entry(g, &r); failed != nil {
		return Result{Diagnostics: failed}, nil
	}
	for _, name := range chosen {
		if failed, err := p.compile(ctx, name, &r); err != nil || failed != nil {
			return Result{Diagnostics: failed}, err
		}
	}
	if why, err := p.finish(ctx, &r); err != nil || why != "" {
		for _, f := range append(r.Plugins, File{File: r.Plugin}) {
			_ = os.Remove(f.File)
		}
		return Result{Restart: why}, err
	}
	return r, nil
}

// finish links the plugin's files: one for the packages of slots, and one for each
// package that the program opens itself.
func (p *plugin) finish(ctx context.Context, r *Result) (why string, err error) {
	began := time.Now()
	defer func() { r.Link = time.Since(began) }()
	for _, name := range p.mains {
		file := filepath.Join(p.req.Folder, p.copies[name]+".so")
		if why, err := p.link(ctx, p.copies[name], p.archives[p.copies[name]], file); err != nil || why != "" {
			return why, err
		}
		r.Plugins = append(r.Plugins, File{Package: name, File: file})
	}
	if len(r.Slots) == 0 {
		return "", nil
	}
	root := p.archives[p.root] // the archive of a bare main package
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

// A plugin is a plugin that is being built.
type plugin struct {
	req      Request
	chain    compiler.Toolchain
	work     string
	now      source.Snapshot
	begun    func(pkg string)
	report   *complaint.Report
	lang     map[string]string
	archives map[string]string // by import path, copies included
	copies   map[string]string // chosen package → import path of its copy
	root     string            // the plugin's own path
	rootText string            // the source of its root package; empty if that is a chosen package
	mains    []string          // the chosen packages that are plugins themselves
}

// entry decides which package is the plugin's root, and what it exports.
func (p *plugin) entry(g source.Graph, r *Result) []complaint.Diagnostic {
	exported := map[string]string{} // name in the plugin's list → full name of the function
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
	for name, id := range local { // those without a slot are linked only
		if !used[name] {
			p.rootText = strings.Replace(p.rootText, fmt.Sprintf("\t%s %q\n", id, name), fmt.Sprintf("\t_ %q\n", name), 1)
		}
	}
	return nil
}

// importcfg returns the archives of all packages and, for the compiler, maps the import
// paths of the chosen packages to their copies.
func (p *plugin) importcfg(mapped bool) (c compiler.Importcfg) {
	if mapped {
		for _, from := range slices.Sorted(maps.Keys(p.copies)) {
			c.Map(from, p.copies[from])
		}
	}
	for _, pkg := range slices.Sorted(maps.Keys(p.archives)) {
		c.Package(pkg, p.archives[pkg])
	}
	return c
}

// compile compiles a chosen package's copy. The diagnostics are the user's errors.
func (p *plugin) compile(ctx context.Context, name string, r *Result) ([]complaint.Diagnostic, error) {
	p.begun(name)
	began := time.Now()
	s := p.now[name]
	embed, err := compiler.Embedcfg(s.Pkg)
	if err != nil {
		return nil, err
	}
	archive := filepath.Join(p.work, strconv.Itoa(len(r.Compiled))+".a")
	flags := []string{"-c=4"}
	if v := p.lang[name]; v != "" {
		flags = append(flags, "-lang="+compiler.LanguageOf(v))
	}
	files := slices.DeleteFunc(slices.Clone(s.Pkg.Files), func(f string) bool { return filepath.Ext(f) != ".go" })
	lines, err := p.compileAs(ctx, p.copies[name], archive, embed, flags, files)
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
	r.Compiled = append(r.Compiled, compiler.Compiled{Package: name, Took: time.Since(began)})
	return nil, nil
}

// compileAs compiles files as the package with the given import path.
func (p *plugin) compileAs(ctx context.Context, path, archive, embed string, flags, files []string) (lines []string, err error) {
	flags = append([]string{"-p", path, "-pack", "-complete", "-dynlink", "-nolocalimports"}, flags...)
	if p.req.Race {
		flags = append(flags, "-race")
	}
	return p.chain.Compile(ctx, compiler.Compile{
		Dir: p.work, Temp: p.work, Archive: archive, Imports: p.importcfg(true), Embed: embed, Flags: flags, Files: files,
	})
}

// compileRoot compiles the package that lists the functions of slots.
func (p *plugin) compileRoot(ctx context.Context) (archive, why string, err error) {
	file := filepath.Join(p.work, "root.go")
	if err := os.WriteFile(file, []byte(p.rootText), 0o600); err != nil {
		return "", "", err
	}
	archive = filepath.Join(p.work, "root.a")
	lines, err := p.compileAs(ctx, p.root, archive, "", nil, []string{file})
	if ctx.Err() != nil {
		return "", "", ctx.Err()
	}
	if err != nil {
		return "", "the plugin's list of functions does not compile: " + strings.Join(complaint.LastLines(lines, 1), ""), nil
	}
	return archive, "", nil
}

// link links a plugin with the given path. If that fails, why is the linker's message.
func (p *plugin) link(ctx context.Context, path, root, file string) (why string, err error) {
	linker, err := p.linker()
	if err != nil {
		return "", err
	}
	extld, err := argv.JoinQuoted([]string{linker})
	if err != nil {
		return "", err
	}
	// Without -s and -w, half of the time would be spent on debugging information.
	flags := []string{"-pluginpath", path, "-buildmode=plugin", "-s", "-w", "-extld=" + extld}
	if p.req.Race {
		flags = append(flags, "-race")
	}
	lines, err := p.chain.Link(ctx, compiler.Link{
		Dir: p.work, Temp: p.work, Output: file, Packages: p.importcfg(false), Flags: flags, Main: root,
	})
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		if !gocmd.Failed(err) {
			return "", err
		}
		return "the plugin does not link: " + strings.Join(complaint.LastLines(lines, 2), "; "), nil
	}
	return "", nil
}
