// Package loop is hotdev's main job: it sets up a session with a world for each
// program, and runs it together with all that speaks to it and looks on: signals, the
// screen or the printer, servers. It knows in which order they begin and end.
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

// A loop is a session with what is around it.
type loop struct {
	session *session.Session
	views   []session.View
	screen  *tui.Screen                 // one of the views; nil is none
	suspend <-chan os.Signal            // asks for the screen to be suspended
	print   *lines.Printer              // what the views print with; nil is none
	servers []func(ctx context.Context) // each returns once ctx has ended
}

// run returns when the user has left.
func (l loop) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup // signals, servers, and the screen or the printer's failure
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
			l.session.Quit() // if the screen is gone first, the loop follows
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
			if l.print.Failed() != nil { // nobody reads any more
				l.session.Quit()
			}
		})
	}
	err := func() error {
		// In this order, and after a panic in the loop as well: the program is gone
		// when Run is left, then all is said, then the terminal is given back.
		defer wg.Wait()
		defer cancel()
		defer func() {
			if l.print != nil {
				l.print.Close()
			}
		}()
		err := l.session.Run(ctx, l.views...)
		if err == nil || errors.Is(err, engine.ErrKilled) {
			<-screenDone // it has seen the last state; cancelled, it would end less tidily
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
