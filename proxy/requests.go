package proxy

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// A Request is one that the proxy received and that is over, or was switched to another
// protocol.
type Request struct {
	// At is when it came.
	At     time.Time
	Method string
	// Path has the query.
	Path string
	// Status is 0 if the client left before there was one.
	Status int
	// Took is the time to the end of the answer, waiting included; Size is the length of
	// the answer's body in bytes.
	Took time.Duration
	Size int64
	// Cut: the program ended the connection without an answer. Panicked: because its
	// handler panicked.
	Cut, Panicked bool
}

// maxRequests is how many are remembered: some pages with all that they load.
const maxRequests = 1000

// requests are the last ones, under a lock of their own that is never held for long.
type requests struct {
	mu   sync.Mutex
	ring []Request
	next int // where the next one goes, once the ring is full
	// panic is when a handler panicked whose request is not over yet; zero if none has.
	panic time.Time
}

func (rs *requests) add(r Request) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if r.Cut && time.Since(rs.panic) < reporting {
		r.Panicked, rs.panic = true, time.Time{}
	}
	if len(rs.ring) < maxRequests {
		rs.ring = append(rs.ring, r)
		return
	}
	rs.ring[rs.next] = r
	rs.next = (rs.next + 1) % maxRequests
}

// Requests returns the last requests, the oldest first. It may be called on any
// goroutine.
func (p *Proxy) Requests() []Request {
	rs := &p.requests
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return slices.Concat(rs.ring[rs.next:], rs.ring[:rs.next])
}

// reporting is how soon after a panic of a handler its report is read.
const reporting = time.Second

// panicked notes that a handler has panicked: that of the last request which was cut, or
// which is about to be, for the report may come first.
func (rs *requests) panicked(now time.Time) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for i := range rs.ring {
		r := &rs.ring[(rs.next+len(rs.ring)-1-i)%len(rs.ring)]
		if end := r.At.Add(r.Took); r.Cut && !r.Panicked && now.Sub(end) < reporting {
			r.Panicked = true
			return
		}
	}
	rs.panic = now
}

// An answer counts what is written of it. It leaves out "100 Continue": the server sends
// one itself when the program, having sent its own, is sent the body.
type answer struct {
	http.ResponseWriter
	status int
	size   int64
	held   bool // what was written may not have been sent yet
}

func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) WriteHeader(code int) {
	if code == http.StatusContinue {
		return
	}
	if code >= http.StatusOK || code == http.StatusSwitchingProtocols {
		a.status, a.held = code, true
	}
	a.ResponseWriter.WriteHeader(code)
}

func (a *answer) Write(b []byte) (int, error) {
	n, err := a.ResponseWriter.Write(b)
	a.size += int64(n)
	a.held = true
	return n, err
}

// FlushError sends what was written, if anything was.
func (a *answer) FlushError() error {
	if !a.held {
		return nil
	}
	a.held = false
	return http.NewResponseController(a.ResponseWriter).Flush()
}
