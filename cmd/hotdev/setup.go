package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/tui"
	"github.com/hotdev/hotdev/watcher"
)

// obstacle is what keeps hotdev from beginning, if err is that and not a mistake
// in the command line.
func obstacle(err error) *builder.Obstacle {
	var o *builder.Obstacle
	errors.As(err, &o)
	return o
}

// overcome shows the obstacle that err is on the whole screen until it is gone.
// If the user leaves before that, it is the error still.
func overcome(ctx context.Context, t terminal, o options, b *builder.Builder, err error) error {
	p, openErr := openProject(o, b, os.Environ())
	if openErr != nil {
		return openErr
	}
	in := newInbox()
	w := &setup{options: o, builder: b, watcher: watcher.New(), screen: screenSettings(p.config), err: err}
	in.send(w.hindered(err)) // seen at once, while it is looked again
	screen := tui.New(screenOptions(t, o, p, in.send))
	found := func(b watcher.Batch) { in.send(engine.Changed{Batch: b}) }
	if err := (loop{inbox: in, world: w, watcher: w.watcher, found: found, screen: screen, suspend: t.suspender.Asked(), views: []engine.View{screen}}).run(ctx); err != nil {
		return err
	}
	return w.err
}

// setup is the world of the loop that waits until there is a program to build.
type setup struct {
	options options
	builder *builder.Builder
	watcher *watcher.Watcher
	screen  engine.Screen
	err     error // what keeps it; nil once nothing does. One Configure at a time touches it.
}

func (w *setup) Do(ctx context.Context, e engine.Effect, emit func(engine.Event)) {
	switch e := e.(type) {
	case engine.Configure:
		w.look(ctx, emit)
	case engine.Watch:
		if _, err := w.watcher.Watch(ctx, e.Set, e.Since); err != nil && ctx.Err() == nil {
			emit(engine.Changed{Batch: watcher.Batch{Notices: []string{err.Error()}}})
		}
	case engine.Wait:
		wait(ctx, e, emit)
	}
}

// look tells whether there is a program by now.
func (w *setup) look(ctx context.Context, emit func(engine.Event)) {
	_, _, folder, err := locate(ctx, w.options, w.builder)
	if ctx.Err() != nil {
		if err == nil {
			folder.Close()
		}
		return
	}
	if w.err = err; err == nil {
		folder.Close()
		emit(engine.Cleared{})
		return
	}
	emit(w.hindered(err))
}

// hindered is the event that err is.
func (w *setup) hindered(err error) engine.Hindered {
	o := obstacle(err)
	if o == nil { // on the way to a mended module there may be any mistake
		o = &builder.Obstacle{Text: err.Error(), Dir: w.options.dir}
	}
	h := engine.Hindered{Obstacle: *o, Settings: engine.Settings{Screen: w.screen, Watch: w.signs(*o)}}
	switch o.Kind {
	case builder.NoGo, builder.Unwritable, builder.NoPlace, "":
		h.Poll = true
	}
	return h
}

// signs are the files whose coming or change may be the end of the obstacle.
func (w *setup) signs(o builder.Obstacle) watcher.Set {
	dir := w.options.dir
	_, root, _ := config.Find(dir)
	set := watcher.Set{
		Rules: []watcher.Rule{{Dir: dir, Include: []string{"*.go"}}},
		Files: []string{filepath.Join(root, config.Name)},
	}
	if o.File != "" {
		set.Files = append(set.Files, o.File)
	}
	if o.Kind == builder.NoProgram {
		// A main package may come anywhere in the module.
		set.Roots = []string{root}
		set.Rules = append(set.Rules, watcher.Rule{Dir: root, Include: []string{"**/*.go"}})
	}
	for at := dir; ; at = filepath.Dir(at) {
		set.Files = append(set.Files, filepath.Join(at, "go.mod"), filepath.Join(at, "go.work"))
		if at == filepath.Dir(at) {
			return set
		}
	}
}
