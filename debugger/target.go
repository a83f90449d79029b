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

	// Only the Debugger's goroutine uses the fields below.
	stop    Stop
	fresh   bool // it has not run an instruction yet
	ready   bool // it may run
	running bool // an order to run has not been answered
	leaving bool // it is about to be stopped: no client gets it any more
	over    bool // it has ended, or is lost
	taken   bool // it became the Debugger's

	ended  chan struct{} // closed when the program has ended
	status int           // set before ended is closed; valid if known
	known  bool
}

// A returned is the answer to an order to run: the program was halted, or has ended.
type returned struct {
	target *Target
	at     position
	err    error
}

// A Stop says where a program stops for a client. The zero Stop is nowhere.
type Stop struct {
	// Wait: it waits for a client before it begins.
	Wait bool
	// File and Line are where it then stops, each time; without them it stops before main.
	File string
	Line int
}

// Begin takes over the program of generation gen from the Delve at addr, which may still
// be starting. The program has not run yet; see [Target.Run]. An error means that Delve
// did not start the program before ctx ended. The caller must close the target.
func (d *Debugger) Begin(ctx context.Context, addr string, gen int, stop Stop) (*Target, error) {
	t := &Target{debugger: d, gen: gen, addr: addr, stop: stop, fresh: true, ended: make(chan struct{})}
	if err := t.connect(ctx); err != nil {
		return nil, err
	}
	d.call(func() {
		if !d.closing {
			d.target, t.taken = t, true
		}
	})
	if !t.taken {
		t.delve.Close()
		return nil, errors.New("the debugger is being turned off")
	}
	return t, nil
}

// attempts is how often a connection to Delve is tried. Delve looks up in a table of the
// system's whose connection it is, and hangs up if it is not there, which happens while
// the table changes.
const attempts = 20

// connect connects to Delve, which answers when it has started the program.
func (t *Target) connect(ctx context.Context) (err error) {
	for range attempts {
		if t.delve, err = dial(ctx, t.addr); err != nil {
			return err
		}
		stop := context.AfterFunc(ctx, func() { t.delve.Close() })
		t.pid, err = t.delve.pid()
		if stop(); err == nil {
			return nil
		}
		t.delve.Close()
	}
	return fmt.Errorf("dlv did not start the program, see the output: %w", err)
}

// Pid returns the process ID of the program.
func (t *Target) Pid() int { return t.pid }

// Run lets the program run, with the client's breakpoints if one is attached.
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
		case t.stop.Wait && t.fresh:
			d.halted(Halt{Reason: Waiting})
		default:
			d.drive(t)
		}
	})
}

// Release prepares the program for a signal to end: it removes breakpoints, takes the
// program from the client, and lets it run.
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

// Close releases what belongs to the target, and returns how the program ended: its exit
// code or, below zero, the signal that ended it. known is false if Delve did not know.
// Delve must have ended.
func (t *Target) Close() (status int, known bool) {
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
	select {
	case <-t.ended: // Delve ends before that is closed
		return t.status, t.known
	default: // there is a Delve that does not answer
		return 0, false
	}
}

// drive lets the program run without a client.
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

// stoppedBy handles that a program which the Debugger drives was halted, or has ended.
func (d *Debugger) stoppedBy(r returned) {
	t := r.target
	t.running = false
	switch {
	case t.over || d.target != t:
	case r.err != nil:
		d.finish(t)
	case r.at.Exited:
		d.exited(t, r.at.ExitStatus)
	default: // a breakpoint at a panic, or the program's own; there is no one to look
		d.drive(t)
	}
}

// halt halts the program, so that another may drive it. It returns false if the program
// has ended.
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

// disengage ends the session with Delve. The program is halted and has no breakpoints.
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

// exited handles the end of the program.
func (d *Debugger) exited(t *Target, status int) {
	if !t.over {
		t.status, t.known = status, true
	}
	d.finish(t)
}

// finish ends Delve, because the program has ended or is lost.
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
