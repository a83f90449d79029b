// Package proxy is the browser's side of a program: one address that never refuses a
// connection and shows what was saved.
//
// It reads the engine's states and serves HTTP. It decides nothing about the program,
// and of what passes between it and a browser it changes only whole HTML documents, to
// which it adds one tag.
//
// # Theory of operation
//
//	browser ──request──► [Proxy] ──as it came──► program
//	        ◄──answer───         ◄───────────────
//	        ◄──snapshots (a stream of server-sent events)
//
// A request waits while there is no program that could answer it (see status), and
// goes to the one that runs (see backend). The answer streams back; into the document
// of a navigation goes a script of our own (see document), which hears of each
// snapshot: the program's phase, what went wrong, and the updates of pages so far,
// numbered. A page knows the number that it was made at, and applies the updates since
// then: it swaps a style sheet or an image, morphs, or loads again. So it does not matter
// whether it learns of each change at once, late, or after sleeping through ten of them.
//
// The kinds of the saved files decide how pages update (see tierOf), as soon as the
// program shows them: at once for assets that it reads from disk, else when new code is
// in it, or when a new program is ready.
package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/hotdev/hotdev/engine"
)

// Options configure a proxy.
type Options struct {
	// Send takes what happens here: [engine.Served], [engine.Visited], [engine.Shown] and, of what pages
	// print, [engine.Wrote]. It may be called on any goroutine.
	Send func(engine.Event)
	// Name distinguishes the program from the others of the session, and Routes lead from
	// their addresses to it; nil: there are no others.
	Name   string
	Routes *Routes
	// Dir is what paths are shown relative to.
	Dir string
	// Token is a secret that pages of this user's programs share.
	Token string
	// Cache is the folder in which the certificate is kept.
	Cache string
	// Open opens a file in the user's editor; it may take as long as that. Nil: nothing
	// can be opened.
	Open func(file string, line, column int) error
	// Holder returns which process listens at an address, such as "pid 42 (postgres)", or
	// "" if that is not known. It may be nil.
	Holder func(addr string) string
	Log    *slog.Logger
}

// A Proxy serves one program. It is an [engine.View].
type Proxy struct {
	opts    Options
	boot    string // identifies this run of hotdev
	reverse *httputil.ReverseProxy
	script  []byte
	worker  []byte

	documents documents
	requests  requests
	tabs      tabs

	mu       sync.Mutex // guards what follows
	settings engine.Web
	status   status
	snapshot snapshot
	changed  chan struct{} // closed, and another, when any of these has changed
	watch    watch
}

// New is a proxy that serves nothing yet.
func New(o Options) *Proxy {
	p := &Proxy{opts: o, boot: strconv.FormatInt(time.Now().UnixNano(), 36), changed: make(chan struct{})}
	p.script, p.worker = clientScripts()
	p.snapshot.Boot = p.boot
	p.tabs = tabs{streams: map[*stream]bool{}, changed: make(chan struct{}, 1)}
	if p.opts.Routes == nil {
		p.opts.Routes = new(Routes)
	}
	p.opts.Routes.add(p)
	p.reverse = &httputil.ReverseProxy{
		Transport:      transport{p},
		Rewrite:        rewrite,
		ModifyResponse: p.answered,
		ErrorHandler:   p.failed,
		ErrorLog:       slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
		BufferPool:     &buffers{},
	}
	return p
}

// change calls do, which changes what mu guards, and wakes those that wait for a change.
func (p *Proxy) change(do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	do()
	close(p.changed)
	p.changed = make(chan struct{})
}

// retry is how often a port that is taken is tried again.
const retry = time.Second

// Run serves at the address that the settings name until ctx ends. It joins all that
// it starts.
func (p *Proxy) Run(ctx context.Context) {
	var wg sync.WaitGroup // the prober, and who counts tabs
	wg.Go(func() { p.probe(ctx) })
	wg.Go(func() { p.tellVisits(ctx) })
	defer wg.Wait()
	said := "" // the last error that was reported
	for ctx.Err() == nil {
		p.mu.Lock()
		web, changed := p.settings, p.changed
		p.mu.Unlock()
		if web.Port == 0 {
			wait(ctx, changed, nil)
			continue
		}
		var config *tls.Config
		listeners, err := listen(web.Port, web.LAN)
		if err != nil {
			err = fmt.Errorf("web: %w", err)
		} else if web.TLS {
			names := web.Hosts
			if a, ok := lanAddr(); ok && web.LAN {
				names = append(slices.Clip(names), a.String())
			}
			var cert tls.Certificate
			if cert, err = certificate(p.opts.Cache, names, time.Now()); err == nil {
				config = &tls.Config{Certificates: []tls.Certificate{cert}}
			} else {
				err = fmt.Errorf("web.tls: %w", err)
				for _, l := range listeners {
					l.Close()
				}
			}
		}
		if err != nil {
			if why := err.Error(); why != said {
				said = why
				if listeners == nil {
					why = p.taken(web.Port, why)
				}
				p.opts.Send(engine.Served{Note: why})
			}
			wait(ctx, changed, time.After(retry))
			continue
		}
		said = ""
		p.serve(ctx, listeners, config, web)
	}
}

// taken returns why the port cannot be listened at, with the process that has it.
func (p *Proxy) taken(port int, why string) string {
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	if p.opts.Holder != nil {
		if holder := p.opts.Holder(addr); holder != "" {
			return "web: " + addr + " is held by " + holder + ": end that, or set web.port to another"
		}
	}
	return why + "; free the port, or set web.port to another"
}

// listen is on the loopback, of both families where there are both: a browser that is
// told "localhost" asks either. With lan it is on all addresses of the older family,
// too, which every local network has.
func listen(port int, lan bool) ([]net.Listener, error) {
	host := "127.0.0.1"
	if lan {
		host = "0.0.0.0"
	}
	l, err := net.Listen("tcp4", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return nil, err
	}
	if lan {
		l = nearListener{l}
	}
	listeners := []net.Listener{l}
	if l, err := net.Listen("tcp6", net.JoinHostPort("::1", strconv.Itoa(port))); err == nil {
		listeners = append(listeners, l)
	}
	return listeners, nil
}

// sameListener reports whether a and b are served by the same listeners and certificate.
func sameListener(a, b engine.Web) bool {
	return a.Port == b.Port && a.LAN == b.LAN && a.TLS == b.TLS && (!a.TLS || slices.Equal(a.Hosts, b.Hosts))
}

// served returns the addresses of what is served by the settings web, as they are now,
// and what the user should know of them. It asks the system.
func served(web engine.Web, note string) engine.Served {
	at := func(host string) string {
		scheme := "http://"
		if web.TLS {
			scheme = "https://"
		}
		return scheme + net.JoinHostPort(host, strconv.Itoa(web.Port))
	}
	now := engine.Served{Addr: at("127.0.0.1"), Note: note}
	if !web.LAN {
		return now
	}
	if a, ok := lanAddr(); ok {
		now.LAN = at(a.String())
	} else if now.Note == "" {
		now.Note = "web: --lan: this machine has no address in a local network now"
	}
	return now
}

// serve serves by the settings web until ctx ends or they change. It sends
// [engine.Served] while it serves, and an empty one at the end.
// With a config it speaks TLS.
func (p *Proxy) serve(ctx context.Context, listeners []net.Listener, config *tls.Config, web engine.Web) {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(config != nil)
	protocols.SetUnencryptedHTTP2(config == nil)
	server := &http.Server{
		Handler:   p,
		Protocols: &protocols,
		TLSConfig: config,
		ErrorLog:  slog.NewLogLogger(p.opts.Log.Handler(), slog.LevelDebug),
		// "OPTIONS *" is the program's to answer.
		DisableGeneralOptionsHandler: true,
		// No time-outs: how long a body takes is between the browser and the program.
	}
	var wg sync.WaitGroup // one for each listener
	for _, l := range listeners {
		wg.Go(func() {
			serve := server.Serve
			if config != nil {
				serve = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
			}
			if err := serve(l); !errors.Is(err, http.ErrServerClosed) {
				p.opts.Log.Debug("web", "err", err)
			}
		})
	}
	last := engine.Served{}
	for ctx.Err() == nil {
		p.mu.Lock()
		settings, note, changed := p.settings, p.watch.note, p.changed
		p.mu.Unlock()
		if !sameListener(settings, web) {
			break
		}
		if now := served(web, note); now != last {
			p.opts.Send(now)
			last = now
		}
		wait(ctx, changed, nil)
	}
	server.Close()
	wg.Wait()
	p.opts.Send(engine.Served{})
}

// probe finds out when a program is ready that listens where the system does not tell:
// it is not among the ports of its processes (it is in a container, say), or the system
// tells of none.
func (p *Proxy) probe(ctx context.Context) {
	for ctx.Err() == nil {
		p.mu.Lock()
		b, ask, changed := p.status.backend, p.watch.asking, p.changed
		p.mu.Unlock()
		if b == nil || !ask {
			wait(ctx, changed, nil)
			continue
		}
		if c, err := b.dial(ctx, "tcp", b.url.Host); err == nil {
			c.Close()
			p.change(func() {
				if p.status.backend == b && p.watch.asking {
					p.ready()
				}
			})
			continue
		}
		wait(ctx, nil, time.After(again))
	}
}

// wait returns when any of these happens.
func wait(ctx context.Context, changed <-chan struct{}, timeout <-chan time.Time) {
	select {
	case <-ctx.Done():
	case <-changed:
	case <-timeout:
	}
}

// buffers is a pool for what streams through.
type buffers struct{ pool sync.Pool }

func (b *buffers) Get() []byte {
	if buf, ok := b.pool.Get().(*[]byte); ok {
		return *buf
	}
	return make([]byte, 32<<10)
}

func (b *buffers) Put(buf []byte) { b.pool.Put(&buf) }
