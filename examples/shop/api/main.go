// The api of the shop takes orders, and hands them to the worker.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/hotdev/hotdev/examples/shop/order"
	"github.com/hotdev/hotdev/examples/shop/page"
)

// A shop has orders. Its methods may be called on any goroutine.
type shop struct {
	mu     sync.Mutex
	orders []order.Order
}

func (s *shop) add(item string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orders = append(s.orders, order.Order{ID: len(s.orders) + 1, Item: item})
}

// ship marks the oldest open order as shipped; it is false if there is none.
func (s *shop) ship() (order.Order, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.orders, func(o order.Order) bool { return !o.Shipped })
	if i < 0 {
		return order.Order{}, false
	}
	s.orders[i].Shipped = true
	return s.orders[i], true
}

func (s *shop) newest() []order.Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	orders := slices.Clone(s.orders)
	slices.Reverse(orders)
	return orders
}

func main() {
	s := &shop{}
	s.add("tea")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		_ = page.Shop(s.newest()).Render(r.Context(), w) // the client may be gone
	})
	mux.HandleFunc("POST /orders", func(w http.ResponseWriter, r *http.Request) {
		s.add(r.FormValue("item"))
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	mux.HandleFunc("POST /orders/ship", func(w http.ResponseWriter, _ *http.Request) {
		shipped, ok := s.ship()
		if !ok {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		_ = json.NewEncoder(w).Encode(shipped) // the client may be gone
	})

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	server := &http.Server{Addr: "127.0.0.1:" + os.Getenv("PORT"), Handler: mux}
	go func() {
		<-ctx.Done()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = server.Shutdown(ctx) // what is left is cut off
	}()
	fmt.Println("the shop is at http://" + server.Addr)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}
