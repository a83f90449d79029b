// Command arena is a web server whose rules can be changed while it runs, with
// its score and its visitors' open connections kept.
//
//	go run ./cmd/hotdev ./examples/arena
//
// Open the page, hit a few times, change rules.Score or rules.Headline and save:
// the page goes on, its event stream is not cut, and the score is still there.
package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hotdev/hotdev/examples/arena/rules"
	"github.com/hotdev/hotdev/reload"
)

// What can be reloaded: these two functions, and so package rules.
var (
	score    = reload.Func(rules.Score)
	headline = reload.Func(rules.Headline)
)

//go:embed page.html
var page embed.FS

type arena struct {
	started time.Time
	total   atomic.Int64
}

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "`address` to listen on")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, *addr); err != nil {
		log.Fatal(err)
	}
}

// serve serves until ctx ends.
func serve(ctx context.Context, addr string) error {
	a := &arena{started: time.Now()}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", http.RedirectHandler("/page.html", http.StatusFound))
	mux.Handle("GET /page.html", http.FileServerFS(page))
	mux.HandleFunc("GET /headline", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, headline.Get()(a.started))
	})
	mux.HandleFunc("POST /hit", a.hit)
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) { a.events(ctx, w, r) })
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Printf("arena on http://%s\n", l.Addr())
	s := &http.Server{Handler: mux}
	done := make(chan error, 1)
	go func() { // ends with the listener
		<-ctx.Done()
		over, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		done <- s.Shutdown(over)
	}()
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-done
}

func (a *arena) hit(w http.ResponseWriter, _ *http.Request) {
	worth := score.Get()(rules.Hit{Strength: 1})
	fmt.Fprintf(w, "%d %d\n", worth, a.total.Add(int64(worth)))
}

// events is an open connection that a restart would cut.
func (a *arena) events(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	for tick := time.NewTicker(time.Second); ; {
		if _, err := fmt.Fprintf(w, "data: %s; score %d\n\n", headline.Get()(a.started), a.total.Load()); err != nil {
			return
		}
		http.NewResponseController(w).Flush()
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		case <-ctx.Done():
			return
		}
	}
}
