package fast

import (
	"cmp"
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/source"
)

// Replan returns the plan for the program as the listing found shows it now, where p no
// longer fits the sources: imports changed, files were added or removed, or go.mod
// changed. graph is the user's part of the listing. p does not change.
//
// The commands are derived from those of p, or the go command prints them, which takes
// it a fraction of the time of a build; asked is its answer if it was asked already.
// The archives are p's. The go command makes archives that p does not have (of a
// package of another module, or of another version), or has them in its cache; a new
// package of the user's is compiled like a changed one. The error is a [Refusal] if the
// go command has to build.
func (p *Plan) Replan(ctx context.Context, graph source.Graph, found []Listed, asked *Asked) (*Plan, source.Snapshot, error) {
	q := p.next(graph, p.seen)
	unknown := q.adopt(found, p)
	if p.profile.given && len(unknown) > 0 {
		return nil, nil, Refusal{"new packages are compiled with " + filepath.Base(p.profileFile())}
	}
	if err := q.addArchives(ctx, found, unknown); err != nil {
		return nil, nil, err
	}
	archives := maps.Clone(q.Nodes)
	if q.derive(p, found) {
		return q, q.seen, q.inherit(p, unknown)
	}
	if asked == nil {
		asked = p.Ask(ctx)
		defer asked.Stop()
	}
	lines, err := asked.wait()
	if err != nil {
		return nil, nil, err
	}
	q = p.next(graph, q.seen)
	q.adopt(found, p)
	for _, path := range p.implicit {
		q.carry(p, path)
	}
	for path, n := range q.Nodes {
		if a := archives[path]; a != nil && unknown[path] {
			n.Archive, n.id = a.Archive, a.id
		}
	}
	if err := q.readCommands(lines); err != nil {
		return nil, nil, err
	}
	return q, q.seen, q.inherit(p, unknown)
}

// next returns an empty plan for a graph, with its files as they are now or, if they
// have not changed, as they were read before.
func (p *Plan) next(graph source.Graph, before source.Snapshot) *Plan {
	q := &Plan{
		Program: p.Program, stamps: p.stamps, Nodes: map[string]*Node{}, unsettled: map[*Node]bool{},
		count: p.count, Version: p.Version + 1, profile: p.profile,
	}
	q.Graph = graph
	q.seen = source.Read(graph, before)
	q.Shape = q.seen.Shape()
	return q
}

// inherit marks what differs from the plan before.
func (p *Plan) inherit(old *Plan, unknown map[string]bool) error {
	for _, n := range p.Order {
		if unknown[n.Path] { // the go command compiled it against its own archives of the user's packages
			return Refusal{"package " + n.Path + " imports the program's own"}
		}
		if o := old.Nodes[n.Path]; o == nil || !n.builtLike(o, old, p) {
			n.rewired = (!n.Stale || n.rewired) && o != nil && n.rewiredFrom(o, old, p)
			n.Stale = true
		}
	}
	if old.profileChanged(p.seen) || (old.profileFile() == "") != (p.profileFile() == "") {
		return Refusal{filepath.Base(cmp.Or(p.profileFile(), old.profileFile())) + " changed"}
	}
	if p.loadsPlugins() && !old.loadsPlugins() && p.patched() {
		return Refusal{"the program loads plugins now"} // which compare fingerprints
	}
	for n := range old.unsettled {
		if m := p.Nodes[n.Path]; m != nil && m.Archive == n.Archive {
			p.unsettled[m] = true
		}
	}
	return p.untouched()
}

// Asked are the commands that build a program, while the go command prints them.
type Asked struct {
	cancel context.CancelFunc
	done   chan struct{}
	lines  []string
	err    error
}

// Ask asks the go command for the commands that build the program as it is. The caller
// must stop it.
func (p *Plan) Ask(ctx context.Context) *Asked { return ask(ctx, p.printCommands) }

func ask(ctx context.Context, print func(context.Context) ([]string, error)) *Asked {
	ctx, cancel := context.WithCancel(ctx)
	a := &Asked{cancel: cancel, done: make(chan struct{})}
	go func() { // joined by Stop
		defer close(a.done)
		a.lines, a.err = print(ctx)
	}()
	return a
}

func (a *Asked) wait() ([]string, error) {
	<-a.done
	return a.lines, a.err
}

// Stop ends the go command if it is still running, and waits for it.
func (a *Asked) Stop() {
	a.cancel()
	<-a.done
}

// adopt makes the nodes of a plan, with the archives that another plan has for them.
// unknown are the packages that are not the user's and whose archives are unknown.
func (p *Plan) adopt(found []Listed, from *Plan) (unknown map[string]bool) {
	unknown = map[string]bool{}
	for _, l := range found { // dependencies first
		n := p.node(l)
		p.Nodes[n.Path] = n
		o := from.Nodes[n.Path]
		switch user := n.From != nil; {
		case o != nil && user == (o.From != nil) && n.origin == o.origin && (user || !slices.ContainsFunc(l.Imports, func(i string) bool { return unknown[i] })):
			n.From, n.Archive, n.Stale, n.rewired, n.Leaks = o.From, o.Archive, o.Stale, o.rewired, o.Leaks
			n.id, n.parts, n.print, n.canon, n.compiled = o.id, o.parts, o.print, o.canon, o.compiled
		case user:
			n.From, n.Stale = &source.Source{Pkg: n.From.Pkg}, true // it may have been compiled from neither content
		case n.Path != "unsafe" && n.Archive == "":
			unknown[n.Path] = true
		}
	}
	return unknown
}

// addArchives asks the go command for the archives of packages. It compiles those that
// it does not have.
func (p *Plan) addArchives(ctx context.Context, found []Listed, unknown map[string]bool) error {
	if len(unknown) == 0 {
		return nil
	}
	inner := map[string]bool{} // imported by another unknown package
	for _, l := range found {
		for _, i := range l.Imports {
			if unknown[l.ImportPath] {
				inner[i] = true
			}
		}
	}
	var outer []string
	for _, l := range found {
		if unknown[l.ImportPath] && !inner[l.ImportPath] {
			outer = append(outer, l.ImportPath)
		}
	}
	made, err := p.list(ctx, outer, "-export")
	if err != nil {
		return err
	}
	for _, l := range made {
		if n := p.Nodes[l.ImportPath]; n != nil && unknown[l.ImportPath] {
			n.Archive, n.id = l.Export, l.BuildID
		}
	}
	return nil
}

// builtLike reports whether a node's archive, taken from its counterpart o in another
// plan, is the one that the node's own command would make, apart from changed sources:
// the command and the imports must be the same.
func (n *Node) builtLike(o *Node, old, now *Plan) bool {
	if n.step == nil || o.step == nil {
		return n.step == o.step
	}
	return slices.Equal(n.Imports, o.Imports) && n.rewiredFrom(o, old, now)
}

// rewiredFrom reports whether nothing else differs than which packages are imported: the
// command is the same, and so are the imports that both have.
func (n *Node) rewiredFrom(o *Node, old, now *Plan) bool {
	return n.step != nil && o.step != nil && n.step.makesLike(o.step) &&
		!slices.ContainsFunc(n.Imports, func(i string) bool {
			a, b := old.Nodes[i], now.Nodes[i]
			return slices.Contains(o.Imports, i) && (a == nil || b == nil || a.Archive != b.Archive)
		})
}

// makesLike reports whether two commands differ only in the build IDs that they write.
func (s *compileStep) makesLike(o *compileStep) bool {
	return s.why == o.why && s.trim == o.trim && s.profiled == o.profiled && s.embed == o.embed && slices.Equal(s.maps, o.maps) &&
		slices.Equal(lasting(s.flags), lasting(o.flags))
}

// lasting returns a compiler's flags without the build ID, and without the number of
// processors that it may use, which depends on how many were free.
func lasting(flags []string) []string {
	flags = slices.DeleteFunc(slices.Clone(flags), func(f string) bool { return strings.HasPrefix(f, "-c=") })
	if i := slices.Index(flags, "-buildid"); i >= 0 && i+1 < len(flags) {
		return slices.Delete(flags, i, i+2)
	}
	return flags
}
