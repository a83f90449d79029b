// Command web is a guest book, for trying hotdev's web loop:
//
//	go run ./cmd/hotdev -C examples/web
//
// Open http://127.0.0.1:7777, leave the form half filled in, and edit templates/book.html,
// static/book.css or this file.
package main

import (
	"html/template"
	"log"
	"net/http"
	"sync"
)

// A book is what guests wrote, the newest first. It is lost at a restart.
type book struct {
	mu      sync.Mutex
	entries []string
}

func (b *book) show(w http.ResponseWriter, _ *http.Request) {
	// Parsed at each request, so that a save of the template needs no restart.
	page, err := template.ParseFiles("templates/book.html")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := page.Execute(w, map[string]any{"Title": title(len(b.entries)), "Entries": b.entries}); err != nil {
		log.Print(err)
	}
}

func (b *book) sign(w http.ResponseWriter, r *http.Request) {
	if text := r.FormValue("text"); text != "" {
		b.mu.Lock()
		b.entries = append([]string{text}, b.entries...)
		b.mu.Unlock()
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func title(entries int) string {
	if entries == 0 {
		return "Nobody was here yet"
	}
	return "Guests were here"
}

func main() {
	var b book
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", b.show)
	mux.HandleFunc("POST /{$}", b.sign)
	mux.Handle("GET /static/", http.StripPrefix("/static/", http.FileServer(http.Dir("static"))))
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", mux))
}
