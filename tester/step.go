package tester

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/builder"
)

// Step is the policy: what an event leads to. It is pure and total; time enters as
// s.Now, which the caller sets.
func Step(s State, e Event) (State, []Effect) {
	if s.Over {
		return s, nil
	}
	switch e := e.(type) {
	case Configured:
		return s.configured(e)
	case Changed:
		return s.changed(e)
	case Listed:
		return s.listed(e)
	case Testing:
		if e.Gen == s.Run.Gen && s.running() && !slices.Contains(s.Run.Current, e.Package) {
			s.Run.Current = append(slices.Clip(s.Run.Current), e.Package)
		}
	case Tested:
		return s.tested(e.Result), nil
	case Compared:
		return s.wasCompared(e)
	case Covered:
		return s.covered(e), nil
	case Ran:
		return s.ran(e)
	case Test:
		return s.test(e)
	case Debug:
		return s.debug(e)
	case DebugReady, DebugAttached, DebugWrote, Debugged:
		return s.debugging(e), nil
	case Noticed:
		s.Notices = append(slices.Clip(s.Notices), e.Text)
	case StopTests:
		s.When = Off
		s, fx := s.interrupt()
		s.wanted, s.late, s.requests, s.starting, s.startLate, s.cover = nil, nil, nil, false, false, noCover
		return s.answered(), fx
	case Quit:
		s, fx := s.interrupt()
		s.Over = true
		return s, fx
	}
	return s, nil
}

func (s State) configured(e Configured) (State, []Effect) {
	old := s.Settings
	first := s.When == ""
	s.Settings = e.Settings
	s.Notices = slices.DeleteFunc(slices.Clone(s.Notices), func(n string) bool { return n == s.mistake })
	if s.mistake = e.Err; e.Err != "" {
		s.Notices = append(s.Notices, e.Err)
	}
	if first || old.When != e.Settings.When {
		s.When = e.Settings.When
	}
	if first && e.Settings.AtStart {
		s.starting = true
	}
	switch {
	case !s.Awake && s.When == Off && !s.starting:
		return s, nil
	case !s.Awake:
		return s.wake()
	case !reflect.DeepEqual(old.Request, e.Settings.Request):
		// Other flags make other tests.
		s, fx := s.interrupt()
		s.owed = map[string]int{}
		for pkg := range s.Results {
			s.owed[pkg] = far
			if s.When == OnSave {
				s.wanted = with(s.wanted, pkg, far)
			}
		}
		s.Run.Paths = nil
		s, more := s.list(nil)
		return s, append(fx, more...)
	}
	return s.rewatch(e.Since)
}

func with(m map[string]int, pkg string, distance int) map[string]int {
	m = maps.Clone(m)
	if m == nil {
		m = map[string]int{}
	}
	note(m, pkg, distance)
	return m
}

// wake begins to care: what tests there are is asked for, and then watched.
func (s State) wake() (State, []Effect) {
	s.Awake = true
	return s.list(nil)
}

// interrupt ends the run under way. What it did not come to is still owed.
func (s State) interrupt() (State, []Effect) {
	if !s.running() {
		return s, nil
	}
	s.Run.Interrupted, s.Run.Current, s.Live = true, nil, nil
	if s.Run.Cover {
		s.cover = coverAsked
	}
	for pkg, d := range s.again {
		s.wanted = with(s.wanted, pkg, d)
	}
	s.again = nil
	return s, []Effect{Cancel{Gen: s.Run.Gen}}
}

// put replaces the result of a package, or takes it away.
func (s State) put(pkg string, r Result, there bool) State {
	s.Results = maps.Clone(s.Results)
	if s.Results == nil {
		s.Results = map[string]Result{}
	}
	if s.Results[pkg] = r; !there {
		delete(s.Results, pkg)
	}
	return s
}

func (s State) tested(r Result) State {
	if r.Gen != s.Run.Gen || !s.running() {
		return s
	}
	old := s.Results[r.Package]
	_, wanted := s.wanted[r.Package]
	switch {
	case r.Outcome == PackageRunning:
		if wanted {
			s.Live = maps.Clone(s.Live)
			if s.Live == nil {
				s.Live = map[string]Result{}
			}
			s.Live[r.Package] = r.after(old, nil)
		}
		return s
	case !wanted: // once more, with go vet
		// Tests whose result the go command does not keep have run twice then.
		if r.Outcome == PackageBroken || r.Outcome == PackageFailed {
			s = s.put(r.Package, r.after(old, s.whole(r)), true)
		}
		return s
	}
	s = s.put(r.Package, r.after(old, s.whole(r)), true)
	s.Live = maps.Clone(s.Live)
	delete(s.Live, r.Package)
	if s.Run.First == 0 {
		s.Run.First = max(1, s.Now.Sub(s.Run.from))
	}
	s.Run.Done++
	s.Run.Current = slices.DeleteFunc(slices.Clone(s.Run.Current), func(p string) bool { return p == r.Package })
	s.owed, s.wanted = maps.Clone(s.owed), maps.Clone(s.wanted)
	if _, dirtied := s.dirtied[r.Package]; !r.Partial && !dirtied {
		delete(s.owed, r.Package)
	}
	delete(s.wanted, r.Package)
	return s
}

// whole are the test functions of a partial run of which no subtest was left out. One that
// the run no longer had is not there any more.
func (s State) whole(r Result) (functions []string) {
	if s.pattern == "" {
		return s.filter[r.Package]
	}
	if strings.Contains(s.pattern, "/") {
		return nil
	}
	for _, test := range r.Ran {
		functions = append(functions, top(test))
	}
	return functions
}

func (s State) ran(e Ran) (State, []Effect) {
	if e.Gen != s.Run.Gen || !s.running() {
		return s, nil
	}
	s.Run.Took, s.Run.Current, s.Live = max(1, s.Now.Sub(s.Run.from)), nil, nil
	s.Complaints, s.Err = e.Diagnostics, e.Err
	if s.Run.Cover {
		s.Coverage.Partly = s.failed(s.Run.Packages)
	}
	if len(s.wanted) > 0 && len(s.Complaints) == 0 && s.Err == "" {
		silent := s.sorted(s.wanted)
		s.Complaints = []builder.Diagnostic{{Message: "go test reported nothing about " + silent[0] + more(len(silent)-1)}}
	}
	// What go test did not come to, because it could not, is not tried again by itself.
	s.wanted, s.filter, s.pattern = nil, nil, ""
	if len(s.again) > 0 {
		s.wanted, s.again, s.Run.from = s.again, nil, s.Now
		return s.start(BySave)
	}
	return s.answered(), nil
}

// more is " and 2 more".
func more(n int) string {
	if n <= 0 {
		return ""
	}
	return " and " + strconv.Itoa(n) + " more"
}

// answered notes that what was asked for has been carried out, if nothing is left. What
// was saved and could not be listed is left for the next save or request.
func (s State) answered() State {
	if !s.running() && len(s.wanted) == 0 && len(s.requests) == 0 && !s.open && s.cover == noCover {
		s.Answered = s.asked
	}
	return s
}

func (s State) test(e Test) (State, []Effect) {
	if s.When == "" { // before the settings
		return s, nil
	}
	s.asked = max(s.asked, e.ID)
	if e.Follow && s.When == Off {
		s.When = OnSave
	}
	if e.Cover {
		return s.measure()
	}
	if !s.Awake {
		s.requests = append(slices.Clip(s.requests), e)
		return s.wake()
	}
	if s.open || len(s.pending) > 0 {
		s.requests = append(slices.Clip(s.requests), e)
		if !s.open {
			return s.list(s.pending)
		}
		return s, nil
	}
	if s.relist {
		s.requests = append(slices.Clip(s.requests), e)
		return s.list(nil)
	}
	s, fx := s.interrupt()
	s = s.choose(e)
	if s.cover != noCover {
		s, more := s.compare()
		return s, append(fx, more...)
	}
	s, more := s.start(ByRequest)
	return s, append(fx, more...)
}

// A file of test data that changes while tests run was saved, or these tests wrote
// it. If it changes in run after run, it is taken for a save maxSaves times, which
// interrupts; then once for either, which waits for the end of the run, so that what
// the user saved last is seen by a whole run; and then for the tests' own.
const maxSaves = 2
