package world

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/wire"
	"github.com/hotdev/hotdev/watcher"
)

// learn prepares live code for the program that has just started: the plan of its
// build, a trial of the toolchain (once), and what must be known of the process.
func (w *World) learn(ctx context.Context, e engine.Learn, emit func(engine.Event)) {
	socket := w.place.socket(e.Gen, builder.LiveVariable)
	if socket == nil {
		return // the program is gone, or the system does not support it
	}
	known := w.place.learning(e.Gen)
	live, err := w.open(ctx, e, socket)
	gone := ctx.Err() != nil
	switch {
	case gone:
	case err != nil:
		w.place.unlearned(e.Gen, err)
	default:
		gone = !w.place.learned(e.Gen, live)
	}
	known()
	if gone {
		if live != nil {
			live.Close()
		}
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

// tellPatch notifies the program of a patch, if it asked for that (reload.OnPatch).
func (w *World) tellPatch(e engine.Build, p *builder.Patched) {
	if l, _ := w.place.running(e.Host); l != nil && len(p.Functions) > 0 {
		// It is no error if the program does not listen.
		_ = l.conn.Send(wire.Message{Type: wire.Patch, Gen: e.Gen, Slots: p.Functions, Files: p.Files})
	}
}

// returning is how long functions get to return from code that a patch replaced: most
// do so within a request.
const returning = 500 * time.Millisecond

// linger finds the functions that did not return. A newer build makes the answer
// obsolete.
func (w *World) linger(ctx context.Context, e engine.Build, emit func(engine.Event)) {
	select {
	case <-time.After(returning):
	case <-ctx.Done():
		return
	}
	live := w.place.patchable(e.Host)
	if live == nil {
		return
	}
	notes, err := live.Linger()
	if err != nil {
		w.Log.Debug("what still runs old code is not known", "gen", e.Gen, "why", err)
		return
	}
	emit(engine.Lingered{Gen: e.Gen, Host: e.Host, Notes: notes})
	live.Rest()
}

// Profile has live code take a profile of the running program; see
// [builder.Live.Profile].
func (w *World) Profile(ctx context.Context, kind string, takes time.Duration) (builder.Profile, error) {
	live := w.place.newest(ctx)
	if live == nil {
		return builder.Profile{}, fmt.Errorf("%w: %s", builder.ErrNotLive, w.place.unpatchable())
	}
	return live.Profile(ctx, kind, takes)
}

// restartOn returns why one of files requires a restart by the user's configuration; ""
// if none does.
func restartOn(rule watcher.Rule, files []string) string {
	if len(rule.Include) == 0 {
		return ""
	}
	set := watcher.Set{Rules: []watcher.Rule{rule}}
	named := set.Covered(files)
	if len(named) == 0 {
		return ""
	}
	name := named[0]
	if rel, err := filepath.Rel(rule.Dir, name); err == nil {
		name = filepath.ToSlash(rel)
	}
	if folder := path.Dir(name); folder != "." {
		name = folder
	}
	return "live.restart_on names " + name
}
