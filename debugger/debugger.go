package debugger

import (
	"context"
	"encoding/json"
	"net"
	"sync"
	"time"
)

// Options are what a Debugger tells of. The functions are called on its goroutine, one at
// a time, and must not call the Debugger.
type Options struct {
	// Attached is told that a client is there, by its name; empty: it has left.
	Attached func(client string)
	// Halted is told that the program of generation gen stands, Resumed that it goes on.
	// One that steps goes on if the step takes long.
	Halted  func(gen int, h Halt)
	Resumed func(gen int)
	// Restart is what a client asks for.
	Restart func()
}

// A Halt is where the program stands, and why.
type Halt struct {
	// Reason is the protocol's word: "breakpoint", "step", "pause", "exception" and their
	// like; or Waiting.
	Reason string
	// Text says more of an exception.
	Text string
	// File and Line are of the user's code; empty if they are not known.
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

	calls    chan func()   // to be done by Serve
	done     chan struct{} // closed when Serve does no more
	accepted chan net.Conn
	returned chan returned
	readers  sync.WaitGroup // who read, accept, and wait for the program to stand

	// What follows is Serve's own.
	client  *client
	target  *Target
	session *session // with the Delve of target; nil while the Debugger drives
	capable map[string]json.RawMessage
	greeted bool        // the client has heard Delve's greeting
	stands  *Target     // Halted was called for it, and Resumed was not; nil is none
	step    *time.Timer // what steps, and is not back when it fires, goes on; nil is none
	closing bool        // nothing new begins
}

// Listen is a Debugger at a TCP address. It does nothing before Serve.
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

// Close has no more clients attach, so that the address is free. Serve ends by its context.
func (d *Debugger) Close() { d.listener.Close() }

// Addr is where clients attach.
func (d *Debugger) Addr() string { return d.listener.Addr().String() }

// Serve has clients attach until ctx ends. Then it tells the client that all is over, and
// returns as soon as the program has ended, which goes on until somebody ends it.
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

// settle sees to a program that has ended while Delve was spoken with.
func (d *Debugger) settle() {
	if s := d.session; s != nil && s.over {
		d.session = nil
		s.hangUp()
		d.finish(d.target)
	}
}

// call has f done by Serve, and waits, but not for a Delve that does not answer; false if
// Serve does no more.
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

// accept hands on connections of this user until the listener is closed.
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

// welcome takes a client in, if there is none.
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

// dismiss lets the client go. The program goes on.
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

// moves takes that Delve has carried out a client's command.
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

// stepTime is how long a step may take to count as one. It is far longer than a line of a
// program, and no trouble to whoever waits for a restart.
const stepTime = 2 * time.Second

func (d *Debugger) halted(h Halt) {
	d.endStep()
	d.stands = d.target
	d.Halted(d.target.gen, h)
}

// resumed says that the program goes on, if it was said that it stands.
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
