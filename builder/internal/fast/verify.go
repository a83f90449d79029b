package fast

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"github.com/hotdev/hotdev/builder/complaint"
	"github.com/hotdev/hotdev/builder/internal/compiler"
)

// Suspect has the next Compile compile all that the plan can compile, whatever is in
// the store.
func (p *Plan) Suspect() {
	for _, n := range p.Order {
		n.Stale = n.step == nil || n.Compilable()
	}
	p.Version++
	p.suspect = true
}

// Try compiles and links all that can be compiled, beside the plan, and reports
// whether that is what go build makes.
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

// Use has the plan take the compiler and the linker of another folder. It is for
// tests.
func (p *Plan) Use(folder string) {
	p.Tools.Folder = folder
	p.stamps = p.Tools.Stamps()
}
