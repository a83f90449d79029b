package fast

import (
	"context"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/source"
)

// Rewire does the work of Replan without the go command. It can do so only if all that
// changed is which plain Go files there are and what they import, and if the go command
// would certainly accept every new import: one of a package of the program, in a module
// that the importer's module imports already, or one of the standard library. Otherwise
// it returns why.
func (p *Plan) Rewire(ctx context.Context, why Reshaped) (*Plan, source.Snapshot, error) {
	now := source.Read(p.Graph, p.seen)
	graph, ok := p.Graph.Rewired(p.seen, now)
	if !ok || !p.derivable {
		return nil, nil, why
	}
	found, ok := p.rewired(ctx, &graph)
	if ctx.Err() != nil {
		return nil, nil, ctx.Err()
	}
	if !ok {
		return nil, nil, why
	}
	q := p.next(graph, now)
	unknown := q.adopt(found, p)
	if len(unknown) > 0 || !q.derive(p, found) {
		return nil, nil, why
	}
	return q, q.seen, q.inherit(p, unknown)
}

// rewired lists the program of a graph, and puts the graph's packages in order,
// dependencies first. ok is false if only the go command can do that.
func (p *Plan) rewired(ctx context.Context, graph *source.Graph) (found []Listed, ok bool) {
	all := make(map[string]Listed, len(p.Nodes))
	for path, n := range p.Nodes {
		all[path] = n.listed
	}
	var fresh []string
	packages := map[string]source.Package{}
	for i, pkg := range graph.Packages {
		l, known := all[pkg.ImportPath]
		if !known {
			continue // it belongs to a plugin
		}
		packages[pkg.ImportPath] = pkg
		for _, path := range pkg.Imports {
			switch {
			case slices.Contains(p.Graph.Packages[i].Imports, path):
			case !p.mayImport(l, path):
				return nil, false
			case path != "unsafe" && p.Nodes[path] == nil:
				fresh = append(fresh, path)
			}
		}
		l.Imports = pkg.Imports
		all[pkg.ImportPath] = l
	}
	if len(fresh) > 0 && p.profile.given { // a listing of these alone is without it
		return nil, false
	}
	if len(fresh) > 0 {
		list, err := p.list(ctx, fresh, "-export")
		if err != nil {
			return nil, false
		}
		for _, l := range list {
			if !l.Standard {
				return nil, false
			}
			if _, known := all[l.ImportPath]; !known {
				all[l.ImportPath] = l
			}
		}
	}
	order, ok := linkedWith(p.linking.main, func(path string) []string {
		return p.builtWith(all[path])
	})
	if !ok {
		return nil, false
	}
	graph.Packages = nil
	for _, path := range order {
		l, known := all[path]
		if !known {
			return nil, false
		}
		found = append(found, l)
		if pkg, own := packages[path]; own {
			graph.Packages = append(graph.Packages, pkg)
		}
	}
	return found, true
}

// mayImport reports whether a package of the user's may certainly import another one,
// which must be in the program or in the standard library.
func (p *Plan) mayImport(l Listed, path string) bool {
	if path == "unsafe" {
		return true
	}
	d := p.Nodes[path]
	if l.Module == nil || path == p.linking.main || !visible(l.ImportPath, path) {
		return false
	}
	if d == nil || d.listed.Standard {
		first, _, _ := strings.Cut(path, "/")
		root, _, _ := strings.Cut(l.Module.Path, "/")
		return !strings.Contains(first, ".") && first != root && first != "cmd" && !slices.Contains(strings.Split(path, "/"), "internal")
	}
	// The program may contain a module that this go.mod does not name; the go command
	// would reject an import from it.
	of := d.listed.Module
	if of == nil {
		return false
	}
	if of.Path == l.Module.Path {
		return true
	}
	return slices.ContainsFunc(p.Graph.Packages, func(pkg source.Package) bool {
		n := p.Nodes[pkg.ImportPath]
		return n != nil && n.listed.Module != nil && n.listed.Module.Path == l.Module.Path && !pkg.Vendored &&
			slices.ContainsFunc(pkg.Imports, func(i string) bool {
				m := p.Nodes[i]
				return m != nil && m.listed.Module != nil && m.listed.Module.Path == of.Path
			})
	})
}
