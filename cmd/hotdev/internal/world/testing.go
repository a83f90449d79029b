package world

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/tester"
	"github.com/hotdev/hotdev/watcher"
)

// A TestProject provides the settings of tests.
type TestProject interface {
	// Configure reads the configuration.
	Configure(context.Context) tester.Configured
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
	tests *builder.Tests
}

// NewTests returns a world in which no test is running yet.
func NewTests(o TestOptions) *Tests { return &Tests{o, builder.NewTests(o.Builder)} }

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
	case tester.RunTests:
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
// results come soon, then all others. Those of the first packages that passed run again
// with the others, for go vet; their results then come from the go command's cache.
func (w *Tests) run(ctx context.Context, e tester.RunTests, emit func(tester.Event)) {
	own := func(file string) bool {
		return slices.ContainsFunc(e.Roots, func(root string) bool {
			rel, err := filepath.Rel(root, file)
			return err == nil && filepath.IsLocal(rel) && !strings.HasPrefix(filepath.ToSlash(rel), "vendor/")
		})
	}
	var found []builder.Diagnostic
	passed := []string{}
	part := func(run builder.TestRun) error {
		r := tester.NewReader(e.Gen, e.Filter != "", tester.Sources{Excerpt: builder.Excerpt, Own: own, DirOf: w.tests.DirOf})
		run.Filter = e.Filter
		d, err := w.tests.Run(ctx, e.Request, run, func(event builder.TestEvent) {
			if event.Action == "start" && event.Test == "" {
				emit(tester.Testing{Gen: e.Gen, Package: event.Package})
			}
			if result, ok := r.Read(event); ok {
				if result.Outcome == tester.PackagePassed {
					passed = append(passed, result.Package)
				}
				emit(tester.Tested{Result: result})
			}
		})
		found = append(found, d...)
		return err
	}
	var err error
	rest := e.Rest
	if len(e.First) > 0 {
		later := e.Filter == "" && cacheable(e.Request.Flags)
		err = part(builder.TestRun{Packages: e.First, NoVet: later})
		if later {
			rest = slices.Concat(rest, passed)
		}
	}
	if err == nil && len(rest) > 0 {
		err = part(builder.TestRun{Packages: rest})
	}
	if ctx.Err() == nil {
		emit(tester.Ran{Gen: e.Gen, Diagnostics: found, Err: text(err)})
	}
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
