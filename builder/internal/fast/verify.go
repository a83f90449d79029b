package fast

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/complaint"
	"github.com/hotdev/hotdev/builder/internal/compiler"
)

// Suspect makes the next Compile compile everything that the plan can compile, whatever
// the store has.
func (p *Plan) Suspect() {
	for _, n := range p.Order {
		n.Stale = n.step == nil || n.Compilable()
	}
	p.Version++
	p.suspect = true
}

// Try compiles and links everything that can be compiled, without changing the plan,
// and reports whether the result equals go build's.
func (p *Plan) Try(ctx context.Context) (same bool, err error) {
	temp := filepath.Join(p.Folder, "trial.work")
	if err := os.Mkdir(temp, 0o700); err != nil {
		return false, err
	}
	defer os.RemoveAll(temp)
	quick, slow := filepath.Join(p.Folder, "trial"), filepath.Join(p.Folder, "trial.slow")
	defer os.Remove(quick)
	defer os.Remove(slow)
	argv := slices.Concat([]string{"go", "build", "-o", slow}, p.Flags, p.Target)
	if err := p.run(ctx, argv, func(string) {}); err != nil {
		return false, err
	}
	t := p.clone()
	t.suspect = true
	for _, n := range t.Nodes {
		n.Stale = n.Compilable()
	}
	_, failed, err := t.Compile(ctx, t.compiledFrom(), func(string) {}, &complaint.Report{})
	if err == nil && len(failed) == 0 && t.Link(ctx, quick, temp) == nil {
		same, err = compiler.SameProgram(quick, slow)
	}
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	return same && err == nil, nil
}

// Derived asks the go command for the commands of a plan that were derived, and returns
// how they differ; empty if they do not. It is for tests.
func (p *Plan) Derived(ctx context.Context) (difference string, err error) {
	q := p.next(p.Graph, p.seen)
	for path, n := range p.Nodes {
		m := q.node(n.listed)
		m.Archive, m.Stale = n.Archive, n.Archive == ""
		q.Nodes[path] = m
	}
	asked := p.Ask(ctx)
	defer asked.Stop()
	lines, err := asked.wait()
	if err != nil {
		return "", err
	}
	if err := q.readCommands(lines); err != nil {
		return "", err
	}
	sorted := func(list []string) []string { return slices.Sorted(slices.Values(list)) }
	if a, b := sorted(p.linking.packages), sorted(q.linking.packages); !slices.Equal(a, b) {
		return fmt.Sprintf("the linker is to read %q, not %q", a, b), nil
	}
	if a, b := p.linking, q.linking; !slices.Equal(linkFlags(a), linkFlags(b)) || !slices.Equal(a.env, b.env) || !slices.Equal(a.rest, b.rest) || a.main != b.main {
		return fmt.Sprintf("the link command is %q, not %q", a, b), nil
	}
	if len(p.Order) != len(q.Order) {
		return fmt.Sprintf("%d packages may be compiled, not %d", len(p.Order), len(q.Order)), nil
	}
	for _, n := range p.Order {
		m := q.Nodes[n.Path]
		if !n.step.makesLike(m.step) || !slices.Equal(n.Imports, m.Imports) {
			return fmt.Sprintf("package %s: %+v with %q, not %+v with %q", n.Path, n.step, n.Imports, m.step, m.Imports), nil
		}
	}
	return "", nil
}

// linkFlags returns the linker's flags without the build ID.
func linkFlags(l linkStep) []string {
	return slices.DeleteFunc(slices.Clone(l.flags), func(f string) bool { return strings.HasPrefix(f, "-buildid=") })
}

// Use makes the plan use the compiler and the linker in another folder. It is for
// tests.
func (p *Plan) Use(folder string) {
	p.Tools.Folder = folder
	p.stamps = p.Tools.Stamps()
}
