package builder

import (
	"context"
	"slices"

	"github.com/hotdev/hotdev/builder/internal/fast"
	"github.com/hotdev/hotdev/builder/internal/live"
)

// learnLeaks finds out which parameters escape in a package as the program has
// it, if the compiler has not been asked: the go command did not.
//
// It compiles the old source against the imports as they are. Where one of these
// is not the one that the program has, too, the answer would be another package's:
// it stays unknown then, and all that escapes now counts as new.
func (l *Live) learnLeaks(ctx context.Context, n *fast.Node) {
	if l.leaks[n.Path] != nil {
		return
	}
	for _, i := range n.Imports {
		if d := l.plan.Nodes[i]; d != nil && d.Archive != l.archives[i] {
			return
		}
	}
	if leaks, err := l.plan.LeaksOf(ctx, n, l.sources[n.Path]); err == nil {
		l.leaks[n.Path] = leaks
		l.host.Leaks(l.packageOf(n).Path, leaks)
	}
}

// Warm asks the compiler about the packages as the program has them, so that the
// first patch of each need not. It compiles the user's packages once more, one
// at a time, and stops when ctx ends. A Build waits for the one that is being
// compiled.
func (b *Builder) Warm(ctx context.Context, l *Live) error {
	l.mu.Lock()
	order := slices.Clone(l.plan.Order)
	l.mu.Unlock()
	for _, n := range slices.Backward(order) { // the main package and its neighbours first
		done, err := b.own(ctx, b.program(l.req.Output))
		if err != nil {
			return err
		}
		l.mu.Lock()
		if m := l.plan.Nodes[n.Path]; l.dead == "" && m != nil && m.From != nil && m.Compilable() && m.Archive == l.archives[n.Path] && l.sources[n.Path] == m.From {
			l.learnLeaks(ctx, m)
		}
		l.mu.Unlock()
		done()
	}
	return ctx.Err()
}

// compileWith compiles a package, as it was compiled last, with more files.
func compileWith(ctx context.Context, p *plan, n *fast.Node, more []live.File) (string, error) {
	texts := map[string][]byte{}
	var names []string
	for _, f := range more {
		names, texts[f.Path] = append(names, f.Path), f.Text
	}
	return p.CompileWith(ctx, n, names, func(name string) ([]byte, error) { return texts[name], nil })
}
