package fast

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"

	"github.com/hotdev/hotdev/builder/internal/source"
)

// Common packages of two programs of a module are compiled once: the plans take
// archives from a store, by a key of all that the compiler reads to make one. The store
// has the archives as they were compiled. Each plan finds out for itself how far a
// change reaches in it, and gives its own copy the fingerprint that its dependents
// know.

// share makes a node's archive with run, or takes it from the store. good reports
// whether run's archive is what the key says. With an empty key the archive is not
// shared.
func (p *Plan) share(ctx context.Context, n *Node, key, archive string, run func() ([]string, error), good func() bool) (out []string, shared bool, err error) {
	if key == "" {
		out, err = run()
		return out, false, err
	}
	return p.Store.Do(ctx, n.Path, key, archive, run, good)
}

// key identifies all that the compiler reads for a state of a node's package: the
// tools, their flags and environment, the files, and the imports' export data. It is
// empty if nothing may be shared. Only the scheduler calls it, because it reads the
// nodes of the imports.
func (p *Plan) key(n *Node, s *source.Source) string {
	if p.Store == nil || p.suspect || s == nil || n.Path == p.linking.main {
		return ""
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%q\n%q\n%#v\n%q\n", p.stamps, p.Dir, p.Tools.Env, n.step, contentOf(s))
	if p.Agent != nil {
		fmt.Fprintf(h, "%q\n", p.Agent.Flags)
	}
	if n.step.profiled {
		fmt.Fprintf(h, "%x\n", p.profileContent(p.seen))
	}
	for _, name := range n.Imports {
		if d := p.Nodes[name]; d != nil {
			fmt.Fprintf(h, "%q %q\n", name, d.exports())
		}
	}
	return string(h.Sum(nil))
}

// contentOf identifies a package's content, file by file.
func contentOf(s *source.Source) []byte {
	h := sha256.New()
	for _, f := range slices.Sorted(maps.Keys(s.Files)) {
		fmt.Fprintf(h, "%q %x\n", f, s.Files[f].Hash)
	}
	return h.Sum(nil)
}

// exports identifies what dependents read of a node's archive. An archive of the go
// command is identified by its name, which is a hash of its content.
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
