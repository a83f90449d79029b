package debugger

import (
	"context"
	"encoding/json"
	"net"
	"sync"
	"time"
)

// Options are the functions by which a Debugger reports. It calls them on its goroutine,
// one at a time, and they must not call the Debugger.
type Options struct {
	// Attached reports the name of a client that has attached, or "" when it has left.
	Attached func(client string)
	// Halted reports that the program of generation gen was halted, Resumed that it runs
	// again. During a step it counts as halted, unless the step takes long.
	Halted  func(gen int, h Halt)
	Resumed func(gen int)
	// Restart reports that a client asks for a restart.
	Restart func()
}

// A Halt says where the program was halted, and why.
type Halt struct {
	// Reason is a word of the protocol, such as "breakpoint", "step", "pause" or
	// "exception"; or Waiting.
	Reason string
	// Text describes an exception.
	Text string
	// File and Line are the place in the user's code; empty if unknown.
	File string
	Line int
}

// Waiting is the reason of a program that waits for a client before it begins.
const Waiting = "waiting"

// A Debugger has one address for the debuggers of editors. Its methods, and those of its
// targets, may be called on any goroutine.
type Debugger struct {
	Options
	listener net.Listener

	calls    chan func()   // for Serve to call
	done     chan struct{} // closed when Serve has ended
	accepted chan net.Conn
	returned chan returned
	readers  sync.WaitGroup // goroutines that read, accept, and wait for the program to halt

	// Only Serve's goroutine uses the fields below.
	client  *client
	target  *Target
	session *session // with the Delve of target; nil while the Debugger drives
	capable map[string]json.RawMessage
	greeted bool        // the client has heard Delve's greeting
	stands  *Target     // the last that Halted was called for, until Resumed; may be nil
	step    *time.Timer // the time that a step has before it counts as running; may be nil
	closing bool        // no client and no program is accepted
}

// Listen returns a Debugger at a TCP address. Clients wait until Serve is called.
func Listen(addr string, o Options) (*Debugger, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &Debugger{
		Options: o, listener: l, calls: make(chan func()), done: make(chan struct{}),
		accepted: make(chan net.Conn), returned: make(chan returned), capable: capabilities(),
	}, nil
}

// Close frees the address: no more clients can attach. It does not end Serve.
func (d *Debugger) Close() { d.listener.Close() }

// Addr returns the address that clients attach to.
func (d *Debugger) Addr() string { return d.listener.Addr().String() }

// Serve serves clients and programs until ctx ends. Then it ends the client's session, and
// returns when the program has ended, which it does not cause.
func (d *Debugger) Serve(ctx context.Context) {
	d.readers.Go(d.accept)
	defer func() {
		close(d.done)
		d.listener.Close()
		d.readers.Wait()
	}()
	ended := ctx.Done()
	for !d.closing || d.target != nil {
		var fromClient, fromDelve <-chan message
		if d.client != nil {
			fromClient = d.client.in
		}
		if d.session != nil {
			fromDelve = d.session.in
		}
		var stepping <-chan time.Time
		if d.step != nil {
			stepping = d.step.C
		}
		select {
		case conn := <-d.accepted:
			d.welcome(conn)
		case m, open := <-fromClient:
			if open {
				d.request(m)
			} else {
				d.dismiss()
			}
		case m, open := <-fromDelve:
			if open {
				d.heard(d.session, m)
			} else {
				d.session.over = true
			}
		case r := <-d.returned:
			d.stoppedBy(r)
		case <-stepping:
			d.resumed()
		case f := <-d.calls:
			f()
		case <-ended:
			ended, d.closing = nil, true
			d.listener.Close()
			if d.client != nil {
				d.client.event("terminated", struct{}{})
				d.dismiss()
			}
			if t := d.target; t != nil && t.ready {
				d.resumed()
				d.drive(t)
			}
		}
		d.settle()
	}
}

// settle handles the end of a program that was noticed by the session with its Delve.
func (d *Debugger) settle() {
	if s := d.session; s != nil && s.over {
		d.session = nil
		s.hangUp()
		d.finish(d.target)
	}
}

// call has Serve call f, and waits for that, though not for a Delve that does not answer.
// It returns false if Serve has ended.
func (d *Debugger) call(f func()) bool {
	finished := make(chan struct{})
	limit := time.After(2 * patience)
	select {
	case d.calls <- func() { defer close(finished); f() }:
		select {
		case <-finished:
		case <-limit:
		}
		return true
	case <-limit:
		return true
	case <-d.done:
		return false
	}
}

// accept passes this user's connections to Serve until the listener is closed.
func (d *Debugger) accept() {
	for {
		conn, err := d.listener.Accept()
		if err != nil {
			return
		}
		if !sameUser(conn) {
			conn.Close()
			continue
		}
		select {
		case d.accepted <- conn:
		case <-d.done:
			conn.Close()
			return
		}
	}
}

// welcome makes the connection the client's, or refuses it if there is a client.
func (d *Debugger) welcome(conn net.Conn) {
	l := open(conn, &d.readers)
	if d.closing {
		l.close()
		return
	}
	if d.client != nil {
		why := d.client.displayName() + " is attached already: detach it first"
		d.readers.Go(func() { // ends with the first request, or after a moment
			_ = conn.SetReadDeadline(time.Now().Add(patience))
			if m, open := <-l.in; open {
				l.refuse(m, why, true)
			}
			l.close()
		})
		return
	}
	d.client, d.greeted = &client{link: l}, false
}

// dismiss disconnects the client. The program runs on.
func (d *Debugger) dismiss() {
	c := d.client
	attached := c.attach != nil
	if t := d.target; d.session != nil {
		d.disengage()
		d.drive(t)
	}
	c.close()
	d.client = nil
	if attached {
		d.Attached("")
	}
}

// moves handles a command of the client's that Delve has accepted.
func (d *Debugger) moves(command string) {
	switch command {
	case "continue", "reverseContinue":
		d.client.halted = false
		d.resumed()
	case "next", "stepIn", "stepOut", "stepBack":
		d.client.halted = false
		if d.stands != nil && d.step == nil {
			d.step = time.NewTimer(stepTime)
		}
	}
}

// stepTime is how long a step may take before the program counts as running. A line takes
// far less, and for a restart it is not long to wait.
const stepTime = 2 * time.Second

func (d *Debugger) halted(h Halt) {
	d.endStep()
	d.stands = d.target
	d.Halted(d.target.gen, h)
}

// resumed reports that the program runs again, if it was reported as halted.
func (d *Debugger) resumed() {
	d.endStep()
	if t := d.stands; t != nil {
		d.stands = nil
		d.Resumed(t.gen)
	}
}

func (d *Debugger) endStep() {
	if d.step != nil {
		d.step.Stop()
		d.step = nil
	}
}
