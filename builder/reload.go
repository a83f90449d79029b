package builder

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder/internal/compiler"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/builder/internal/plugin"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// A ReloadRequest asks for a plugin for a running program.
type ReloadRequest struct {
	// Request is the one that the running program was built with.
	Request
	// Gen is the plugin's generation. No two plugins in the life of a program have the
	// same.
	Gen int `json:"gen"`
	// Loaded are the generations that were loaded into the program since it started, in
	// that order. A package counts as changed if it differs from these.
	Loaded []int `json:"loaded,omitempty"`
	// Slots are the functions that the program can replace, by their full names:
	// "example.com/app/rules.Score".
	Slots []string `json:"slots,omitempty"`
	// Folder is the absolute folder for the plugin's file.
	Folder string `json:"folder"`
	// Bare: the running program is hotdev's host (see [Builder.Host]), and the target
	// is loaded into it. Symbol is the function to call in it; if empty, the only one
	// that fits.
	Bare   bool   `json:"bare,omitempty"`
	Symbol string `json:"symbol,omitempty"`
}

// A ReloadResult is the outcome of Reload: Diagnostics, Restart, Same or a Plugin.
type ReloadResult = plugin.Result

// A PluginFile is a plugin that the program opens itself.
type PluginFile = plugin.File

// ReloadPackage is the import path of the package by which a program offers functions
// to reload.
const ReloadPackage = plugin.ReloadPackage

// Reload builds, as a plugin, what changed since the program at req.Output was built,
// if it is safe to load that into the running program. Like Build, it runs the Before
// commands first. Errors are those of Build.
//
// What is safe is decided by comparing the old sources with the new ones:
//
//   - Only packages may have changed that the program uses through its slots, or
//     that only those use.
//   - A type that passes between the program and those packages must be
//     unchanged, including the code of its methods.
//   - Whatever else the program uses of them must be unchanged as well.
//
// The comparison uses syntax, not types. A name that could refer to two things counts
// as a reference to both. Inside the program, reflection checks the types once more
// before a function is replaced.
func (b *Builder) Reload(ctx context.Context, req ReloadRequest, h Hooks) (ReloadResult, error) {
	prog := b.program(req.Output)
	turn, err := b.own(ctx, prog, len(req.Before) > 0)
	if err != nil {
		return ReloadResult{}, err
	}
	defer turn.done()
	start := time.Now()
	r, err := b.reload(ctx, turn, prog, req, h)
	if err != nil {
		if ctx.Err() != nil {
			return ReloadResult{}, ctx.Err()
		}
		return ReloadResult{}, fmt.Errorf("reload %s: %w", strings.Join(req.Target, " "), err)
	}
	r.Took = time.Since(start)
	return r, nil
}

func (b *Builder) reload(ctx context.Context, turn *turn, prog *program, req ReloadRequest, h Hooks) (ReloadResult, error) {
	failed, err := b.generate(ctx, turn, req.Request, h)
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
	wanted, err := b.pluginRequest(ctx, req)
	if err != nil {
		return ReloadResult{}, err
	}
	return host.Reload(ctx, wanted, b.pluginTools(req, h))
}

// hostOf returns the published program of a request, with its sources, or the reason
// why nothing can be loaded into it. The caller has the program's token prepare.
func (b *Builder) hostOf(ctx context.Context, prog *program, req ReloadRequest) (*plugin.Host, string, error) {
	h := prog.host()
	switch {
	case h == nil:
		return nil, "what the running program was built from is not known", nil
	case !sameRequest(h.made.req, req.Request):
		return nil, "the flags or the environment of the build changed", nil
	}
	if h.learned == nil {
		graph, err := b.graphNow(ctx, req.Request)
		if err != nil {
			return nil, "", err
		}
		h.learned = plugin.Learn(graph, h.made.began)
	}
	return h.learned, h.learned.Unsure(), nil
}

// pluginRequest returns a request as package plugin needs it.
func (b *Builder) pluginRequest(ctx context.Context, req ReloadRequest) (plugin.Request, error) {
	tool, err := b.tool(ctx, req.Dir, req.Env)
	return plugin.Request{
		Dir: req.Dir, Target: req.Target, Plugins: req.Plugins, Flags: req.Flags, Env: gocmd.Environ(req.Env),
		Race: gocmd.FlagsInForce(req.Flags, tool).On("race"),
		Gen:  req.Gen, Loaded: req.Loaded, Slots: req.Slots, Folder: req.Folder, Bare: req.Bare, Symbol: req.Symbol,
	}, err
}

func (b *Builder) pluginTools(req ReloadRequest, h Hooks) plugin.Tools {
	return plugin.Tools{
		List:      func(ctx context.Context) (Graph, error) { return b.graphNow(ctx, req.Request) },
		Toolchain: func(ctx context.Context) (compiler.Toolchain, error) { return b.toolchain(ctx, req.Request) },
		Begun:     h.begun,
		Report:    b.report(req.Request),
	}
}

func sameRequest(a, b Request) bool {
	a.Output, b.Output = "", ""
	a.agent, b.agent, a.noAgent, b.noAgent = nil, nil, "", "" // Live decides about the agent
	return reflect.DeepEqual(a, b)
}

// graphNow lists the request's packages as they are now.
func (b *Builder) graphNow(ctx context.Context, req Request) (source.Graph, error) {
	g, same, err := b.List(ctx, req, nil)
	if err == nil && same {
		err = errors.New("the listing is missing") // List did not have to ask, although its paths are unknown
	}
	return g, err
}

// ReloadSupport returns a sentence that says why plugins cannot work for the request;
// empty if they can.
func (b *Builder) ReloadSupport(ctx context.Context, req ReloadRequest) (string, error) {
	t, err := b.toolchain(ctx, req.Request)
	if err != nil {
		return "", err
	}
	switch t.OS {
	case "linux", "darwin", "freebsd":
	default:
		return "Go has no plugins on " + t.OS, nil
	}
	if t.OS != runtime.GOOS {
		return "the program is built for " + t.OS, nil
	}
	if t.Cgo != "1" {
		return "plugins need cgo, and CGO_ENABLED is " + cmp.Or(t.Cgo, "0"), nil
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

// PrepareReload finds out what the program published at req.Output was built from, and
// compiles what its plugins need: the standard library and the other packages in the
// form for plugins, which takes some ten seconds the first time on a machine. Until it
// has ended, Reload returns Restart, unless the program can only be run by plugins. It
// may run beside a Build.
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
		return err // Reload will report it
	}
	wanted, err := b.pluginRequest(ctx, req)
	if err != nil {
		return err
	}
	return host.Prepare(ctx, wanted, b.pluginTools(req, h))
}
