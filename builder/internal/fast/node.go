package fast

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder/internal/compiler"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// reach is the part of the program that a change of a package affects.
type reach int

const (
	reachNothing    reach = iota // nothing: the object is the same
	reachObject                  // the linker: the export data are the same
	reachLines                   // line numbers: the export data differ only in positions
	reachNames                   // some dependents: only some objects of the export data differ
	reachDependents              // all dependents
)

// made is the result of compiling a node.
type made struct {
	archive string
	parts   compiler.Object      // before it got another fingerprint
	known   compiler.Fingerprint // the fingerprint that the dependents know, or will know
	reach   reach
	differs compiler.Difference // set for reachNames
	numbers *compiler.Numbers   // set for reachLines and reachNames if other objects have other numbers
	lag     bool                // positions of the other objects differ as well
	text    *edited             // set if the text tells what differs
	same    bool                // the source is the same: only imports differ
	// relinked: it was not compiled, see spare.go.
	relinked bool
	canon    *layout
	leaks    []byte
	began    time.Time // when the compiler began
	took     time.Duration
	shared   bool // the result of compiling it for another program
	// profiled: with a profile, the compiler may use what the source does not name.
	profiled bool
	torn     bool // the source was saved while the compiler may have read it
}

// compileNode compiles a package and finds out how far the change reaches, in the way
// that judged tells. It changes nothing in the plan, and may run in parallel for several
// nodes.
func (p *Plan) compileNode(ctx context.Context, n *Node, now *source.Source, key string, imports compiler.Importcfg, archive string, judged <-chan judgement) (out []string, m made, err error) {
	run := func() ([]string, error) {
		m.began = time.Now()
		defer func() { m.took = time.Since(m.began) }()
		return p.compile(ctx, n, imports, archive, p.Folder+"=>", n.Files(now))
	}
	moved := p.layouts(ctx, n, now, key, imports, archive, judged)
	defer moved.stop()
	if out, m.shared, err = p.share(ctx, n, key, archive, run, func() bool { return !now.Touched() }); err != nil {
		_ = os.Remove(archive)
		return out, made{}, err
	}
	if p.Agent != nil {
		m.leaks = []byte(strings.Join(out, "\n") + "\n")
	}
	m.archive, m.reach, m.torn, m.profiled = archive, reachDependents, now.Touched(), n.step.profiled
	m.same = n.From == nil || n.From.Same(now)
	if m.parts, err = compiler.ReadArchive(archive); err != nil {
		return nil, made{}, err
	}
	old := n.parts
	if old == nil && n.Archive == "" { // the node is new
		m.known = m.parts.Print
		return nil, m, nil
	}
	if old == nil {
		// An archive of the go command has another build ID, which is ignored.
		o, err := compiler.ReadArchive(n.Archive)
		if err != nil {
			return nil, made{}, err
		}
		old = &o
	}
	m.known = old.Print
	if n.print != nil {
		m.known = *n.print
	}
	switch {
	case old.Export == m.parts.Export && old.Code == m.parts.Code:
		m.reach = reachNothing
	case old.Export == m.parts.Export:
		m.reach = reachObject
	default:
		if err := p.howFar(ctx, n, moved, &m); err != nil {
			return nil, made{}, err
		}
	}
	if m.reach == reachObject || m.reach == reachLines || m.reach == reachNames {
		if err := compiler.SetFingerprint(archive, m.parts.Print, m.known); err != nil {
			return nil, made{}, err
		}
	}
	if m.reach == reachDependents {
		m.known = m.parts.Print
	}
	return nil, m, nil
}

// take gives a node its new archive. If its export data changed for dependents, it marks
// these as stale, adds them to todo, and to doubt if their own export data are likely to
// change as well. It reports whether the object changed. The error is ctx's; then the plan
// has not changed. covers reports whether it is known what changed in a package (spare.go).
func (p *Plan) take(ctx context.Context, n *Node, s *source.Source, m made, todo, doubt map[*Node]bool, covers func(path string) bool) (changed bool, err error) {
	copies := map[*Node]bool{}
	copied := func(d *Node) bool { // reads each archive once
		has, known := copies[d]
		if !known {
			has = m.differs.In(d.Archive)
			copies[d] = has
		}
		return has
	}
	var stale []*Node
	affected := map[*Node]bool{} // those of them that must be compiled
	carried := m.differs.Carried
	fresh := carried != nil && !carried.Both(covers)
	for _, d := range n.importers {
		mayKeep := m.reach == reachNames && (!d.Stale || d.rewired || d.spare != nil)
		inlines := mayKeep && p.inlines(d, n, carried)
		switch {
		case m.reach == reachDependents, inlines && fresh:
			stale, affected[d] = append(stale, d), true
		case mayKeep && d.spare == nil && (inlines || p.sees(d, n, m.differs, copied)):
			stale = append(stale, d)
		}
	}
	for _, d := range stale {
		doubt[d] = doubt[d] || m.reach == reachDependents || d.Archive == "" || copied(d)
	}
	renumbered, err := p.renumber(ctx, n, m.numbers, stale)
	if err != nil {
		_ = os.Remove(m.archive)
		return false, err
	}
	if n.From != nil {
		n.From = s
		if m.torn { // it may have been compiled from neither content
			n.From = &source.Source{Pkg: s.Pkg}
		}
	}
	n.Stale, n.spare, n.rewired, n.canon, n.Leaks = false, nil, false, m.canon, m.leaks
	if m.reach == reachNothing {
		_ = os.Remove(m.archive)
		return false, nil
	}
	if filepath.Dir(n.Archive) == p.Folder && !p.trial {
		_ = os.Remove(n.Archive)
	}
	n.Archive, n.compiled, n.parts, n.print = m.archive, "", &m.parts, &m.known
	for _, d := range stale {
		if d.spare = nil; !todo[d] && !affected[d] {
			d.spare = &spare{}
		}
		d.Stale, d.rewired, todo[d] = true, false, true
	}
	if m.reach == reachLines || m.reach == reachNames && m.lag {
		p.unsettled[n] = true
	}
	p.takeNumbers(renumbered, m.numbers, todo)
	return true, nil
}

// Files returns the Go files of a state of the package.
func (n *Node) Files(s *source.Source) []string {
	if s == nil {
		return n.step.files
	}
	return slices.DeleteFunc(slices.Clone(s.Pkg.Files), func(f string) bool { return filepath.Ext(f) != ".go" })
}

// importsOf returns the archives of a node's imports.
func (p *Plan) importsOf(n *Node) (c compiler.Importcfg) {
	for _, m := range n.step.maps {
		c.Line(m)
	}
	for _, name := range n.Imports {
		if d := p.Nodes[name]; d != nil {
			c.Package(name, d.Archive)
		}
	}
	return c
}

// compile runs the compiler for a node's package. out is what it printed.
func (p *Plan) compile(ctx context.Context, n *Node, imports compiler.Importcfg, archive, trim string, files []string) (out []string, err error) {
	c := compiler.Compile{
		Dir: p.Dir, Temp: p.Folder, Archive: archive, Trim: n.step.trim + trim, Imports: imports,
		Embed: n.step.embed, Flags: n.step.flags, Files: files,
	}
	if n.step.profiled {
		c.Profile = p.profile.prepared
	}
	if p.Agent == nil {
		return p.Tools.Compile(ctx, c)
	}
	if n.Path == p.linking.main {
		c.Trim += ";" + p.Agent.Actual + "=>" + p.Agent.Virtual
		c.Files = append(slices.Clip(files), p.Agent.Actual)
	}
	c.Flags = slices.Concat(p.Agent.Flags, n.step.flags)
	if out, err = p.Tools.Compile(ctx, c); err != nil && ctx.Err() == nil {
		c.Flags = n.step.flags // for its diagnostics only
		out, err = p.Tools.Compile(ctx, c)
	}
	return out, err
}
