// Package world carries out the engine's effects with the real builder, watcher and
// runner, in a file for each of building, running, typing, loading, patching, watching,
// probing, asking and testing.
//
// An effect with a program's generation reaches only that program; see [place].
package world

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/watcher"
)

// A Project provides the program's settings.
type Project interface {
	// Configure reads the configuration.
	Configure(context.Context) engine.Configured
	// ConfigFiles returns the files that Configure has read.
	ConfigFiles() []string
	// IsProduct reports whether a file is a program that must not cause a restart of
	// this one.
	IsProduct(path string) bool
	// DebugAddr returns the address that debuggers attach to.
	DebugAddr() (string, error)
	// Templates returns the folder of templ's templates whose text the running program
	// reads from files, or "" if it does not.
	Templates() string
	// NotProgram returns why the result of a build can never be run, or "" if it can.
	NotProgram(context.Context) string
	// Unstartable explains why the system did not start the binary at path in dir.
	Unstartable(ctx context.Context, dir, path, err string) string
}

// Files watches the files that the program is made of; see [watcher.Watcher].
type Files interface {
	Watch(ctx context.Context, s watcher.Set, since time.Time) (watcher.Stats, error)
	Settle(ctx context.Context) ([]string, error)
}

// Options are the parts of a world.
type Options struct {
	Project Project
	// Files are the program's part of the session's watch.
	Files   Files
	Builder *builder.Builder
	Log     *slog.Logger
	// Send sends an event to the loop. It may be called at any time, and must not wait
	// for an effect.
	Send func(engine.Event)
	// Room blocks while the headless view has enough to print, so that the program that
	// floods it has to wait.
	Room func()
	// Drain returns when the running answers of the program of a generation have ended,
	// or have had their time. It is called before the program is asked to stop; it may
	// be nil.
	Drain func(ctx context.Context, gen int)
	// Terminal is the screen's terminal for programs that are typed into; nil if there
	// is no screen.
	Terminal Terminal
}

// A World is an [engine.World].
type World struct {
	Options
	gate  gate
	place places // of the program

	sockets sockets
	texts   texts

	debugging debugging

	planning sync.Mutex // held while a plan is made, because it must not be made twice

	mu sync.Mutex // guards the fields below
	// like is how the program was last started. spare is a supervisor that has been
	// prepared for the next start; it may be nil.
	like  runner.Spec
	spare *runner.Spare
	// plugins are the newest files of the plugins that the program opens itself.
	plugins map[string]string
}

// New returns a world in which nothing is running yet. The caller must close it when
// the loop has ended.
func New(o Options) *World {
	w := &World{Options: o, plugins: map[string]string{}}
	w.gate = gate{config: o.Project.ConfigFiles, isProduct: o.Project.IsProduct, out: func(c engine.Changed) { o.Send(c) }, texts: w.texts.changed}
	return w
}

// Found passes on the changed files of the program.
func (w *World) Found(b watcher.Batch) { w.gate.pass(b) }

// Close ends what was prepared for the next start.
func (w *World) Close() {
	w.takeSpare().Close()
	_, _ = w.sockets.at(nil)
}

// Skip makes the world ignore the next change of a file, which hotdev is about to
// write.
func (w *World) Skip(file string) { w.gate.skip(file) }

func (w *World) Do(ctx context.Context, e engine.Effect, emit func(engine.Event)) {
	w.Log.Debug("effect", "kind", kind(e), "what", e, "goroutines", runtime.NumGoroutine())
	switch e := e.(type) {
	case engine.Configure:
		emit(w.Project.Configure(ctx))
	case engine.List:
		w.list(ctx, e, emit)
	case engine.Watch:
		w.gate.watches(e.Set)
		watch(ctx, w.Files, e, emit)
	case engine.Build:
		w.build(ctx, e, emit)
	case engine.Learn:
		w.learn(ctx, e, emit)
	case engine.Prepare:
		w.prepareReload(ctx, e, emit)
	case engine.BuildPlugin:
		w.buildPlugin(ctx, e, emit)
	case engine.Load:
		w.load(ctx, e, emit)
	case engine.Publish:
		kept := e.Keep != "" && w.keep(e.Artifact.Path, e.Keep)
		emit(engine.Published{Gen: e.Gen, Kept: kept, Err: text(w.Builder.Publish(e.Artifact))})
	case engine.Discard:
		w.Builder.Discard(e.Artifact)
	case engine.Start:
		w.start(ctx, e, emit)
	case engine.OpenDebugger:
		w.openDebugger(ctx, e, emit)
	case engine.CloseDebugger:
		w.debugging.close()
	case engine.Stop:
		if w.Drain != nil {
			w.Drain(ctx, e.Gen)
		}
		w.place.release(e.Gen)
		w.place.order(e.Gen, (*runner.Process).Stop)
	case engine.Kill:
		w.place.order(e.Gen, (*runner.Process).Kill)
	case engine.Signal:
		w.place.order(e.Gen, func(p *runner.Process) {
			emit(engine.Signaled{Gen: e.Gen, Err: text(p.Signal(e.Signal))})
		})
	case engine.Probe:
		w.probe(ctx, e, emit)
	case engine.FindHolder:
		w.findHolder(e, emit)
	case engine.Quote:
		w.quote(e, emit)
	case engine.Evict:
		w.evict(e, emit)
	case engine.Wait:
		wait(ctx, e, emit)
	}
}

func wait(ctx context.Context, e engine.Wait, emit func(engine.Event)) {
	select {
	case <-time.After(e.Duration):
		emit(engine.Waited{ID: e.ID})
	case <-ctx.Done():
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// kind returns the name of an effect for the log.
func kind(e engine.Effect) string {
	return strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", e), "engine."))
}
