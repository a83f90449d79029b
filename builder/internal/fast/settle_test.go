package fast

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/hotdev/hotdev/builder/internal/compiler"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// The store may have links to files that a failed attempt wrote. A later compilation that
// wrote to one of their names would write into the store.
func TestSettleFails(t *testing.T) {
	n := &Node{Path: "a", From: &source.Source{}, step: &compileStep{}, parts: &compiler.Object{}}
	p := newPlan(Program{Folder: t.TempDir()}) // there is no compiler
	p.Nodes["a"], p.Order, p.unsettled[n] = n, []*Node{n}, true
	if _, _, err := p.Settle(t.Context()); err == nil || p.count != 1 {
		t.Errorf("%d names of archives are used up, want 1 (%v)", p.count, err)
	}
	left := filepath.Join(p.Folder, "left.a")
	if err := os.WriteFile(left, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := schedule{plan: p, todo: map[*Node]bool{n: true}, err: Refusal{"another package failed"}}
	s.take(t.Context(), outcome{n: n, made: made{archive: left}})
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("an archive that is not used is left behind: %v", err)
	}
}

// A package whose dependents do not get their new numbers any more, because the build has
// ended, is as it was.
func TestTakeInterrupted(t *testing.T) {
	p := newPlan(Program{Folder: t.TempDir()})
	archive := filepath.Join(p.Folder, "made.a")
	if err := os.WriteFile(archive, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	was, now := &source.Source{}, &source.Source{}
	d := &Node{Path: "d", Archive: "d.a"}
	n := &Node{Path: "n", From: was, Archive: "n.a", importers: []*Node{d}}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	s := schedule{plan: p, now: source.Snapshot{"n": now}, todo: map[*Node]bool{n: true}, doubt: map[*Node]bool{}}
	s.take(ended, outcome{n: n, made: made{archive: archive, reach: reachLines, numbers: &compiler.Numbers{}}})
	if n.From != was || n.Archive != "n.a" || d.Stale || d.Archive != "d.a" || p.Unsettled() > 0 || p.Version > 0 || len(s.done) > 0 {
		t.Errorf("the plan has changed: %+v, %+v", n, d)
	}
	if left, _ := os.ReadDir(p.Folder); len(left) > 0 {
		t.Errorf("archives are left behind: %v", left)
	}
}
