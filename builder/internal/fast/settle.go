package fast

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/hotdev/hotdev/builder/complaint"
	"github.com/hotdev/hotdev/builder/internal/compiler"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// Unsettled returns the number of packages whose line numbers are out of date in their
// dependents.
func (p *Plan) Unsettled() int { return len(p.unsettled) }

// Settle compiles the packages whose line numbers are out of date, and returns the plan
// that replaces p. p itself does not change, but must not be used any more. After an
// error p is still in use. saved reports whether the error may be due to a source saved
// meanwhile.
func (p *Plan) Settle(ctx context.Context) (settled *Plan, saved bool, err error) {
	settled = p.clone()
	now := settled.compiledFrom()
	for n := range settled.unsettled {
		// It is compiled again from the same source, and counts as changed, so that its
		// dependents are compiled too.
		n.Stale = true
		n.parts = &compiler.Object{Print: n.parts.Print}
	}
	_, failed, err := settled.Compile(ctx, now, func(string) {}, &complaint.Report{})
	if len(failed) > 0 {
		err = errors.New(failed[0].String())
	}
	if err != nil {
		p.count = settled.count // the store may share a file that is left behind: its name is not used again
		for _, n := range settled.Nodes {
			if old := p.Nodes[n.Path]; old.Archive != n.Archive {
				_ = os.Remove(n.Archive)
			}
		}
		for _, s := range now {
			saved = saved || s.Touched()
		}
		return nil, saved, err
	}
	for name, n := range p.Nodes {
		if next := settled.Nodes[name]; next.Archive != n.Archive && filepath.Dir(n.Archive) == p.Folder {
			_ = os.Remove(n.Archive)
		}
	}
	settled.trial, settled.unsettled = false, map[*Node]bool{}
	settled.Version = p.Version + 1
	return settled, false, nil
}

// compiledFrom returns the sources that the archives were compiled from, regardless of
// the files on the disk.
func (p *Plan) compiledFrom() source.Snapshot {
	now := source.Snapshot{}
	for name, n := range p.Nodes {
		if n.From != nil {
			now[name] = n.From
		}
	}
	return now
}

// clone returns a copy of the plan with its own nodes.
func (p *Plan) clone() *Plan {
	c := *p
	c.trial = true
	c.Nodes, c.unsettled = map[string]*Node{}, map[*Node]bool{}
	for name, n := range p.Nodes {
		m := *n
		c.Nodes[name] = &m
	}
	same := func(ns []*Node) []*Node {
		out := make([]*Node, len(ns))
		for i, n := range ns {
			out[i] = c.Nodes[n.Path]
		}
		return out
	}
	for _, n := range c.Nodes {
		n.importers = same(n.importers)
	}
	c.Order = same(p.Order)
	for n := range p.unsettled {
		c.unsettled[c.Nodes[n.Path]] = true
	}
	return &c
}
