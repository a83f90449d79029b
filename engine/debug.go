package engine

import "github.com/hotdev/hotdev/builder"

// Under the debugger, the program is built so that a debugger understands it, and started
// by Delve. Every change restarts it: new code that is put into a running program is
// unknown to Delve. While a debugger keeps the program from running, a restart that a save
// leads to waits: somebody looks at the program as it is.

// DebugMode is how a program runs under the debugger.
type DebugMode string

// It does not; it does; it does, and stops before main each time.
const (
	NotDebugged     DebugMode = ""
	Debugged        DebugMode = "on"
	DebuggedAtStart DebugMode = "at start"
)

// Debugging is what the user decided about the debugger.
type Debugging struct {
	// From is in force from the first start on.
	From DebugMode `json:"from,omitempty"`
	// AtStart has it stop before main each time.
	AtStart bool `json:"at_start,omitempty"`
	// Flags are more flags for Delve.
	Flags []string `json:"flags,omitempty"`
}

// DebuggerState is what there is of the debugger.
type DebuggerState struct {
	// Mode is what builds and starts are made for.
	Mode DebugMode
	// Addr is where debuggers attach, Client what the one that is attached calls itself;
	// either may be empty.
	Addr, Client string

	opening DebugMode // what is to be in force once Delve is found; empty: none is looked for
}

// A Halt is why the debugger keeps a program from running, and where.
type Halt struct {
	// Reason is "breakpoint", "step", "pause", "exception" or another word of the Debug
	// Adapter Protocol; HaltWaiting if no debugger is there yet to let the program begin.
	Reason string `json:"reason"`
	// Text says more of an exception.
	Text string `json:"text,omitempty"`
	// File and Line are of the user's code; empty if they are not known.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

// HaltWaiting is the reason of a program that a debugger has yet to let begin.
const HaltWaiting = "waiting"

// Debugging reports whether builds and starts are for the debugger.
func (s State) Debugging() bool { return s.Debugger.Mode != NotDebugged }

// request is what is to be built.
func (s State) request() builder.Request {
	r := s.Settings.Build
	if s.Debugging() {
		r.Debugger, r.Fast, r.Live = true, false, false
	}
	return r
}

// undebuggable is why the program cannot run under the debugger; empty if it can.
func (s State) undebuggable() string {
	switch {
	case s.Settings.Command:
		return s.Settings.Name + " is no Go program that hotdev builds, so it cannot run under the debugger"
	case s.Settings.Reload.Bare:
		return "a plugin without a program of its own cannot run under the debugger"
	}
	return ""
}

// debug turns the debugger on or off, or the stop before main.
func (s State) debug(e Debug) (State, []Effect) {
	if s.Phase != Running || s.Gen == 0 && !s.withheld.open {
		return s, nil
	}
	if why := s.undebuggable(); why != "" {
		return s.notice("debug", why), nil
	}
	d := &s.Debugger
	mode := Debugged
	if e.AtStart || s.Settings.Debug.AtStart {
		mode = DebuggedAtStart
	}
	switch {
	case d.opening != NotDebugged:
		d.opening = mode
		return s, nil
	case d.Mode == NotDebugged:
		d.opening = mode
		return s.notice("debug", ""), []Effect{OpenDebugger{Debug: s.Settings.Debug, Request: s.Settings.Build}}
	case !e.AtStart:
		*d = DebuggerState{}
		s, fx := s.anew()
		return s, append([]Effect{CloseDebugger{}}, fx...)
	case d.Mode == DebuggedAtStart:
		d.Mode = Debugged
		if h := s.Process.Halt; h == nil || h.Reason != HaltWaiting {
			return s, nil
		}
	default:
		d.Mode = DebuggedAtStart
	}
	return s.anew()
}

// debuggable takes what became of the search for Delve.
func (s State) debuggable(e Debuggable) (State, []Effect) {
	d := &s.Debugger
	mode := d.opening
	if mode == NotDebugged {
		return s, nil
	}
	d.opening = NotDebugged
	if e.Err == "" {
		d.Mode, d.Addr = mode, e.Addr
	} else {
		s = s.notice("debug", e.Err)
	}
	switch {
	case s.Gen == 0:
		return s.begin(Cause{Kind: ByStart}, wantCurrent, nil)
	case e.Err != "":
		return s, nil
	}
	return s.anew()
}

// anew builds and starts the program in the mode that is now in force.
func (s State) anew() (State, []Effect) {
	if s.Phase != Running {
		return s, nil
	}
	s.Process.Desire = ToRun
	return s.begin(Cause{Kind: ByKey}, wantNewStart, nil)
}

func (s State) haltedAt(e Halted) State {
	if p := &s.Process; e.Gen == p.Gen && (p.Phase == Up || p.Phase == Starting) {
		h := e.Halt
		p.Halt = &h
	}
	return s
}

// resumed has a restart happen that waited for the program to go on.
func (s State) resumed(e Resumed) (State, []Effect) {
	p := &s.Process
	if e.Gen != p.Gen || p.Halt == nil {
		return s, nil
	}
	p.Halt = nil
	c := p.put
	if p.put = nil; c == nil || p.Phase != Up || p.after != afterNothing {
		return s, nil
	}
	return s.follow(wantCurrent, *c)
}

// mustPutOff reports whether a restart for this cause is to wait: somebody looks at the
// program where it was halted. A key is meant.
func (s State) mustPutOff(c Cause) bool {
	h := s.Process.Halt
	return h != nil && h.Reason != HaltWaiting && c.Kind != ByKey && c.Kind != ByBack
}

// putOff has the restart that ends the cycle wait.
func (s State) putOff(c Cycle) State {
	c = c.enter("held", s.Now)
	s.Process.put = &c
	return s
}

// PutOff reports whether a restart waits until the debugger lets the program go on.
func (s State) PutOff() bool { return s.Process.put != nil }
