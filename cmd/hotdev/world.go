package main

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/watcher"
)

// world carries out the engine's effects with the real builder, watcher and
// runner.
type world struct {
	project *project.Project
	builder *builder.Builder
	watcher *watcher.Watcher
	log     *slog.Logger
	// room blocks while the headless view has more than enough to print, so that
	// a flood reaches back to the program that prints it.
	room  func()
	gate  gate
	place place // of the program that runs

	mu sync.Mutex
	// like is how the program was started last, and spare a supervisor for the next
	// start, which would wait for it otherwise; nil if there is none.
	like  runner.Spec
	spare *runner.Spare
	// plugins are the newest files of those that the program opens itself.
	plugins map[string]string
}

func (w *world) Do(ctx context.Context, e engine.Effect, emit func(engine.Event)) {
	w.log.Debug("effect", "kind", kind(e), "what", e, "goroutines", runtime.NumGoroutine())
	switch e := e.(type) {
	case engine.Configure:
		emit(w.project.Configure(ctx))
	case engine.List:
		since := time.Now()
		graph, same, err := w.builder.List(ctx, e.Request, e.Paths)
		if ctx.Err() == nil {
			emit(engine.Listed{ID: e.ID, Since: since, Graph: graph, Same: same, Err: text(err)})
		}
	case engine.Watch:
		stats, err := w.watcher.Watch(ctx, e.Set, e.Since)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			emit(engine.Changed{Batch: watcher.Batch{Notices: []string{err.Error()}}})
			return
		}
		emit(engine.Watching{Folders: stats.Folders, Files: stats.Files, Limited: stats.Limited})
	case engine.Build:
		w.build(ctx, e, emit)
	case engine.Prepare:
		w.prepareReload(ctx, e, emit)
	case engine.BuildPlugin:
		w.buildPlugin(ctx, e, emit)
	case engine.Load:
		w.load(ctx, e, emit)
	case engine.Publish:
		kept := e.Keep != "" && w.keep(e.Artifact.Path, e.Keep)
		emit(engine.Published{Gen: e.Gen, Kept: kept, Err: text(w.builder.Publish(e.Artifact))})
	case engine.Discard:
		w.builder.Discard(e.Artifact)
	case engine.Start:
		w.start(ctx, e, emit)
	case engine.Stop:
		w.place.order(e.Gen, (*runner.Process).Stop)
	case engine.Kill:
		w.place.order(e.Gen, (*runner.Process).Kill)
	case engine.Signal:
		w.place.order(e.Gen, func(p *runner.Process) {
			emit(engine.Signaled{Gen: e.Gen, Err: text(p.Signal(e.Signal))})
		})
	case engine.FindHolder:
		if !w.place.latest(e.Gen) {
			return
		}
		if h, ok := runner.FindHolder(e.Addr); ok {
			emit(engine.Held{Gen: e.Gen, Conflict: engine.Conflict{Addr: e.Addr, Pid: h.Pid, Start: h.Start, Command: h.Command, Ours: h.Leftover}})
		}
	case engine.Quote:
		if !w.place.latest(e.Gen) {
			return
		}
		if lines, first := builder.Excerpt(e.File, e.Line); lines != nil {
			emit(engine.Quoted{Gen: e.Gen, Excerpt: engine.Excerpt{File: e.File, Line: e.Line, First: first, Lines: lines}})
		}
	case engine.Evict:
		if !w.place.latest(e.Gen) {
			return // the address is no concern of the program that runs now
		}
		held := engine.Held{Gen: e.Gen, Conflict: e.Conflict}
		if held.Ended = runner.Evict(runner.Holder{Pid: e.Conflict.Pid, Start: e.Conflict.Start}); !held.Ended {
			held.Err = fmt.Sprintf("pid %d, which has %s, could not be ended", e.Conflict.Pid, e.Conflict.Addr)
		}
		emit(held)
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

// keep has the binary at path stand at keep as well. It is a link where the file
// system can do that, so that it costs nothing.
func (w *world) keep(path, keep string) bool {
	if err := w.builder.Keep(path, keep); err != nil {
		w.log.Debug("the last binary is not kept", "err", err)
		return false
	}
	return true
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func (w *world) build(ctx context.Context, e engine.Build, emit func(engine.Event)) {
	hooks, done := w.hooks(ctx, e.Gen, e.Request, emit)
	defer done()
	build := w.builder.Build
	if e.Bare {
		build = w.builder.Host
	}
	var preparing sync.WaitGroup
	preparing.Go(w.prepareStart)
	result, err := build(ctx, e.Request, hooks)
	preparing.Wait()
	if err != nil && ctx.Err() != nil {
		return
	}
	emit(engine.Built{Gen: e.Gen, Result: result, Err: text(err)})
	if err == nil && result.OK() && !e.Bare {
		if err := w.builder.Plan(ctx, e.Request); err != nil {
			w.log.Debug("no fast path", "gen", e.Gen, "why", err)
		}
		if result.Unsettled > 0 {
			w.settle(ctx, e.Request)
		}
	}
}

// quiet is how long nothing is to have been saved before the builder settles:
// long enough for a developer's next thought, for it takes processors.
const quiet = 5 * time.Second

func (w *world) settle(ctx context.Context, req builder.Request) {
	select {
	case <-time.After(quiet):
	case <-ctx.Done():
		return
	}
	if err := w.builder.Settle(ctx, req); err != nil && ctx.Err() == nil {
		w.log.Debug("not settled", "why", err)
	}
}

// hooks tell of a build's progress; done is to be called at its end.
func (w *world) hooks(ctx context.Context, gen int, req builder.Request, emit func(engine.Event)) (hooks builder.Hooks, done func()) {
	hooks.Progress = func(pkg string) { emit(engine.Building{Gen: gen, Package: pkg}) }
	hooks.Linking = func() { emit(engine.Building{Gen: gen, Linking: true}) }
	if len(req.Before) == 0 {
		return hooks, func() {}
	}
	run := w.gate.begin()
	hooks.Generated = func() {
		paths, err := w.watcher.Settle(ctx)
		if err != nil {
			return // cancelled
		}
		g := engine.Generated{Gen: gen, Paths: w.gate.end(run, paths)}
		g.Marked = marked(g.Paths)
		emit(g)
	}
	return hooks, func() { w.gate.end(run, nil) }
}

// start runs the program and returns when nothing of it is left.
func (w *world) start(ctx context.Context, e engine.Start, emit func(engine.Event)) {
	w.place.claim(e.Gen)
	failed := func(why string) {
		w.place.leave()
		emit(engine.Exited{Gen: e.Gen, Exit: runner.Exit{Code: -1, Err: why}})
	}
	spare := w.takeSpare()
	if why := w.project.NotProgram(ctx); why != "" {
		spare.Close()
		failed(why)
		return
	}
	w.mu.Lock()
	w.like = e.Spec
	w.mu.Unlock()
	p, err := spare.Start(e.Spec, func(lines []runner.Line) {
		w.room()
		emit(engine.Wrote{Gen: e.Gen, Lines: lines})
	})
	if err != nil {
		failed(w.project.Unstartable(ctx, e.Spec.Dir, e.Spec.Path, err.Error()))
		return
	}
	w.place.take(p)
	emit(engine.Started{Gen: e.Gen, Pid: p.Pid()})
	if socket := p.Control(); socket != nil {
		l := newLink(e.Gen, socket)
		w.place.connect(l)
		var listening sync.WaitGroup
		listening.Go(func() { l.listen(emit) }) // ends with the socket
		defer func() {
			socket.Close()
			listening.Wait()
		}()
	}
	var sampling sync.WaitGroup
	sampling.Go(func() { p.Sample(func(u runner.Usage) { emit(engine.Sampled{Gen: e.Gen, Usage: u}) }) }) // ends with the program
	select {
	case <-p.Done():
	case <-ctx.Done():
		p.Kill()
		<-p.Done()
	}
	sampling.Wait()
	w.place.leave()
	emit(engine.Exited{Gen: e.Gen, Exit: p.Exit()})
}

// prepareStart has a supervisor come up while the program is built.
func (w *world) prepareStart() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.spare != nil || w.like.Path == "" {
		return
	}
	spare, err := runner.Prepare(w.like)
	if err != nil {
		w.log.Debug("no spare supervisor", "why", err) // the start will say so, if it is still so
		return
	}
	w.spare = spare
}

// takeSpare is the supervisor that was prepared, if there is one.
func (w *world) takeSpare() *runner.Spare {
	w.mu.Lock()
	defer w.mu.Unlock()
	spare := w.spare
	w.spare = nil
	return spare
}
