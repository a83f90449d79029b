package world

import (
	"context"
	"sync"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
)

// list lists the package graph.
func (w *World) list(ctx context.Context, e engine.List, emit func(engine.Event)) {
	since := time.Now()
	graph, same, err := w.Builder.List(ctx, e.Request, e.Paths)
	if ctx.Err() == nil {
		emit(engine.Listed{ID: e.ID, Since: since, Graph: graph, Same: same, Err: text(err)})
	}
}

func (w *World) build(ctx context.Context, e engine.Build, emit func(engine.Event)) {
	hooks, done := w.hooks(ctx, e.Gen, e.Request, emit)
	defer done()
	build := w.Builder.Build
	if e.Bare {
		build = w.Builder.Host
	} else if live := w.place.patchable(e.Host); live != nil {
		hooks.Unpatchable = func(files []string) string { return restartOn(e.RestartOn, files) }
		build = func(ctx context.Context, req builder.Request, h builder.Hooks) (builder.Result, error) {
			return w.Builder.Patch(ctx, req, live, h)
		}
	}
	w.texts.build(w.Project.Templates(), e.Gen)
	var preparing sync.WaitGroup
	preparing.Go(w.prepareStart)
	result, err := build(ctx, e.Request, hooks)
	preparing.Wait()
	if err != nil && ctx.Err() != nil {
		return
	}
	emit(engine.Built{Gen: e.Gen, Host: e.Host, Result: result, Err: text(err)})
	if result.Patched != nil {
		w.tellPatch(e, result.Patched)
		w.linger(ctx, e, emit)
	}
	if err == nil && result.OK() && !e.Bare {
		select { // the program that was just built starts first
		case <-time.After(startFirst):
		case <-ctx.Done():
			return
		}
		if err := w.plan(ctx, e.Request); err != nil {
			w.Log.Debug("no fast path", "gen", e.Gen, "why", err)
		}
		if result.Unsettled > 0 || result.Appended {
			w.settle(ctx, e.Request)
		}
	}
}

// startFirst is how long a program that was just built has to start before the go command
// is asked for its plan, which takes all processors for a moment.
const startFirst = 200 * time.Millisecond

func (w *World) plan(ctx context.Context, req builder.Request) error {
	w.planning.Lock()
	defer w.planning.Unlock()
	return w.Builder.Plan(ctx, req)
}

// quiet is how long nothing must have been saved before the builder settles: long
// enough for a developer's next thought, because settling takes processors.
const quiet = 5 * time.Second

func (w *World) settle(ctx context.Context, req builder.Request) {
	select {
	case <-time.After(quiet):
	case <-ctx.Done():
		return
	}
	if err := w.Builder.Settle(ctx, req); err != nil && ctx.Err() == nil {
		w.Log.Debug("not settled", "why", err)
	}
}

// hooks report a build's progress; done must be called at its end.
func (w *World) hooks(ctx context.Context, gen int, req builder.Request, emit func(engine.Event)) (hooks builder.Hooks, done func()) {
	hooks.Progress = func(pkg string) { emit(engine.Building{Gen: gen, Package: pkg}) }
	hooks.Linking = func() { emit(engine.Building{Gen: gen, Linking: true}) }
	if len(req.Before) == 0 {
		return hooks, func() {}
	}
	run := w.gate.begin()
	hooks.Generated = func() {
		paths, err := w.Files.Settle(ctx)
		if err != nil {
			return // cancelled
		}
		g := engine.Generated{Gen: gen, Paths: w.gate.end(run, paths)}
		g.Marked = marked(g.Paths)
		emit(g)
	}
	return hooks, func() { w.gate.end(run, nil) }
}

func (w *World) prepareReload(ctx context.Context, e engine.Prepare, emit func(engine.Event)) {
	if !w.place.latest(e.Gen) {
		return // the program that runs now asks for itself
	}
	why, err := w.Builder.ReloadSupport(ctx, e.Request)
	if err == nil && why == "" {
		err = w.Builder.PrepareReload(ctx, e.Request, builder.Hooks{
			Progress: func(pkg string) { emit(engine.Preparing{Gen: e.Gen, Package: pkg}) },
		})
	}
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		why = err.Error()
	}
	emit(engine.Prepared{Gen: e.Gen, Why: why})
}

func (w *World) buildPlugin(ctx context.Context, e engine.BuildPlugin, emit func(engine.Event)) {
	hooks, done := w.hooks(ctx, e.Gen, e.Request.Request, emit)
	defer done()
	w.texts.build(w.Project.Templates(), e.Gen)
	result, err := w.Builder.Reload(ctx, e.Request, hooks)
	if err != nil && ctx.Err() != nil {
		return
	}
	emit(engine.PluginBuilt{Gen: e.Gen, Result: result, Err: text(err)})
}

// keep keeps a copy of the binary at path at keep: a link where the file system has
// links, because that costs nothing.
func (w *World) keep(path, keep string) bool {
	if err := w.Builder.Keep(path, keep); err != nil {
		w.Log.Debug("the last binary is not kept", "err", err)
		return false
	}
	return true
}
