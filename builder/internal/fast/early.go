package fast

import (
	"context"
	"os"
)

// A package waits for everything that it imports, but most packages come out with the
// export data that they had, because what changed is only used in function bodies. So
// idle processors compile packages early, against the archives that their imports have
// now. The compiler reads nothing but export data of the imports. So the result is final
// unless one of the imports gets other export data; then it is dropped, and the package
// is compiled in its turn.

// An attempt is an early compilation.
type attempt struct {
	cancel   func()
	answered bool
	out      outcome // once it is answered
	dropped  bool    // or taken
}

// candidates returns the packages that may be compiled early: they wait for none that is
// in doubt. In doubt are packages that were saved, and packages whose export data have a
// copy of what changed: their own export data are likely to change.
func (s *schedule) candidates(pending, spoilt map[*Node]bool) (early []*Node) {
	p := s.plan
	doubtful := map[*Node]bool{}
	for _, n := range p.Order { // dependencies first
		unsure := p.anyImport(n, doubtful)
		doubtful[n] = unsure || s.todo[n] && s.doubt[n]
		if unsure || !s.todo[n] || s.seemsSpared(n) || n.busy || s.attempts[n] != nil || !p.anyImport(n, pending) || p.anyImport(n, spoilt) ||
			!n.Stale || !n.Compilable() || n.From != nil && !n.From.Same(s.now[n.Path]) {
			continue
		}
		early = append(early, n)
	}
	return early
}

func (s *schedule) startEarly(ctx context.Context, n *Node) {
	ctx, cancel := context.WithCancel(ctx)
	s.attempts[n] = &attempt{cancel: cancel}
	s.start(ctx, n)
}

// attempted reports whether an outcome is that of an attempt, and stores it.
func (s *schedule) attempted(o outcome) bool {
	a := s.attempts[o.n]
	if a == nil || a.answered {
		return false
	}
	a.answered, a.out = true, o
	a.cancel()
	switch {
	case o.err != nil: // perhaps an import was replaced meanwhile
		a.dropped = true
	case a.dropped:
		_ = os.Remove(o.made.archive)
	}
	return true
}

// early returns the outcome of a package's attempt, if there is one that is valid.
func (s *schedule) early(n *Node) (o outcome, ok bool) {
	a := s.attempts[n]
	if a == nil || a.dropped {
		return outcome{}, false
	}
	a.dropped = true
	return a.out, true
}

// drop invalidates a package's attempt.
func (s *schedule) drop(n *Node) {
	a := s.attempts[n]
	if a == nil || a.dropped {
		return
	}
	a.dropped = true
	a.cancel()
	if a.answered {
		_ = os.Remove(a.out.made.archive)
	}
}
