package fast

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"

	"github.com/hotdev/hotdev/builder/internal/compiler"
)

// The archives of the packages above another one refer to its symbols by number, whether
// they import it or not. If only numbers differ for one of them, it is not compiled: its
// archive gets the new numbers ([compiler.Numbers]), and then equals what the compiler
// would make.

// renumber gives new numbers of n's symbols to the archives above it. A package for which
// this fails is compiled. The archive of a package that is compiled anyway gets them too,
// in its export data, so that these differ from the next ones only if something else
// does.
func (p *Plan) renumber(n *Node, numbers *compiler.Numbers, todo map[*Node]bool) {
	if numbers == nil {
		return
	}
	type renumbered struct {
		d       *Node
		archive string
		parts   *compiler.Object
		known   compiler.Fingerprint
		err     error
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
				r.parts, r.known, r.err = numbers.Renumber(r.d.Archive, r.archive, r.d.parts, r.d.Stale)
			}
		})
	}
	for _, r := range all {
		next <- r
	}
	close(next)
	workers.Wait()
	for _, r := range all {
		switch d := r.d; {
		case r.err != nil:
			_ = os.Remove(r.archive)
			d.Stale, todo[d] = true, true
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
