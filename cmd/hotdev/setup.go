package main

import (
	"context"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/tui"
	"github.com/hotdev/hotdev/watcher"
)

// overcome shows the obstacle that err is on the whole screen until it is gone.
// If the user leaves before that, it is the error still.
func overcome(ctx context.Context, t terminal, o options, p *project.Project, err error) error {
	in := newInbox()
	search := project.NewSearch(p, err)
	w := &setup{search: search, watcher: watcher.New()}
	in.send(search.Hindered()) // seen at once, while it is looked again
	screen := tui.New(screenOptions(t, o, p, in.send))
	found := func(b watcher.Batch) { in.send(engine.Changed{Batch: b}) }
	if err := (loop{inbox: in, world: w, watcher: w.watcher, found: found, screen: screen, suspend: t.suspender.Asked(), views: []engine.View{screen}}).run(ctx); err != nil {
		return err
	}
	return search.Err()
}

// setup is the world of the loop that waits until there is a program to build.
type setup struct {
	search  *project.Search
	watcher *watcher.Watcher
}

func (w *setup) Do(ctx context.Context, e engine.Effect, emit func(engine.Event)) {
	switch e := e.(type) {
	case engine.Configure:
		if found := w.search.Look(ctx); found != nil {
			emit(found)
		}
	case engine.Watch:
		if _, err := w.watcher.Watch(ctx, e.Set, e.Since); err != nil && ctx.Err() == nil {
			emit(engine.Changed{Batch: watcher.Batch{Notices: []string{err.Error()}}})
		}
	case engine.Wait:
		wait(ctx, e, emit)
	}
}
