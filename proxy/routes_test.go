package proxy

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hotdev/hotdev/engine"
)

// Routes lead from the address of one program to others, each of which has requests
// wait, and its pages hear of it alone.
func TestRoutes(t *testing.T) {
	s := newStage(t)
	page := func(name string) string {
		return serves(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, "<!doctype html><title>x</title>%s %s", name, r.URL.Path)
		})
	}
	s.up(page("front"), engine.Cycle{})
	other := func(name string, routes ...string) *stage {
		o := &stage{t: t}
		o.Proxy = New(Options{Name: name, Routes: s.opts.Routes, Dir: "/p", Token: "secret", Log: slog.New(slog.DiscardHandler), Send: func(engine.Event) {}})
		o.state.Phase = engine.Running
		o.state.Settings.Web = engine.Web{Routes: routes, Wait: time.Minute}
		o.state.Process = engine.ProcessState{Phase: engine.Down, Desire: engine.ToRun}
		o.happens(engine.Configured{})
		return o
	}
	api := other("api", "/api", "/static/")
	other("admin", "admin.test", "/api/admin/").up(page("admin"), engine.Cycle{})

	ask := func(path, host string) string {
		t.Helper()
		r, err := http.NewRequest(http.MethodGet, s.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Sec-Fetch-Dest", "document")
		r.Host = host
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Error(err)
			return ""
		}
		defer res.Body.Close()
		text, _ := io.ReadAll(res.Body)
		return string(text)
	}
	waits := make(chan string)
	go func() { waits <- ask("/api/x", "") }()
	for _, test := range []struct{ path, host, want string }{
		{"/", "", "front /"},
		{"/apis", "", "front /apis"},
		{"/static", "", "front /static"},
		{"/api/admin/x", "", "admin /api/admin/x"},
		{"/api", "admin.test:80", "admin /api"},
		{"/", "other.test", `"other.test" is not a name of this machine`},
	} {
		got := ask(test.path, test.host)
		if !strings.Contains(got, test.want) {
			t.Errorf("%s %s: %s, want %s", test.host, test.path, got, test.want)
		}
		if named := strings.Contains(got, `data-program="admin"`); named != strings.HasPrefix(test.want, "admin") {
			t.Errorf("%s %s is a page of admin: %v", test.host, test.path, named)
		}
	}
	select {
	case got := <-waits:
		t.Errorf("before the program is up: %s", got)
	default:
	}
	api.up(page("api"), engine.Cycle{})
	if got := <-waits; !strings.Contains(got, "api /api/x") {
		t.Errorf("/api/x: %s", got)
	}
	// A page's own requests go to its own program.
	api.Proxy.change(func() { api.snapshot.Problem = &problem{Title: "it is the api"} })
	res, err := http.Get(s.url + "/.hotdev/events?token=secret&program=api")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	first := make([]byte, 4096)
	n, _ := res.Body.Read(first)
	if !strings.Contains(string(first[:n]), "it is the api") {
		t.Errorf("a page of api hears of %s", first[:n])
	}
	// Settings that change take effect.
	api.state.Settings.Web.Routes = []string{"/v2/"}
	api.happens(engine.Configured{})
	if got := ask("/api/x", ""); !strings.Contains(got, "front") {
		t.Errorf("/api/x: %s", got)
	}
}
