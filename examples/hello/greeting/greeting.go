// Package greeting serves a page that says hello.
package greeting

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"time"
)

// Edit me, and save.
const greeting = "Hello, gopher!"

//go:embed page.html
var pageHTML string

// Page serves the greeting at /, with when and as which process the program that
// says it was started: after a restart both are new.
func Page(started time.Time, pid int) http.Handler {
	page := template.Must(template.New("page").Parse(pageHTML))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		err := page.Execute(&body, map[string]any{
			"Greeting": greeting,
			"Started":  started.Format(time.TimeOnly),
			"Pid":      pid,
		})
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		body.WriteTo(w)
	})
	return mux
}
