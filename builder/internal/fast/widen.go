package fast

import (
	"context"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/source"
)

// ChangesOrImports is Changes for a program that is patched: it also makes the
// plan one for what packages import now, if that is all that keeps the sources
// from being within it, and if the go command need not judge the imports.
//
// Packages of the standard library come into the plan with all that they import;
// others must be in it. What nothing imports any more stays in the plan, for the
// running program has it. A program that is linked would not: [Plan.Lost].
func (p *Plan) ChangesOrImports(ctx context.Context) (source.Snapshot, error) {
	now, err := p.Changes()
	if err == nil || p.stamps != p.Tools.Stamps() {
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

// Lost reports whether the program was built with packages that nothing imports
// now, so that only the go command can build it as it is.
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
			if d == nil || d.Archive == "" || d.Path == p.linking.main || p.uses(d, n) {
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

// visible reports whether a package may import another one, as far as folders
// called internal and vendor say.
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

// uses reports whether a package imports another one, or is it, as far as either
// may be compiled.
func (p *Plan) uses(d, n *Node) bool {
	return d == n || slices.ContainsFunc(d.Imports, func(i string) bool { return p.Nodes[i] != nil && p.uses(p.Nodes[i], n) })
}

// standard lists a package of the standard library with all that it imports,
// dependencies first, and where their archives are.
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
