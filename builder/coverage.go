package builder

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/hotdev/hotdev/builder/internal/gotest"
)

// Changes returns the lines of Go files that the last commit does not have; see
// [gotest.Changes].
func (t *Tests) Changes(ctx context.Context, req TestRequest, dirs []string) ([]Change, error) {
	return gotest.Changes(ctx, req, dirs)
}

// Cover runs tests as Run does, and measures what they run of the changes: by file, in
// the order of changes, where any changed line has code.
func (t *Tests) Cover(ctx context.Context, req TestRequest, run TestRun, changes []Change, emit func(TestEvent)) ([]FileCoverage, []Diagnostic, error) {
	dir, err := os.MkdirTemp(req.Scratch, "cover-")
	if err != nil {
		return nil, nil, fmt.Errorf("a place for the coverage profile: %w", err)
	}
	defer os.RemoveAll(dir)
	graph := t.known()
	run.Profile = filepath.Join(dir, "profile")
	run.Cover = coverable(graph, run.Packages, changes)
	found, err := t.Run(ctx, req, run, emit)
	if err != nil {
		return nil, found, err
	}
	covered, err := gotest.Coverage(graph, run.Profile, run.Cover, changes)
	return covered, found, err
}

// coverable returns the packages of the changes that the tests of packages contain. The
// go command would complain about others.
func coverable(g TestGraph, packages []string, changes []Change) (some []string) {
	contained := map[string]bool{}
	var add func(pkg string)
	add = func(pkg string) {
		if contained[pkg] {
			return
		}
		contained[pkg] = true
		p, _ := g.Package(pkg)
		for _, i := range p.Imports {
			add(i)
		}
	}
	for _, pkg := range packages {
		add(pkg)
		p, _ := g.Package(pkg)
		for _, i := range p.TestImports {
			add(i)
		}
	}
	for _, c := range changes {
		if p, ok := g.Owner(c.File); ok && contained[p.ImportPath] && !slices.Contains(some, p.ImportPath) {
			some = append(some, p.ImportPath)
		}
	}
	return some
}
