package world

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/tester"
	"github.com/hotdev/hotdev/watcher"
)

// A TestProject provides the settings of tests.
type TestProject interface {
	// Configure reads the configuration.
	Configure(context.Context) tester.Configured
	// DebugAddr returns the address that debuggers attach to a test at.
	DebugAddr() (string, error)
}

// TestOptions are the parts of the world of tests.
type TestOptions struct {
	Project TestProject
	// Files are the tests' part of the session's watch.
	Files   Files
	Builder *builder.Builder
	Log     *slog.Logger
	// Send sends an event to the loop. It may be called at any time, and must not wait
	// for an effect.
	Send func(tester.Event)
}

// Tests implement [tester.World].
type Tests struct {
	TestOptions
	tests     *builder.Tests
	debugging sync.Mutex // held while a test runs under the debugger
}

// NewTests returns a world in which no test is running yet.
func NewTests(o TestOptions) *Tests {
	return &Tests{TestOptions: o, tests: builder.NewTests(o.Builder)}
}

// Found passes on the changed files that tests are made of.
func (w *Tests) Found(b watcher.Batch) { w.Send(tester.Changed{Batch: b}) }

func (w *Tests) Do(ctx context.Context, e tester.Effect, emit func(tester.Event)) {
	w.Log.Debug("effect", "kind", strings.ToLower(fmt.Sprintf("%T", e)), "what", e)
	switch e := e.(type) {
	case tester.Configure:
		emit(w.Project.Configure(ctx))
	case tester.List:
		w.list(ctx, e, emit)
	case tester.Watch:
		w.watch(ctx, e, emit)
	case tester.DebugTest:
		w.debug(ctx, e, emit)
	case tester.Compare:
		changes, err := w.tests.Changes(ctx, e.Request, e.Roots)
		if ctx.Err() == nil {
			emit(tester.Compared{ID: e.ID, Changes: changes, Err: text(err)})
		}
	case tester.RunTests:
		if len(e.Cover) > 0 {
			w.cover(ctx, e, emit)
			return
		}
		w.run(ctx, e, emit)
	}
}

func (w *Tests) watch(ctx context.Context, e tester.Watch, emit func(tester.Event)) {
	stats, err := w.Files.Watch(ctx, e.Set, e.Since)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		emit(tester.Changed{Batch: watcher.Batch{Notices: []string{err.Error()}}})
	default:
		emit(tester.Watching{Folders: stats.Folders, Files: stats.Files})
	}
}

// run runs tests: the first packages by themselves and without go vet, so that their
// results come soon, then all others. go vet looks at the first packages
// that passed afterwards. Those that go test ran are among the others again for that;
// their results then come from the go command's cache.
func (w *Tests) run(ctx context.Context, e tester.RunTests, emit func(tester.Event)) {
	r := &running{world: w, run: e, emit: emit}
	rest, err := e.Rest, error(nil)
	if len(e.First) > 0 {
		slow, later := e.First, e.Filter == "" && cacheable(e.Request.Flags)
		if e.Saved && e.Filter == "" {
			slow = w.tests.RunDirect(ctx, e.Request, e.First, r.reader())
		}
		direct := r.passed
		r.passed = nil
		if len(slow) > 0 {
			err = r.part(ctx, builder.TestRun{Packages: slow, NoVet: later})
		}
		if later {
			rest = slices.Concat(rest, r.passed)
		}
		if err == nil {
			err = w.tests.Vet(ctx, e.Request, direct, r.reader())
		}
	}
	if err == nil && len(rest) > 0 {
		err = r.part(ctx, builder.TestRun{Packages: rest})
	}
	if ctx.Err() != nil {
		return
	}
	emit(tester.Ran{Gen: e.Gen, Diagnostics: r.found, Err: text(err)})
	if e.Saved && err == nil {
		w.tests.PrepareDirect(ctx, e.Request, e.First)
	}
}

// cover runs tests, and measures what they run of the changed lines.
func (w *Tests) cover(ctx context.Context, e tester.RunTests, emit func(tester.Event)) {
	r := &running{world: w, run: e, emit: emit}
	files, found, err := w.tests.Cover(ctx, e.Request, builder.TestRun{Packages: e.Rest}, e.Cover, r.reader())
	if ctx.Err() != nil {
		return
	}
	if err == nil {
		emit(tester.Covered{Gen: e.Gen, Files: files})
	}
	emit(tester.Ran{Gen: e.Gen, Diagnostics: found, Err: text(err)})
}

// A running is a run of tests under way.
type running struct {
	world  *Tests
	run    tester.RunTests
	emit   func(tester.Event)
	found  []builder.Diagnostic
	passed []string
}

// reader makes results of the stream of go test.
func (r *running) reader() func(builder.TestEvent) {
	own := func(file string) bool {
		return slices.ContainsFunc(r.run.Roots, func(root string) bool {
			rel, err := filepath.Rel(root, file)
			return err == nil && filepath.IsLocal(rel) && !strings.HasPrefix(filepath.ToSlash(rel), "vendor/")
		})
	}
	reader := tester.NewReader(r.run.Gen, r.run.Filter != "", tester.Sources{Excerpt: builder.Excerpt, Own: own, DirOf: r.world.tests.DirOf})
	return func(event builder.TestEvent) {
		if event.Action == "start" && event.Test == "" {
			r.emit(tester.Testing{Gen: r.run.Gen, Package: event.Package})
		}
		if result, ok := reader.Read(event); ok {
			if result.Outcome == tester.PackagePassed {
				r.passed = append(r.passed, result.Package)
			}
			r.emit(tester.Tested{Result: result})
		}
	}
}

// part is one go test.
func (r *running) part(ctx context.Context, run builder.TestRun) error {
	run.Filter = r.run.Filter
	d, err := r.world.tests.Run(ctx, r.run.Request, run, r.reader())
	r.found = append(r.found, d...)
	return err
}

// cacheable reports whether the go command caches results of tests with these flags.
func cacheable(flags []string) bool {
	for _, name := range []string{"count", "bench", "fuzz", "cpuprofile", "memprofile", "blockprofile", "mutexprofile", "trace", "shuffle", "benchtime"} {
		if builder.TestFlagGiven(flags, name) {
			return false
		}
	}
	return true
}

// list finds the packages that have tests.
func (w *Tests) list(ctx context.Context, e tester.List, emit func(tester.Event)) {
	since := time.Now()
	graph, same, err := w.tests.List(ctx, e.Request, e.Paths)
	if ctx.Err() == nil {
		emit(tester.Listed{ID: e.ID, Since: since, Graph: graph, Same: same, Err: text(err)})
	}
}
