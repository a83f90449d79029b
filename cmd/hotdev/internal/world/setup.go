package world

import (
	"context"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/watcher"
)

// A Setup is the world of a loop that waits until there is a program to build.
type Setup struct {
	look  func(context.Context) engine.Event
	send  func(engine.Event)
	files Files
}

// NewSetup returns a world that calls look to find out whether there is a program now;
// look returns nil if it was cancelled. send may be called at any time.
func NewSetup(look func(context.Context) engine.Event, files Files, send func(engine.Event)) *Setup {
	return &Setup{look: look, files: files, send: send}
}

// Found passes on what changed.
func (w *Setup) Found(b watcher.Batch) { w.send(engine.Changed{Batch: b}) }

func (w *Setup) Do(ctx context.Context, e engine.Effect, emit func(engine.Event)) {
	switch e := e.(type) {
	case engine.Configure:
		if found := w.look(ctx); found != nil {
			emit(found)
		}
	case engine.Watch:
		watch(ctx, w.files, e, emit)
	case engine.Wait:
		wait(ctx, e, emit)
	}
}
