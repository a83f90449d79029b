package fast

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"

	"github.com/hotdev/hotdev/builder/internal/compiler"
)

// The archives of the packages above another one refer to its symbols by number, whether
// they import it or not. If only numbers differ for one of them, it is not compiled: its
// archive gets the new numbers ([compiler.Numbers]), and then equals what the compiler
// would make.

// A renumbered is the archive of a package with new numbers of another one's symbols.
type renumbered struct {
	d       *Node
	archive string
	parts   *compiler.Object // nil if the package's own archive has none of the numbers
	known   compiler.Fingerprint
	err     error
}

// renumber writes the archives above n with new numbers of n's symbols, and changes
// nothing in the plan. The error is ctx's. The archive of a package that is compiled
// anyway gets new numbers only in its export data, so that these differ from the next ones
// only if something else does. stale are further packages that are.
func (p *Plan) renumber(ctx context.Context, n *Node, numbers *compiler.Numbers, stale []*Node) ([]*renumbered, error) {
	if numbers == nil {
		return nil, nil
	}
	var all []*renumbered
	for d := range p.above(n) {
		if d.Archive != "" {
			p.count++
			all = append(all, &renumbered{d: d, archive: filepath.Join(p.Folder, strconv.Itoa(p.count)+".a")})
		}
	}
	next := make(chan *renumbered)
	var workers sync.WaitGroup
	for range min(len(all), runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for r := range next {
				if r.err = ctx.Err(); r.err == nil {
					r.parts, r.known, r.err = numbers.Renumber(r.d.Archive, r.archive, r.d.parts, r.d.Stale || slices.Contains(stale, r.d))
				}
			}
		})
	}
	for _, r := range all {
		next <- r
	}
	close(next)
	workers.Wait()
	if ctx.Err() != nil {
		for _, r := range all {
			_ = os.Remove(r.archive)
		}
		return nil, ctx.Err()
	}
	return all, nil
}

// takeNumbers gives packages their archives with new numbers. One for which there is none
// is compiled.
func (p *Plan) takeNumbers(all []*renumbered, numbers *compiler.Numbers, todo map[*Node]bool) {
	for _, r := range all {
		switch d := r.d; {
		case r.err != nil:
			_ = os.Remove(r.archive)
			if d.spare = nil; !todo[d] { // it may only have a copy of what changed
				d.spare = &spare{}
			}
			d.Stale, d.rewired, todo[d] = true, false, true
		case r.parts != nil:
			if filepath.Dir(d.Archive) == p.Folder {
				_ = os.Remove(d.Archive)
			}
			d.compiled = d.Compiled()
			d.Archive, d.parts = r.archive, r.parts
			if d.print == nil {
				d.print = &r.known
			}
		}
		if r.d.spare != nil { // its code has the old numbers
			r.d.spare.owed = append(r.d.spare.owed, numbers)
		}
	}
}

// above returns the packages that import n, directly or not.
func (p *Plan) above(n *Node) map[*Node]bool {
	found := map[*Node]bool{}
	var visit func(n *Node)
	visit = func(n *Node) {
		for _, d := range n.importers {
			if !found[d] {
				found[d] = true
				visit(d)
			}
		}
	}
	visit(n)
	return found
}
