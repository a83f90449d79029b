package proxy

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hotdev/hotdev/engine"
)

// A connection that is upgraded, as a websocket is, passes bytes both ways at once.
func TestUpgrade(t *testing.T) {
	s := newStage(t)
	s.up(serves(t, func(w http.ResponseWriter, r *http.Request) {
		c, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		fmt.Fprintf(rw, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: %s\r\nConnection: Upgrade\r\nSec-Websocket-Accept: %s\r\n\r\n", r.Header.Get("Upgrade"), r.Header.Get("Sec-Websocket-Key"))
		rw.Flush()
		io.Copy(c, rw) // an echo
	}), engine.Cycle{})
	c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-Websocket-Key: abc\r\n\r\n")
	r := bufio.NewReader(c)
	res, err := http.ReadResponse(r, nil)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols || res.Header.Get("Sec-Websocket-Accept") != "abc" {
		t.Fatal(res, err)
	}
	defer res.Body.Close()
	source := rand.NewChaCha8([32]byte{1})
	for _, n := range []int{1, 125, 65_536, 1_000_000} {
		sent := make([]byte, n)
		source.Read(sent)
		go c.Write(sent)
		got := make([]byte, n)
		if _, err := io.ReadFull(r, got); err != nil || !bytes.Equal(got, sent) {
			t.Fatalf("%d bytes: %v", n, err)
		}
	}
	// It is none of the answers that a restart waits for.
	s.stopping()
	s.Drain(t.Context(), 0)
	if s.watch.last.busy != 0 {
		t.Error("a restart waits for it")
	}
}

// Server-sent events, and any answer, arrive as they are written.
func TestStreams(t *testing.T) {
	s := newStage(t)
	next := make(chan string)
	s.up(serves(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for text := range next {
			io.WriteString(w, text)
			w.(http.Flusher).Flush()
		}
	}), engine.Cycle{})
	next2 := func(text string) { next <- text }
	go next2("data: 1\n\n")
	res, err := http.Get(s.url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	for i := range 3 {
		got := make([]byte, len("data: 1\n\n"))
		if _, err := io.ReadFull(res.Body, got); err != nil || string(got) != fmt.Sprintf("data: %d\n\n", i+1) {
			t.Fatalf("%q %v", got, err)
		}
		if i < 2 {
			go next2(fmt.Sprintf("data: %d\n\n", i+2))
		}
	}
	close(next)
}

// An answer may begin before the request has ended, also over HTTP/1.
func TestBothWays(t *testing.T) {
	s := newStage(t)
	s.up(serves(t, func(w http.ResponseWriter, r *http.Request) {
		if err := http.NewResponseController(w).EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		lines := bufio.NewScanner(r.Body)
		for lines.Scan() {
			fmt.Fprintf(w, "heard %s\n", lines.Text())
			w.(http.Flusher).Flush()
		}
	}), engine.Cycle{})
	c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	late := time.AfterFunc(30*time.Second, func() { c.Close() })
	defer late.Stop()
	io.WriteString(c, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\n\r\none\n")
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer := bufio.NewScanner(res.Body)
	for i, want := range []string{"heard one", "heard two"} {
		if i == 1 {
			io.WriteString(c, "two\n")
		}
		if !answer.Scan() || answer.Text() != want {
			t.Fatalf("%q, %v, want %q", answer.Text(), answer.Err(), want)
		}
	}
	if answer.Scan() || answer.Err() != nil {
		t.Errorf("%q, %v, want the end", answer.Text(), answer.Err())
	}
}

// A program that refuses a long body closes the connection: the client is told, as it is
// without hotdev, and sends no other request there.
func TestUnreadBody(t *testing.T) {
	s := newStage(t)
	s.up(serves(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	}), engine.Cycle{})
	for _, size := range []int{10, 300 << 10} {
		res, err := http.Post(s.url, "text/plain", strings.NewReader(strings.Repeat("x", size)))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusRequestEntityTooLarge || res.Close != (size > 10) {
			t.Errorf("%d bytes: %s, the connection is closed: %t", size, res.Status, res.Close)
		}
	}
}

// HTTP/2 without TLS, as gRPC has it, stays that, with its trailers.
func TestUnencryptedHTTP2(t *testing.T) {
	s := newStage(t)
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/grpc")
		io.WriteString(w, r.Proto+r.Header.Get("Te"))
		w.Header().Set(http.TrailerPrefix+"Grpc-Status", "0")
	}))
	server.Config.Protocols = &protocols
	server.Start()
	defer server.Close()
	s.up(server.Listener.Addr().String(), engine.Cycle{})
	via := &http.Transport{Protocols: &protocols}
	defer via.CloseIdleConnections()
	r, err := http.NewRequest(http.MethodPost, s.url+"/a.B/C", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Te", "trailers")
	res, err := via.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || string(text) != "HTTP/2.0trailers" || res.Trailer.Get("Grpc-Status") != "0" {
		t.Errorf("%q %v %v", text, res.Trailer, err)
	}
}

// Long bodies pass both ways byte for byte, and ranges of them.
func TestLongBodies(t *testing.T) {
	s := newStage(t)
	const size = 32 << 20
	content := make([]byte, size)
	rand.NewChaCha8([32]byte{2}).Read(content)
	s.up(serves(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			sum := sha256.New()
			n, err := io.Copy(sum, r.Body)
			fmt.Fprintf(w, "%d %x %v", n, sum.Sum(nil), err)
			return
		}
		http.ServeContent(w, r, "x.bin", engine.State{}.Now, bytes.NewReader(content))
	}), engine.Cycle{})
	r, err := http.NewRequest(http.MethodPut, s.url, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if text, _ := io.ReadAll(res.Body); string(text) != fmt.Sprintf("%d %x <nil>", size, sha256.Sum256(content)) {
		t.Errorf("up: %s", text)
	}
	if down := get(t, s.url, "Sec-Fetch-Dest", "empty"); down.text != string(content) || down.header.Get("Content-Length") != fmt.Sprint(size) {
		t.Errorf("down: %d bytes", len(down.text))
	}
	if part := get(t, s.url, "Sec-Fetch-Dest", "video", "Range", "bytes=1000-1999"); part.code != http.StatusPartialContent || part.text != string(content[1000:2000]) {
		t.Errorf("a range: %d, %d bytes", part.code, len(part.text))
	}
}

// A document that is compressed gets the tag, and a fragment stays compressed.
func TestCompressed(t *testing.T) {
	s := newStage(t)
	const doc = "<!doctype html><html><head><title>x</title></head></html>"
	s.up(serves(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		encoding := "br" // whatever was asked for
		if r.URL.Path == "/" {
			encoding = "gzip"
		}
		w.Header().Set("Content-Encoding", encoding)
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		io.WriteString(z, doc)
		z.Close()
		w.Header().Set("X-Asked", r.Header.Get("Accept-Encoding"))
		w.Write(b.Bytes())
	}), engine.Cycle{})
	whole := get(t, s.url+"/", "Accept-Encoding", "gzip, deflate, br, zstd")
	if !strings.Contains(whole.text, "<head><script") || whole.header.Get("Content-Encoding") != "" || whole.header.Get("X-Asked") != "gzip" {
		t.Errorf("%v %q", whole.header, whole.text)
	}
	for _, res := range []reply{
		get(t, s.url+"/", "Accept-Encoding", "gzip, br", "Sec-Fetch-Dest", "empty"),
		get(t, s.url+"/br", "Accept-Encoding", "gzip, br"),
	} {
		if strings.Contains(res.text, "script") || res.header.Get("Content-Encoding") == "" {
			t.Errorf("%v %q", res.header, res.text)
		}
	}
}

// Whatever a client accepts, a document is asked for in what can be read here, and
// arrives in what the client accepts; all else is asked for as the client did.
func TestAcceptedEncodings(t *testing.T) {
	s := newStage(t)
	const doc = "<!doctype html><html><head><title>x</title></head></html>"
	s.up(serves(t, func(w http.ResponseWriter, r *http.Request) {
		asked := r.Header.Get("Accept-Encoding")
		w.Header().Set("X-Asked", asked)
		w.Header().Set("Content-Type", "text/html")
		if asked != "gzip" {
			io.WriteString(w, doc)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		io.WriteString(z, doc)
		z.Close()
	}), engine.Cycle{})
	for accepted, asked := range map[string]string{
		"br": "identity", "zstd, br;q=0.9": "identity", "identity": "identity", "*": "identity",
		"gzip": "gzip", "br, GZIP;q=0.5, zstd": "gzip", "gzip;q=0": "identity", "br,gzip; q=0.0": "identity",
	} {
		res := get(t, s.url, "Accept-Encoding", accepted)
		if res.header.Get("X-Asked") != asked || res.header.Get("Content-Encoding") != "" || !strings.Contains(res.text, "<head><script") {
			t.Errorf("%s: %v %q", accepted, res.header, res.text)
		}
		if res := get(t, s.url, "Accept-Encoding", accepted, "Sec-Fetch-Dest", "empty"); res.header.Get("X-Asked") != accepted {
			t.Errorf("%s: a script's request is asked for in %q", accepted, res.header.Get("X-Asked"))
		}
	}
}

// What answers is told by its kind, not by its looks: fragments that scripts ask for
// stay as they are, and whole documents that do not look it do not.
func TestDocuments(t *testing.T) {
	s := newStage(t)
	s.up(serves(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		for _, name := range []string{"Content-Type", "Content-Disposition", "Content-Security-Policy"} {
			if v := q.Get(name); v != "" {
				w.Header().Set(name, v)
			}
		}
		io.WriteString(w, q.Get("text"))
	}), engine.Cycle{})
	const whole, part = "<!doctype%20html><title>x", "<h1>x</h1>"
	html := []string{"Sec-Fetch-Dest", "", "Accept", "text/html,*/*"}
	for _, c := range []struct {
		query  string
		header []string
		tagged bool
	}{
		{"text=" + whole, nil, true},
		{"text=" + part, nil, true},
		{"text=" + whole, []string{"Sec-Fetch-Dest", "iframe"}, true},
		{"text=" + whole, []string{"Sec-Fetch-Dest", "empty"}, false},
		{"text=" + whole, html, true},
		{"text=" + part, html, false},
		{"text=" + whole, append(html, "Hx-Request", "true"), false},
		{"text=" + whole, append(html, "Turbo-Frame", "a"), false},
		{"text=" + whole, []string{"Sec-Fetch-Dest", ""}, false}, // curl
		{"text=" + whole + "&Content-Type=text/plain", nil, false},
		{"text=" + whole + "&Content-Type=text/html%3Bcharset=utf-16le", nil, false},
		{"text=" + whole + "&Content-Disposition=attachment", nil, false},
		{"text=" + whole + "&Content-Security-Policy=sandbox", nil, false},
		{"text=" + whole + "&Content-Security-Policy=sandbox+allow-scripts", nil, true},
	} {
		if res := get(t, s.url+"/?"+c.query, c.header...); strings.Contains(res.text, "/.hotdev/") != c.tagged {
			t.Errorf("%s %v: %q", c.query, c.header, res.text)
		}
	}
}

func TestAdmit(t *testing.T) {
	for _, c := range []struct{ policy, want, nonce string }{ // an empty want: no script
		{"script-src 'nonce-abc'", "script-src 'nonce-abc'", "abc"},
		{"script-src 'self'; connect-src 'none'", "script-src 'self'; connect-src 'self'", ""},
		{"default-src 'self'", "default-src 'self'", ""},
		{"default-src 'none'; script-src 'nonce-a' 'strict-dynamic'", "default-src 'none'; script-src 'nonce-a' 'strict-dynamic'; connect-src 'self'", "a"},
		{"default-src https:; script-src-elem 'self'", "default-src https:; script-src-elem 'self'; connect-src https: 'self'", ""},
		{"connect-src 'self'; CONNECT-SRC 'none'", "connect-src 'self'; CONNECT-SRC 'none'", ""},
		{"img-src 'none'", "img-src 'none'", ""},
		{"script-src 'none'", "", ""},
		{"script-src 'self' 'strict-dynamic' 'sha256-x'", "", ""},
		{"sandbox allow-forms", "", ""},
	} {
		h := http.Header{"Content-Security-Policy": {c.policy}}
		nonce, reason := admit(h)
		if (reason == "") != (c.want != "") || c.want != "" && (h.Get("Content-Security-Policy") != c.want || nonce != c.nonce) {
			t.Errorf("%s: %q %q %q", c.policy, h.Get("Content-Security-Policy"), nonce, reason)
		}
	}
}
