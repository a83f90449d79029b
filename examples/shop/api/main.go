// The api of the shop takes orders, and hands them to the worker.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/hotdev/hotdev/examples/shop/order"
	"github.com/hotdev/hotdev/examples/shop/page"
	"github.com/hotdev/hotdev/examples/shop/store"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

// run serves the shop until ctx is done.
func run(ctx context.Context) error {
	db, err := store.Open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	orders := store.New(db)
	if err := orders.AddOrder(ctx, "tea"); err != nil {
		return err
	}
	server := &http.Server{Addr: "127.0.0.1:" + os.Getenv("PORT"), Handler: routes(orders)}
	go func() {
		<-ctx.Done()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = server.Shutdown(ctx) // what is left is cut off
	}()
	fmt.Println("the shop is at http://" + server.Addr)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func routes(orders *store.Queries) http.Handler {
	mux := http.NewServeMux()
	// Read from the disk, so that a new stylesheet needs no new program.
	mux.Handle("GET /static/", http.StripPrefix("/static/", http.FileServer(http.Dir("static"))))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		rows, err := orders.ListOrders(r.Context())
		if err != nil {
			fail(w, err)
			return
		}
		var list []order.Order
		for _, row := range rows {
			list = append(list, order.Order(row))
		}
		_ = page.Shop(list).Render(r.Context(), w) // the client may be gone
	})
	mux.HandleFunc("POST /orders", func(w http.ResponseWriter, r *http.Request) {
		if err := orders.AddOrder(r.Context(), r.FormValue("item")); err != nil {
			fail(w, err)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	mux.HandleFunc("POST /orders/ship", func(w http.ResponseWriter, r *http.Request) {
		row, err := orders.ShipOldest(r.Context())
		switch {
		case errors.Is(err, sql.ErrNoRows):
			w.WriteHeader(http.StatusNoContent)
		case err != nil:
			fail(w, err)
		default:
			_ = json.NewEncoder(w).Encode(order.Order(row)) // the client may be gone
		}
	})
	return mux
}

func fail(w http.ResponseWriter, err error) {
	log.Print(err)
	http.Error(w, "the shop is out of order", http.StatusInternalServerError)
}
