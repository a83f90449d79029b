package world

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/debugger"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/wire"
	"github.com/hotdev/hotdev/runner"
)

// start runs the program and returns when nothing of it is left.
func (w *World) start(ctx context.Context, e engine.Start, emit func(engine.Event)) {
	place := w.place.claim(e.Gen)
	failed := func(why string) {
		place.leave()
		if e.Task {
			emit(engine.Complained{Gen: e.Gen, Diagnostics: new(builder.Said).Complaints(e.Spec.Dir, nil, why)})
		}
		emit(engine.Exited{Gen: e.Gen, Exit: runner.Exit{Code: -1, Err: why}})
	}
	spare := w.takeSpare()
	if why := w.Project.NotProgram(ctx); why != "" {
		spare.Close()
		failed(why)
		return
	}
	var err error
	if e.Spec.Listeners, err = w.sockets.at(e.Spec.Listen); err != nil {
		spare.Close()
		failed(err.Error())
		return
	}
	var (
		dbg  *debugger.Debugger
		addr string
	)
	if e.Debug != engine.NotDebugged {
		if e.Spec, dbg, addr, err = w.debugging.under(e.Spec); err != nil {
			spare.Close()
			failed(err.Error())
			return
		}
	}
	w.mu.Lock()
	w.like = e.Spec
	w.mu.Unlock()
	texts, gone := w.texts.start(w.Project.Templates(), e.Gen)
	defer gone()
	e.Spec.Env = append(slices.Clip(e.Spec.Env), texts...)
	var said builder.Said
	write := func(lines []runner.Line) {
		w.Room()
		for _, l := range lines {
			if e.Task && !l.Partial {
				said.Line(runner.Uncoloured(l.Text))
			}
		}
		emit(engine.Wrote{Gen: e.Gen, Lines: lines})
	}
	desk := w.typeInto(e.Gen, &e.Spec)
	p, err := spare.Start(e.Spec, write)
	if err != nil {
		desk.end()
		failed(w.Project.Unstartable(ctx, e.Spec.Dir, e.Spec.Path, err.Error()))
		return
	}
	place.take(p)
	under, err := w.takeOver(ctx, dbg, addr, e, p, place)
	if err != nil {
		<-p.Done()
		desk.end()
		place.leave()
		for _, variable := range e.Spec.Sockets {
			p.Socket(variable).Close()
		}
		emit(engine.Exited{Gen: e.Gen, Exit: runner.Exit{Code: -1, Err: err.Error(), Uptime: p.Exit().Uptime}})
		return
	}
	emit(engine.Started{Gen: e.Gen, Pid: p.Pid()})
	under.run()
	desk.serve(p, write)
	if socket := p.Socket(wire.Variable); socket != nil {
		l := newLink(e.Gen, socket)
		place.connect(l)
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
	desk.end()
	place.leave()
	if socket := p.Socket(builder.LiveVariable); socket != nil {
		socket.Close()
	}
	exit := under.ending(p.Exit())
	if e.Task && exit.Code != 0 && !exit.Stopped {
		argv := append([]string{filepath.Base(e.Spec.Path)}, e.Spec.Args...)
		emit(engine.Complained{Gen: e.Gen, Diagnostics: said.Complaints(e.Spec.Dir, argv, ending(exit))})
	}
	emit(engine.Exited{Gen: e.Gen, Exit: exit})
}

// ending describes how a failed command ended.
func ending(e runner.Exit) string {
	if e.Signal != "" {
		return "killed by " + e.Signal
	}
	return fmt.Sprintf("exit status %d", e.Code)
}

// prepareStart starts a supervisor while the program is being built.
func (w *World) prepareStart() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.spare != nil || w.like.Path == "" {
		return
	}
	spare, err := runner.Prepare(w.like)
	if err != nil {
		w.Log.Debug("no spare supervisor", "why", err) // if the cause persists, the start will report it
		return
	}
	w.spare = spare
}

// takeSpare returns the supervisor that was prepared, or nil.
func (w *World) takeSpare() *runner.Spare {
	w.mu.Lock()
	defer w.mu.Unlock()
	spare := w.spare
	w.spare = nil
	return spare
}
