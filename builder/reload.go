package builder

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// A ReloadRequest says for which running program a plugin is wanted.
type ReloadRequest struct {
	// Request is what the running program was built by.
	Request
	// Gen is the plugin's generation: no two in the life of a program are the same.
	Gen int `json:"gen"`
	// Loaded are the generations that were loaded into the program since it started,
	// in that order. What differs from them is what changed.
	Loaded []int `json:"loaded,omitempty"`
	// Slots are the functions that the program can replace, by their full names:
	// "example.com/app/rules.Score".
	Slots []string `json:"slots,omitempty"`
	// Folder is the absolute folder for the plugin's file.
	Folder string `json:"folder"`
	// Bare: the running program is hotdev's host (see [Builder.Host]), and the
	// target is loaded into it. Symbol is the function wanted of it; empty is the
	// only fitting one.
	Bare   bool   `json:"bare,omitempty"`
	Symbol string `json:"symbol,omitempty"`
}

// A ReloadResult is how Reload ended: with Diagnostics, with Restart, with Same,
// or with a Plugin.
type ReloadResult struct {
	// Diagnostics: the changed code does not build. There is nothing to load, and
	// nothing to restart.
	Diagnostics []Diagnostic `json:"diagnostics,omitempty"`
	// Uncompiled is that of [Result].
	Uncompiled bool `json:"uncompiled,omitempty"`
	// Restart is why only a new program can have the change, in one line.
	Restart string `json:"restart,omitempty"`
	// Same: nothing changed since what was loaded last.
	Same bool `json:"same,omitempty"`
	// Plugins are new files of the request's Plugins, for the program to open.
	Plugins []PluginFile `json:"plugins,omitempty"`
	// Plugin is the absolute path of the plugin's file. It is the caller's to
	// remove, as are Plugins. Symbol is the function to look up in it; empty where it carries the
	// list that package reload knows.
	Plugin string `json:"plugin,omitempty"`
	Symbol string `json:"symbol,omitempty"`
	// Slots are the functions that it carries, Packages the import paths of the
	// packages, dependencies first.
	Slots    []string `json:"slots,omitempty"`
	Packages []string `json:"packages,omitempty"`

	Compiled []Compile     `json:"compiled,omitempty"`
	Link     time.Duration `json:"link_ns,omitempty"`
	Took     time.Duration `json:"took_ns"`
}

// A PluginFile is a plugin that the program opens itself.
type PluginFile struct {
	Package string `json:"package"`
	File    string `json:"file"`
}

// copyElement is the last element of the import path of a package's copy in a
// plugin, without the generation.
const copyElement = "hotdev_gen"

// A host is a published program, and what was loaded into it since it started.
type host struct {
	made madeBy

	// What follows is made by the first Reload or PrepareReload, under the reload
	// token.
	base    source.Snapshot                   // what it was built from; nil while unknown
	unsure  string                            // why base cannot be told: something was written during the build
	built   map[int]map[string]*source.Source // by generation: what its plugin carries
	seen    source.Snapshot                   // as last read
	graph   source.Graph                      // as last listed, without complaints
	shape   string                            // of the sources then
	exports exports
}

// Reload builds what changed since the program at req.Output was built, as a
// plugin for it, if it is safe to load that into the running program. It runs
// the Before commands first, as Build does. Errors are those of Build.
//
// What is safe is decided by comparing the sources of then and now:
//
//   - Only packages may have changed that the program uses through its slots, or
//     that only those use.
//   - A type that passes between the program and those packages must be what it
//     was, down to the code of its methods.
//   - What the program uses of them beside the slots must be unchanged as well.
//
// It looks at syntax, not at types, and names decide: where two things could be
// meant, both are. What it lets pass is checked again inside the program, by
// reflection, before a function is replaced.
func (b *Builder) Reload(ctx context.Context, req ReloadRequest, h Hooks) (ReloadResult, error) {
	prog := b.program(req.Output)
	done, err := b.own(ctx, prog)
	if err != nil {
		return ReloadResult{}, err
	}
	defer done()
	start := time.Now()
	r, err := b.reload(ctx, prog, req, h)
	if err != nil {
		if ctx.Err() != nil {
			return ReloadResult{}, ctx.Err()
		}
		return ReloadResult{}, fmt.Errorf("reload %s: %w", strings.Join(req.Target, " "), err)
	}
	r.Took = time.Since(start)
	return r, nil
}

func (b *Builder) reload(ctx context.Context, prog *program, req ReloadRequest, h Hooks) (ReloadResult, error) {
	failed, err := b.generate(ctx, req.Request, h)
	if err != nil || len(failed) > 0 {
		return ReloadResult{Diagnostics: failed}, err
	}
	if prog.count(0) > 0 && !req.Bare && len(req.Plugins) == 0 {
		return ReloadResult{Restart: "what plugins need is still being compiled"}, nil
	}
	if err := take(ctx, prog.prepare); err != nil {
		return ReloadResult{}, err
	}
	defer give(prog.prepare)
	host, why, err := b.hostOf(ctx, prog, req)
	if err != nil || why != "" {
		return ReloadResult{Restart: why}, err
	}
	now, graph, why, err := b.sourcesNow(ctx, host, req)
	if err != nil || why != "" {
		return ReloadResult{Restart: why}, err
	}
	if len(graph.Diagnostics) > 0 {
		return ReloadResult{Diagnostics: graph.Diagnostics, Uncompiled: true}, nil
	}
	region := regionOf(graph, req)
	if why := host.changedOutside(now, graph, region, req); why != "" {
		return ReloadResult{Restart: why}, nil
	}
	chosen := host.choose(now, graph, region, req)
	if len(chosen) == 0 {
		return ReloadResult{Same: true}, nil
	}
	if why := gate(host, now, graph, region, chosen, req); why != "" {
		return ReloadResult{Restart: why}, nil
	}
	r, err := b.buildPlugin(ctx, host, now, graph, chosen, req, h)
	if err != nil || r.Plugin == "" && len(r.Plugins) == 0 {
		return r, err
	}
	taken := map[string]*source.Source{}
	for _, p := range chosen {
		taken[p] = now[p]
	}
	host.built[req.Gen] = taken
	return r, nil
}

// hostOf is the published program of a request, its sources known; or why there
// is none to reload into.
func (b *Builder) hostOf(ctx context.Context, prog *program, req ReloadRequest) (*host, string, error) {
	h := prog.host()
	switch {
	case h == nil:
		return nil, "what the running program was built from is not known", nil
	case !sameRequest(h.made.req, req.Request):
		return nil, "the flags or the environment of the build changed", nil
	}
	if h.base == nil {
		if err := b.learn(ctx, h, req); err != nil {
			return nil, "", err
		}
	}
	return h, h.unsure, nil
}

func sameRequest(a, b Request) bool {
	a.Output, b.Output = "", ""
	a.agent, b.agent = nil, nil // as Live has it
	return reflect.DeepEqual(a, b)
}

// learn reads what a program was built from, if all of it is older than the
// build.
func (b *Builder) learn(ctx context.Context, h *host, req ReloadRequest) error {
	graph, err := b.graphNow(ctx, req.Request)
	if err != nil {
		return err
	}
	h.base = source.Read(graph, nil)
	h.seen, h.graph, h.shape = h.base, graph, h.base.Shape()
	h.built = map[int]map[string]*source.Source{}
	for _, name := range slices.Sorted(h.base.Names()) {
		if f := h.base[name].WrittenSince(h.made.began); f != "" {
			h.unsure = filepath.Base(f) + " was saved while the program was built"
			return nil
		}
	}
	return nil
}

// graphNow lists the request's packages as they are now.
func (b *Builder) graphNow(ctx context.Context, req Request) (source.Graph, error) {
	g, same, err := b.List(ctx, req, nil)
	if err == nil && same {
		err = errors.New("the listing is missing") // it was asked about anything
	}
	return g, err
}

// sourcesNow reads the sources as they are, and the graph anew if they may have
// changed it.
func (b *Builder) sourcesNow(ctx context.Context, h *host, req ReloadRequest) (source.Snapshot, source.Graph, string, error) {
	now := source.Read(h.graph, h.seen)
	h.seen = now
	for _, f := range h.graph.Files {
		if h.base.Content(f) != now.Content(f) {
			return nil, source.Graph{}, filepath.Base(f) + " changed", nil
		}
	}
	shape := now.Shape()
	if shape == h.shape {
		return now, h.graph, "", nil
	}
	g, err := b.graphNow(ctx, req.Request)
	if err != nil || len(g.Diagnostics) > 0 {
		return nil, g, "", err
	}
	now = source.Read(g, now)
	h.seen, h.graph, h.shape = now, g, now.Shape()
	h.exports.stale = true
	return now, g, "", nil
}

// ReloadSupport says in a sentence why plugins cannot work for the request;
// empty if they can.
func (b *Builder) ReloadSupport(ctx context.Context, req ReloadRequest) (string, error) {
	t, err := b.toolchain(ctx, req.Request)
	if err != nil {
		return "", err
	}
	switch t.goos {
	case "linux", "darwin", "freebsd":
	default:
		return "Go has no plugins on " + t.goos, nil
	}
	if t.goos != runtime.GOOS {
		return "the program is built for " + t.goos, nil
	}
	if t.cgo != "1" {
		return "plugins need cgo, and CGO_ENABLED is " + cmp.Or(t.cgo, "0"), nil
	}
	if why, err := b.NoCompiler(ctx, req.Dir, req.Env); err != nil || why != "" {
		return why, err
	}
	tool, err := b.tool(ctx, req.Dir, req.Env)
	if err != nil {
		return "", err
	}
	flags := gocmd.FlagsInForce(req.Flags, tool)
	for _, name := range []string{"buildmode", "gcflags", "asmflags", "overlay", "toolexec", "compiler", "cover", "msan", "asan", "linkshared", "pgo"} {
		if flags.Asks(name) {
			return "build flag -" + name + " and plugins do not go together", nil
		}
	}
	if v, _ := flags.Value("ldflags"); strings.Contains(v, "-static") || strings.Contains(v, "-linkmode") {
		return "build flag -ldflags asks for a way of linking that plugins cannot have", nil
	}
	return "", nil
}

// PrepareReload learns what the program published at req.Output was built from,
// and compiles what its plugins need: the standard library and the other
// packages in the form for plugins, which takes some ten seconds the first time
// on a machine. Until it has ended, Reload asks for a restart, unless nothing but
// a plugin will do. It may run beside a Build.
func (b *Builder) PrepareReload(ctx context.Context, req ReloadRequest, h Hooks) error {
	prog := b.program(req.Output)
	prog.count(1)
	defer prog.count(-1)
	if err := take(ctx, prog.prepare); err != nil {
		return err
	}
	defer give(prog.prepare)
	host, why, err := b.hostOf(ctx, prog, req)
	if err != nil || why != "" {
		return err // that is for Reload to say
	}
	return b.export(ctx, host, req, host.graph, h)
}
