package debugger

import (
	"context"
	"errors"
	"fmt"
)

// A Target is one program, with the Delve that it runs under.
type Target struct {
	debugger *Debugger
	gen      int
	addr     string
	delve    delve
	pid      int

	// What follows is the Debugger's.
	atStart bool // the program is to stop before main
	fresh   bool // it stands where the system started it
	ready   bool // it may run
	running bool // by an order whose answer is awaited
	leaving bool // it is about to be stopped: no client gets it any more
	over    bool
	taken   bool

	ended  chan struct{} // closed when the program has ended, as far as Delve knows
	status int           // written before
	known  bool
}

// returned is the answer to an order to run.
type returned struct {
	target *Target
	at     position
	err    error
}

// Begin takes over the program of generation gen, which the Delve that is coming up at
// addr starts and keeps from running. With atStart it is to stop before main, for a
// client. An error means that there is no such Delve, or that it does not come up before
// ctx ends. The caller closes the target.
func (d *Debugger) Begin(ctx context.Context, addr string, gen int, atStart bool) (*Target, error) {
	delve, err := dial(ctx, addr)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { delve.Close() })
	defer stop()
	t := &Target{debugger: d, gen: gen, addr: addr, delve: delve, atStart: atStart, fresh: true, ended: make(chan struct{})}
	if t.pid, err = delve.pid(); err != nil {
		delve.Close()
		return nil, fmt.Errorf("dlv did not start the program, see the output: %w", err)
	}
	d.call(func() {
		if !d.closing {
			d.target, t.taken = t, true
		}
	})
	if !t.taken {
		delve.Close()
		return nil, errors.New("the debugger is being turned off")
	}
	return t, nil
}

// Pid is the program's.
func (t *Target) Pid() int { return t.pid }

// Run lets the program run: by the client's wish, if one is attached.
func (t *Target) Run() {
	d := t.debugger
	d.call(func() {
		if d.target != t || t.ready {
			return
		}
		t.ready = true
		d.engage()
		switch {
		case d.session != nil:
		case t.atStart && t.fresh:
			d.halted(Halt{Reason: Waiting})
		default:
			d.drive(t)
		}
	})
}

// Release prepares for the program's end: no breakpoint, and no client, keeps it from
// ending as it would without a debugger.
func (t *Target) Release() {
	d := t.debugger
	d.call(func() {
		if d.target != t || t.leaving || t.over {
			return
		}
		t.leaving = true
		if t.fresh { // it has not begun, and need not
			t.known = true
			d.finish(t)
			return
		}
		if d.session != nil {
			d.disengage()
		}
		d.resumed()
		d.drive(t)
	})
}

// Ended is closed when the program has ended, and Delve knows how.
func (t *Target) Ended() <-chan struct{} { return t.ended }

// Status is how the program ended: with an exit code or, below zero, by a signal; false
// if that is not known.
func (t *Target) Status() (status int, known bool) {
	select {
	case <-t.ended:
		return t.status, t.known
	default:
		return 0, false
	}
}

// Close is called when nothing of the program is left.
func (t *Target) Close() {
	d := t.debugger
	d.call(func() {
		if d.target != t {
			return
		}
		if s := d.session; s != nil {
			d.session = nil
			s.close()
			s.hangUp()
		}
		d.finish(t)
	})
	t.delve.Close()
}

// drive has the program run without a client, again and again, until a client takes over
// or it ends.
func (d *Debugger) drive(t *Target) {
	if t.running || t.over {
		return
	}
	t.running, t.fresh = true, false
	d.readers.Go(func() { // ends with Delve
		at, err := t.delve.command("continue")
		select {
		case d.returned <- returned{t, at, err}:
		case <-d.done:
		}
	})
}

// stoppedBy takes that a program that is driven stands, or has ended.
func (d *Debugger) stoppedBy(r returned) {
	t := r.target
	t.running = false
	switch {
	case t.over || d.target != t:
	case r.err != nil:
		d.finish(t)
	case r.at.Exited:
		d.exited(t, r.at.ExitStatus)
	default: // a panic's or a program's own breakpoint: nobody looks
		d.drive(t)
	}
}

// halt has the program stand, so that who drives it can change; false if it has ended.
func (d *Debugger) halt(t *Target) bool {
	if t.fresh {
		return true
	}
	at, err := t.delve.command("halt")
	for t.running {
		r := <-d.returned
		if r.target.running = false; r.target == t && r.err == nil && r.at.Exited {
			at, err = r.at, nil
		}
	}
	switch {
	case err != nil:
		d.finish(t)
		return false
	case at.Exited:
		d.exited(t, at.ExitStatus)
		return false
	}
	return true
}

// disengage ends the session with Delve. The program stands, without breakpoints.
func (d *Debugger) disengage() {
	s, t := d.session, d.target
	d.session = nil
	s.hangUp()
	if d.client != nil {
		d.client.forget()
	}
	d.resumed()
	if d.halt(t) {
		_ = t.delve.clear()
	}
}

// exited takes that the program has ended, and how.
func (d *Debugger) exited(t *Target, status int) {
	if !t.over {
		t.status, t.known = status, true
	}
	d.finish(t)
}

// finish ends Delve: the program has ended, or is lost.
func (d *Debugger) finish(t *Target) {
	if t.over {
		return
	}
	t.over = true
	if !t.known {
		if at, err := t.delve.command("halt"); err == nil && at.Exited {
			t.status, t.known = at.ExitStatus, true
		}
	}
	if d.client != nil {
		d.client.forget()
	}
	d.resumed()
	if d.target == t {
		d.target = nil
	}
	t.delve.end()
	close(t.ended)
}
