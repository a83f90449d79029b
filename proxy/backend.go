package proxy

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// A backend is one life of the program, as it is reached.
type backend struct {
	life int
	gen  int
	url  *url.URL
	lean *lean           // for most requests
	h1   *http.Transport // for the others
	h2   *http.Transport // for clients that speak HTTP/2 without TLS to us, such as gRPC
	over atomic.Bool     // no request goes to it any more

	mu   sync.Mutex // guards what follows
	busy int        // answers under way that have an end
	idle chan struct{}
}

func newBackend(life, gen int, target string) *backend {
	u, err := url.Parse(target)
	if err != nil {
		panic(err) // it is ours
	}
	b := &backend{life: life, gen: gen, url: u}
	b.lean = &lean{dial: func(ctx context.Context) (net.Conn, error) { return b.dial(ctx, "tcp", u.Host) }}
	b.h1 = &http.Transport{
		DialContext: b.dial,
		// The browser gets the encoding that it asked for.
		DisableCompression:    true,
		MaxIdleConnsPerHost:   512,
		IdleConnTimeout:       time.Minute,
		ExpectContinueTimeout: time.Second,
		WriteBufferSize:       32 << 10,
		ReadBufferSize:        32 << 10,
		// It is the developer's own program, with a certificate made for it.
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // as said
	}
	b.h2 = b.h1.Clone()
	b.h2.Protocols = new(http.Protocols)
	b.h2.Protocols.SetUnencryptedHTTP2(true)
	b.h2.Protocols.SetHTTP2(true)
	return b
}

// dial reaches the program by either family, where it listens on all addresses.
func (b *backend) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, network, addr)
	if host, port, _ := net.SplitHostPort(addr); err != nil && host == "127.0.0.1" {
		if c, err := d.DialContext(ctx, network, net.JoinHostPort("::1", port)); err == nil {
			return b.unlessOver(c)
		}
	}
	if err != nil {
		return nil, err
	}
	return b.unlessOver(c)
}

// unlessOver is a new connection, or the error of one that was refused: a connection
// that nothing comes over holds up a program that ends its connections before it ends,
// by five seconds if it is net/http's.
func (b *backend) unlessOver(c net.Conn) (net.Conn, error) {
	if !b.over.Load() {
		return c, nil
	}
	c.Close()
	return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: c.RemoteAddr(), Err: net.ErrClosed}
}

// close lets what is under way end, and keeps no connection.
func (b *backend) close() {
	b.over.Store(true)
	b.lean.close()
	b.h1.CloseIdleConnections()
	b.h2.CloseIdleConnections()
}

// enter counts an answer; the result is to be called at its end, once or more often.
func (b *backend) enter() (leave func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.busy++
	return sync.OnceFunc(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.busy--; b.busy == 0 && b.idle != nil {
			close(b.idle)
			b.idle = nil
		}
	})
}

// drained is closed when no answer is under way.
func (b *backend) drained() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.idle == nil {
		b.idle = make(chan struct{})
		if b.busy == 0 {
			c := b.idle
			b.idle = nil
			close(c)
			return c
		}
	}
	return b.idle
}
