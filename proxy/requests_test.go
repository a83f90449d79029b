package proxy

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/crash"
	"github.com/hotdev/hotdev/runner"
)

// What was asked is remembered, with what became of it; of two requests that were cut
// the one whose handler panicked is marked, though its report comes first.
func TestRequests(t *testing.T) {
	s := newStage(t)
	var mu sync.Mutex // where it cannot be known that a connection is closed, a panic comes twice
	s.up(serves(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/panic":
			mu.Lock()
			defer mu.Unlock()
			s.state.Process.Reports = append(s.state.Process.Reports, crash.Trace{Kind: crash.HandlerPanic, Message: "boom"})
			s.happens(engine.Wrote{Gen: 1, Lines: []runner.Line{{Text: "http: panic serving"}}})
			panic(http.ErrAbortHandler)
		case "/cut":
			panic(http.ErrAbortHandler)
		case "/gone":
			http.NotFound(w, r)
		default:
			fmt.Fprint(w, strings.Repeat("x", 5000))
		}
	}), engine.Cycle{})
	for _, path := range []string{"/?a=b", "/gone", "/panic", "/cut"} {
		get(t, s.url+path)
	}
	want := "GET /?a=b 200 5000 false false, GET /gone 404 19 false false, GET /panic 502 58 true true, GET /cut 502 58 true false"
	var got []string
	for _, r := range s.Requests() {
		if r.At.IsZero() || r.Took <= 0 {
			t.Errorf("%+v", r)
		}
		size := r.Size
		if r.Cut {
			size = 58 // hotdev's own words
		}
		got = append(got, fmt.Sprint(r.Method, " ", r.Path, " ", r.Status, " ", size, " ", r.Cut, " ", r.Panicked))
	}
	if strings.Join(got, ", ") != want {
		t.Errorf("have %s\nwant %s", strings.Join(got, ", "), want)
	}
	for range maxRequests {
		s.requests.add(Request{Path: "/new"})
	}
	if all := s.Requests(); len(all) != maxRequests || all[0].Path != "/new" || all[maxRequests-1].Path != "/new" {
		t.Errorf("%d requests, the oldest %s", len(all), all[0].Path)
	}
}
