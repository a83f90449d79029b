package fast

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/source"
)

// ChangesOrImports is Changes for a program that is patched. If only the imports keep
// the plan from fitting the sources, and the go command need not judge them, it adds
// the imported packages to the plan.
//
// Packages of the standard library are added with all that they import; others must be
// in the plan already. A package that is no longer imported stays in the plan, because
// the running program has it. A linked program would not have it: see [Plan.Lost].
func (p *Plan) ChangesOrImports(ctx context.Context) (source.Snapshot, error) {
	now, err := p.Changes()
	if !errors.As(err, new(Reshaped)) {
		return now, err
	}
	now = source.Read(p.Graph, p.seen)
	for _, f := range p.Graph.Files {
		if p.seen.Content(f) != now.Content(f) {
			return nil, err
		}
	}
	if !p.widen(ctx, now) {
		return nil, err
	}
	p.seen = source.Read(p.Graph, now)
	return p.seen, nil
}

// Lost reports whether the program was built with packages that are no longer imported,
// so that only the go command can build it as it is.
func (p *Plan) Lost() bool { return p.lost }

func (p *Plan) widen(ctx context.Context, now source.Snapshot) bool {
	added, gone, ok := p.seen.Imported(now)
	if !ok {
		return false
	}
	type arc struct{ from, to *Node }
	var arcs []arc
	fresh := map[string]*Node{}
	var order []string
	for name, imports := range added {
		n := p.Nodes[name]
		if n == nil || n.step == nil {
			return false
		}
		for _, path := range imports {
			if path == "unsafe" {
				continue
			}
			if !visible(name, path) {
				return false
			}
			d := p.Nodes[path]
			if d == nil && fresh[path] == nil {
				list, err := p.standard(ctx, path)
				if err != nil {
					return false
				}
				for _, f := range list {
					if p.Nodes[f.Path] == nil && fresh[f.Path] == nil {
						fresh[f.Path] = f
						order = append(order, f.Path)
					}
				}
			}
			if d == nil {
				d = fresh[path]
			}
			if path == "plugin" || d == nil || d.Archive == "" || d.Path == p.linking.main || p.uses(d, n) {
				return false
			}
			arcs = append(arcs, arc{n, d})
		}
	}
	for path, f := range fresh {
		p.Nodes[path] = f
	}
	p.linking.packages = append(slices.Clone(p.linking.packages), order...)
	for _, a := range arcs {
		if !slices.Contains(a.from.Imports, a.to.Path) {
			a.from.Imports = append(slices.Clone(a.from.Imports), a.to.Path)
			a.to.importers = append(slices.Clone(a.to.importers), a.from)
		}
	}
	p.sort()
	p.lost = p.lost || len(gone) > 0
	graph, ok := p.Graph.Rewired(p.seen, now)
	p.derivable = p.derivable && ok
	if ok {
		p.Graph = graph
	}
	p.Shape = now.Shape()
	return true
}

// visible reports whether a package may import another one, by the rules for folders
// called internal and vendor.
func visible(from, path string) bool {
	elements := strings.Split(path, "/")
	if slices.Contains(elements, "vendor") || path == "C" || strings.HasPrefix(path, ".") {
		return false
	}
	i := slices.Index(elements, "internal")
	if i < 0 {
		return true
	}
	last := i
	for k, e := range elements {
		if e == "internal" {
			last = k
		}
	}
	above := strings.Join(elements[:last], "/")
	return above != "" && (from == above || strings.HasPrefix(from, above+"/"))
}

// uses reports whether d is n or imports it, directly or not, among the packages that
// may be compiled.
func (p *Plan) uses(d, n *Node) bool {
	return d == n || slices.ContainsFunc(d.Imports, func(i string) bool { return p.Nodes[i] != nil && p.uses(p.Nodes[i], n) })
}

// standard lists a package of the standard library with all that it imports,
// dependencies first, with their archives.
func (p *Plan) standard(ctx context.Context, path string) ([]*Node, error) {
	if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
		return nil, Refusal{path + " is not of the standard library"}
	}
	found, err := p.list(ctx, []string{path}, "-export")
	if err != nil {
		return nil, err
	}
	var list []*Node
	for _, l := range found {
		switch {
		case l.ImportPath == "unsafe":
		case !l.Standard || l.Export == "" || l.ImportPath == "runtime/cgo" && p.Nodes[l.ImportPath] == nil:
			return nil, Refusal{path + " takes more than its archive"}
		default:
			list = append(list, p.node(l))
		}
	}
	return list, nil
}
