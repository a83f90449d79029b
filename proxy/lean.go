package proxy

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"sync"
	"time"
)

// A lean is the short way to the program, for requests without a body that may be sent
// again, which most are. One goroutine writes a request and reads its answer, where a
// [http.Transport] has two more for each connection; and a connection is made only for
// the request that needs it, so that none is ever idle from its start: the program's
// Shutdown would wait for that one.
type lean struct {
	dial func(ctx context.Context) (net.Conn, error)

	mu     sync.Mutex // guards what follows
	idle   []*leanConn
	closed bool // no connection is kept
}

// A leanConn is a connection that one request has at a time.
type leanConn struct {
	net.Conn
	r     *bufio.Reader
	w     *bufio.Writer
	since time.Time // when it became idle
}

const (
	maxIdle  = 512
	idleTime = time.Minute
)

// takes reports whether a request may go the short way.
func (l *lean) takes(r *http.Request) bool {
	return (r.Body == nil || r.Body == http.NoBody) && r.ContentLength == 0 && replayable(r.Method) &&
		r.Header["Upgrade"] == nil && r.Header["Expect"] == nil && len(r.Trailer) == 0
}

// errUnsent: the program closed the connection before it had the whole request.
var errUnsent = errors.New("the request was not sent")

// RoundTrip sends a request for which takes is true. Where the program has closed a
// connection since it became idle, another one is used. A request that was sent is not
// sent again: its handler may have panicked, which would happen, and be said, twice.
// Only where it cannot be known that a connection is closed a second, new one is tried.
func (l *lean) RoundTrip(r *http.Request) (*http.Response, error) {
	for c := l.get(); c != nil; c = l.get() {
		over, known := closed(c.Conn)
		if over {
			c.Close()
			continue
		}
		res, err := l.exchange(c, r)
		if err == nil || r.Context().Err() != nil || known && !errors.Is(err, errUnsent) {
			return res, err
		}
		break
	}
	nc, err := l.dial(r.Context())
	if err != nil {
		return nil, err
	}
	return l.exchange(&leanConn{Conn: nc, r: bufio.NewReaderSize(nc, 16<<10), w: bufio.NewWriterSize(nc, 4<<10)}, r)
}

func (l *lean) exchange(c *leanConn, r *http.Request) (res *http.Response, err error) {
	stop := context.AfterFunc(r.Context(), func() { c.Close() })
	defer func() {
		if err != nil {
			stop()
			c.Close()
		}
	}()
	if err := errors.Join(r.Write(c.w), c.w.Flush()); err != nil {
		return nil, errors.Join(errUnsent, err)
	}
	for {
		if res, err = http.ReadResponse(c.r, r); err != nil {
			return nil, err
		}
		if res.StatusCode >= http.StatusOK {
			break
		}
		if res.StatusCode == http.StatusSwitchingProtocols {
			return nil, errors.New("the program switched protocols although it was not asked to")
		}
		if t := httptrace.ContextClientTrace(r.Context()); t != nil && t.Got1xxResponse != nil {
			if err := t.Got1xxResponse(res.StatusCode, textproto.MIMEHeader(res.Header)); err != nil {
				return nil, err
			}
		}
	}
	b := &leanBody{ReadCloser: res.Body, end: func(whole bool) {
		if stop() && whole && !res.Close && !r.Close && c.r.Buffered() == 0 {
			l.put(c)
		} else {
			c.Close()
		}
	}, conn: c}
	if res.Body == http.NoBody {
		b.over(true)
	} else {
		res.Body = b
	}
	return res, nil
}

// get returns the idle connection that was used last, or nil if there is none.
func (l *lean) get() *leanConn {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.idle) == 0 {
		return nil
	}
	last := len(l.idle) - 1
	c := l.idle[last]
	l.idle[last] = nil
	l.idle = l.idle[:last]
	if time.Since(c.since) > idleTime { // so are those that were idle before it
		c.Close()
		l.dropIdle()
		return nil
	}
	return c
}

func (l *lean) put(c *leanConn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.idle) == maxIdle {
		c.Close()
		return
	}
	c.since = time.Now()
	l.idle = append(l.idle, c)
}

// close closes idle connections, and those in use at their end.
func (l *lean) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.dropIdle()
}

// dropIdle is called with the mutex held.
func (l *lean) dropIdle() {
	for _, c := range l.idle {
		c.Close()
	}
	l.idle = nil
}

// A leanBody ends the use of its connection, once.
type leanBody struct {
	io.ReadCloser
	conn *leanConn
	end  func(whole bool)
	once sync.Once
}

func (b *leanBody) over(whole bool) { b.once.Do(func() { b.end(whole) }) }

func (b *leanBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.over(errors.Is(err, io.EOF))
	}
	return n, err
}

// Close closes the connection if the body was not read to its end.
func (b *leanBody) Close() error {
	b.over(false)
	return nil
}

// waits reports whether a read has to wait for the program.
func (b *leanBody) waits() bool { return b.conn.r.Buffered() == 0 }
