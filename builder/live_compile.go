package builder

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/complaint"
	"github.com/hotdev/hotdev/builder/internal/live"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// learnLeaks finds out which parameters escape in a package as the program has
// it, if the compiler has not been asked: the go command did not.
//
// It compiles the old source against the imports as they are. Where one of these
// is not the one that the program has, too, the answer would be another package's:
// it stays unknown then, and all that escapes now counts as new.
func (l *Live) learnLeaks(ctx context.Context, n *node) {
	if l.leaks[n.path] != nil {
		return
	}
	for _, i := range n.imports {
		if d := l.plan.nodes[i]; d != nil && d.archive != l.archives[i] {
			return
		}
	}
	if leaks, err := l.plan.leaksOf(ctx, n, l.sources[n.path]); err == nil {
		l.leaks[n.path] = leaks
		l.host.Leaks(l.packageOf(n).Path, leaks)
	}
}

// Warm asks the compiler about the packages as the program has them, so that the
// first patch of each need not. It compiles the user's packages once more, one
// at a time, and stops when ctx ends. A Build waits for the one that is being
// compiled.
func (b *Builder) Warm(ctx context.Context, l *Live) error {
	l.mu.Lock()
	order := slices.Clone(l.plan.order)
	l.mu.Unlock()
	for _, n := range slices.Backward(order) { // the main package and its neighbours first
		done, err := b.own(ctx, b.program(l.req.Output))
		if err != nil {
			return err
		}
		l.mu.Lock()
		if m := l.plan.nodes[n.path]; l.dead == "" && m != nil && m.from != nil && m.step != nil && m.step.why == "" && m.archive == l.archives[n.path] && l.sources[n.path] == m.from {
			l.learnLeaks(ctx, m)
		}
		l.mu.Unlock()
		done()
	}
	return ctx.Err()
}

// leaksOf is what the compiler says of a source's parameters.
func (p *plan) leaksOf(ctx context.Context, n *node, s *source.Source) ([]byte, error) {
	folder, err := os.MkdirTemp(p.folder, "leaks-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	var files []string
	for _, f := range n.files(s) {
		if s.Files[f] == nil {
			return nil, errLayout
		}
		file := filepath.Join(folder, filepath.Base(f))
		if err := os.WriteFile(file, s.Files[f].Text, 0o600); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	cfg, err := p.importcfg(n)
	if err != nil {
		return nil, err
	}
	cfg2 := filepath.Join(folder, "importcfg")
	if err := os.Rename(cfg, cfg2); err != nil {
		return nil, err
	}
	out, err := p.compiler(ctx, n, cfg2, filepath.Join(folder, "leaks.a"), folder+"=>"+s.Pkg.Dir, files)
	return []byte(strings.Join(out, "\n") + "\n"), err
}

// compileWith compiles a package, as it was compiled last, with more files.
func (p *plan) compileWith(ctx context.Context, n *node, more []live.File) (string, error) {
	folder, err := os.MkdirTemp(p.folder, extraPrefix)
	if err != nil {
		return "", err
	}
	files := n.files(n.from)
	for _, f := range more {
		file := filepath.Join(folder, filepath.Base(f.Path))
		if err := os.WriteFile(file, f.Text, 0o600); err != nil {
			return "", err
		}
		files = append(files, file)
	}
	cfg, err := p.importcfg(n)
	if err != nil {
		return "", err
	}
	cfg2 := filepath.Join(folder, "importcfg")
	if err := os.Rename(cfg, cfg2); err != nil {
		return "", err
	}
	archive := filepath.Join(folder, "extra.a")
	out, err := p.compiler(ctx, n, cfg2, archive, p.folder+"=>", files)
	if err != nil {
		err = fmt.Errorf("%w: %s", err, strings.Join(complaint.LastLines(out, 1), ""))
	}
	if n.from.Touched() {
		return "", fmt.Errorf("a file was saved meanwhile")
	}
	return archive, err
}

// extraPrefix is that of folders with archives that are read once.
const extraPrefix = "extra-"

func removeExtra(folder string) {
	found, _ := filepath.Glob(filepath.Join(folder, extraPrefix+"*"))
	for _, f := range found {
		_ = os.RemoveAll(f)
	}
}
