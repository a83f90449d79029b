package builder

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/complaint"
	"github.com/hotdev/hotdev/builder/internal/compiler"
	"github.com/hotdev/hotdev/builder/internal/fast"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// List returns what a program is made of. Paths are the absolute paths that changed
// since the last List of the same request; empty means that anything may have. If none
// of them can have changed the graph, same is true, the graph is empty, and nothing was
// run.
//
// Complaints of go list are in the graph's Diagnostics. The graph then holds what could
// be listed and everything that the last good one held, so that a typo does not shrink
// what is watched. An error means that the go command could not be run, or is ctx's.
func (b *Builder) List(ctx context.Context, req Request, paths []string) (g source.Graph, same bool, err error) {
	if err := take(ctx, b.list); err != nil {
		return source.Graph{}, false, err
	}
	defer give(b.list)
	key := requestKey(req)
	b.mu.Lock()
	last := b.known[key]
	b.mu.Unlock()
	if last != nil && last.unchangedBy(paths) {
		return source.Graph{}, true, nil
	}
	if last != nil {
		last.stale = true // until this listing succeeds
	}
	next, err := b.listAfresh(ctx, req, last, paths)
	if err != nil {
		if ctx.Err() != nil {
			return source.Graph{}, false, ctx.Err()
		}
		return source.Graph{}, false, fmt.Errorf("list %s: %w", strings.Join(req.Target, " "), err)
	}
	next.found = nil
	b.mu.Lock()
	if len(b.known) >= maxKnown {
		clear(b.known) // forgetting them costs a go list
	}
	b.known[key] = next
	b.mu.Unlock()
	return next.graph, false, nil
}

// maxKnown is the number of requests that are remembered. A session has one for each
// program; each change of the configuration adds another.
const maxKnown = 16

// listAside lists a request's packages as they are now. The next List answers as if
// listAside had not been called, so that it still reports changes of the graph to its
// caller. listAside also returns the settings of go env.
func (b *Builder) listAside(ctx context.Context, req Request) (*listing, gocmd.Env, error) {
	if err := take(ctx, b.list); err != nil {
		return nil, gocmd.Env{}, err
	}
	defer give(b.list)
	list, err := b.listAfresh(ctx, req, nil, nil)
	if err != nil {
		return nil, gocmd.Env{}, err
	}
	tool, err := b.tool(ctx, req.Dir, req.Env)
	return list, tool, err
}

// forFast converts a package for package fast.
func (p *listed) forFast() fast.Listed {
	return fast.Listed{
		ImportPath: p.ImportPath, Name: p.Name, Dir: p.Dir, Standard: p.Standard, Module: p.Module.forFast(),
		GoFiles: p.GoFiles, Imports: p.Imports, DefaultGODEBUG: p.DefaultGODEBUG,
		Foreign: fast.Foreign{
			CgoFiles: p.CgoFiles, CFiles: p.CFiles, CXXFiles: p.CXXFiles, MFiles: p.MFiles, FFiles: p.FFiles,
			SFiles: p.SFiles, SysoFiles: p.SysoFiles, SwigFiles: p.SwigFiles, SwigCXXFiles: p.SwigCXXFiles,
		},
	}
}

func (m *module) forFast() *fast.Module {
	if m == nil {
		return nil
	}
	return &fast.Module{Path: m.Path, Version: m.Version, Dir: m.Dir, GoVersion: m.GoVersion, Replace: m.Replace.forFast()}
}

func (b *Builder) listAfresh(ctx context.Context, req Request, last *listing, paths []string) (*listing, error) {
	if err := CheckFlags(req.Flags); err != nil {
		return nil, err
	}
	watch := newHeaderWatch(last, paths)
	// Ask again: a go.work may have appeared or gone.
	tool, err := b.askTool(ctx, req.Dir, req.Env)
	if err != nil {
		return nil, err
	}
	args := append([]string{"-e", "-deps"}, gocmd.NoStamp(req.Flags, tool)...)
	args = append(args, req.Flags...)
	found, complaints, err := b.goList(ctx, req, args, slices.Concat(req.Target, req.Plugins))
	if err != nil {
		return nil, err
	}
	if len(req.Plugins) > 0 {
		if err := b.markPlugins(ctx, req, found); err != nil {
			return nil, err
		}
	}
	b.addSearched(ctx, req, tool, found, headerRoots(moduleRoots(tool, found)))
	list := b.assemble(req, tool, last, found, complaints, watch)
	for i := range found {
		list.found = append(list.found, found[i].forFast())
	}
	return list, nil
}

// markPlugins separates the request's plugins from its target.
func (b *Builder) markPlugins(ctx context.Context, req Request, found []listed) error {
	plugins, _, err := b.goList(ctx, req, append([]string{"-e", "-find"}, req.Flags...), req.Plugins)
	if err != nil {
		return err
	}
	for i := range found {
		found[i].plugin = slices.ContainsFunc(plugins, func(p listed) bool { return p.ImportPath == found[i].ImportPath })
	}
	return nil
}

// listed is what hotdev asks go list for. Each further field takes go list more time.
type listed struct {
	Dir        string
	ImportPath string
	Name       string
	Standard   bool
	DepOnly    bool
	Incomplete bool
	Module     *module

	GoFiles, CgoFiles, IgnoredGoFiles, InvalidGoFiles     []string
	CFiles, CXXFiles, MFiles, HFiles, FFiles, SFiles      []string
	SwigFiles, SwigCXXFiles, SysoFiles, IgnoredOtherFiles []string
	EmbedPatterns, EmbedFiles, Imports                    []string
	DefaultGODEBUG                                        string
	CgoCPPFLAGS, CgoCFLAGS, CgoCXXFLAGS, CgoPkgConfig     []string
	Error                                                 *listError

	plugin   bool // one of Request.Plugins
	vendored bool // from the vendor folder
	// searched are further folders that may have headers of a cgo package, besides
	// those in its flags; pkgConfigFiles are the files that these depend on.
	searched, pkgConfigFiles []string
}

const listFields = "Dir,ImportPath,Name,Standard,DepOnly,Incomplete,Module," +
	"GoFiles,CgoFiles,IgnoredGoFiles,InvalidGoFiles," +
	"CFiles,CXXFiles,MFiles,HFiles,FFiles,SFiles," +
	"SwigFiles,SwigCXXFiles,SysoFiles,IgnoredOtherFiles," +
	"EmbedPatterns,EmbedFiles,Imports,DefaultGODEBUG,CgoCPPFLAGS,CgoCFLAGS,CgoCXXFLAGS,CgoPkgConfig,Error"

type module struct {
	Path, Version, Dir, GoMod string
	GoVersion                 string
	Main                      bool
	Replace                   *module
}

type listError struct {
	ImportStack []string
	Pos, Err    string
}

// goList runs go list. complaints are the lines that it printed besides packages; they
// count only if it failed.
func (b *Builder) goList(ctx context.Context, req Request, flags, patterns []string) (found []listed, complaints []string, err error) {
	args := append([]string{"go", "list", "-json=" + listFields}, flags...)
	args = append(args, "--")
	args = append(args, patterns...)
	var text []string
	found, err = gocmd.List[listed](ctx, gocmd.Command{
		Argv: args, Dir: req.Dir, Env: gocmd.Environ(req.Env),
		Stderr: func(l string) { text = append(text, l) },
	})
	failed := gocmd.Failed(err)
	switch {
	case ctx.Err() != nil:
		return nil, nil, ctx.Err()
	case err != nil && !failed:
		return nil, nil, unlessGo(fmt.Errorf("go list: %w", err))
	}
	for i := range found {
		found[i].ImportPath, _, _ = strings.Cut(found[i].ImportPath, " ") // "a [main]" with profile-guided optimisation
	}
	if !failed {
		text = nil
	} else if len(text) == 0 {
		text = []string{"go list: " + err.Error()}
	}
	return found, text, nil
}

// tool returns the last answer of go env for this folder and environment, unless go env
// -w changed it since.
func (b *Builder) tool(ctx context.Context, dir string, env []string) (gocmd.Env, error) {
	e, err := b.goenv.Get(ctx, dir, env)
	return e, unlessGo(err)
}

// askTool runs go env again.
func (b *Builder) askTool(ctx context.Context, dir string, env []string) (gocmd.Env, error) {
	e, err := b.goenv.Ask(ctx, dir, env)
	return e, unlessGo(err)
}

// toolchain returns the compiler and linker that the go command uses.
func (b *Builder) toolchain(ctx context.Context, req Request) (compiler.Toolchain, error) {
	e, err := b.tool(ctx, req.Dir, req.Env)
	if err != nil {
		return compiler.Toolchain{}, err
	}
	return b.toolsOf(e, req.Env)
}

// toolsOf is like toolchain, for an answer of go env that is already known. The tools
// of all programs share the workers.
func (b *Builder) toolsOf(e gocmd.Env, env []string) (compiler.Toolchain, error) {
	t, err := compiler.NewToolchain(e, env)
	t.Workers = b.workers
	return t, err
}

// mainName returns the import path of a request's program, or "" if no listing has
// found it.
func (b *Builder) mainName(req Request) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l := b.known[requestKey(req)]; l != nil {
		return l.graph.Main
	}
	return ""
}

// unlessGo returns an error that says what to do if the go command is missing; any
// other error it returns as it is.
func unlessGo(err error) error {
	if err != nil && gocmd.NotFound(err) {
		return noGo()
	}
	return err
}

// requestKey identifies everything that determines a request's graph.
func requestKey(req Request) string {
	return fmt.Sprintf("%q %q %q %s", req.Target, req.Plugins, req.Flags, gocmd.Key(req.Dir, req.Env))
}

// report returns a report that knows the result of the last List of req.
func (b *Builder) report(req Request) *complaint.Report {
	p := &complaint.Report{Dir: req.Dir}
	b.mu.Lock()
	last := b.known[requestKey(req)]
	b.mu.Unlock()
	if last != nil {
		p.DirOf, p.OwnerOf, p.RankOf = last.dirOf, last.ownerOf, last.rankOf
		p.FolderOf, p.DependsOn = last.folderOf, last.dependsOn
	}
	return p
}
