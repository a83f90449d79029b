package builder

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder/internal/compiler"
	"github.com/hotdev/hotdev/builder/internal/disk"
	"github.com/hotdev/hotdev/builder/internal/fast"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// testedToolchains are the versions of Go whose compiler and linker are known to behave
// as package fast describes. With any other version, a program's first plan is tried
// out.
var testedToolchains = []string{"go1.26"}

func tested(version string) bool {
	return slices.ContainsFunc(testedToolchains, func(v string) bool { return version == v || strings.HasPrefix(version, v+".") })
}

// A plan is how to build a program without the go command, and the request that it is
// for. The type program says what guards it.
type plan struct {
	*fast.Plan
	req    Request
	cached []string // see [fast.Plan.Cached]; empty for a plan that was derived
}

// Plan prepares the fast path for the program that req's last Build made. It runs the
// go command, which has nothing to compile then; the best time to call it is after a
// build has been answered. A Build that starts before its end does not wait for it. An
// error is a reason as in Result.Full, meant for a log: builds work without a plan.
func (b *Builder) Plan(ctx context.Context, req Request) error {
	if !req.Fast || req.Scratch == "" {
		return nil
	}
	req = b.withPlannedAgent(ctx, req)
	prog := b.program(req.Output)
	old, _, _ := prog.now()
	if old == nil || !sameRequest(old.req, req) {
		p, err := b.makePlan(ctx, req)
		if err != nil {
			var why fast.Refusal
			errors.As(err, &why)
			prog.noPlan(why)
			return err
		}
		b.keep(ctx, p) // no build uses it yet
		prog.setPlan(p)
		old = p
	}
	err := b.prepareAppend(ctx, req)
	old.slim(ctx)
	return err
}

func (b *Builder) makePlan(ctx context.Context, req Request) (_ *plan, err error) {
	tool, err := b.tool(ctx, req.Dir, req.Env)
	if err != nil {
		return nil, err
	}
	if err := fast.Understands(gocmd.FlagsInForce(req.Flags, tool), req.Target); err != nil {
		return nil, err
	}
	tools, err := b.toolsOf(tool, req.Env)
	if err != nil {
		return nil, err
	}
	graph, err := b.graphNow(ctx, req)
	if err != nil {
		return nil, err
	}
	if len(graph.Diagnostics) > 0 {
		return nil, fast.Refusal{Reason: "go list reports errors"}
	}
	if b.hasOutsideHeaders(req) {
		return nil, fast.Refusal{Reason: "C headers from outside a package's folder"}
	}
	program, err := b.fastProgram(req, tool, tools)
	if err != nil {
		return nil, err
	}
	program.Graph = graph
	defer func() {
		if err != nil {
			_ = os.RemoveAll(program.Folder)
		}
	}()
	p, err := fast.New(ctx, program)
	if err != nil {
		return nil, err
	}
	if err := b.tryOut(ctx, p); err != nil {
		return nil, err
	}
	return &plan{Plan: p, req: req, cached: p.Cached()}, nil
}

// fastProgram describes the program of a request for package fast, without its graph,
// and creates a folder for it.
func (b *Builder) fastProgram(req Request, tool gocmd.Env, tools compiler.Toolchain) (fast.Program, error) {
	if err := os.MkdirAll(req.Scratch, 0o700); err != nil {
		return fast.Program{}, err
	}
	folder, err := os.MkdirTemp(req.Scratch, "plan-")
	if err != nil {
		return fast.Program{}, err
	}
	flags := gocmd.FlagsInForce(req.Flags, tool)
	program := fast.Program{
		Dir: req.Dir, Target: req.Target, Flags: goFlags(req, tool), Env: gocmd.Environ(req.Env), Output: req.Output,
		Tools: tools, Folder: folder, Store: b.store(tool, req),
		PackageFlags: flags.Asks("gcflags"),
	}
	if flags.Asks("pgo") {
		program.Profile = flags.Path(req.Dir, "pgo")
	}
	if req.agent != nil {
		program.Agent = &req.agent.Agent
	}
	if tested(tools.Version) {
		program.Slims = b.slimArchives(req)
	}
	return program, nil
}

// store returns the archives that the programs of a module root, or of a workspace,
// share; nil if there can be none.
func (b *Builder) store(tool gocmd.Env, req Request) *compiler.Store {
	root := tool.GOMOD
	if filepath.IsAbs(tool.GOWORK) {
		root = tool.GOWORK
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.stores[root]
	if s == nil {
		folder, err := os.MkdirTemp(req.Scratch, "archives-")
		if err != nil {
			return nil
		}
		s = compiler.NewStore(folder)
		b.stores[root] = s
	}
	return s
}

// tryOut checks a plan for a toolchain that is not in testedToolchains: it compiles and
// links everything that it can, and the result must equal go build's. A toolchain has
// to pass once.
func (b *Builder) tryOut(ctx context.Context, p *fast.Plan) error {
	version := p.Tools.Version
	if tested(version) {
		return nil
	}
	b.mu.Lock()
	passed, tried := b.triedOut[version]
	b.mu.Unlock()
	if !tried {
		var err error
		if passed, err = p.Try(ctx); err != nil {
			return err
		}
		b.mu.Lock()
		b.triedOut[version] = passed
		b.mu.Unlock()
	}
	if !passed {
		return fast.Refusal{Reason: version + " is not known to the fast path, and a trial build was not the same"}
	}
	return nil
}

// tryFast builds without the go command; it returns a [fast.Refusal] if it cannot.
func (b *Builder) tryFast(ctx context.Context, req Request, h Hooks, place scratch, made *madeBy) (Result, error) {
	if !req.Fast {
		return Result{}, fast.Refusal{}
	}
	prog := b.program(req.Output)
	p, stood, known := prog.now()
	if p == nil && !known {
		if p = b.restore(ctx, req); p != nil {
			prog.setPlan(p)
		}
	}
	switch {
	case p == nil && !known:
		return Result{}, fast.Refusal{Reason: "first build"}
	case p == nil:
		tool, err := b.tool(ctx, req.Dir, req.Env)
		if err != nil {
			return Result{}, err
		}
		err = fast.Understands(gocmd.FlagsInForce(req.Flags, tool), req.Target)
		return Result{}, cmp.Or(err, error(fast.Refusal{Reason: cmp.Or(prog.whyPlanless(), "the fast path is not prepared yet")}))
	}
	if !sameRequest(p.req, req) {
		err := fast.Refusal{Reason: "flags or environment changed"}
		b.drop(p, err)
		return Result{}, err
	}
	live := h.live != nil
	now, err := b.changes(ctx, p, h)
	var reshaped fast.Reshaped
	if errors.As(err, &reshaped) {
		var next *plan
		if next, now, err = b.replan(ctx, p, reshaped); err == nil {
			prog.replacePlan(p, next)
			if stood.plan == p && stood.version == p.Version && next.LinksLike(p.Plan) {
				stood.plan, stood.version = next, next.Version
			}
			p, h.live = next, nil // the running program has been made by the other plan
		}
	}
	var r Result
	if err == nil {
		r, err = b.buildFast(ctx, p, now, stood, req, h, place)
	}
	if errors.As(err, &reshaped) { // packages that are no longer imported must not be linked
		first := r
		var next *plan
		if next, now, err = b.replan(ctx, p, reshaped); err == nil {
			prog.replacePlan(p, next)
			p, h.live = next, nil
			r, err = b.buildFast(ctx, p, now, stood, req, h, place)
			r.Compiled, r.Unpatched = append(first.Compiled, r.Compiled...), first.Unpatched
		}
	}
	if _, ok := req.agentAtFault(r.Diagnostics); ok && err == nil {
		// The agent has compiled so far. The package that it is added to is another one now.
		r, err = Result{}, fast.Refusal{Reason: "the package may not be main any more"}
	}
	if live && err == nil && r.OK() && r.Patched == nil && r.Unpatched == "" {
		r.Unpatched = reshaped.Reason
	}
	if err != nil && ctx.Err() == nil {
		b.drop(p, err)
	}
	made.plan, made.version, made.appended = p, p.Version, r.Appended || r.Same && stood.appended
	return r, err
}

// changes returns the sources as they are now, if a plan is for them.
func (b *Builder) changes(ctx context.Context, p *plan, h Hooks) (source.Snapshot, error) {
	if h.live != nil {
		return p.ChangesOrImports(ctx)
	}
	return p.Changes()
}

// replan derives a plan for the sources as they are now from p, which no longer fits
// them for the reason why. p itself does not change. It returns an error if the go
// command reports errors, or if the result depends on more than a plan holds: then the
// go command must build.
func (b *Builder) replan(ctx context.Context, p *plan, why fast.Reshaped) (*plan, source.Snapshot, error) {
	next, now, err := p.Rewire(ctx, why)
	if err == nil || ctx.Err() != nil {
		return &plan{Plan: next, req: p.req}, now, err
	}
	var asked *fast.Asked
	if why.Versions { // the commands have probably changed too: ask both at once
		asked = p.Ask(ctx)
		defer asked.Stop()
	}
	list, tool, err := b.listAside(ctx, p.req)
	if err != nil {
		return nil, nil, err
	}
	tools, err := b.toolsOf(tool, p.req.Env)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case len(list.graph.Diagnostics) > 0, !reflect.DeepEqual(tools, p.Tools), !slices.Equal(goFlags(p.req, tool), p.Flags):
		return nil, nil, why.Refusal
	case len(list.cgo) > 0:
		return nil, nil, fast.Refusal{Reason: "C headers from outside a package's folder"}
	}
	next, now, err = p.Replan(ctx, list.graph, list.found, asked)
	if err != nil {
		return nil, nil, err
	}
	return &plan{Plan: next, req: p.req}, now, nil
}

// buildFast compiles what differs between the plan and now, and links it or puts it
// into the running program.
func (b *Builder) buildFast(ctx context.Context, p *plan, now source.Snapshot, stood madeBy, req Request, h Hooks, place scratch) (Result, error) {
	wait := func() {}
	if h.live != nil {
		wait = h.live.ahead(p, now)
	}
	compiled, failed, err := p.Compile(ctx, now, h.begun, b.report(req))
	wait()
	if err != nil || len(failed) > 0 {
		return Result{Diagnostics: failed, Compiled: compiled}, err
	}
	r := Result{Compiled: compiled, Unsettled: p.Unsettled()}
	if h.live != nil {
		if r.Patched, r.Unpatched, err = h.live.patch(ctx, p, h); err != nil || r.Patched != nil {
			return r, err
		}
	} else if stood.plan == p && stood.version == p.Version && disk.Regular(req.Output) {
		r.Same = true
		return r, nil
	}
	if p.Lost() {
		return r, fast.Reshaped{Refusal: fast.Refusal{Reason: cmp.Or(r.Unpatched, "imports are gone")}}
	}
	if h.Linking != nil {
		h.Linking()
	}
	if r.Link, r.Relinked, r.Appended = b.append(b.program(req.Output), p, place.temp); !r.Appended {
		began := time.Now()
		if err := p.Link(ctx, place.temp, place.work); err != nil {
			return Result{}, err
		}
		r.Link = time.Since(began)
	}
	same, err := compiler.SameProgram(place.temp, req.Output)
	if err != nil {
		return Result{}, fast.Refusal{Reason: "the linked binary cannot be read"}
	}
	if same {
		r.Same, r.Appended = true, false
		return r, nil
	}
	r.Artifact = Artifact{Temp: place.temp, Path: req.Output}
	return r, nil
}

// drop forgets a plan, so that the go command does the next build, and keeps the
// reason. An archive that turned out wrong must not be used again, nor must the
// remembered answer of go env.
func (b *Builder) drop(p *plan, why error) {
	b.program(p.req.Output).dropPlan(fast.Refusal{Reason: why.Error()})
	b.goenv.Forget(p.req.Dir, p.req.Env)
	_ = os.RemoveAll(p.Folder)
	unkeep(p.req)
}

// Settle links a program again to which the last link was only appended, and publishes
// it. Then it compiles the packages whose line numbers are out of date because lines moved
// in a package that they import, so that the next link has correct ones. Where one takes
// more than a call of the compiler, the go command does it, and a new plan follows. It may
// be cancelled by ctx at any time, which leaves everything as it was. A Build waits for it,
// so cancel it first. After any other error the go command does the next Build, unless
// a source was saved meanwhile.
func (b *Builder) Settle(ctx context.Context, req Request) error {
	prog := b.program(req.Output)
	turn, err := b.own(ctx, prog, false)
	if err != nil {
		return err
	}
	defer turn.done()
	if err := b.relink(ctx, prog, req); err != nil {
		return err
	}
	p, _, _ := prog.now()
	if p == nil || p.Unsettled() == 0 || !sameRequest(p.req, req) {
		return nil
	}
	var beyond fast.Uncompilable
	switch settled, saved, err := p.Settle(ctx); {
	case err == nil:
		prog.replacePlan(p, &plan{Plan: settled, req: p.req})
		return nil
	case saved || ctx.Err() != nil:
		return err
	case errors.As(err, &beyond):
		next, err := b.planAnew(ctx, p.req)
		if err == nil {
			prog.replacePlan(p, next)
		}
		return err
	default:
		b.drop(p, fmt.Errorf("line numbers did not settle: %w", err))
		return err
	}
}

// planAnew makes a plan after a go build, which leaves the program's binary alone.
func (b *Builder) planAnew(ctx context.Context, req Request) (*plan, error) {
	place, err := b.scratch(req.Output)
	if err != nil {
		return nil, err
	}
	defer place.remove()
	r, err := b.compile(ctx, req, Hooks{}, place)
	if err != nil {
		return nil, err
	}
	if !r.OK() { // a source was saved meanwhile
		return nil, fast.Refusal{Reason: r.Diagnostics[0].String()}
	}
	return b.makePlan(ctx, req)
}
