package loop

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// signals handles the system's requests to end, until ctx ends: the first one asks the
// engine to quit, the second makes it kill the program, the third ends hotdev
// unconditionally.
func signals(ctx context.Context, cancel context.CancelFunc, quit func()) {
	c := make(chan os.Signal, 4)
	// SIGPIPE is caught so that a write to a closed pipe fails instead of ending the
	// process; the printer reports it.
	signal.Notify(c, os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE)
	if !signal.Ignored(syscall.SIGHUP) { // under nohup it is ignored
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
