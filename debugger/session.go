package debugger

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/google/go-dap"
)

// A session is the connection, in the editors' protocol, to the Delve of one program, on
// behalf of a client.
type session struct {
	*link
	asked map[int]func(message) // what handles the answer, by the number of the request
	// over: the program has ended, or the connection has.
	over bool
	// known are the client's numbers of breakpoints, by Delve's own.
	known map[int]int
	// entry: there is a breakpoint of our own at main.main, to stop at the start. entryID
	// is Delve's number of it.
	entry   bool
	entryID int
	quiet   bool // the client has heard Delve's greeting
}

// ask sends a request. answered is called with the answer.
func (s *session) ask(command string, arguments json.RawMessage, answered func(message)) {
	s.asked[s.write(message{Type: "request", Command: command, Arguments: arguments})] = answered
}

// await sends a request and waits for the answer. Messages that arrive before are handled.
func (d *Debugger) await(s *session, command string, arguments json.RawMessage) (json.RawMessage, error) {
	var answer *message
	s.ask(command, arguments, func(m message) { answer = &m })
	for answer == nil {
		m, open := <-s.in
		if !open {
			s.over = true
			return nil, errors.New("dlv has hung up")
		}
		d.heard(s, m)
	}
	if !answer.ok() {
		return nil, errors.New(why(*answer))
	}
	return answer.Body, nil
}

// hangUp ends the session and leaves the program as it is. Requests without an answer are
// answered with an error.
func (s *session) hangUp() {
	s.write(message{Type: "request", Command: "disconnect", Arguments: encode(map[string]bool{"terminateDebuggee": false})})
	_ = s.conn.SetReadDeadline(time.Now().Add(patience))
	for range s.in {
	}
	s.close()
	s.over = true
	no := false
	for _, answered := range s.asked {
		answered(message{Type: "response", Success: &no, Message: "the program does not run any more"})
	}
	s.asked = nil
}

// why returns the error of an answer.
func why(m message) string {
	var b dap.ErrorResponseBody
	if _ = json.Unmarshal(m.Body, &b); b.Error != nil && b.Error.Format != "" {
		return b.Error.Format
	}
	return m.Message
}

// engage opens a session with the program's Delve for the client, if both are there and
// ready, and lets the program run.
func (d *Debugger) engage() {
	t, c := d.target, d.client
	if t == nil || c == nil || !c.configured || d.session != nil || !t.ready || t.leaving || t.over {
		return
	}
	if !d.halt(t) {
		return
	}
	s, err := d.openSession(t)
	if err != nil {
		c.say("this client cannot be attached: " + err.Error())
		d.drive(t)
		return
	}
	t.fresh, d.greeted = false, true
	d.resumed() // it no longer waits for a client
	c.say(fmt.Sprintf("gen %d runs, pid %d", t.gen, t.pid))
	if err := d.configure(s); err != nil && !s.over {
		d.disengage()
		if d.client != nil {
			d.client.say("this client cannot be attached: " + err.Error())
		}
		d.drive(t)
		return
	}
}

// openSession opens the session with the Delve of t, as far as its first answer; see
// attempts.
func (d *Debugger) openSession(t *Target) (*session, error) {
	for range attempts {
		conn, err := net.DialTimeout("tcp", t.addr, patience)
		if err != nil {
			return nil, err
		}
		s := &session{link: open(conn, &d.readers), asked: map[int]func(message){}, known: map[int]int{}, entry: t.stop.Wait && t.stop.File == "" && t.fresh, quiet: d.greeted}
		able, err := d.await(s, "initialize", d.client.initialize)
		if err == nil {
			d.session = s
			d.learn(able)
			return s, nil
		}
		s.close()
		if !s.over {
			return nil, err
		}
	}
	return nil, errors.New("it hangs up")
}

// configure repeats the client's wish.
func (d *Debugger) configure(s *session) error {
	c := d.client
	if _, err := d.await(s, "attach", c.attach); err != nil {
		return err
	}
	for _, p := range c.sources {
		body, err := d.await(s, "setBreakpoints", p.arguments)
		if err != nil {
			c.say(err.Error())
			continue
		}
		d.changed(s.numbered(body, p))
	}
	if c.functions.arguments != nil || s.entry {
		body, err := d.await(s, "setFunctionBreakpoints", s.withEntry(c.functions.arguments))
		if err != nil {
			c.say(err.Error())
		} else {
			d.changed(s.numbered(body, c.functions)[:len(c.functions.ids)])
		}
	}
	if c.exceptions != nil {
		if _, err := d.await(s, "setExceptionBreakpoints", c.exceptions); err != nil {
			c.say(err.Error())
		}
	}
	if stop := d.target.stop; stop.File != "" { // after the client's own: one of them may be there
		if err := d.target.delve.breakAt(stop.File, stop.Line); err != nil {
			c.say(err.Error())
		}
	}
	_, err := d.await(s, "configurationDone", nil)
	return err
}

// withEntry adds the breakpoint of our own to the arguments for breakpoints at functions.
func (s *session) withEntry(arguments json.RawMessage) json.RawMessage {
	f := fields(arguments)
	all := functions(arguments)
	if all == nil {
		all = []json.RawMessage{}
	}
	if s.entry {
		all = append(all, encode(dap.FunctionBreakpoint{Name: "main.main"}))
	}
	f["breakpoints"] = encode(all)
	return encode(f)
}

// numbered returns the breakpoints of Delve's answer with the client's numbers of p. One of
// our own may follow.
func (s *session) numbered(body json.RawMessage, p points) []dap.Breakpoint {
	var b dap.SetBreakpointsResponseBody
	_ = json.Unmarshal(body, &b)
	for i := range b.Breakpoints {
		at := &b.Breakpoints[i]
		switch {
		case i < len(p.ids):
			if at.Verified {
				s.known[at.Id] = p.ids[i]
			}
			at.Id = p.ids[i]
		case s.entry && p.file == "":
			s.entryID = at.Id
		}
	}
	for len(b.Breakpoints) < len(p.ids) { // there never are fewer
		b.Breakpoints = append(b.Breakpoints, dap.Breakpoint{Id: p.ids[len(b.Breakpoints)]})
	}
	return b.Breakpoints
}

// changed tells the client what became of its breakpoints.
func (d *Debugger) changed(all []dap.Breakpoint) {
	for _, b := range all {
		d.client.event("breakpoint", dap.BreakpointEventBody{Reason: "changed", Breakpoint: b})
	}
}

// heard handles a message of Delve's.
func (d *Debugger) heard(s *session, m message) {
	if m.Type == "response" {
		if m.RequestSeq == nil {
			return
		}
		if answered := s.asked[*m.RequestSeq]; answered != nil {
			delete(s.asked, *m.RequestSeq)
			answered(m)
		}
		return
	}
	c := d.client
	if m.Type != "event" || c == nil {
		return
	}
	switch m.Event {
	case "initialized", "capabilities": // the Debugger sends its own
		return
	case "terminated", "exited": // the client's session goes on
		s.over = true
		return
	case "stopped":
		d.stopped(s, m)
		return
	case "continued":
		c.halted = false
		d.resumed()
	case "breakpoint":
		f := fields(m.Body)
		b := fields(f["breakpoint"])
		var id int
		_ = json.Unmarshal(b["id"], &id)
		if own, ok := s.known[id]; ok {
			b["id"] = encode(own)
		}
		f["breakpoint"] = encode(b)
		m.Body = encode(f)
	case "output":
		var b dap.OutputEventBody
		if _ = json.Unmarshal(m.Body, &b); s.quiet && strings.HasPrefix(b.Output, "Type 'dlv help'") {
			return
		}
	}
	c.write(m)
}

// stopped handles that the program was halted.
func (d *Debugger) stopped(s *session, m message) {
	f := fields(m.Body)
	var hit []int
	_ = json.Unmarshal(f["hitBreakpointIds"], &hit)
	entered := false
	known := []int{}
	for _, id := range hit {
		if s.entry && id == s.entryID {
			entered = true
		} else if own, ok := s.known[id]; ok {
			known = append(known, own)
		}
	}
	if f["hitBreakpointIds"] != nil {
		f["hitBreakpointIds"] = encode(known)
	}
	if entered {
		s.entry = false
		f["reason"], f["description"] = encode("entry"), encode("at the start of main")
		_, _ = d.await(s, "setFunctionBreakpoints", s.withEntry(d.client.functions.arguments))
	}
	m.Body = encode(f)
	d.client.halted = true
	d.client.write(m)
	h := Halt{}
	_ = json.Unmarshal(f["reason"], &h.Reason)
	_ = json.Unmarshal(f["text"], &h.Text)
	if p, err := d.target.delve.state(); err == nil {
		h.File, h.Line = p.place().File, p.place().Line
	}
	d.halted(h)
}
