package fast

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/compiler"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// What the go command prints with -n follows from what it lists. So for most changes
// the commands of the next plan can be derived from those of the current one, and the
// go command need not print them, which would take as long as a small build:
//
//   - The compiler's flags depend on a package's module (its path, its version of
//     Go), on whether there are files in other languages, and on flags and settings
//     that are those of the whole plan. Nothing else does, but for what it embeds.
//   - Its importcfg names the packages that the listing says are imported, and for
//     the main package those that every program is linked with.
//   - The linker's importcfg names all packages that the program reaches that way,
//     and says of which modules and versions they are.
//
// Each of these rules is checked against the printed commands before it is used
// ([Plan.mayDerive]). If anything else changed, the go command prints the commands
// again.

// mayDerive checks whether deriving this plan's commands from its listing gives the
// printed ones.
func (p *Plan) mayDerive() {
	p.derivable = false
	main := p.Nodes[p.linking.main]
	if !p.learnImplicit(main) {
		return
	}
	order, ok := linkedWith(p.linking.main, func(path string) []string {
		if n := p.Nodes[path]; n != nil {
			return p.imports(n.listed)
		}
		return nil
	})
	if !ok || !slices.Equal(slices.Sorted(slices.Values(order)), slices.Sorted(slices.Values(p.linking.packages))) {
		return
	}
	for _, n := range p.Order {
		if n.step == nil || len(n.step.maps) > 0 || !slices.Equal(n.Imports, p.imports(n.listed)) {
			return
		}
		if s := p.seen[n.Path]; n.From != nil && s != nil && n.Compilable() {
			if embed, err := embedcfg(s.Pkg); err != nil || embed != n.step.embed {
				return
			}
		}
	}
	_, p.derivable = p.noted()
}

// learnImplicit records the packages that the main package is built with although its
// own files do not import them.
func (p *Plan) learnImplicit(main *Node) bool {
	p.implicit = nil
	own := p.imports(main.listed)
	p.implicit = []string{"runtime"}
	for _, i := range main.Imports {
		if !slices.Contains(own, i) {
			p.implicit = append(p.implicit, i)
		}
	}
	if p.Agent == nil {
		return true
	}
	f, err := parser.ParseFile(token.NewFileSet(), p.Agent.Actual, nil, parser.ImportsOnly)
	if err != nil {
		return false
	}
	for _, spec := range f.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return false
		}
		p.implicit = append(p.implicit, path)
	}
	return true
}

// embedcfg returns the embedcfg of a package, as the go command writes it.
func embedcfg(pkg source.Package) (string, error) {
	if len(pkg.EmbedPatterns) == 0 {
		return "", nil
	}
	text, err := compiler.Embedcfg(pkg)
	if err != nil {
		return "", err
	}
	var cfg struct {
		Patterns map[string][]string
		Files    map[string]string
	}
	if err := json.Unmarshal([]byte(text), &cfg); err != nil {
		return "", err
	}
	out, err := json.MarshalIndent(cfg, "", "\t")
	return string(out), err
}

// derive makes the commands of a plan from those of the plan before. The nodes of p are
// those of the listing found. It returns false if the go command has to print the
// commands; then p cannot be used.
func (p *Plan) derive(old *Plan, found []Listed) bool {
	main := old.linking.main
	if !old.derivable || p.Graph.Main != main || p.Nodes[main] == nil ||
		p.Nodes[main].listed.DefaultGODEBUG != old.Nodes[main].listed.DefaultGODEBUG || !p.sameSums(old) {
		return false
	}
	p.implicit, p.derivable = old.implicit, true
	for _, path := range p.implicit {
		p.carry(old, path)
	}
	for _, l := range found {
		n := p.Nodes[l.ImportPath]
		if n.Imports = p.imports(l); !p.deriveStep(n, old) {
			return false
		}
	}
	order, ok := linkedWith(main, func(path string) []string {
		if n := p.Nodes[path]; n != nil {
			return p.imports(n.listed)
		}
		return nil
	})
	if !ok || !p.sameModules(old, order) {
		return false
	}
	reached := map[string]bool{}
	for _, path := range order {
		n := p.Nodes[path]
		if n == nil || n.Archive == "" && !n.Stale || !n.linksLike(old) {
			return false
		}
		reached[path] = true
	}
	maps.DeleteFunc(p.Nodes, func(path string, _ *Node) bool { return !reached[path] && path != "unsafe" })
	p.Graph.Packages = slices.DeleteFunc(slices.Clone(p.Graph.Packages), func(pkg source.Package) bool { return !reached[pkg.ImportPath] })
	p.linking = old.linking
	p.linking.packages = order
	p.link()
	p.sort()
	return !slices.ContainsFunc(p.Order, func(n *Node) bool { return n.step == nil || n.From == nil && n.step.flags == nil })
}

// link records the importers of each package.
func (p *Plan) link() {
	for _, path := range slices.Sorted(maps.Keys(p.Nodes)) {
		n := p.Nodes[path]
		for _, i := range n.Imports {
			if d := p.Nodes[i]; d != nil {
				d.importers = append(d.importers, n)
			}
		}
	}
}

// carry takes a package and all that it imports over from the plan before. It is for
// packages that the listing does not have because only hotdev's own file in the program
// imports them.
func (p *Plan) carry(old *Plan, path string) {
	o := old.Nodes[path]
	if p.Nodes[path] != nil || o == nil || o.From != nil {
		return
	}
	p.Nodes[path] = &Node{Path: path, Archive: o.Archive, id: o.id, origin: o.origin, listed: o.listed}
	for _, i := range p.imports(o.listed) {
		p.carry(old, i)
	}
}

// deriveStep derives a node's compiler command, if the node may ever be compiled.
func (p *Plan) deriveStep(n *Node, old *Plan) bool {
	o := old.Nodes[n.Path]
	if n.From == nil {
		if o != nil && o.From != nil {
			return false
		}
		if o != nil && o.step != nil && o.step.flags != nil && n.origin == o.origin {
			n.step = o.step
		}
		return true
	}
	from := o
	if o == nil {
		if from = old.template(n); from == nil {
			return false
		}
	}
	if from.step == nil || from.listed.Module.String() != n.listed.Module.String() || !from.listed.Foreign.equal(n.listed.Foreign) ||
		o != nil && (o.From == nil || o.listed.Dir != n.listed.Dir || o.step.why != "" && n.listed.none()) {
		return false
	}
	step := *from.step
	if o == nil {
		step.flags = slices.Clone(step.flags)
		if i := slices.Index(step.flags, "-p"); i >= 0 && i+1 < len(step.flags) {
			step.flags[i+1] = n.Path
		}
	}
	if step.why == "" {
		var err error
		if step.embed, err = embedcfg(p.seen[n.Path].Pkg); err != nil {
			return false
		}
	}
	n.step = &step
	return true
}

// template returns a package that a new package of the user's is compiled like; nil if
// there is none. The packages of the module must all be compiled alike; otherwise the
// flags for a new one are unknown.
func (p *Plan) template(n *Node) *Node {
	if !n.listed.none() || n.listed.Module == nil || n.listed.Name == "main" || p.PackageFlags {
		return nil
	}
	var found *Node
	for _, o := range p.Order {
		if o.From == nil || o.listed.Module.String() != n.listed.Module.String() || !o.Compilable() || !o.listed.none() {
			continue
		}
		if o.step.trim != "" || found != nil && !slices.Equal(generic(o.step.flags), generic(found.step.flags)) {
			return nil
		}
		found = o
	}
	return found
}

// generic returns a compiler's flags without those that are about one package.
func generic(flags []string) []string {
	flags = lasting(flags)
	if i := slices.Index(flags, "-p"); i >= 0 && i+1 < len(flags) {
		return slices.Delete(flags, i, i+2)
	}
	return flags
}

// linksLike reports whether a package that is not the user's, and that the plan before
// did not have, leaves the linker's flags unchanged.
func (n *Node) linksLike(p *Plan) bool {
	if p.Nodes[n.Path] != nil || n.From != nil {
		return true
	}
	if n.listed.Standard {
		return len(n.listed.CgoFiles) == 0 || p.Nodes["runtime/cgo"] != nil
	}
	f := n.listed.Foreign
	f.SFiles = nil
	return f.none()
}

// sameModules reports whether a program's packages belong to the same modules, in the
// same versions, as those of the plan before.
func (p *Plan) sameModules(old *Plan, order []string) bool {
	of := func(plan *Plan, order []string) map[string]bool {
		found := map[string]bool{}
		for _, path := range order {
			if n := plan.Nodes[path]; n != nil {
				found[n.listed.Module.String()] = true
			}
		}
		return found
	}
	return maps.Equal(of(old, old.linking.packages), of(p, order))
}

// noted returns what the linker must record about the program's modules.
func (p *Plan) noted() (*debug.BuildInfo, bool) {
	for _, l := range p.linking.rest {
		quoted, ok := strings.CutPrefix(l, "modinfo ")
		if !ok {
			continue
		}
		const frame = 16 // bytes before and after it that mark it
		text, err := strconv.Unquote(quoted)
		if err != nil || len(text) < 2*frame {
			return nil, false
		}
		info, err := debug.ParseBuildInfo(text[frame : len(text)-frame])
		return info, err == nil
	}
	return nil, false
}

// sameSums reports whether the checksums of modules that the linker must record are
// those in go.sum now.
func (p *Plan) sameSums(old *Plan) bool {
	same := true
	for _, f := range p.Graph.Files {
		same = same && p.seen.Content(f) == old.seen.Content(f)
	}
	if same && slices.Equal(old.Graph.Files, p.Graph.Files) {
		return true
	}
	info, ok := old.noted()
	if !ok {
		return false
	}
	sums := map[string]string{}
	for _, f := range p.Graph.Files {
		if filepath.Ext(f) != ".sum" {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil && !os.IsNotExist(err) {
			return false
		}
		for l := range strings.Lines(string(text)) {
			if w := strings.Fields(l); len(w) == 3 {
				if old, twice := sums[w[0]+" "+w[1]]; twice && old != w[2] {
					return false
				}
				sums[w[0]+" "+w[1]] = w[2]
			}
		}
	}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		if m.Version != "" && m.Version != "(devel)" && sums[m.Path+" "+m.Version] != m.Sum {
			return false
		}
	}
	return true
}
