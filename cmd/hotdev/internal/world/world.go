// Package world carries out the engine's effects with the real builder, watcher
// and runner: a file for each of building, running, loading, watching and asking.
//
// An effect that names a program's generation reaches that program or nothing;
// see [place].
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

// A Project is what is asked about the program's settings.
type Project interface {
	// Configure reads the configuration.
	Configure(context.Context) engine.Configured
	// ConfigFiles are what Configure has read.
	ConfigFiles() []string
	// IsProduct reports whether a file is a program that is no reason to start this
	// one again.
	IsProduct(path string) bool
	// NotProgram says why what was built can never be run; empty if it can be.
	NotProgram(context.Context) string
	// Unstartable explains why the system would not start the binary at path in dir.
	Unstartable(ctx context.Context, dir, path, err string) string
}

// Files watches what the program is made of; see [watcher.Watcher].
type Files interface {
	Watch(ctx context.Context, s watcher.Set, since time.Time) (watcher.Stats, error)
	Settle(ctx context.Context) ([]string, error)
}

// Options are what a world is made of.
type Options struct {
	Project Project
	// Files are the program's part of the session's watch.
	Files   Files
	Builder *builder.Builder
	Log     *slog.Logger
	// Send takes what is found at any time. It must not wait for an effect.
	Send func(engine.Event)
	// Room blocks while the headless view has more than enough to print, so that a
	// flood reaches back to the program that prints it.
	Room func()
	// Drain returns when the answers of the program of a generation that are under way have ended, or
	// have had their time. It is called before the program is told to stop; nil is none.
	Drain func(ctx context.Context, gen int)
	// Terminal is what the screen has for programs that are typed into; nil where there
	// is no screen.
	Terminal Terminal
}

// A World is an [engine.World].
type World struct {
	Options
	gate  gate
	place places // of the program that runs

	sockets sockets

	planning sync.Mutex // held while a plan is made, which is not to be made twice

	mu sync.Mutex // guards what follows
	// like is how the program was started last, and spare a supervisor for the next
	// start, which would wait for it otherwise; nil if there is none.
	like  runner.Spec
	spare *runner.Spare
	// plugins are the newest files of those that the program opens itself.
	plugins map[string]string
}

// New is a world in which nothing runs yet. The caller closes it when the loop is
// over.
func New(o Options) *World {
	return &World{
		Options: o,
		gate:    gate{config: o.Project.ConfigFiles, isProduct: o.Project.IsProduct, out: func(c engine.Changed) { o.Send(c) }},
		plugins: map[string]string{},
	}
}

// Found takes what changed of the program's files.
func (w *World) Found(b watcher.Batch) { w.gate.pass(b) }

// Close ends what was prepared for a next start.
func (w *World) Close() {
	w.takeSpare().Close()
	_, _ = w.sockets.at(nil)
}

// Skip has the change of a file that hotdev is about to write pass unnoticed.
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
	case engine.Stop:
		if w.Drain != nil {
			w.Drain(ctx, e.Gen)
		}
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

// kind is the name of an effect in the log.
func kind(e engine.Effect) string {
	return strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", e), "engine."))
}
