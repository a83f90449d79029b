package fast

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/builder/complaint"
	"github.com/hotdev/hotdev/builder/internal/compiler"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// Compile compiles the packages that differ from the sources as they are now, and those
// that this makes stale, dependencies first, as many at a time as there are processors.
// It does not compile what the store has from another program. begun is called before
// each package that it compiles, and done lists them. failed are the user's errors,
// which rep reads from what the compiler prints. The error is a [Refusal], or ctx's.
func (p *Plan) Compile(ctx context.Context, now source.Snapshot, begun func(pkg string), rep *complaint.Report) (done []compiler.Compiled, failed []complaint.Diagnostic, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := schedule{
		plan: p, now: now, begun: begun, cancel: cancel, answers: make(chan outcome),
		todo: map[*Node]bool{}, broken: map[*Node]bool{}, doubt: map[*Node]bool{}, attempts: map[*Node]*attempt{},
		taints: newTaints(p),
	}
	for _, n := range p.Order {
		n.spare = nil
		if n.Stale || n.From != nil && !n.From.Same(now[n.Path]) {
			s.todo[n], s.doubt[n] = true, true
			s.taints.lost[n] = n.Stale
		}
	}
	for {
		for s.begin(ctx) {
		}
		if s.running == 0 {
			break
		}
		s.answer(ctx, <-s.answers)
	}
	for n := range s.attempts {
		s.drop(n)
	}
	p.suspect = false
	if ctx.Err() != nil && s.err == nil {
		return nil, nil, ctx.Err()
	}
	if s.err == nil && len(s.sections) > 0 {
		failed, s.err = p.diagnose(s.sections, rep)
	}
	return s.done, failed, s.err
}

// A schedule is one [Plan.Compile]. Its methods are called on one goroutine.
type schedule struct {
	plan    *Plan
	now     source.Snapshot
	begun   func(pkg string)
	cancel  func()       // ends all compilations
	answers chan outcome // of the compilations
	running int          // compilations

	todo     map[*Node]bool
	broken   map[*Node]bool
	doubt    map[*Node]bool // see early.go
	taints   *taints        // see spare.go
	attempts map[*Node]*attempt
	done     []compiler.Compiled
	sections []outcome // of packages that do not compile
	err      error
}

// begin starts the compilations that can start now. It returns true if it took the
// result of an early one instead: then it must be called again.
func (s *schedule) begin(ctx context.Context) (again bool) {
	p := s.plan
	var ready []*Node
	// n may read what it uses of a package from any of its imports that has a copy.
	// So everything that n depends on, directly or not, is compiled before it.
	pending, spoilt := map[*Node]bool{}, map[*Node]bool{}
	for _, n := range p.Order { // dependencies first
		waits, lost := p.anyImport(n, pending), p.anyImport(n, spoilt)
		if s.todo[n] && lost && !waits { // go build would not compile it either
			delete(s.todo, n)
			s.broken[n] = true
			s.drop(n)
		}
		pending[n], spoilt[n] = s.todo[n] || waits, s.broken[n] || lost
		if s.err != nil || !s.todo[n] || n.busy || waits {
			continue
		}
		if o, ok := s.early(n); ok {
			s.take(ctx, o)
			return true
		}
		ready = append(ready, n)
	}
	s.fill(ctx, ready, s.candidates(pending, spoilt))
	return false
}

// fill gives packages to idle processors: those that are ready and those that may be
// compiled early, the ones with the most work first.
func (s *schedule) fill(ctx context.Context, ready, early []*Node) {
	if s.err != nil || s.running >= runtime.GOMAXPROCS(0) || len(ready)+len(early) == 0 {
		return
	}
	work := s.work()
	all := slices.Concat(ready, early)
	slices.SortStableFunc(all, func(a, b *Node) int { return work[b] - work[a] })
	for _, n := range all {
		switch {
		case s.running >= runtime.GOMAXPROCS(0):
			return
		case slices.Contains(early, n):
			s.startEarly(ctx, n)
		case s.spared(n):
			s.relink(n)
		case !n.Compilable():
			s.err = Uncompilable{Refusal{n.refusal()}}
			return
		default:
			s.start(ctx, n)
		}
	}
}

// work estimates, by the size of sources, what is to compile from each package on: the
// package, and then those that wait for it because it is in doubt.
func (s *schedule) work() map[*Node]int {
	work := map[*Node]int{}
	for _, n := range slices.Backward(s.plan.Order) {
		if !s.todo[n] {
			continue
		}
		if s.doubt[n] {
			for _, d := range n.importers {
				work[n] = max(work[n], work[d])
			}
		}
		if n.From != nil {
			work[n] += sizeOf(n.From)
		}
	}
	return work
}

// start starts to compile a package.
func (s *schedule) start(ctx context.Context, n *Node) {
	p := s.plan
	n.busy = true
	s.running++
	p.count++
	archive, imports := filepath.Join(p.Folder, strconv.Itoa(p.count)+".a"), p.importsOf(n)
	key := p.key(n, s.now[n.Path])
	if key == "" || !p.Store.Has(key) {
		s.begun(n.Path)
	}
	judged := make(chan judgement, 1)
	// n may get new numbers meanwhile (numbers.go). Then this compilation is dropped.
	was := *n
	go func() { // joined by the receive of its answer
		o := outcome{n: n}
		o.out, o.made, o.err = p.compileNode(ctx, &was, s.now[n.Path], key, imports, archive, judged)
		s.answers <- o
	}()
	judged <- p.judge(n, s.now[n.Path], s.todo) // while the compiler runs
}

// answer receives the outcome of a compilation.
func (s *schedule) answer(ctx context.Context, o outcome) {
	s.running--
	o.n.busy = false
	if o.made.relinked && o.err != nil { // then it is compiled
		o.n.spare = nil
		return
	}
	if !s.attempted(o) {
		s.take(ctx, o)
	}
}

// take takes the outcome of compiling a package against the final archives of its imports.
func (s *schedule) take(ctx context.Context, o outcome) {
	p := s.plan
	delete(s.todo, o.n)
	switch {
	case s.err != nil: // there is an error already: only wait for the compilers that still run
		if o.err == nil {
			_ = os.Remove(o.made.archive)
		}
	case o.err == nil:
		o.made.lag = o.made.lag || o.made.relinked && len(p.unsettled) > 0
		changed, err := p.take(ctx, o.n, s.now[o.n.Path], o.made, s.todo, s.doubt, s.taints.covers)
		if err != nil { // the next build compiles it again
			return
		}
		if changed {
			p.Version++
		}
		if !o.made.shared && !o.made.relinked {
			s.done = append(s.done, compiler.Compiled{Package: o.n.Path, Took: o.made.took, Began: o.made.began})
		}
		s.taints.add(o.n, o.made)
		if o.made.reach > reachObject {
			for _, d := range o.n.importers {
				s.drop(d)
			}
		}
		if o.made.numbers != nil {
			for d := range p.above(o.n) {
				s.drop(d)
			}
		}
	case gocmd.Failed(o.err) && len(o.out) > 0:
		s.broken[o.n] = true
		s.sections = append(s.sections, o)
	default:
		s.err = Refusal{"compile " + o.n.Path + ": " + o.err.Error()}
		s.cancel()
	}
}

// An outcome is the result of compiling a package.
type outcome struct {
	n    *Node
	out  []string
	made made
	err  error
}

// diagnose reads what the compiler printed, in the order of the graph, whichever
// package failed first. The error is a [Refusal]: then the failure is not the user's
// mistake.
func (p *Plan) diagnose(sections []outcome, rep *complaint.Report) ([]complaint.Diagnostic, error) {
	slices.SortStableFunc(sections, func(a, b outcome) int {
		return slices.Index(p.Order, a.n) - slices.Index(p.Order, b.n)
	})
	for _, o := range sections {
		rep.Begin(o.n.Path)
		for _, l := range o.out {
			rep.Line(l)
		}
	}
	failed := rep.Done()
	if len(failed) == 0 {
		return nil, Refusal{"the compiler failed without a message"}
	}
	for _, d := range failed {
		if d.File == "" || strings.Contains(d.Message, "could not import") || strings.Contains(d.Message, "internal compiler error") {
			return nil, Refusal{"the compiler says: " + d.Message}
		}
	}
	return failed, nil
}

// anyImport reports whether the set has a package that n imports.
func (p *Plan) anyImport(n *Node, set map[*Node]bool) bool {
	return slices.ContainsFunc(n.Imports, func(i string) bool { return p.Nodes[i] != nil && set[p.Nodes[i]] })
}

func (n *Node) refusal() string {
	if n.step == nil || n.step.why == "" {
		return "package " + n.Path + " is not in the plan"
	}
	return n.step.why + " in package " + n.Path
}
