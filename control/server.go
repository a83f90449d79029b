package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/profiler"
	"github.com/hotdev/hotdev/session"
)

// Options connect a server to its session.
type Options struct {
	// Programs are the names of the session's programs, in its order.
	Programs []string
	// Pid and Dir are hotdev's own process and folder, for Report.
	Pid int
	Dir string
	// Send hands a program an event. It may block until the program's loop takes it.
	Send func(program int, e engine.Event)
	// Look tells the loops of everything that was saved before the call, as far as it
	// is watched; see [session.Session.Look].
	Look func(context.Context) error
	// Profile takes a profile of a program that listens at addrs; nil if there are none.
	Profile func(ctx context.Context, program int, k profiler.Kind, addrs []string) (profiler.Profile, error)
}

// A Server answers the clients of one session. It is a [session.View].
type Server struct {
	Options
	board *board
}

// New returns a server that does not listen yet.
func New(o Options) *Server { return &Server{Options: o, board: newBoard()} }

// Show takes over the state of a program.
func (s *Server) Show(all session.State, program int, e engine.Event) {
	p := all.Programs[program]
	s.board.put(p.Name, p.State, e)
}

// send hands the program of that name an event.
func (s *Server) send(program string, e engine.Event) {
	s.Send(slices.Index(s.Programs, program), e)
}

// Bounds of what clients can keep busy.
const (
	// maxClients are served at once; others wait in the system's queue. They are
	// goroutines that wait, and file descriptors.
	maxClients = 256
	// maxRequest is the longest request: a regular expression is the longest part of
	// a sensible one.
	maxRequest = 64 << 10
	// requestTime is how long a client may take to say what it wants, and answerTime
	// to take in the answer.
	requestTime = 10 * time.Second
	answerTime  = 10 * time.Second
	// lastTime is how long a client may delay hotdev's end.
	lastTime = time.Second
	// maxWaiting of the clients may wait for something to come, so that there is
	// always room for those that would bring it about.
	maxWaiting = maxClients - 32
)

// Serve answers clients on l until ctx ends, and closes l. Requests that are waiting then
// are answered at once, and Serve returns when the last client has its answer. An error is
// that of l.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	var (
		clients sync.WaitGroup
		room    = make(chan struct{}, maxClients)
		waiting = make(chan struct{}, maxWaiting)
		open    connections
	)
	closed := make(chan struct{})
	keep := context.AfterFunc(ctx, func() {
		defer close(closed)
		s.board.end()
		_ = l.Close()
		open.hurry()
	})
	defer clients.Wait()
	defer func() {
		if !keep() { // nobody is to reach l when Serve has returned
			<-closed
		}
	}()
	for {
		c, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				_ = c.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		case err != nil: // too many files are open, say; it passes
			select {
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
			}
			continue
		}
		select {
		case room <- struct{}{}:
		case <-ctx.Done():
			_ = c.Close()
			return nil
		}
		clients.Go(func() {
			defer func() { <-room }()
			defer c.Close()
			defer open.add(c)()
			s.serve(c, waiting)
		})
	}
}

// serve answers one client.
func (s *Server) serve(c net.Conn, waiting chan struct{}) {
	if err := checkPeer(c); err != nil {
		reply(c, mistake("%v", err))
		return
	}
	_ = c.SetReadDeadline(time.Now().Add(requestTime))
	in := bufio.NewReaderSize(c, 4<<10)
	line, err := readLine(in)
	if err != nil {
		if !errors.Is(err, io.EOF) {
			reply(c, mistake("%v", err))
		}
		return
	}
	q, err := parse(line)
	if err != nil {
		reply(c, mistake("%v", err))
		return
	}
	if waits(q) {
		select {
		case waiting <- struct{}{}:
			defer func() { <-waiting }()
		default:
			reply(c, Reply{Code: Timeout, Text: "too many clients are waiting already\n"})
			return
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var hangup sync.WaitGroup
	hangup.Go(func() { // whoever hangs up waits no longer
		_ = c.SetReadDeadline(time.Time{})
		_, _ = io.Copy(io.Discard, in)
		cancel()
	})
	reply(c, s.Answer(ctx, q))
	_ = c.Close()
	hangup.Wait()
}

// connections are those that are open, so that a client that neither speaks nor
// listens cannot delay hotdev's end.
type connections struct {
	mu   sync.Mutex
	all  map[net.Conn]bool
	over bool
}

// add notes a connection; what it returns forgets it.
func (o *connections) add(c net.Conn) (forget func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.all == nil {
		o.all = map[net.Conn]bool{}
	}
	o.all[c] = true
	if o.over {
		o.last(c)
	}
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		delete(o.all, c)
	}
}

// hurry gives all of them a moment to take in their last answer.
func (o *connections) hurry() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.over = true
	for c := range o.all {
		o.last(c)
	}
}

func (o *connections) last(c net.Conn) {
	time.AfterFunc(lastTime, func() { _ = c.Close() })
}

// waits reports whether a request may take long to answer.
func waits(q Request) bool {
	switch q.Verb {
	case "status", "logs", "explain", "pause", "stop":
		return false
	case "errors":
		return q.After != ""
	}
	return true
}

// errTooLong says that a request has no end.
var errTooLong = errors.New("a request is one line of at most 64 KiB")

// readLine reads a request.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxRequest:
			return nil, errTooLong
		case err == nil:
			return line, nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(line) > 0:
			return nil, errors.New("a request ends with a newline")
		default:
			return nil, err
		}
	}
}

// reply sends an answer; who does not take it in does without.
func reply(c net.Conn, r Reply) {
	text, err := json.Marshal(r)
	if err != nil { // a time before year 0
		text, _ = json.Marshal(Reply{Code: Usage, Text: "the answer cannot be encoded: " + err.Error() + "\n"})
	}
	_ = c.SetWriteDeadline(time.Now().Add(answerTime))
	_, _ = c.Write(append(text, '\n'))
}
