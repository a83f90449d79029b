package proxy

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/patience"
)

// conversations is a program that gives the n-th request on its n-th connection an
// answer by hand; empty closes the connection.
func conversations(t *testing.T, answer func(conn, request int) string) (addr string, conns *atomic.Int32) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	conns = new(atomic.Int32)
	var wg sync.WaitGroup
	over := make(chan struct{})
	t.Cleanup(func() { close(over); l.Close(); wg.Wait() })
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			n := int(conns.Add(1))
			wg.Go(func() {
				defer c.Close()
				wg.Go(func() { <-over; c.Close() })
				in := bufio.NewReader(c)
				for i := 1; ; i++ {
					r, err := http.ReadRequest(in)
					if err != nil {
						return
					}
					io.Copy(io.Discard, r.Body)
					text := answer(n, i)
					if text == "" {
						return
					}
					io.WriteString(c, text)
					if strings.Contains(text, "Connection: close") {
						return
					}
				}
			})
		}
	})
	return l.Addr().String(), conns
}

func answers(text string, header ...string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n%s", len(text), strings.Join(header, ""), text)
}

// Requests one after the other share a connection, whatever their answers look like, as
// long as these have an end that the connection outlives.
func TestConnectionsAreUsedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		text   string
		conns  int32
	}{
		"a length":         {answers("abc"), "abc", 1},
		"no body":          {answers(""), "", 1},
		"chunks":           {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "abc", 1},
		"early hints":      {"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + answers("abc"), "abc", 1},
		"it says the last": {answers("abc", "Connection: close\r\n"), "abc", 3},
		"more than asked":  {answers("abc") + "HTTP/1.1 200 OK\r\n", "abc", 3},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			addr, conns := conversations(t, func(int, int) string { return c.answer })
			s.up(addr, engine.Cycle{})
			for range 3 {
				if a := get(t, s.url, "Sec-Fetch-Dest", "empty"); a.text != c.text || a.code != http.StatusOK {
					t.Errorf("%+v", a)
				}
			}
			if n := conns.Load(); n != c.conns {
				t.Errorf("%d connections, want %d", n, c.conns)
			}
		})
	}
}

// A connection that the program closed while it was idle costs a request nothing; an
// answer that is cut is no whole one.
func TestClosedConnections(t *testing.T) {
	s := newStage(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "whole") }))
	defer server.Close()
	s.up(server.Listener.Addr().String(), engine.Cycle{})
	for range 3 {
		if a := get(t, s.url, "Sec-Fetch-Dest", "empty"); a.text != "whole" {
			t.Errorf("%+v", a)
		}
		server.CloseClientConnections()
	}
}

// An answer that is cut is no whole one.
func TestCutAnswers(t *testing.T) {
	s := newStage(t)
	addr, _ := conversations(t, func(conn, request int) string {
		if request == 2 {
			return "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\ncut"
		}
		return answers("whole")
	})
	s.up(addr, engine.Cycle{})
	if a := get(t, s.url, "Sec-Fetch-Dest", "empty"); a.text != "whole" {
		t.Errorf("%+v", a)
	}
	res, err := http.Get(s.url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if text, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("a body that was cut passes for whole: %q", text)
	}
}

// Of a body with a length, too, each part arrives when it is written; and nothing waits
// for a client that has gone.
func TestPartsOfABody(t *testing.T) {
	s := newStage(t)
	next, gone := make(chan string), make(chan struct{})
	s.up(serves(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000000")
		w.(http.Flusher).Flush()
		for text := range next {
			io.WriteString(w, text)
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
		close(gone)
	}), engine.Cycle{})
	res, err := http.Get(s.url) // the header comes before there is any body
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	for i := range 3 {
		want := fmt.Sprintf("part %d", i)
		next <- want
		got := make([]byte, len(want))
		if _, err := io.ReadFull(res.Body, got); err != nil || string(got) != want {
			t.Fatalf("%q %v", got, err)
		}
	}
	close(next)
	res.Body.Close()
	if _, err := patience.Receive(gone); err != nil {
		t.Errorf("the program is not told that the client has gone: %v", err)
	}
}

// A request whose handler panics is not sent again, however many connections are idle.
// It is sent once more where the system does not say whether one is closed.
func TestPanicIsNotRepeated(t *testing.T) {
	s := newStage(t)
	const idle = 5
	most := int32(1)
	if runtime.GOOS == "windows" {
		most = 2
	}
	var together sync.WaitGroup
	together.Add(idle)
	var panics atomic.Int32
	s.up(serves(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/panic" {
			panics.Add(1)
			panic(http.ErrAbortHandler)
		}
		together.Done()
		together.Wait()
	}), engine.Cycle{})
	var wg sync.WaitGroup
	for range idle {
		wg.Go(func() { get(t, s.url) })
	}
	wg.Wait()
	if a := get(t, s.url+"/panic"); a.code != http.StatusBadGateway || panics.Load() > most {
		t.Errorf("%d after %d panics", a.code, panics.Load())
	}
}

// No connection is made that no request goes over: the program's Shutdown would wait
// five seconds for it.
func TestEveryConnectionIsUsed(t *testing.T) {
	s := newStage(t)
	var began, used atomic.Int32
	var seen sync.Map
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	server.Config.ConnState = func(c net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			began.Add(1)
		case http.StateActive:
			if _, again := seen.LoadOrStore(c, true); !again {
				used.Add(1)
			}
		}
	}
	server.Start()
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	s.up(server.Listener.Addr().String(), engine.Cycle{})
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 20 {
				get(t, s.url, "Sec-Fetch-Dest", "empty")
			}
		})
	}
	wg.Wait()
	if began.Load() != used.Load() {
		t.Errorf("%d connections, and requests over %d of them", began.Load(), used.Load())
	}
}
