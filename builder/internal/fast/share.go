package fast

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"

	"github.com/hotdev/hotdev/builder/internal/source"
)

// What two programs of a module have in common is compiled once: the plans take
// archives from a store, by all that the compiler reads to make one. These are the
// archives as they were compiled; each plan finds out for itself how far a change
// reaches in it, and gives its own copy the fingerprint that its dependents know.

// share has a node's archive made by run, or taken from the store. good reports
// whether run's is what the key says. An empty key is for nobody else.
func (p *Plan) share(ctx context.Context, n *Node, key, archive string, run func() ([]string, error), good func() bool) (out []string, shared bool, err error) {
	if key == "" {
		out, err = run()
		return out, false, err
	}
	return p.Store.Do(ctx, n.Path, key, archive, run, good)
}

// key names all that the compiler reads for a state of a node's package: the
// tools, their flags and environment, the files, and what it reads of the imports.
// It is empty where nothing is shared. Only the scheduler calls it: it reads what
// the imports' nodes have.
func (p *Plan) key(n *Node, s *source.Source) string {
	if p.Store == nil || p.suspect || s == nil || n.Path == p.linking.main {
		return ""
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%q\n%q\n%q\n%q\n", p.stamps, p.Dir, p.Tools.Env, n.step, contentOf(s))
	if p.Agent != nil {
		fmt.Fprintf(h, "%q\n", p.Agent.Flags)
	}
	for _, name := range n.Imports {
		if d := p.Nodes[name]; d != nil {
			fmt.Fprintf(h, "%q %q\n", name, d.exports())
		}
	}
	return string(h.Sum(nil))
}

// contentOf is a package's content, file by file.
func contentOf(s *source.Source) []byte {
	h := sha256.New()
	for _, f := range slices.Sorted(maps.Keys(s.Files)) {
		fmt.Fprintf(h, "%q %x\n", f, s.Files[f].Hash)
	}
	return h.Sum(nil)
}

// exports identifies what dependents read of a node's archive. One that the go
// command made is known by its name, which is a hash of its content.
func (n *Node) exports() string {
	if n.parts == nil {
		return n.Archive
	}
	known := n.parts.Print
	if n.print != nil {
		known = *n.print
	}
	return fmt.Sprintf("%x %x", n.parts.Export, known)
}
