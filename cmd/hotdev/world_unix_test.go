//go:build unix

package main

import (
	"context"
	"io"
	"log/slog"
	"testing"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
)

// The loop starts the next program as soon as it hears of the end of the one
// before, whose effect may then have more to do: it must not take the next one's
// place away, or nothing could stop that.
func TestNextProgramKeepsItsPlace(t *testing.T) {
	w := &world{log: slog.New(slog.NewTextHandler(io.Discard, nil)), room: func() {}}
	ctx, cancel := context.WithCancel(t.Context())
	sh := func(gen int, script string) engine.Start {
		return engine.Start{Gen: gen, Spec: runner.Spec{Path: "/bin/sh", Args: []string{"-c", script}, Control: true}}
	}
	started, over := make(chan int), make(chan struct{})
	w.Do(ctx, sh(1, "exit 0"), func(e engine.Event) {
		if _, ok := e.(engine.Exited); !ok {
			return
		}
		go func() {
			defer close(over)
			w.Do(ctx, sh(2, "sleep 1000"), func(e engine.Event) {
				if s, ok := e.(engine.Started); ok {
					started <- s.Pid
				}
			})
		}()
		<-started
	})
	if w.running() == nil {
		t.Error("nothing runs, says the end of the first program")
	}
	cancel()
	<-over
}
