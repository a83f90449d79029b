// Live is a small web server to try live code on; there is nothing of hotdev in it:
//
//	hotdev ./examples/live
//
// Open the page in a few browsers, then edit board/board.go: the text of Line, or
// what a click adds. Save, and the pages show the new code while the counter, the
// uptime and the open streams go on. A new field in Board restarts the program.
//
// LIVE_ADDR is the address to listen on, 127.0.0.1:8080 by default.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/hotdev/hotdev/examples/live/board"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, cmp.Or(os.Getenv("LIVE_ADDR"), "127.0.0.1:8080")); err != nil {
		log.Fatal(err)
	}
}

// run serves on addr, and prints what the pages show every few seconds, until ctx
// ends.
func run(ctx context.Context, addr string) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("%w\nIf another program has this port, stop it, or choose another: LIVE_ADDR=127.0.0.1:8081", err)
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())

	b := board.New(time.Now())
	server := &http.Server{
		Handler:           b,
		ReadHeaderTimeout: 5 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx }, // ends the streams
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case err := <-served:
			return err
		case <-tick.C:
			log.Print(b.Line())
			continue
		case <-ctx.Done():
		}
		break
	}
	grace, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return err
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
