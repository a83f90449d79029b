package tester

import "slices"

// DebugState is a test that runs under the debugger, or has.
type DebugState struct {
	// ID numbers them; 0 is none yet.
	ID int
	// Test is empty if there is none.
	Test Debug
	// Addr is where debuggers attach, while it is built empty. Client is what the one that
	// is attached calls itself.
	Addr, Client string
	// Begun: a debugger was attached, so the test has begun.
	Begun bool
	// Output are the last lines that it printed.
	Output []string
	// Over: it has ended. Passed and Err say how; see [Debugged].
	Over, Passed bool
	Err          string
}

// Active reports whether a test is built for the debugger, or runs under it.
func (d DebugState) Active() bool { return d.ID > 0 && !d.Over }

// Of reports whether it is the test of a failure.
func (d DebugState) Of(f Failure) bool {
	return d.Test.Package == f.Package && d.Test.Test == f.Test
}

// mostDebugOutput is how many lines of a test under the debugger are kept.
const mostDebugOutput = 100

// debug begins with a test, or ends it. There is one at a time.
func (s State) debug(e Debug) (State, []Effect) {
	if d := s.Debug; d.Active() && d.Of(Failure{Package: e.Package, Test: e.Test}) {
		return s.endDebug("")
	}
	s, fx := s.endDebug("")
	s.Debug = DebugState{ID: s.Debug.ID + 1, Test: e}
	return s, append(fx, DebugTest{ID: s.Debug.ID, Request: s.Settings.Request, Debug: e})
}

// endDebug ends the test under the debugger, if there is one. why is empty if the user
// knows.
func (s State) endDebug(why string) (State, []Effect) {
	if !s.Debug.Active() {
		return s, nil
	}
	if s.Debug.Over, s.Debug.Err = true, why; why == "" {
		s = s.forgetDebug()
	}
	return s, []Effect{EndDebug{}}
}

// forgetDebug forgets how the last test under the debugger ended, if none is there now.
func (s State) forgetDebug() State {
	if s.Debug.ID > 0 && s.Debug.Over {
		s.Debug = DebugState{ID: s.Debug.ID, Over: true}
	}
	return s
}

// debugging takes what the debugger reports of a test.
func (s State) debugging(e Event) State {
	d := s.Debug
	of := func(id int) bool { return id == d.ID && d.Active() }
	switch e := e.(type) {
	case DebugReady:
		if of(e.ID) {
			d.Addr = e.Addr
		}
	case DebugAttached:
		if of(e.ID) {
			d.Client, d.Begun = e.Client, true
		}
	case DebugWrote:
		if of(e.ID) {
			d.Output = slices.Concat(d.Output, e.Lines)
			d.Output = d.Output[max(0, len(d.Output)-mostDebugOutput):]
		}
	case Debugged:
		if of(e.ID) {
			d.Over, d.Passed, d.Err = true, e.Passed, e.Err
		}
	}
	s.Debug = d
	return s
}
