package world

import (
	"context"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/watcher"
)

// A Setup is the world of a loop that waits until there is a program to build.
type Setup struct {
	look    func(context.Context) engine.Event
	send    func(engine.Event)
	watcher *watcher.Watcher
}

// NewSetup is one in which look says whether there is a program by now; nil is
// that it was cut off. send takes what is found at any time.
func NewSetup(look func(context.Context) engine.Event, send func(engine.Event)) *Setup {
	return &Setup{look: look, send: send, watcher: watcher.New()}
}

// Run watches until ctx ends.
func (w *Setup) Run(ctx context.Context) {
	run(ctx, w.watcher, func(b watcher.Batch) { w.send(engine.Changed{Batch: b}) }, w.send)
}

func (w *Setup) Do(ctx context.Context, e engine.Effect, emit func(engine.Event)) {
	switch e := e.(type) {
	case engine.Configure:
		if found := w.look(ctx); found != nil {
			emit(found)
		}
	case engine.Watch:
		watch(ctx, w.watcher, e, emit)
	case engine.Wait:
		wait(ctx, e, emit)
	}
}
