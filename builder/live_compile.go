package builder

import (
	"context"
	"slices"

	"github.com/hotdev/hotdev/builder/internal/fast"
	"github.com/hotdev/hotdev/builder/internal/live"
)

// learnLeaks finds out which parameters of a package's functions escape, in the version
// that the program has, if that is unknown because the go command compiled it. It
// compiles the old source against what the program's packages export.
func (l *Live) learnLeaks(ctx context.Context, n *fast.Node) {
	if l.leaks[n.Path] != nil {
		return
	}
	exports := map[string][]byte{}
	for _, i := range n.Imports {
		if d := l.plan.Nodes[i]; d != nil && d.Compiled() != l.code[i] && l.code[i] != "" {
			if exports[i] = l.host.Export(i); exports[i] == nil {
				return // it stays unknown, and whatever escapes counts as new
			}
		}
	}
	if leaks, err := l.plan.LeaksOf(ctx, n, l.sources[n.Path], exports); err == nil {
		l.leaks[n.Path] = leaks
		l.host.Leaks(l.packageOf(n).Path, leaks)
	}
}

// Warm asks the compiler about the packages as the program has them, so that the first
// patch of each is faster. It compiles the user's packages once more, one at a time,
// and stops when ctx ends. A Build waits until the current package is compiled.
func (b *Builder) Warm(ctx context.Context, l *Live) error {
	l.mu.Lock()
	order := slices.Clone(l.plan.Order)
	l.mu.Unlock()
	for _, n := range slices.Backward(order) { // the main package and its neighbours first
		turn, err := b.own(ctx, b.program(l.req.Output), false)
		if err != nil {
			return err
		}
		l.mu.Lock()
		if m := l.plan.Nodes[n.Path]; l.dead == "" && m != nil && m.From != nil && m.Compilable() && m.Compiled() == l.code[n.Path] && l.sources[n.Path] == m.From {
			l.learnLeaks(ctx, m)
		}
		l.mu.Unlock()
		turn.done()
	}
	return ctx.Err()
}

// compileWith compiles a package with its last command and additional files.
func compileWith(ctx context.Context, p *plan, n *fast.Node, more []live.File) (string, error) {
	texts := map[string][]byte{}
	var names []string
	for _, f := range more {
		names, texts[f.Path] = append(names, f.Path), f.Text
	}
	return p.CompileWith(ctx, n, names, func(name string) ([]byte, error) { return texts[name], nil })
}
