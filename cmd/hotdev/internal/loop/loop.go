// Package loop is hotdev's main job: it sets up a session with a world for each
// program, and runs it together with signals, the screen or the printer, and servers.
// It knows the order in which these begin and end.
package loop

import (
	"context"
	"errors"
	"os"
	"sync"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/exit"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/lines"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/session"
	"github.com/hotdev/hotdev/tui"
)

// A loop is a session with everything that runs beside it.
type loop struct {
	session *session.Session
	views   []session.View
	screen  *tui.Screen                 // one of the views; may be nil
	suspend <-chan os.Signal            // receives requests to suspend the screen
	print   *lines.Printer              // prints for the views; may be nil
	servers []func(ctx context.Context) // each runs until ctx ends
}

// run returns when the user has quit.
func (l loop) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup // for signals, servers, and the screen or a failure of the printer
	wg.Go(func() { signals(ctx, cancel, l.session.Quit) })
	for _, serve := range l.servers {
		wg.Go(func() { serve(ctx) })
	}
	var screenErr error
	screenDone := make(chan struct{})
	if l.screen != nil {
		wg.Go(func() {
			defer close(screenDone)
			screenErr = l.screen.Run(ctx)
			l.session.Quit() // if the screen ends first, the loop follows
		})
		wg.Go(func() {
			for {
				select {
				case <-l.suspend:
					l.screen.Suspend()
				case <-screenDone:
					return
				}
			}
		})
	} else {
		close(screenDone)
	}
	if l.print != nil {
		wg.Go(func() {
			if l.print.Failed() != nil { // nothing reads the output any more
				l.session.Quit()
			}
		})
	}
	err := func() error {
		// In this order, also after a panic in the loop: the program is gone when Run
		// returns, then everything is printed, then the terminal is restored.
		defer wg.Wait()
		defer cancel()
		defer func() {
			if l.print != nil {
				l.print.Close()
			}
		}()
		err := l.session.Run(ctx, l.views...)
		if err == nil || errors.Is(err, engine.ErrKilled) {
			<-screenDone // it has drawn the last state; cancelled, it would not end cleanly
		}
		return err
	}()
	switch {
	case errors.Is(err, engine.ErrKilled), errors.Is(err, context.Canceled):
		return exit.Killed
	case err != nil:
		return err
	}
	return screenErr
}
