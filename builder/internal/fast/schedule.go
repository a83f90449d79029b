package fast

import (
	"context"
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
	todo := map[*Node]bool{}
	for _, n := range p.Order {
		if n.Stale || n.From != nil && !n.From.Same(now[n.Path]) {
			todo[n] = true
		}
	}
	answers := make(chan outcome)
	running, broken := 0, map[*Node]bool{}
	var sections []outcome
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for {
		// n may read what it uses of a package from any of its imports that has a copy.
		// So everything that n depends on, directly or not, is compiled before it.
		pending, spoilt := map[*Node]bool{}, map[*Node]bool{}
		for _, n := range p.Order { // dependencies first
			waits, lost := p.anyImport(n, pending), p.anyImport(n, spoilt)
			if todo[n] && lost && !waits { // go build would not compile it either
				delete(todo, n)
				broken[n] = true
			}
			pending[n], spoilt[n] = todo[n] || waits, broken[n] || lost
			if running >= runtime.GOMAXPROCS(0) || err != nil {
				break
			}
			if !todo[n] || n.busy || waits {
				continue
			}
			if !n.Compilable() {
				err = Refusal{n.refusal()}
				break
			}
			n.busy = true
			running++
			p.count++
			archive, imports := filepath.Join(p.Folder, strconv.Itoa(p.count)+".a"), p.importsOf(n)
			key, prove := p.key(n, now[n.Path]), p.worthProving(n, now[n.Path], todo)
			if key == "" || !p.Store.Has(key) {
				begun(n.Path)
			}
			go func() { // joined by the receive below
				o := outcome{n: n}
				o.out, o.made, o.err = p.compileNode(ctx, n, now[n.Path], key, imports, archive, prove)
				answers <- o
			}()
		}
		if running == 0 {
			break
		}
		o := <-answers
		running--
		o.n.busy = false
		delete(todo, o.n)
		switch {
		case err != nil: // there is an error already: only wait for the compilers that still run
		case o.err == nil:
			if !o.made.shared {
				done = append(done, compiler.Compiled{Package: o.n.Path, Took: o.made.took, Began: o.made.began})
			}
			if p.take(o.n, now[o.n.Path], o.made, todo) {
				p.Version++
			}
		case gocmd.Failed(o.err) && len(o.out) > 0:
			broken[o.n] = true
			sections = append(sections, o)
		default:
			err = Refusal{"compile " + o.n.Path + ": " + o.err.Error()}
			cancel()
		}
	}
	p.suspect = false
	if ctx.Err() != nil && err == nil {
		return nil, nil, ctx.Err()
	}
	if err == nil && len(sections) > 0 {
		failed, err = p.diagnose(sections, rep)
	}
	return done, failed, err
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
		return nil, Refusal{"the compiler failed without a word"}
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
