package proxy

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/patience"
	"github.com/hotdev/hotdev/runner"
)

// A stage is a proxy, and the engine's part played by the test.
type stage struct {
	*Proxy
	t     testing.TB
	state engine.State
	url   string

	opened chan string // places, in the editor
	leave  func()      // ends the proxy

	mu   sync.Mutex
	sent []engine.Event
}

// newStage is a proxy that serves, of a program that is being built.
func newStage(t testing.TB) *stage {
	t.Helper()
	return newStageAt(t, freePort(t))
}

func newStageAt(t testing.TB, port int) *stage {
	t.Helper()
	s := &stage{t: t, opened: make(chan string, 1)}
	open := func(file string, line, column int) error {
		s.opened <- fmt.Sprintf("%s:%d:%d", file, line, column)
		return nil
	}
	holder := func(string) string { return "pid 42 (other)" }
	s.Proxy = New(Options{Dir: "/p", Token: "secret", Cache: t.TempDir(), Open: open, Holder: holder, Log: slog.New(slog.DiscardHandler), Send: func(e engine.Event) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.sent = append(s.sent, e)
	}})
	s.state.Phase = engine.Running
	s.state.Settings.Name = "app"
	s.state.Settings.Web = engine.Web{Port: port, Wait: time.Minute}
	s.state.Build = engine.BuildState{Phase: engine.Compiling, Gen: 1}
	s.state.Process = engine.ProcessState{Phase: engine.Down, Desire: engine.ToRun}
	s.happens(engine.Configured{})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { s.Run(ctx) })
	s.leave = func() { cancel(); wg.Wait() }
	t.Cleanup(s.leave)
	served, err := s.await(func(e engine.Event) bool { _, ok := e.(engine.Served); return ok })
	if err != nil {
		t.Fatal(err)
	}
	s.url = served.(engine.Served).Addr
	return s
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (s *stage) happens(e engine.Event) {
	s.state.Now = time.Now()
	s.Show(s.state, e)
}

// await waits for an event that the proxy sent.
func (s *stage) await(which func(engine.Event) bool) (found engine.Event, err error) {
	err = patience.Until(func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, e := range s.sent {
			if which(e) {
				found = e
				return true
			}
		}
		return false
	})
	return found, err
}

// up has the program of the next generation come up, which serves at addr.
func (s *stage) up(addr string, ended engine.Cycle) {
	s.state.Build.Phase = engine.Idle
	s.state.Process.Gen++
	s.state.Build.Published = s.state.Process.Gen
	s.state.Process.Phase, s.state.Process.Usage = engine.Up, runner.Usage{}
	s.happens(engine.Started{Gen: s.state.Process.Gen})
	ended.Outcome = engine.OutcomeStarted
	s.happens(engine.Ended{Cycle: ended})
	s.state.Process.Usage.Ports = []runner.Port{{Addr: addr}}
	s.happens(engine.Sampled{Gen: s.state.Process.Gen})
}

// stopping has the program begin to stop for the next one.
func (s *stage) stopping() {
	s.state.Process.Phase = engine.Stopping
	s.happens(engine.Published{})
}

func (s *stage) gone() {
	s.state.Process.Phase, s.state.Process.Exit = engine.Starting, &runner.Exit{Stopped: true}
	s.happens(engine.Exited{Gen: s.state.Process.Gen})
}

// serves is a program.
func serves(t testing.TB, h http.HandlerFunc) (addr string) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	return server.Listener.Addr().String()
}

// serveAt is a program at a port, which answers text.
func serveAt(t testing.TB, port int, text string) {
	t.Helper()
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, text) })}
	go server.Serve(l) // ends with the test
	t.Cleanup(func() { server.Close() })
}

// A reply is what came of a request.
type reply struct {
	code   int
	header http.Header
	text   string
}

// get asks as a browser does for a document.
func get(t testing.TB, url string, header ...string) reply {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Dest", "document")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
		if strings.EqualFold(header[i], "Host") {
			r.Host = header[i+1]
		}
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{res.StatusCode, res.Header, string(text)}
}

// A request waits for the first build, for a restart, and goes on to the program that
// comes next, whatever its address.
func TestWaits(t *testing.T) {
	s := newStage(t)
	answers := make(chan string)
	ask := func() {
		answers <- get(t, s.url, "Sec-Fetch-Dest", "empty").text
	}
	go ask()
	one := serves(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "one") })
	s.up(one, engine.Cycle{})
	if got, err := patience.Receive(answers); got != "one" {
		t.Fatal(got, err)
	}
	s.stopping()
	go ask()
	s.gone()
	two := serves(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "two") })
	s.up(two, engine.Cycle{})
	if got, err := patience.Receive(answers); got != "two" {
		t.Fatal(got, err)
	}
}

// While the new program is built, the old one answers; one that crashed is said at once.
func TestStanding(t *testing.T) {
	s := newStage(t)
	s.up(serves(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "old") }), engine.Cycle{})
	s.state.Build = engine.BuildState{Phase: engine.Compiling, Gen: 2}
	s.happens(engine.Changed{})
	if text := get(t, s.url, "Sec-Fetch-Dest", "empty").text; text != "old" {
		t.Errorf("during the build: %q", text)
	}
	s.state.Build.Phase = engine.Broken
	s.happens(engine.Built{Gen: 2, Result: builder.Result{Diagnostics: []builder.Diagnostic{{Message: "x"}}}})
	if text := get(t, s.url, "Sec-Fetch-Dest", "empty").text; text != "old" {
		t.Errorf("after a broken build: %q", text)
	}
	s.state.Build.Phase = engine.Idle
	s.state.Process.Phase, s.state.Process.Exit = engine.Crashed, &runner.Exit{Code: 2}
	s.happens(engine.Exited{Gen: 1})
	res := get(t, s.url, "Sec-Fetch-Dest", "empty")
	if res.code != http.StatusServiceUnavailable || res.header.Get("Retry-After") == "" || res.text != "hotdev: app crashed: exit status 2\n" {
		t.Errorf("after a crash: %d %q", res.code, res.text)
	}
	res = get(t, s.url)
	if res.code != http.StatusServiceUnavailable || !strings.Contains(res.text, "app crashed: exit status 2</h1>") || !strings.Contains(res.text, "data-waiting") {
		t.Errorf("after a crash, a document: %d %q", res.code, res.text)
	}
}

// A request waits no longer than the settings say.
func TestWaitEnds(t *testing.T) {
	s := newStage(t)
	s.state.Settings.Web.Wait = time.Millisecond
	s.happens(engine.Configured{})
	if res := get(t, s.url, "Sec-Fetch-Dest", "empty"); res.code != http.StatusServiceUnavailable || res.text != "hotdev: building app\n" {
		t.Errorf("%d %q", res.code, res.text)
	}
}

// What the old program was sent and did not answer before its end, the new one
// answers, if nothing can have come of it.
func TestSentAgain(t *testing.T) {
	s := newStage(t)
	arrived := make(chan string)
	cut := make(chan struct{})
	old := serves(t, func(w http.ResponseWriter, r *http.Request) {
		arrived <- r.Method
		<-cut
		panic(http.ErrAbortHandler)
	})
	s.up(old, engine.Cycle{})
	type answer struct {
		code int
		text string
	}
	answers := map[string]chan answer{"GET": make(chan answer), "POST": make(chan answer)}
	for method, c := range answers {
		go func() {
			r, _ := http.NewRequest(method, s.url, strings.NewReader(strings.Repeat("x", len(method)-3)))
			res, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				c <- answer{0, err.Error()}
				return
			}
			defer res.Body.Close()
			text, _ := io.ReadAll(res.Body)
			c <- answer{res.StatusCode, string(text)}
		}()
	}
	for range answers {
		if _, err := patience.Receive(arrived); err != nil {
			t.Fatal(err)
		}
	}
	s.stopping()
	close(cut)
	s.gone()
	s.up(serves(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "new") }), engine.Cycle{})
	if a, err := patience.Receive(answers["GET"]); err != nil || a != (answer{200, "new"}) {
		t.Errorf("GET: %v %v", a, err)
	}
	if a, err := patience.Receive(answers["POST"]); err != nil || a.code != 502 || !strings.Contains(a.text, "may have had an effect") {
		t.Errorf("POST: %v %v", a, err)
	}
}

// The program is told to stop when its answers have ended, but not for ever; no new
// request reaches it meanwhile.
func TestDrain(t *testing.T) {
	s := newStage(t)
	begun, finish := make(chan bool), make(chan struct{})
	s.up(serves(t, func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		begun <- true
		<-finish
		io.WriteString(w, "whole")
	}), engine.Cycle{})
	answer := make(chan string)
	go func() {
		answer <- get(t, s.url).text
	}()
	if _, err := patience.Receive(begun); err != nil {
		t.Fatal(err)
	}
	s.stopping()
	drained := make(chan struct{})
	go func() {
		s.Drain(t.Context(), 0)
		close(drained)
	}()
	select {
	case <-drained:
		t.Error("drained while an answer is under way")
	case <-time.After(drainTime / 10):
	}
	close(finish)
	if text, err := patience.Receive(answer); text != "whole" {
		t.Error(text, err)
	}
	if _, err := patience.Receive(drained); err != nil {
		t.Error(err)
	}
}

// Names that lead here by somebody else's doing are refused.
func TestHosts(t *testing.T) {
	s := newStage(t)
	s.state.Settings.Web.Hosts = []string{"app.test", ".dev.test"}
	s.up(serves(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Host) }), engine.Cycle{})
	for host, code := range map[string]int{
		"localhost:1": 200, "a.localhost": 200, "127.0.0.1": 200, "[::1]:80": 200, "192.168.1.5": 200, "app.test:7": 200, "APP.test": 200, "x.dev.test": 200, "dev.test": 200,
		"evil.com": 403, "localhost.evil.com": 403, "127.0.0.1.evil.com": 403, "x.app.test": 403, "xdev.test": 403,
	} {
		res := get(t, s.url, "Host", host, "Sec-Fetch-Dest", "empty")
		if res.code != code || code == 200 && res.text != host {
			t.Errorf("%s: %d %q", host, res.code, res.text)
		}
	}
}

// hotdev's own endpoints are for pages of this address that hotdev made.
func TestOwnEndpoints(t *testing.T) {
	s := newStage(t)
	for _, c := range []struct {
		path   string
		header []string
		code   int
	}{
		{"client.js", nil, 200},
		{"worker.js", nil, 200},
		{"document?token=secret", nil, 404},
		{"document?token=secrex", nil, 403},
		{"document", nil, 403},
		{"events", nil, 403},
		{"document?token=secret", []string{"Origin", "http://evil.com"}, 403},
		{"document?token=secret", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"document?token=secret", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"document?token=secret", []string{"Sec-Fetch-Site", "same-origin", "Origin", s.url}, 404},
	} {
		res := get(t, s.url+"/.hotdev/"+c.path, c.header...)
		if res.code != c.code || res.header.Get("Cross-Origin-Resource-Policy") != "same-origin" {
			t.Errorf("%s %v: %d", c.path, c.header, res.code)
		}
	}
}

// The address is told once it can be reached, and why it cannot.
func TestPortTaken(t *testing.T) {
	s := newStage(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := taken.Addr().String()
	s.state.Settings.Web.Port = taken.Addr().(*net.TCPAddr).Port
	s.happens(engine.Configured{})
	if _, err := s.await(func(e engine.Event) bool {
		served, ok := e.(engine.Served)
		return ok && served.Addr == "" && served.Note == "web: "+addr+" is held by pid 42 (other): end that, or set web.port to another"
	}); err != nil {
		t.Fatal(err)
	}
	taken.Close()
	if _, err := s.await(func(e engine.Event) bool { return e == engine.Served{Addr: "http://" + addr} }); err != nil {
		t.Fatal(err)
	}
}
