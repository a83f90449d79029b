package debugger

import (
	"encoding/json"
	"slices"

	"github.com/google/go-dap"
)

// A client is the debugger of an editor. There is one at a time.
type client struct {
	*link
	wish
	name       string
	configured bool
	told       map[string]json.RawMessage // the capabilities that it was told of
	halted     bool                       // it was told so
	threads    []int                      // those that it was told of
}

// request carries out a request of the client's, or passes it on.
func (d *Debugger) request(m message) {
	c := d.client
	if m.Type != "request" {
		return // an answer to nothing that was asked
	}
	switch m.Command {
	case "initialize":
		c.initialize = initializeArguments(m.Arguments)
		var a dap.InitializeRequestArguments
		_ = json.Unmarshal(c.initialize, &a)
		if a.PathFormat != "path" || !a.LinesStartAt1 || !a.ColumnsStartAt1 {
			c.refuse(m, "Delve counts lines and columns from 1, and wants paths of files", true)
			return
		}
		if c.name = a.ClientName; c.name == "" {
			c.name = a.ClientID
		}
		c.told = d.capable
		c.respond(m, encode(c.told))
	case "attach":
		c.attach = attachArguments(m.Arguments)
		c.respond(m, nil)
		c.event("initialized", struct{}{})
		d.Attached(c.displayName())
	case "launch":
		c.refuse(m, `hotdev starts the program: attach to it, with "request": "attach" and "mode": "remote"`, true)
	case "configurationDone":
		c.configured = true
		c.respond(m, nil)
		d.engage()
	case "setBreakpoints", "setFunctionBreakpoints":
		p := c.want(m)
		if !d.passOn(m, &p) {
			c.respond(m, p.unverified(d.target == nil))
		}
	case "setExceptionBreakpoints":
		c.exceptions = m.Arguments
		if !d.passOn(m, nil) {
			c.respond(m, nil)
		}
	case "setInstructionBreakpoints", "setDataBreakpoints": // addresses, of one process only
		if !d.passOn(m, nil) {
			c.respond(m, unset(m.Arguments))
		}
	case "threads":
		if !d.passOn(m, nil) {
			c.respond(m, encode(dap.ThreadsResponseBody{Threads: []dap.Thread{}}))
		}
	case "restart":
		c.respond(m, nil)
		d.Restart()
	case "disconnect":
		c.respond(m, nil)
		d.dismiss()
	default:
		if !d.passOn(m, nil) {
			c.refuse(m, "no program runs under the debugger now", false)
		}
	}
}

func (c *client) displayName() string {
	if c.name == "" {
		return "a debugger"
	}
	return c.name
}

// passOn passes a request on to Delve, and the answer to the client. It returns false if
// there is no Delve. p is not nil if the request sets breakpoints.
func (d *Debugger) passOn(m message, p *points) bool {
	s := d.session
	if s == nil || s.over {
		return false
	}
	from := m
	if m.Command == "setFunctionBreakpoints" {
		m.Arguments = s.withEntry(m.Arguments)
	}
	s.ask(m.Command, m.Arguments, func(r message) {
		if d.client == nil {
			return
		}
		r.RequestSeq, r.Command = &from.Seq, from.Command
		switch {
		case !r.ok():
		case p != nil:
			r.Body = encode(dap.SetBreakpointsResponseBody{Breakpoints: s.numbered(r.Body, *p)[:len(p.ids)]})
		case m.Command == "threads":
			d.client.knows(r.Body)
		}
		d.client.write(r)
		if r.ok() {
			d.moves(m.Command)
		}
	})
	return true
}

// knows notes the threads that the client is told of.
func (c *client) knows(body json.RawMessage) {
	var b dap.ThreadsResponseBody
	_ = json.Unmarshal(body, &b)
	c.threads = nil
	for _, t := range b.Threads {
		c.threads = append(c.threads, t.Id)
	}
}

// forget tells the client that the program it knew is gone: it is no longer halted, and has
// no threads.
func (c *client) forget() {
	if c.halted {
		c.halted = false
		c.event("continued", dap.ContinuedEventBody{ThreadId: 1, AllThreadsContinued: true})
	}
	for _, id := range c.threads {
		c.event("thread", dap.ThreadEventBody{Reason: "exited", ThreadId: id})
	}
	c.threads = nil
}

// say prints a line in the client's debug console.
func (c *client) say(text string) {
	c.event("output", dap.OutputEventBody{Category: "console", Output: "hotdev: " + text + "\n"})
}

// learn notes the capabilities of the Delve in force, and tells the client what is new.
func (d *Debugger) learn(body json.RawMessage) {
	now := fields(body)
	for _, own := range []string{"supportsRestartRequest", "supportsTerminateRequest", "supportTerminateDebuggee", "supportSuspendDebuggee"} {
		delete(now, own)
	}
	for name := range capabilities() {
		if now[name] == nil {
			now[name] = encode(false)
		}
	}
	now["supportsRestartRequest"] = encode(true)
	d.capable = now
	news := map[string]json.RawMessage{}
	for name, value := range now {
		if !slices.Equal(value, d.client.told[name]) {
			news[name] = value
		}
	}
	d.client.told = now
	if len(news) > 0 {
		d.client.event("capabilities", map[string]any{"capabilities": news})
	}
}
