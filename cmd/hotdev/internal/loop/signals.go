package loop

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// signals turns the system's requests to end into the engine's, until ctx ends:
// the first asks politely, the second kills, the third ends hotdev by all means.
func signals(ctx context.Context, cancel context.CancelFunc, quit func()) {
	c := make(chan os.Signal, 4)
	// SIGPIPE is taken so that a write to a closed pipe fails instead of ending
	// the process; the printer reports it.
	signal.Notify(c, os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE)
	if !signal.Ignored(syscall.SIGHUP) { // it is under nohup
		signal.Notify(c, syscall.SIGHUP)
	}
	defer signal.Stop(c)
	n := 0
	for {
		select {
		case s := <-c:
			if s == syscall.SIGPIPE {
				continue
			}
			if n++; n > 2 {
				cancel()
				return
			}
			quit()
		case <-ctx.Done():
			return
		}
	}
}
