package builder

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/hotdev/hotdev/builder/internal/disk"
	"github.com/hotdev/hotdev/builder/internal/gotest"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// The requests of go test, and its answers.
type (
	TestRequest = gotest.Request
	TestRun     = gotest.Run
	TestGraph   = gotest.Graph
	TestPackage = gotest.Package
	TestEvent   = gotest.Event

	// Change, Span: lines of files that the last commit does not have.
	Change = gotest.Change
	Span   = gotest.Span
	// FileCoverage, Missed: what tests ran of them.
	FileCoverage = gotest.FileCoverage
	Missed       = gotest.Missed
)

// CheckTestFlags returns an error if a flag of go test cannot be used: which one, and
// why.
func CheckTestFlags(flags []string) error { return gotest.CheckFlags(flags) }

// TestFlagGiven reports whether flags contain the flag of this name.
func TestFlagGiven(flags []string, name string) bool { return gotest.Given(flags, name) }

// A Tests runs the go command for the tests of one module or workspace. Listings wait
// for each other.
type Tests struct {
	builder *Builder
	listing chan struct{} // holds a token while nothing lists; it guards headers and stale

	headers map[string]source.Header // of the files that the last listing read
	stale   bool                     // the last listing failed, or there was none

	mu    sync.Mutex // guards graph
	graph gotest.Graph

	direct direct
}

// NewTests returns a Tests for the module or workspace of its requests.
func NewTests(b *Builder) *Tests {
	t := &Tests{builder: b, stale: true, listing: make(chan struct{}, 1)}
	give(t.listing)
	return t
}

func (t *Tests) known() gotest.Graph {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.graph
}

// List returns the packages, and what they and their tests are made of. paths are the
// absolute paths that changed since the last call; empty means that anything may have.
// If none of them can have changed the graph, same is true, and nothing was run.
// Complaints of go list are in the graph's Diagnostics, and packages that could not be
// listed keep their place in it. An error means that the go command could not be run,
// or is ctx's.
func (t *Tests) List(ctx context.Context, req TestRequest, paths []string) (g TestGraph, same bool, err error) {
	if err := take(ctx, t.listing); err != nil {
		return TestGraph{}, false, err
	}
	defer give(t.listing)
	if !t.stale && len(paths) > 0 && !t.changedBy(paths) {
		return TestGraph{}, true, nil
	}
	t.stale = true
	if err := CheckTestFlags(req.Flags); err != nil {
		return TestGraph{}, false, err
	}
	tool, err := t.builder.askTool(ctx, req.Dir, req.Env)
	if err != nil {
		return TestGraph{}, false, err
	}
	watch := headerWatch{began: time.Now(), before: map[string]source.Header{}, last: t.headers}
	for _, p := range paths {
		if source.Buildable(p) {
			watch.before[p] = source.ReadHeader(p)
		}
	}
	g, err = gotest.List(ctx, req, tool)
	if err != nil {
		return TestGraph{}, false, unlessGo(err)
	}
	if len(g.Diagnostics) > 0 {
		keepTests(&g, t.known())
	}
	t.headers = map[string]source.Header{}
	for _, p := range g.Packages {
		for _, f := range slices.Concat(p.Files, p.TestFiles) {
			t.headers[f] = watch.trusted(f)
		}
	}
	t.stale = len(g.Diagnostics) > 0 // any change may fix it
	t.mu.Lock()
	t.graph = g
	t.mu.Unlock()
	t.direct.forget()
	return g, false, nil
}

// changedBy reports whether any of the paths can have changed the graph. If in doubt,
// it returns true.
func (t *Tests) changedBy(paths []string) bool {
	graph := t.known()
	return slices.ContainsFunc(paths, func(p string) bool {
		known, ok := t.headers[p]
		switch {
		case slices.Contains(graph.Files, p):
			return true
		case ok && source.Buildable(p):
			return known == "" || known != source.ReadHeader(p)
		case ok: // the file is embedded
			return !disk.Regular(p)
		case source.Buildable(p):
			return true
		}
		return embeddable(graph, p)
	})
}

// embeddable reports whether a file that is new to the graph is in a place from which
// some package embeds files.
func embeddable(graph gotest.Graph, file string) bool {
	return slices.ContainsFunc(graph.Packages, func(p TestPackage) bool {
		return disk.Within(p.Dir, file) && slices.ContainsFunc(slices.Concat(p.Files, p.TestFiles), func(f string) bool { return !source.Buildable(f) })
	})
}

// keepTests adds to g, which is incomplete, what the earlier graph old had: its packages, and
// its folders and files, so that the change that completes g is noticed.
func keepTests(g *TestGraph, old TestGraph) {
	g.Roots, g.Files = union(old.Roots, g.Roots), union(old.Files, g.Files)
	for _, p := range old.Packages {
		i := slices.IndexFunc(g.Packages, func(q TestPackage) bool { return q.ImportPath == p.ImportPath })
		if i < 0 {
			if disk.IsDir(p.Dir) {
				g.Packages = append(g.Packages, p)
			}
			continue
		}
		q := &g.Packages[i]
		q.Files, q.TestFiles = union(p.Files, q.Files), union(p.TestFiles, q.TestFiles)
		q.Imports, q.TestImports = union(p.Imports, q.Imports), union(p.TestImports, q.TestImports)
		q.Tested = q.Tested || p.Tested
	}
}

// Run runs tests; see [gotest.Do].
func (t *Tests) Run(ctx context.Context, req TestRequest, run TestRun, emit func(TestEvent)) ([]Diagnostic, error) {
	if req.Scratch != "" {
		dir, err := os.MkdirTemp(req.Scratch, "test-")
		if err != nil {
			return nil, fmt.Errorf("a place for tests: %w", err)
		}
		defer os.RemoveAll(dir)
		req.Scratch = dir
	}
	d, err := gotest.Do(ctx, req, run, t.DirOf, emit)
	return d, unlessGo(err)
}

// DirOf returns the folder of a package of the last listing, or "".
func (t *Tests) DirOf(pkg string) string {
	p, _ := t.known().Package(pkg)
	return p.Dir
}
