package plugin

import (
	"context"
	"path/filepath"
	"slices"
	"time"

	"github.com/hotdev/hotdev/builder/complaint"
	"github.com/hotdev/hotdev/builder/internal/compiler"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// ReloadPackage is the package by which a program offers functions to reload.
const ReloadPackage = "github.com/hotdev/hotdev/reload"

// copyElement is the last element of the import path of a package's copy in a
// plugin, without the generation.
const copyElement = "hotdev_gen"

// A Request says for which running program a plugin is wanted.
type Request struct {
	// Dir is the absolute folder that the go command runs in, and Env its whole
	// environment. Target is the program, Plugins are those that it opens itself.
	Dir             string
	Target, Plugins []string
	Flags, Env      []string
	Race            bool // -race is in force
	// Gen is the plugin's generation, Loaded are those that were loaded into the
	// program since it started, in that order.
	Gen    int
	Loaded []int
	Slots  []string // the functions that the program can replace, by full names
	Folder string   // absolute, for the plugin's file
	Bare   bool     // the program is hotdev's host, and the target is loaded into it
	Symbol string   // wanted of a bare plugin; empty is the only fitting one
}

// Tools are what a reload asks for when it needs it.
type Tools struct {
	List      func(context.Context) (source.Graph, error) // the packages as they are
	Toolchain func(context.Context) (compiler.Toolchain, error)
	Begun     func(pkg string)  // the compiler begins with a package
	Report    *complaint.Report // reads what the compiler says
}

// A Result is how Reload ended: with Diagnostics, with Restart, with Same,
// or with a Plugin.
type Result struct {
	// Diagnostics: the changed code does not build. There is nothing to load, and
	// nothing to restart.
	Diagnostics []complaint.Diagnostic `json:"diagnostics,omitempty"`
	// Uncompiled: they were found before anything was compiled.
	Uncompiled bool `json:"uncompiled,omitempty"`
	// Restart is why only a new program can have the change, in one line.
	Restart string `json:"restart,omitempty"`
	// Same: nothing changed since what was loaded last.
	Same bool `json:"same,omitempty"`
	// Plugins are new files of the request's Plugins, for the program to open.
	Plugins []File `json:"plugins,omitempty"`
	// Plugin is the absolute path of the plugin's file. It is the caller's to
	// remove, as are Plugins. Symbol is the function to look up in it; empty where it carries the
	// list that package reload knows.
	Plugin string `json:"plugin,omitempty"`
	Symbol string `json:"symbol,omitempty"`
	// Slots are the functions that it carries, Packages the import paths of the
	// packages, dependencies first.
	Slots    []string `json:"slots,omitempty"`
	Packages []string `json:"packages,omitempty"`

	Compiled []compiler.Compiled `json:"compiled,omitempty"`
	Link     time.Duration       `json:"link_ns,omitempty"`
	Took     time.Duration       `json:"took_ns"`
}

// A File is a plugin that the program opens itself.
type File struct {
	Package string `json:"package"`
	File    string `json:"file"`
}

// A Host is a published program: what it was built from, and what plugins of it
// carry. It is for one goroutine at a time.
type Host struct {
	base    source.Snapshot                   // what it was built from
	unsure  string                            // why base cannot be told: something was written during the build
	built   map[int]map[string]*source.Source // by generation: what its plugin carries
	seen    source.Snapshot                   // as last read
	graph   source.Graph                      // as last listed, without complaints
	shape   string                            // of the sources then
	exports exports
}

// Learn reads what a program was built from, if all of it is older than the
// build, which began then. Otherwise the host is [Host.Unsure].
func Learn(graph source.Graph, began time.Time) *Host {
	h := &Host{base: source.Read(graph, nil), graph: graph, built: map[int]map[string]*source.Source{}}
	h.seen, h.shape = h.base, h.base.Shape()
	for _, name := range slices.Sorted(h.base.Names()) {
		if f := h.base[name].WrittenSince(began); f != "" {
			h.unsure = filepath.Base(f) + " was saved while the program was built"
			break
		}
	}
	return h
}

// Unsure says why it is not known what the program was built from; empty if it is.
func (h *Host) Unsure() string { return h.unsure }

// Reload builds what changed since the program was built, or since it was loaded
// into it, as a plugin, if that is safe.
func (h *Host) Reload(ctx context.Context, req Request, t Tools) (Result, error) {
	now, graph, why, err := h.sourcesNow(ctx, t)
	if err != nil || why != "" {
		return Result{Restart: why}, err
	}
	if len(graph.Diagnostics) > 0 {
		return Result{Diagnostics: graph.Diagnostics, Uncompiled: true}, nil
	}
	region := regionOf(graph, req)
	if why := h.changedOutside(now, graph, region, req); why != "" {
		return Result{Restart: why}, nil
	}
	chosen := h.choose(now, graph, region, req)
	if len(chosen) == 0 {
		return Result{Same: true}, nil
	}
	if why := gate(h, now, graph, region, chosen, req); why != "" {
		return Result{Restart: why}, nil
	}
	r, err := h.build(ctx, now, graph, chosen, req, t)
	if err != nil || r.Plugin == "" && len(r.Plugins) == 0 {
		return r, err
	}
	h.built[req.Gen] = map[string]*source.Source{}
	for _, p := range chosen {
		h.built[req.Gen][p] = now[p]
	}
	return r, nil
}

// Prepare compiles what plugins of the host link with.
func (h *Host) Prepare(ctx context.Context, req Request, t Tools) error {
	return h.export(ctx, req, h.graph, t.Begun)
}

// sourcesNow reads the sources as they are, and the graph anew if they may have
// changed it.
func (h *Host) sourcesNow(ctx context.Context, t Tools) (source.Snapshot, source.Graph, string, error) {
	now := source.Read(h.graph, h.seen)
	h.seen = now
	for _, f := range h.graph.Files {
		if h.base.Content(f) != now.Content(f) {
			return nil, source.Graph{}, filepath.Base(f) + " changed", nil
		}
	}
	if now.Shape() == h.shape {
		return now, h.graph, "", nil
	}
	g, err := t.List(ctx)
	if err != nil || len(g.Diagnostics) > 0 {
		return nil, g, "", err
	}
	now = source.Read(g, now)
	h.seen, h.graph, h.shape = now, g, now.Shape()
	h.exports.stale = true
	return now, g, "", nil
}
