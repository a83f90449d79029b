package plugin

import (
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/source"
)

// regionOf returns the import paths of the packages that can be reloaded: those of the
// slots, and those that only such packages import. A bare plugin is reloaded as a
// whole.
func regionOf(g source.Graph, req Request) map[string]bool {
	region := map[string]bool{}
	importers := map[string][]string{}
	for _, p := range g.Packages {
		for _, imp := range p.Imports {
			importers[imp] = append(importers[imp], p.ImportPath)
		}
	}
	if req.Bare {
		for _, p := range g.Packages {
			region[p.ImportPath] = !p.Vendored
		}
		return region
	}
	for _, s := range req.Slots {
		region[packageOf(s)] = true
	}
	for _, p := range g.Plugins {
		region[p] = true
	}
	// Dependents come last in the graph, so one pass backwards sees them first.
	for _, p := range slices.Backward(g.Packages) {
		users := importers[p.ImportPath]
		if len(users) > 0 && !slices.ContainsFunc(users, func(u string) bool { return !region[u] }) {
			region[p.ImportPath] = true
		}
	}
	for _, p := range g.Packages {
		// The packages by which the program and its plugins communicate stay in the
		// program.
		if p.Vendored || p.ImportPath == ReloadPackage || strings.HasPrefix(p.ImportPath, path.Dir(ReloadPackage)+"/internal/wire") || p.Name == "main" && !slices.Contains(g.Plugins, p.ImportPath) {
			delete(region, p.ImportPath)
		}
	}
	return region
}

// packageOf returns the import path in a function's full name.
func packageOf(name string) string {
	slash := strings.LastIndexByte(name, '/') + 1
	if i := strings.LastIndexByte(name, '.'); i > slash {
		return name[:i]
	}
	return name
}

// changedOutside returns a sentence about a package outside the region that differs
// from what the program was built from, or "" if there is none.
func (h *Host) changedOutside(now source.Snapshot, g source.Graph, region map[string]bool, req Request) string {
	for _, p := range g.Packages {
		if region[p.ImportPath] {
			continue
		}
		old := h.base[p.ImportPath]
		switch {
		case old == nil:
			return fmt.Sprintf("package %s is new, and not only reloadable packages use it", path.Base(p.ImportPath))
		case now[p.ImportPath].Same(old):
			continue
		case p.Name == "main":
			return filepath.Base(now[p.ImportPath].ChangedFile(old)) + " changed"
		}
		// It is not in the region because a package outside uses it: name that one.
		for _, q := range g.Packages {
			if !region[q.ImportPath] && slices.Contains(q.Imports, p.ImportPath) {
				return fmt.Sprintf("package %s changed, and %s uses it too", path.Base(p.ImportPath), displayName(q))
			}
		}
		return fmt.Sprintf("package %s changed", path.Base(p.ImportPath))
	}
	if !req.Bare && g.Main != "" && !slices.ContainsFunc(g.Packages, func(p source.Package) bool { return p.ImportPath == g.Main }) {
		return "the main package is not there"
	}
	return ""
}

func displayName(p source.Package) string {
	if p.Name == "main" {
		return "package main"
	}
	return "package " + path.Base(p.ImportPath)
}

// choose returns the packages that the next plugin must contain, dependencies first:
// those that changed since they were last loaded; those of the region that differ from
// the program and are connected with these by imports; and those that import such
// packages. All other packages are the program's own. A package of which the program
// has no code, that is a plugin as a whole, is chosen until it has been loaded.
func (h *Host) choose(now source.Snapshot, g source.Graph, region map[string]bool, req Request) []string {
	loaded := map[string]*source.Source{} // by package, as last loaded
	for _, gen := range req.Loaded {
		maps.Copy(loaded, h.built[gen])
	}
	fresh, differs := map[string]bool{}, map[string]bool{}
	for name := range region {
		last := h.base[name]
		if l := loaded[name]; l != nil {
			last = l
		}
		unseen := loaded[name] == nil && (req.Bare && name == g.Main || slices.Contains(g.Plugins, name))
		fresh[name] = unseen || !now[name].Same(last)
		differs[name] = fresh[name] || !now[name].Same(h.base[name])
	}
	inRegion := func(p source.Package) (imports []string) {
		for _, imp := range p.Imports {
			if region[imp] {
				imports = append(imports, imp)
			}
		}
		return imports
	}
	for _, p := range g.Packages { // dependencies first
		if region[p.ImportPath] && slices.ContainsFunc(inRegion(p), func(imp string) bool { return differs[imp] }) {
			differs[p.ImportPath] = true
		}
	}
	// From the fresh packages along imports, both ways, among those that differ.
	for grown := true; grown; {
		grown = false
		for _, p := range g.Packages {
			if !differs[p.ImportPath] {
				continue
			}
			for _, imp := range inRegion(p) {
				if differs[imp] && fresh[imp] != fresh[p.ImportPath] {
					fresh[imp], fresh[p.ImportPath], grown = true, true, true
				}
			}
		}
	}
	var chosen []string
	for _, p := range g.Packages {
		if fresh[p.ImportPath] {
			chosen = append(chosen, p.ImportPath)
		}
	}
	return chosen
}
