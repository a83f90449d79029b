package world

import (
	"context"
	"errors"
	"os"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
)

// learn prepares live code for the program that has just come up: the plan of its
// build, a trial of the toolchain (once), and what there is to know of the process.
func (w *World) learn(ctx context.Context, e engine.Learn, emit func(engine.Event)) {
	socket := w.place.socket(e.Gen, builder.LiveVariable)
	if socket == nil {
		return // gone, or on a system without
	}
	live, err := w.open(ctx, e, socket)
	if ctx.Err() != nil {
		if live != nil {
			live.Close()
		}
		return
	}
	if err == nil && !w.place.learned(e.Gen, live) {
		live.Close()
		return
	}
	emit(engine.Patchable{Gen: e.Gen, Why: text(err)})
	if err != nil {
		return
	}
	if err := w.Builder.Warm(ctx, live); err != nil && !errors.Is(err, context.Canceled) {
		w.Log.Debug("not warm", "gen", e.Gen, "why", err)
	}
}

func (w *World) open(ctx context.Context, e engine.Learn, socket *os.File) (*builder.Live, error) {
	if err := w.plan(ctx, e.Request); err != nil {
		return nil, err
	}
	if err := w.Builder.TryLive(ctx, e.Request); err != nil {
		return nil, err
	}
	return w.Builder.OpenLive(ctx, e.Request, socket)
}
