package fast

import (
	"context"
	"slices"

	"github.com/hotdev/hotdev/builder/internal/source"
)

// Replan is the plan for the program as a graph shows it now, where the sources
// are no longer what p is for: imports changed, files came or went, or go.mod says
// something else. p is left as it was.
//
// What is asked of the go command are the commands, which it prints in a fraction
// of the time that it takes to build. The archives are p's. What the plan has not
// seen before (a package of another module, or another version) the go command
// makes or has in its cache; a package of the user's is compiled like one that
// changed. The error is a [Refusal] where the go command has to build.
func (p *Plan) Replan(ctx context.Context, graph source.Graph) (*Plan, source.Snapshot, error) {
	q := &Plan{
		Program: p.Program, stamps: p.stamps, Nodes: map[string]*Node{}, unsettled: map[*Node]bool{},
		count: p.count, Version: p.Version + 1,
	}
	q.Graph = graph
	q.seen = source.Read(graph, p.seen)
	q.Shape = q.seen.Shape()
	type commands struct {
		lines []string
		err   error
	}
	printed := make(chan commands, 1)
	go func() { // joined by the receive below
		lines, err := q.printCommands(ctx)
		printed <- commands{lines, err}
	}()
	found, err := q.list(ctx, q.Target)
	c := <-printed
	if err != nil {
		return nil, nil, err
	}
	if c.err != nil {
		return nil, nil, c.err
	}
	unknown := q.adopt(found, p)
	if err := q.addArchives(ctx, found, unknown); err != nil {
		return nil, nil, err
	}
	if err := q.readCommands(c.lines); err != nil {
		return nil, nil, err
	}
	for _, n := range q.Order {
		if unknown[n.Path] { // the go command made it of its own archives of the user's packages
			return nil, nil, Refusal{"package " + n.Path + " imports the program's own"}
		}
		if o := p.Nodes[n.Path]; o == nil || !n.builtLike(o, p, q) {
			n.Stale = true
		}
	}
	for n := range p.unsettled {
		if m := q.Nodes[n.Path]; m != nil && m.Archive == n.Archive {
			q.unsettled[m] = true
		}
	}
	return q, q.seen, q.untouched()
}

// adopt makes the nodes of a plan, with what another one has of them. unknown are
// those of packages that are not the user's and whose archives it does not have.
func (p *Plan) adopt(found []listed, from *Plan) (unknown map[string]bool) {
	unknown = map[string]bool{}
	for _, l := range found { // dependencies first
		n := p.node(l)
		p.Nodes[n.Path] = n
		o := from.Nodes[n.Path]
		switch user := n.From != nil; {
		case o != nil && user == (o.From != nil) && n.origin == o.origin && (user || !slices.ContainsFunc(l.Imports, func(i string) bool { return unknown[i] })):
			n.From, n.Archive, n.Stale, n.Leaks = o.From, o.Archive, o.Stale, o.Leaks
			n.id, n.parts, n.print, n.canon = o.id, o.parts, o.print, o.canon
		case user:
			n.From, n.Stale = &source.Source{Pkg: n.From.Pkg}, true // no content is the one that it was compiled from
		case n.Path != "unsafe":
			unknown[n.Path] = true
		}
	}
	return unknown
}

// addArchives learns where the archives of packages are from the go command, which
// makes those that it has not.
func (p *Plan) addArchives(ctx context.Context, found []listed, unknown map[string]bool) error {
	if len(unknown) == 0 {
		return nil
	}
	inner := map[string]bool{} // imported by another of them
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

// builtLike reports whether a node's archive, which is that of its counterpart in
// another plan, is what its command makes, sources aside: whether that command and
// what it imports are the same.
func (n *Node) builtLike(o *Node, old, now *Plan) bool {
	if n.step == nil || o.step == nil {
		return n.step == o.step
	}
	return n.step.makesLike(o.step) && slices.Equal(n.Imports, o.Imports) &&
		!slices.ContainsFunc(n.Imports, func(i string) bool {
			a, b := old.Nodes[i], now.Nodes[i]
			return a == nil || b == nil || a.Archive != b.Archive
		})
}

// makesLike reports whether two commands differ in nothing but the build IDs that
// they write.
func (s *compileStep) makesLike(o *compileStep) bool {
	return s.why == o.why && s.trim == o.trim && s.embed == o.embed && slices.Equal(s.maps, o.maps) &&
		slices.Equal(withoutBuildID(s.flags), withoutBuildID(o.flags))
}

func withoutBuildID(flags []string) []string {
	if i := slices.Index(flags, "-buildid"); i >= 0 && i+1 < len(flags) {
		return slices.Delete(slices.Clone(flags), i, i+2)
	}
	return flags
}
