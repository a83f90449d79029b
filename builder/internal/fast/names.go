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

// A dependent reads of a package's export data what the names in its own source
// lead to, and nothing else. So where export data do change, those dependents are
// left alone that cannot come by anything that did:
//
//   - An object is whatever the compiler wrote of it, with the bodies that may be
//     inlined, and all that it refers to ([compiler.Differ]).
//   - A dependent comes by an object through its name, which is then in the
//     dependent's source, or through another package that it imports, whose export
//     data then have a copy of the object.
//   - What is not an object's (whether there is something to initialise, the bodies
//     of other packages' functions) is seen by all dependents.
//
// The archive gets the fingerprint that dependents have noted, as where only lines
// moved. A dependent that is left alone is then byte for byte what the compiler
// would make of it; where lines moved too, all but the line numbers are the same.

// mostNames is how many changed names are looked for in the sources of dependents.
// With more, all of them are compiled.
const mostNames = 50

// howFar finds out how far a change of a package's export data reaches. moved are
// its layouts, if lines moved and nothing that it imports did.
func (p *Plan) howFar(ctx context.Context, n *Node, moved *layouts, m *made) error {
	if m.torn || !p.mayKeep(n) {
		return nil
	}
	// Nil where they are not understood: all dependents may be affected then.
	old, _ := compiler.ReadExports(n.Archive)
	new, _ := compiler.ReadExports(m.archive)
	before, after, err := moved.wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && !errors.Is(err, errLayout) { // which only means that there is no proof
		return fmt.Errorf("whether only lines moved: %w", err)
	}
	if err != nil || moved == nil {
		m.differ(old, new)
		return nil
	}
	m.canon, m.lag = after, true
	if before.export == after.export {
		m.reach = reachLines
	} else if m.differ(before.exports, after.exports); m.reach != reachNames {
		return nil
	}
	if old != nil && new != nil && !m.differs.Numbered(old, new) {
		m.reach = reachDependents
	}
	return nil
}

// differ notes which dependents may be affected, if that is not all of them.
func (m *made) differ(old, new *compiler.Exports) {
	if old == nil || new == nil {
		return
	}
	if m.differs = compiler.Differ(old, new); !m.differs.Whole && len(m.differs.Names) <= mostNames {
		m.reach = reachNames
	}
}

// mayKeep reports whether dependents of a package may go on with what they know of
// it: there are some, and nobody but the linker compares fingerprints, as plugins
// do.
func (p *Plan) mayKeep(n *Node) bool {
	return len(n.importers) > 0 && !p.trial && !slices.Contains(p.linking.packages, "plugin")
}

// sees reports whether a dependent of n may be compiled otherwise where n's export
// data differ. copies remembers which packages have copies of what differs.
func (p *Plan) sees(d, n *Node, diff compiler.Difference, copies map[*Node]bool) bool {
	if d.step == nil || len(d.step.maps) > 0 || d.mayUse(n.Path, n.listed.Name, diff.Names) {
		return true
	}
	for _, path := range d.Imports {
		other := p.Nodes[path]
		if other == nil || other == n || other.step == nil { // what is not compiled here imports nothing that is
			continue
		}
		has, known := copies[other]
		if !known {
			has = diff.In(other.Archive)
			copies[other] = has
		}
		if has {
			return true
		}
	}
	return false
}

// mayUse reports whether one of the names of an imported package, which is called
// name, may occur in the sources that a node was compiled from.
func (n *Node) mayUse(path, name string, names []string) bool {
	for _, file := range n.Files(n.From) {
		var text []byte
		switch {
		case n.From == nil:
			text, _ = os.ReadFile(file)
		case n.From.Files[file] != nil:
			text = n.From.Files[file].Text
		}
		if len(text) == 0 {
			return true
		}
		if slices.ContainsFunc(names, func(one string) bool { return bytes.Contains(text, []byte(one)) }) && selects(text, path, name, names) {
			return true
		}
	}
	return false
}

// selects reports whether a file selects one of the names from an imported package,
// which is called name where the file does not call it otherwise.
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
