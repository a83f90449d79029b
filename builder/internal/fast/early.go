package fast

import (
	"context"
	"os"
	"runtime"
)

// A package waits for all that it imports, though most that is compiled comes out with
// the export data from before: what changed is used in bodies alone. So while a
// processor has nothing else to do, a package that must be compiled is compiled
// against the archives that its imports have. That is what it would be made of if none
// of them gets other export data, which is all that the compiler reads; if one does,
// the attempt is dropped, and the package is compiled in its turn.

// An attempt is an early compilation.
type attempt struct {
	cancel   func()
	answered bool
	out      outcome
	dropped  bool // or taken
}

// beginEarly makes attempts, where there is nothing else to do and it is likely that
// they are of use: where none of the packages that are waited for is in doubt. In
// doubt are those that were saved, and those whose export data hold a copy of what
// changed.
func (s *schedule) beginEarly(ctx context.Context, pending, spoilt map[*Node]bool) {
	p := s.plan
	doubtful := map[*Node]bool{}
	for _, n := range p.Order { // dependencies first
		if s.err != nil || s.running >= runtime.GOMAXPROCS(0) {
			return
		}
		unsure := p.anyImport(n, doubtful)
		doubtful[n] = unsure || s.todo[n] && s.doubt[n]
		if unsure || !s.todo[n] || n.busy || s.attempts[n] != nil || !p.anyImport(n, pending) || p.anyImport(n, spoilt) ||
			!n.Stale || !n.Compilable() || n.From != nil && !n.From.Same(s.now[n.Path]) {
			continue
		}
		ctx, cancel := context.WithCancel(ctx)
		s.attempts[n] = &attempt{cancel: cancel}
		s.start(ctx, n)
	}
}

// attempted reports whether an answer is that of an attempt.
func (s *schedule) attempted(o outcome) bool {
	a := s.attempts[o.n]
	if a == nil || a.answered {
		return false
	}
	a.answered, a.out = true, o
	a.cancel()
	switch {
	case o.err != nil: // an import that is replaced is gone
		a.dropped = true
	case a.dropped:
		_ = os.Remove(o.made.archive)
	}
	return true
}

// early is what came of a package's attempt, if it counts.
func (s *schedule) early(n *Node) (o outcome, ok bool) {
	a := s.attempts[n]
	if a == nil || a.dropped {
		return outcome{}, false
	}
	a.dropped = true
	return a.out, true
}

// drop has a package's attempt count for nothing.
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
