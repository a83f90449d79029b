package proxy

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// An exchange is what is known of a request while it is answered.
type exchange struct {
	w        *answer
	document bool      // a browser asked for a whole document
	known    bool      // and said so itself
	until    time.Time // how long it may wait
	seq      int       // of the last update before the program was asked
	entity   bool      // its body has been read from
	cut      bool      // the program ended the connection without an answer
	overlap  bool      // the program before may take it, and is ending
	effects  bool      // it must not be sent twice
}

type exchangeKey struct{}

func exchangeOf(r *http.Request) *exchange { return r.Context().Value(exchangeKey{}).(*exchange) }

func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	hosts := p.settings.Hosts
	p.mu.Unlock()
	to, named := p.opts.Routes.find(r)
	switch {
	case !named && !allowed(r.Host, hosts):
		refuseHost(w, r.Host)
	case strings.HasPrefix(r.URL.Path, ownPath):
		p.opts.Routes.called(r.URL.Query().Get("program"), p).own(w, r)
	case to != nil:
		to.forward(w, r)
	default:
		p.forward(w, r)
	}
}

// forward has the program answer.
func (p *Proxy) forward(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	patience := p.settings.Wait
	p.mu.Unlock()
	begun, path := time.Now(), r.RequestURI
	a := &answer{ResponseWriter: w}
	x := &exchange{w: a, until: begun.Add(patience), effects: !replayable(r.Method)}
	x.document, x.known = navigation(r)
	// Without this, the server reads and closes what is left of the request before it
	// writes the header of the answer, even if that is only its end. If the transport
	// looks for the end after that, it takes the request for broken and cuts off the
	// answer. And HTTP/1 could not go both ways at once. HTTP/2 always does: an error
	// means no more than that.
	_ = http.NewResponseController(w).EnableFullDuplex()
	defer func() { // also where the answer is cut off, by a panic
		p.requests.add(Request{At: begun, Method: r.Method, Path: path, Status: a.status, Took: time.Since(begun), Size: a.size, Cut: x.cut})
	}()
	p.reverse.ServeHTTP(a, r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x)))
}

// rewrite leaves the request as it came. The program that it goes to is known when it
// is sent.
func rewrite(r *httputil.ProxyRequest) {
	in, out := r.In, r.Out
	out.Host = in.Host
	out.URL.Host = "program"
	out.URL.Scheme = "http"
	// ReverseProxy takes these away, or cleans them.
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if v, ok := in.Header[name]; ok {
			out.Header[name] = v
		}
	}
	if in.TLS != nil && out.Header.Get("X-Forwarded-Proto") == "" {
		out.Header.Set("X-Forwarded-Proto", "https") // what it would not know else
	}
	out.URL.RawQuery = in.URL.RawQuery
	out.URL.ForceQuery = in.URL.ForceQuery
	// A path that the standard library would spell in another way.
	if raw, _, _ := strings.Cut(in.RequestURI, "?"); strings.HasPrefix(raw, "/") && !strings.HasPrefix(raw, "//") && raw != in.URL.EscapedPath() {
		out.URL.Opaque = raw
	}
	// It is filled when the body has been read.
	out.Trailer = in.Trailer
	if exchangeOf(in).document {
		askForReadable(out)
	}
}

// A transport sends requests to the program that runs when they are sent. It waits
// for one as long as a request may wait.
type transport struct{ *Proxy }

var (
	errDown = errors.New("the program does not run")
	errLate = errors.New("the program did not come up in time")
	errCut  = errors.New("the connection ended without an answer")
)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	x, ctx := exchangeOf(r), r.Context()
	body := &body{ReadCloser: r.Body}
	for {
		b, leave, err := t.acquire(ctx, x)
		if err != nil {
			return nil, err
		}
		out := *r
		u := *r.URL
		u.Scheme, u.Host = b.url.Scheme, b.url.Host
		out.URL = &u
		// A program that ends answers the requests it has, then closes its connections:
		// one that is reused may be closed at that moment.
		out.Close = out.Close || x.overlap
		if r.Body != nil {
			out.Body = body
		}
		via := http.RoundTripper(b.h1)
		// A browser speaks HTTP/2 over TLS wherever it can; the program may speak only
		// HTTP/1.1 without TLS.
		if r.ProtoMajor == 2 && b.url.Scheme == "http" && (r.TLS == nil || strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc")) {
			via = b.h2
		} else if b.url.Scheme == "http" && b.lean.takes(&out) {
			via = b.lean
		}
		res, err := via.RoundTrip(&out)
		if err == nil {
			if endless(res) {
				leave()
			} else {
				res.Body = &counted{res.Body, leave, res, x.w}
			}
			return res, nil
		}
		leave()
		switch {
		case ctx.Err() != nil:
			return nil, err
		case refused(err): // it has stopped listening, or does not listen yet
			if time.Now().After(x.until) {
				return nil, errLate
			}
			t.pause(ctx, b, again)
		case !body.read.Load() && replayable(r.Method) && t.overlapped():
			// The one before had taken it, and has ended by now or is about to.
			t.pause(ctx, b, again)
		case !body.read.Load() && replayable(r.Method) && t.pause(ctx, b, departure):
			// It ended before it answered; the next one will.
		default:
			x.entity, x.cut = body.read.Load(), true
			return nil, errors.Join(errCut, err)
		}
	}
}

const (
	// again is how soon a connection is tried again; a program that is coming up is
	// usually seen to listen much sooner, by its ports.
	again = 20 * time.Millisecond
	// departure is how long after a connection the end of its program is heard of.
	departure = 300 * time.Millisecond
)

// overlapped reports whether the program before the one that runs may have taken a
// request which came to nothing.
func (p *Proxy) overlapped() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status.overlap || time.Since(p.watch.overlapped) < departure
}

// pause waits until the program that runs is another than b, but not longer than d;
// it reports whether it is another.
func (p *Proxy) pause(ctx context.Context, b *backend, d time.Duration) bool {
	timeout := time.NewTimer(d)
	defer timeout.Stop()
	for {
		p.mu.Lock()
		same, changed := p.status.backend == b, p.changed
		p.mu.Unlock()
		if !same {
			return true
		}
		select {
		case <-changed:
		case <-timeout.C:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// acquire waits for a program that can answer, and counts the answer as under way.
func (p *Proxy) acquire(ctx context.Context, x *exchange) (*backend, func(), error) {
	var timeout <-chan time.Time
	for {
		p.mu.Lock()
		st, changed := p.status, p.changed
		// One that must not be sent twice does not go where an ending program may take it.
		if st.phase == serving && st.backend != nil && !(st.overlap && x.effects) {
			x.seq, x.overlap = p.snapshot.Seq, st.overlap
			leave := st.backend.enter()
			p.mu.Unlock()
			return st.backend, leave, nil
		}
		p.mu.Unlock()
		if st.phase == failed {
			return nil, nil, errDown
		}
		if timeout == nil {
			timeout = time.After(time.Until(x.until))
		}
		select {
		case <-changed:
		case <-timeout:
			return nil, nil, errLate
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
}

// Drain waits until the answers that are under way have ended, but not for long, and
// not for those that have no end. It is called before the program is told to stop, when
// no further request goes to it.
func (p *Proxy) Drain(ctx context.Context, gen int) {
	p.mu.Lock()
	b, leaving := p.watch.last, p.watch.leaving
	if before := p.watch.before; before != nil && before.gen == gen {
		b = before
	}
	p.mu.Unlock()
	if b == nil || leaving {
		return
	}
	select {
	case <-b.drained():
	case <-time.After(drainTime):
	case <-ctx.Done():
	}
	b.close() // once more: of connections that were made meanwhile, some are of no use
}

// drainTime is long for an answer to be under way, and short for a restart.
const drainTime = 300 * time.Millisecond

// refused: nothing of the request was sent.
func refused(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// replayable: a request that changes nothing can be sent again.
func replayable(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return false
}

// endless: an answer that ends when somebody goes.
func endless(res *http.Response) bool {
	const events = "text/event-stream"
	kind := res.Header.Get("Content-Type")
	return res.StatusCode == http.StatusSwitchingProtocols || len(kind) >= len(events) && strings.EqualFold(kind[:len(events)], events)
}

// A body can be sent again as long as nothing of it was read.
type body struct {
	io.ReadCloser
	read atomic.Bool
}

func (b *body) Read(p []byte) (int, error) {
	b.read.Store(true)
	return b.ReadCloser.Read(p)
}

// Close leaves it open: the server closes it at the end of the request.
func (b *body) Close() error { return nil }

// counted calls leave at the end. Before it waits for more, what there is goes to the
// client; where the length is unknown, ReverseProxy sees to that, perhaps at this moment.
type counted struct {
	io.ReadCloser
	leave func()
	of    *http.Response
	w     *answer
}

func (c *counted) Read(p []byte) (int, error) {
	if b, ok := c.ReadCloser.(*leanBody); c.of.ContentLength >= 0 && (!ok || b.waits()) {
		_ = c.w.FlushError() // the next write fails as well
	}
	return c.ReadCloser.Read(p)
}

func (c *counted) Close() error {
	defer c.leave()
	return c.ReadCloser.Close()
}

// sameHost reports whether an Origin names host.
func sameHost(origin, host string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Host == host
}
