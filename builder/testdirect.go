package builder

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"sync"

	"github.com/hotdev/hotdev/builder/complaint"
	"github.com/hotdev/hotdev/builder/internal/compiler"
	"github.com/hotdev/hotdev/builder/internal/disk"
	"github.com/hotdev/hotdev/builder/internal/fast"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/builder/internal/gotest"
	"github.com/hotdev/hotdev/internal/argv"
)

// The test binaries of the packages that the user edits are built by the fast path and
// run directly. A plan is made when go test has tested a package once, and dropped
// with the first thing that it does not cover; go test is the one to say what does not
// compile. What ran that way is unknown to the go command's cache of results, which is
// never told anything: there, the package counts as not tested since.

// mostTestPlans is how many plans are kept. A user edits few packages at a time, and a
// plan holds the sources of all of the user's packages in its binary.
const mostTestPlans = 6

// A testPlan is the plan for one package's tests.
type testPlan struct {
	*fast.Test
	req    TestRequest
	turn   chan struct{} // holds a token while the plan is free
	linked int           // the version of the plan that the binary is of; -1 is none
}

// direct are the plans for tests. A plan belongs to whoever has its turn.
type direct struct {
	mu      sync.Mutex // guards what follows
	plans   map[string]*testPlan
	recent  []string            // packages that have a plan; the one used last is at the end
	refused map[string]string   // why a package has none, until the graph changes
	vet     map[string][]string // by package that was tested: what go test gives go vet
	store   *compiler.Store     // of all plans
	tool    string              // test2json
}

// plan returns the plan for a package's tests; nil if there is none for the request.
func (d *direct) plan(pkg string, req TestRequest) *testPlan {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.plans[pkg]
	if p == nil || !reflect.DeepEqual(p.req, req) {
		return nil
	}
	d.touch(pkg)
	return p
}

func (d *direct) touch(pkg string) {
	d.recent = append(slices.DeleteFunc(d.recent, func(p string) bool { return p == pkg }), pkg)
}

// drop forgets a plan.
func (d *direct) drop(p *testPlan) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.plans[p.Package] == p {
		d.remove(p.Package)
	}
}

// remove takes a plan away. A run that is using it fails, and go test takes over.
func (d *direct) remove(pkg string) {
	_ = os.RemoveAll(d.plans[pkg].Plan.Folder)
	delete(d.plans, pkg)
	d.recent = slices.DeleteFunc(d.recent, func(p string) bool { return p == pkg })
}

// refuse notes why a package has no plan.
func (d *direct) refuse(pkg, why string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refused == nil {
		d.refused = map[string]string{}
	}
	d.refused[pkg] = why
}

// lacks reports whether a package has no plan for the request, and may get one.
func (d *direct) lacks(pkg string, req TestRequest) bool {
	d.mu.Lock()
	_, refused := d.refused[pkg]
	d.mu.Unlock()
	return !refused && d.plan(pkg, req) == nil
}

// forget has packages that had no plan tried again.
func (d *direct) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refused = nil
}

func (d *direct) put(p *testPlan) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.plans == nil {
		d.plans = map[string]*testPlan{}
	}
	if d.plans[p.Package] != nil {
		d.remove(p.Package)
	}
	d.plans[p.Package] = p
	d.touch(p.Package)
	for len(d.recent) > mostTestPlans {
		d.remove(d.recent[0])
	}
}

// RunDirect tests those of the packages that have a plan without go test, as many at a
// time as there are processors, and calls emit as Run does. rest are the others, of
// which nothing was emitted. go vet is not part of it; see Vet.
func (t *Tests) RunDirect(ctx context.Context, req TestRequest, packages []string, emit func(TestEvent)) (rest []string) {
	var mu sync.Mutex // guards what follows, and is held while emit is called
	ran := map[string]bool{}
	places := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for _, pkg := range packages {
		p := t.direct.plan(pkg, req)
		if p == nil {
			continue
		}
		wg.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			if t.runDirect(ctx, p, func(e TestEvent) {
				mu.Lock()
				defer mu.Unlock()
				emit(e)
			}) {
				mu.Lock()
				defer mu.Unlock()
				ran[pkg] = true
			}
		})
	}
	wg.Wait()
	return slices.DeleteFunc(slices.Clone(packages), func(p string) bool { return ran[p] })
}

// runDirect reports false where go test has to test the package.
func (t *Tests) runDirect(ctx context.Context, p *testPlan, emit func(TestEvent)) bool {
	if take(ctx, p.turn) != nil {
		return false
	}
	defer give(p.turn)
	file, built, err := p.build(ctx)
	if err == nil && built {
		tool := t.direct.testing(p)
		err = gotest.Binary{
			Package: p.Package, File: file, Dir: p.PackageDir, Args: p.Argv[1:], Root: p.Tools.Root, Converter: tool,
		}.Run(ctx, p.req, emit)
	}
	if err != nil && ctx.Err() == nil {
		t.direct.drop(p)
	}
	return err == nil && built
}

// testing is test2json, when the tests of a plan are about to run.
func (d *direct) testing(p *testPlan) (tool string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.vet == nil {
		d.vet = map[string][]string{}
	}
	d.vet[p.Package] = p.Test.Vet
	return d.tool
}

// build makes the binary of what is saved. built is false if something does not compile.
func (p *testPlan) build(ctx context.Context) (file string, built bool, err error) {
	folder := p.Plan.Folder
	file = filepath.Join(folder, p.Argv[0])
	if compiled, err := p.compile(ctx); err != nil || !compiled {
		return "", false, err
	}
	if p.linked == p.Version && disk.Regular(file) {
		return file, true, nil
	}
	p.linked = -1
	if err := p.Link(ctx, file, folder); err != nil {
		return "", false, err
	}
	p.linked = p.Version
	return file, true, nil
}

// compile compiles what was saved since. It returns false if something does not
// compile.
func (p *testPlan) compile(ctx context.Context) (bool, error) {
	now, err := p.Changes()
	if err != nil {
		return false, err
	}
	_, failed, err := p.Compile(ctx, now, func(string) {}, &complaint.Report{Dir: p.req.Dir})
	return len(failed) == 0, err
}

// PrepareDirect makes plans for packages that have none and that the last Run has
// tested, and keeps the others ready. It runs the go command and the compiler, and is
// best called when the results are there; ctx ends it at any time. It is for time
// alone: what cannot be tested directly is left to go test.
func (t *Tests) PrepareDirect(ctx context.Context, req TestRequest, packages []string) {
	for _, pkg := range packages {
		if ctx.Err() != nil || !t.direct.lacks(pkg, req) {
			continue
		}
		p, err := t.planDirect(ctx, req, pkg)
		var why fast.Refusal
		switch {
		case err == nil:
			t.direct.put(p)
		case errors.As(err, &why) && why.Reason != fast.SavedMeanwhile:
			t.direct.refuse(pkg, why.Reason)
		}
	}
	for _, p := range t.direct.newest() {
		t.freshen(ctx, p)
	}
}

// freshPlans is how many plans are kept up to date with what is saved elsewhere: a user
// mostly returns to what was edited just before.
const freshPlans = 3

// newest returns the plans that were used last.
func (d *direct) newest() (all []*testPlan) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, pkg := range d.recent[max(0, len(d.recent)-freshPlans):] {
		all = append(all, d.plans[pkg])
	}
	return all
}

// freshen compiles what a plan's package imports and was saved since, so that the next
// save in the package itself has nothing else to compile.
func (t *Tests) freshen(ctx context.Context, p *testPlan) {
	if take(ctx, p.turn) != nil {
		return
	}
	defer give(p.turn)
	if _, err := p.compile(ctx); err != nil && ctx.Err() == nil {
		t.direct.drop(p)
	}
}

func (t *Tests) planDirect(ctx context.Context, req TestRequest, pkg string) (_ *testPlan, err error) {
	build, test, ok := gotest.Direct(req.Flags)
	if !ok || req.Scratch == "" {
		return nil, fast.Refusal{Reason: "flags of go test"}
	}
	tool, err := t.builder.tool(ctx, req.Dir, req.Env)
	if err != nil {
		return nil, err
	}
	flags := gocmd.FlagsInForce(build, tool)
	if err := fast.Understands(flags, nil); err != nil {
		return nil, err
	}
	if flags.Asks("pgo") {
		return nil, fast.Refusal{Reason: "build flag -pgo"}
	}
	words, err := argv.SplitQuoted(tool.GOFLAGS)
	if _, _, ok := gotest.Direct(words); !ok || err != nil {
		return nil, fast.Refusal{Reason: "GOFLAGS"}
	}
	if v := tool.VendorFolder(); v != "" && disk.IsDir(v) {
		return nil, fast.Refusal{Reason: "a vendor folder"} // it is not watched here
	}
	tools, err := t.builder.toolsOf(tool, req.Env)
	if err != nil {
		return nil, err
	}
	if !tested(tools.Version) {
		return nil, fast.Refusal{Reason: tools.Version + " is not known to the fast path"}
	}
	store, err := t.direct.prepare(ctx, req)
	if err != nil {
		return nil, err
	}
	program := fast.Program{
		Dir: req.Dir, Flags: build, Env: gocmd.Environ(req.Env), Tools: tools, Store: store, Nice: true,
	}
	graph := t.known()
	program.Graph.Roots, program.Graph.Files = graph.Roots, slices.Clone(graph.Files)
	for _, r := range graph.Roots { // where a workspace would appear that takes the module over
		for _, dir := range []string{r, filepath.Dir(r)} {
			program.Graph.Files = append(program.Graph.Files, filepath.Join(dir, "go.work"), filepath.Join(dir, "go.work.sum"))
		}
	}
	if program.Folder, err = os.MkdirTemp(req.Scratch, "plan-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(program.Folder)
		}
	}()
	p, err := fast.NewTest(ctx, program, pkg, func(path string) bool {
		_, ok := graph.Package(path)
		return ok
	}, slices.Concat([]string{"-fullpath"}, test))
	if err != nil {
		return nil, err
	}
	one := &testPlan{Test: p, req: req, turn: make(chan struct{}, 1), linked: -1}
	give(one.turn)
	return one, nil
}

// prepare makes what all plans share, if it is not there.
func (d *direct) prepare(ctx context.Context, req TestRequest) (*compiler.Store, error) {
	d.mu.Lock()
	tool, store := d.tool, d.store
	d.mu.Unlock()
	if tool == "" || !disk.Regular(tool) {
		found, err := gotest.Converter(ctx, req)
		if err != nil {
			return nil, err
		}
		tool = found
	}
	if store == nil {
		folder, err := os.MkdirTemp(req.Scratch, "archives-")
		if err != nil {
			return nil, fmt.Errorf("a place for archives: %w", err)
		}
		store = compiler.NewStore(folder)
	}
	d.mu.Lock()
	d.tool, d.store = tool, store
	d.mu.Unlock()
	return store, nil
}

// Vet has go vet look at packages that RunDirect has tested, as go test would have
// done before it, and emits the failure of those in which it finds something.
func (t *Tests) Vet(ctx context.Context, req TestRequest, packages []string, emit func(TestEvent)) error {
	for _, pkg := range packages {
		t.direct.mu.Lock()
		flags := t.direct.vet[pkg]
		t.direct.mu.Unlock()
		if flags == nil { // go test does not call it either
			continue
		}
		found, err := gotest.Vet(ctx, req, pkg, flags, t.DirOf)
		if err != nil {
			return unlessGo(err)
		}
		if len(found) > 0 {
			emit(TestEvent{Action: "fail", Package: pkg, Diagnostics: found})
		}
	}
	return nil
}
