package fast

import (
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
	s.take(outcome{n: n, made: made{archive: left}})
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("an archive that is not used is left behind: %v", err)
	}
}
