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

// ReloadPackage is the import path of the package by which a program offers functions
// to reload.
const ReloadPackage = "github.com/hotdev/hotdev/reload"

// copyElement is the last element of the import path of a package's copy in a plugin,
// without the generation.
const copyElement = "hotdev_gen"

// A Request asks for a plugin for a running program.
type Request struct {
	// Dir is the absolute folder that the go command runs in, and Env its whole
	// environment. Target is the program; Plugins are the plugins that it opens itself.
	Dir             string
	Target, Plugins []string
	Flags, Env      []string
	Race            bool // -race is in force
	// Gen is the plugin's generation; Loaded are those that were loaded into the
	// program since it started, in that order.
	Gen    int
	Loaded []int
	Slots  []string // the functions that the program can replace, by their full names
	Folder string   // absolute, for the plugin's file
	Bare   bool     // the program is hotdev's host, and the target is loaded into it
	Symbol string   // the function to call in a bare plugin; if empty, the only one that fits
}

// Tools are functions that a reload calls when it needs them.
type Tools struct {
	List      func(context.Context) (source.Graph, error) // returns the packages as they are
	Toolchain func(context.Context) (compiler.Toolchain, error)
	Begun     func(pkg string)  // called when the compiler begins with a package
	Report    *complaint.Report // reads what the compiler prints
}

// A Result is the outcome of Reload: Diagnostics, Restart, Same or a Plugin.
type Result struct {
	// Diagnostics: the changed code does not build. There is nothing to load, and
	// nothing to restart.
	Diagnostics []complaint.Diagnostic `json:"diagnostics,omitempty"`
	// Uncompiled: the diagnostics were found before anything was compiled.
	Uncompiled bool `json:"uncompiled,omitempty"`
	// Restart is why only a new program can have the change, in one line.
	Restart string `json:"restart,omitempty"`
	// Same: nothing has changed since the last plugin was loaded.
	Same bool `json:"same,omitempty"`
	// Plugins are new files of the request's Plugins, which the program must open.
	Plugins []File `json:"plugins,omitempty"`
	// Plugin is the absolute path of the plugin's file. The caller must remove it, and
	// the files in Plugins. Symbol is the function to look up in it; if it is empty,
	// the plugin contains the list that package reload knows.
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

// A Host is a published program: the sources that it was built from, and those in its
// plugins. Only one goroutine may use it at a time.
type Host struct {
	base    source.Snapshot                   // the sources that the program was built from
	unsure  string                            // why base is uncertain: a file was saved during the build
	built   map[int]map[string]*source.Source // by generation: the packages in its plugin
	seen    source.Snapshot                   // as last read
	graph   source.Graph                      // as last listed without errors
	shape   string                            // of the sources at that listing
	exports exports
}

// Learn reads what a program was built from, if all of it is older than the start of
// the build, began. Otherwise the host is [Host.Unsure].
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

// Unsure returns why the sources of the program are unknown, or "" if they are known.
func (h *Host) Unsure() string { return h.unsure }

// Reload builds, as a plugin, what has changed since the program was built, or since it
// was loaded into the program, if that is safe.
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

// Prepare compiles the packages that plugins of the host link with.
func (h *Host) Prepare(ctx context.Context, req Request, t Tools) error {
	return h.export(ctx, req, h.graph, t.Begun)
}

// sourcesNow reads the sources as they are, and the graph again if they may have
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
