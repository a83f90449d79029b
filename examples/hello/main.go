// Hello is a small web server to try hotdev on:
//
//	hotdev ./examples/hello
//
// Open the page, then edit greeting/greeting.go or greeting/page.html, save, and
// load the page again.
//
// HELLO_ADDR is the address to listen on, 127.0.0.1:8080 by default.
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

	"github.com/hotdev/hotdev/examples/hello/greeting"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, cmp.Or(os.Getenv("HELLO_ADDR"), "127.0.0.1:8080")); err != nil {
		log.Fatal(err)
	}
}

// run serves on addr until ctx ends, and then finishes the requests under way.
func run(ctx context.Context, addr string) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("%w\nIf another program has this port, stop it, or choose another: HELLO_ADDR=127.0.0.1:8081", err)
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())

	server := &http.Server{
		Handler:           logged(greeting.Page(time.Now(), os.Getpid())),
		ReadHeaderTimeout: 5 * time.Second,
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	fmt.Println("shutting down")
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

// logged prints each request with how long its answer took.
func logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		next.ServeHTTP(w, r)
		log.Printf("%s %s %s", r.Method, r.URL.Path, time.Since(begin).Round(time.Microsecond))
	})
}
