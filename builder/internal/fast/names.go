package fast

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"

	"github.com/hotdev/hotdev/builder/internal/compiler"
)

// A dependent reads from a package's export data only what the names in its own source
// lead to. So if export data change, a dependent stays as it is if it cannot reach
// anything that changed (spare.go is about those that can):
//
//   - An object is whatever the compiler wrote of it, with the bodies that may be
//     inlined, and all that it refers to ([compiler.Differ]).
//   - A dependent comes by an object through its name, which is then in the
//     dependent's source, or through another package that it imports, whose export
//     data then have a copy of the object.
//   - With a profile, the compiler has a dependent call what its source does not name:
//     all dependents are compiled then.
//   - The bodies of other packages' functions are seen by a dependent that can reach
//     the function, and that no other import gives the same body ([compiler.Carried]).
//   - Whether there is something to initialise is seen by all dependents.
//
// The archive gets the fingerprint that dependents have recorded, as it does if only
// lines moved. A dependent that is not compiled then has the code that the compiler
// would give it, byte for byte; if lines moved too, everything except line numbers is
// the same. Its export data say what the compiler's would, perhaps in another order.

// mostNames is the number of changed names that are searched for in the sources of
// dependents. If there are more, all dependents count as seeing them.
const mostNames = 50

// howFar finds out how far a change of a package's export data reaches.
func (p *Plan) howFar(ctx context.Context, n *Node, moved *layouts, m *made) error {
	if m.torn || !p.mayKeep(n) {
		return nil
	}
	// Nil if they are not understood: then all dependents may be affected.
	old, _ := compiler.ReadExports(n.Archive)
	new, _ := compiler.ReadExports(m.archive)
	moved.wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if moved.err != nil && !errors.Is(moved.err, errLayout) { // errLayout only means that there is no proof
		return fmt.Errorf("whether only lines moved: %w", moved.err)
	}
	before, after := moved.before, moved.after
	switch {
	case old == nil || new == nil:
	case moved.text != nil:
		m.lag = true
		m.text = moved.text
		m.narrow(compiler.DifferIn(old, new, moved.text.declared, moved.text.bodies), true)
	case moved.err != nil || after == nil:
		m.narrow(compiler.Differ(old, new), false)
	default:
		m.canon, m.lag = after, true
		if before.export == after.export {
			m.reach = reachLines
		} else if before.exports != nil && after.exports != nil {
			m.narrow(compiler.Differ(before.exports, after.exports), false)
		}
	}
	if m.reach == reachLines || m.reach == reachNames {
		var err error
		if m.numbers, err = m.differs.Numbers(old, new, n.Archive, m.archive); err != nil {
			m.reach = reachDependents
		}
	}
	return nil
}

// narrow records which dependents may be affected by a difference, if not all of them
// are. lines: if nothing differs, then lines moved.
func (m *made) narrow(d compiler.Difference, lines bool) {
	switch m.differs = d; {
	case lines && d.None():
		m.reach = reachLines
	case !d.Whole && !m.profiled:
		m.reach = reachNames
	}
}

// mayKeep reports whether dependents of a package may keep the fingerprint that they
// recorded: there must be some, and only the linker may compare fingerprints. Plugins
// compare them too.
func (p *Plan) mayKeep(n *Node) bool {
	return len(n.importers) > 0 && !p.trial && !p.exact && !p.loadsPlugins()
}

func (p *Plan) loadsPlugins() bool { return slices.Contains(p.linking.packages, "plugin") }

// patched reports whether an archive has a fingerprint other than the one it was compiled
// with.
func (p *Plan) patched() bool {
	for _, n := range p.Nodes {
		if n.parts != nil && n.print != nil && *n.print != n.parts.Print {
			return true
		}
	}
	return false
}

// sees reports whether a change of n's export data may change how its dependent d is
// compiled. copied reports whether a package has a copy of what differs.
func (p *Plan) sees(d, n *Node, differs compiler.Difference, copied func(*Node) bool) bool {
	if d.step == nil || len(d.step.maps) > 0 || differs.Whole || len(differs.Names) > mostNames || d.mayUse(n.Path, n.listed.Name, differs.Names) {
		return true
	}
	for _, path := range d.Imports {
		other := p.Nodes[path]
		if other == nil || other == n || other.step == nil { // a package that is not compiled here imports none that is
			continue
		}
		if copied(other) {
			return true
		}
	}
	return false
}

// inlines reports whether the bodies of other packages' functions in n's export data may
// change how its dependent d is compiled.
func (p *Plan) inlines(d, n *Node, c *compiler.Carried) bool {
	if c == nil {
		return false
	}
	var others []string
	for _, path := range d.Imports {
		if o := p.Nodes[path]; o != nil && o != n {
			others = append(others, o.Archive)
		}
	}
	return !c.Elsewhere(others) && (len(c.Names) > mostNames || d.mayUse(n.Path, n.listed.Name, c.Names) || slices.ContainsFunc(others, c.In))
}

// mayUse reports whether one of the names of an imported package may occur in the
// sources that a node was compiled from. name is the package's own name.
func (n *Node) mayUse(path, name string, names []string) bool {
	for _, file := range n.Files(n.From) {
		text := n.text(file)
		if len(text) == 0 {
			return true
		}
		if slices.ContainsFunc(names, func(one string) bool { return bytes.Contains(text, []byte(one)) }) && selects(text, path, name, names) {
			return true
		}
	}
	return false
}

// text returns the text of one of the files that a node was compiled from; nil if there is
// none.
func (n *Node) text(file string) []byte {
	switch {
	case n.From == nil:
		text, _ := os.ReadFile(file)
		return text
	case n.From.Files[file] != nil:
		return n.From.Files[file].Text
	}
	return nil
}

// selects reports whether a file selects one of the names from an imported package.
// name is what the package is called where the file does not rename it.
func selects(text []byte, path, name string, names []string) bool {
	f, err := parser.ParseFile(token.NewFileSet(), "", text, parser.SkipObjectResolution)
	if err != nil {
		return true
	}
	called := map[string]bool{}
	for _, spec := range f.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err != nil || p != path {
			continue
		}
		switch {
		case spec.Name != nil && spec.Name.Name == ".", spec.Name == nil && name == "":
			return true
		case spec.Name != nil:
			called[spec.Name.Name] = true
		default:
			called[name] = true
		}
	}
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			x, ok := s.X.(*ast.Ident)
			found = found || ok && called[x.Name] && slices.Contains(names, s.Sel.Name)
		}
		return !found
	})
	return found
}
