package engine

// An After is what the start of a program waits for: that another one of the
// session has come so far.
type After struct {
	Program string    `json:"program"`
	Word    Milestone `json:"word"`
}

// A Milestone is how far a program has come.
type Milestone string

// It runs; it is ready; it has ended; it has ended by itself, and well.
const (
	HasStarted   Milestone = "started"
	HasReady     Milestone = "ready"
	HasDone      Milestone = "done"
	HasSucceeded Milestone = "succeeded"
)

// Milestones are all of them.
func Milestones() []Milestone { return []Milestone{HasStarted, HasReady, HasDone, HasSucceeded} }

// Has reports whether the program has come so far.
func (s State) Has(m Milestone) bool {
	p := s.Process
	gone := p.Exit != nil && (p.Phase == Down || p.Phase == Crashed || p.Phase == Waiting)
	switch m {
	case HasStarted:
		return p.Phase == Up || gone
	case HasReady:
		return p.Phase == Up && !p.Ready.IsZero()
	case HasDone:
		return gone
	}
	return gone && p.Exit.Code == 0 && p.Exit.Err == "" && !p.Exit.Stopped
}

// mustWait reports whether the program is not to start yet. Until it is told, it waits
// for whatever there is to wait for.
func (s State) mustWait() bool { return len(s.Settings.After) > 0 && !s.released }

// hold has the start wait, which ends the cycle as soon as it may.
func (s State) hold() (State, []Effect) {
	p := &s.Process
	s.waiting = 0
	p.Phase, p.Since = Waiting, s.Now
	p.cycle = p.cycle.enter("held", s.Now)
	return s, nil
}

// heldUp reports whether hotdev is leaving, and the program runs on because others need
// it, or has its last run before it. What is about to start is not let come up for that,
// and a task that generates is needed by nobody.
func (s State) heldUp() bool {
	return s.Phase == Quitting && len(s.Needed) > 0 && (s.Process.Phase == Up && !s.isTask() || s.runsLast())
}

// needed takes who is to end before the program.
func (s State) needed(e Needed) (State, []Effect) {
	held := s.heldUp()
	s.Needed = e.By
	switch {
	case !held || s.heldUp():
	case s.runsLast():
		return s.runLast()
	default:
		return s.end(afterQuit)
	}
	return s, nil
}

// awaits takes what the start still waits for.
func (s State) awaits(e Awaits) (State, []Effect) {
	s.Awaits, s.released = e.For, len(e.For) == 0
	if p := s.Process; !s.released || p.Phase != Waiting || s.Phase != Running {
		return s, nil
	}
	return s.start()
}
