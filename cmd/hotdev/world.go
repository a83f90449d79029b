package main

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/watcher"
)

// world carries out the engine's effects with the real builder, watcher and
// runner.
type world struct {
	project *project
	builder *builder.Builder
	watcher *watcher.Watcher
	log     *slog.Logger
	// room blocks while the headless view has more than enough to print, so that
	// a flood reaches back to the program that prints it.
	room func()
	gate gate

	mu    sync.Mutex
	child *runner.Process
	// like is how the program was started last, and spare a supervisor for the next
	// start, which would wait for it otherwise; nil if there is none.
	like  runner.Spec
	spare *runner.Spare
	link  *link // to the program, if it has a control socket
	// plugins are the newest files of those that the program opens itself.
	plugins map[string]string
}

// sampling is how often the running tree's usage is read: slow enough to cost
// little, fast enough to see a leak; and idling where the last look showed nothing
// new, as it does most of the day.
const (
	sampling = 2 * time.Second
	idling   = 6 * time.Second
)

// early is how often it is read at first, until the program listens on a port:
// that moment is when it is ready.
const early = 200 * time.Millisecond

func (w *world) Do(ctx context.Context, e engine.Effect, emit func(engine.Event)) {
	w.log.Debug("effect", "kind", kind(e), "what", e, "goroutines", runtime.NumGoroutine())
	switch e := e.(type) {
	case engine.Configure:
		emit(w.project.configure(ctx))
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
		emit(engine.Watching{Folders: stats.Folders, Files: stats.Files})
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
		if p := w.running(); p != nil {
			p.Stop()
		}
	case engine.Kill:
		if p := w.running(); p != nil {
			p.Kill()
		}
	case engine.Signal:
		if p := w.running(); p != nil {
			emit(engine.Signaled{Gen: e.Gen, Err: text(p.Signal(e.Signal))})
		}
	case engine.FindHolder:
		if h, ok := runner.FindHolder(e.Addr); ok {
			emit(engine.Held{Gen: e.Gen, Conflict: engine.Conflict{Addr: e.Addr, Pid: h.Pid, Start: h.Start, Command: h.Command, Ours: h.Leftover}})
		}
	case engine.Quote:
		if lines, first := builder.Excerpt(e.File, e.Line); lines != nil {
			emit(engine.Quoted{Gen: e.Gen, Excerpt: engine.Excerpt{File: e.File, Line: e.Line, First: first, Lines: lines}})
		}
	case engine.Evict:
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
	// What the commands write is this build's own doing: it is held back, and
	// told as Generated.
	w.gate.close()
	hooks.Generated = func() {
		paths, err := w.watcher.Settle(ctx)
		if err != nil {
			return // cancelled: what the gate holds is told as changed
		}
		g := engine.Generated{Gen: gen, Paths: w.gate.take(paths)}
		for _, p := range g.Paths {
			if builder.Generated(p) {
				g.Marked = append(g.Marked, p)
			}
		}
		w.gate.open()
		emit(g)
	}
	return hooks, w.gate.open
}

func (w *world) running() *runner.Process {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.child
}

// setRunning is called with nil before the loop hears of the end: from then on
// the next program may take the place.
func (w *world) setRunning(p *runner.Process) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.child, w.link = p, nil
}

// start runs the program and returns when nothing of it is left.
func (w *world) start(ctx context.Context, e engine.Start, emit func(engine.Event)) {
	spare := w.takeSpare()
	if why := w.notProgram(ctx); why != "" {
		spare.Close()
		emit(engine.Exited{Gen: e.Gen, Exit: runner.Exit{Code: -1, Err: why}})
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
		emit(engine.Exited{Gen: e.Gen, Exit: runner.Exit{Code: -1, Err: w.unstartable(ctx, e.Spec.Path, err.Error())}})
		return
	}
	w.setRunning(p)
	emit(engine.Started{Gen: e.Gen, Pid: p.Pid()})
	if socket := p.Control(); socket != nil {
		l := newLink(e.Gen, socket)
		w.setLink(l)
		var listening sync.WaitGroup
		listening.Go(func() { l.listen(emit) }) // ends with the socket
		defer func() {
			socket.Close()
			listening.Wait()
		}()
	}
	tick := time.NewTicker(early)
	begun, settled, busy := time.Now(), false, true
	defer tick.Stop()
	var last runner.Usage
	over := ctx.Done()
	for {
		select {
		case <-p.Done():
			w.setRunning(nil)
			emit(engine.Exited{Gen: e.Gen, Exit: p.Exit()})
			return
		case <-over:
			p.Kill()
			over = nil
		case <-tick.C:
			u, ok := p.Usage()
			news := ok && differs(u, last)
			if news {
				last = u
				emit(engine.Sampled{Gen: e.Gen, Usage: u})
			}
			if settled && news != busy {
				busy = news
				tick.Reset(map[bool]time.Duration{true: sampling, false: idling}[busy])
			}
			if !settled && (len(u.Ports) > 0 || time.Since(begun) > sampling) {
				settled = true
				tick.Reset(sampling)
			}
		}
	}
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

// differs tells whether a user would see the difference: an idle program is no
// reason to draw.
func differs(a, b runner.Usage) bool {
	return a.Processes != b.Processes || !slices.Equal(a.Ports, b.Ports) || math.Abs(a.CPU-b.CPU) >= 1 ||
		math.Abs(float64(a.RSS)-float64(b.RSS)) >= 1<<20
}

// gate stands between the watcher and the engine. Closed, it keeps batches.
type gate struct {
	mu     sync.Mutex
	closed bool
	kept   watcher.Batch
	out    func(watcher.Batch) // towards the engine; may block
	config func() []string     // what is never a build's own doing
}

// pass is called by the watcher for every batch.
func (g *gate) pass(b watcher.Batch) {
	g.mu.Lock()
	if g.closed {
		g.kept.Paths = append(g.kept.Paths, b.Paths...)
		g.kept.Notices = append(g.kept.Notices, b.Notices...)
		g.kept.Overflow = g.kept.Overflow || b.Overflow
		if g.kept.First.IsZero() {
			g.kept.First = b.First
		}
		g.mu.Unlock()
		return
	}
	g.mu.Unlock()
	g.out(b)
}

func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
}

// take is all paths that were kept, and more; what must not be among them stays
// kept.
func (g *gate) take(more []string) []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	config := g.config()
	var taken, left []string
	for _, p := range append(g.kept.Paths, more...) {
		switch {
		case slices.Contains(taken, p):
		case slices.Contains(config, p):
			left = append(left, p)
		default:
			taken = append(taken, p)
		}
	}
	g.kept.Paths = left
	return taken
}

// open lets batches pass again, what was kept first.
func (g *gate) open() {
	g.mu.Lock()
	kept := g.kept
	g.closed, g.kept = false, watcher.Batch{}
	g.mu.Unlock()
	if len(kept.Paths) > 0 || len(kept.Notices) > 0 || kept.Overflow {
		g.out(kept)
	}
}
