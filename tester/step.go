package tester

import (
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

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

// list asks what there is, of paths; nil is anything.
func (s State) list(paths []string) (State, []Effect) {
	s.listing++
	s.open = true
	s.relist = s.relist || paths == nil
	if s.relist {
		paths = nil
	}
	return s, []Effect{List{ID: s.listing, Request: s.Settings.Request, Paths: paths}}
}

func (s State) changed(e Changed) (State, []Effect) {
	for _, n := range e.Notices {
		if !slices.Contains(s.Notices, n) {
			s.Notices = append(slices.Clip(s.Notices), n)
		}
	}
	var fx []Effect
	var paths []string
	for _, p := range e.Paths {
		if slices.Contains(s.Settings.Config, p) {
			if len(fx) == 0 {
				fx = append(fx, Configure{})
			}
			continue
		}
		paths = append(paths, p)
	}
	if slices.ContainsFunc(paths, func(p string) bool { return filepath.Ext(p) == ".go" }) {
		var more []Effect
		s, more = s.endDebug("it ended because of a save")
		fx = append(fx, more...)
	}
	s, paths = s.withoutWritten(paths)
	if !s.Awake || len(paths) == 0 && !e.Overflow {
		return s, fx
	}
	if !s.running() && len(s.pending) == 0 {
		s.Run.from = s.Now
		if !e.First.IsZero() {
			s.Run.from = e.First
		}
	}
	s.Coverage.Stale = true
	s.pending = join(s.pending, paths)
	s.overflow = s.overflow || e.Overflow
	var more []Effect
	if s.When == OnSave {
		if s.running() {
			s.Run.from = s.Now
			if !e.First.IsZero() {
				s.Run.from = e.First
			}
		}
		s, more = s.interrupt()
		fx = append(fx, more...)
	}
	list := s.pending
	if s.overflow {
		list = nil
	}
	s, more = s.list(list)
	return s, append(fx, more...)
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

func (s State) listed(e Listed) (State, []Effect) {
	if e.ID != s.listing {
		return s, nil
	}
	s.open, s.relist = false, false
	if e.Err != "" {
		s.Err, s.relist = e.Err, true
		for pkg, d := range s.wanted {
			s.late = with(s.late, pkg, d)
		}
		s.startLate = s.startLate || s.starting
		s.requests, s.wanted, s.starting, s.cover = nil, nil, false, noCover
		return s.answered(), nil
	}
	var fx []Effect
	if !e.Same {
		s.Graph = limited(e.Graph, s.Settings.Only)
		s, fx = s.rewatch(e.Since)
		for pkg := range s.Results {
			if p, ok := s.Graph.Package(pkg); !ok || !p.Tested {
				s = s.put(pkg, Result{}, false)
			}
		}
	}
	s = s.nothing()
	paths := s.pending
	near, all := affected(s.Graph, paths, s.Settings.Watch)
	if all || s.overflow {
		near = map[string]int{}
		for _, pkg := range tested(s.Graph) {
			near[pkg] = far
		}
	}
	s.pending, s.overflow = nil, false
	cause := BySave
	s.owed, s.wanted = maps.Clone(s.owed), maps.Clone(s.wanted)
	for pkg, d := range s.late {
		s.wanted = with(s.wanted, pkg, d)
	}
	s.starting = s.starting || s.startLate
	s.late, s.startLate = nil, false
	for pkg, d := range near {
		s.owed = with(s.owed, pkg, d)
		if s.running() { // by what was saved before
			s.dirtied = with(s.dirtied, pkg, d)
		}
		if s.When == OnSave {
			s.wanted = with(s.wanted, pkg, d)
		}
	}
	if s.When == OnSave && len(near) > 0 {
		s.filter, s.pattern = nil, ""
		s.Run.Paths = paths
	}
	if s.starting {
		s, cause = s.choose(Test{All: true}), ByStart
		s.starting = false
	}
	for _, t := range s.requests {
		s, cause = s.choose(t), ByRequest
	}
	s.requests = nil
	if s.cover != noCover { // it runs what is wanted, too
		s, more := s.compare()
		return s, append(fx, more...)
	}
	if s.running() {
		return s, fx
	}
	s, more := s.start(cause)
	return s, append(fx, more...)
}

// nothing notes why there are no tests at all, if there are none.
func (s State) nothing() State {
	s.Err = ""
	if len(tested(s.Graph)) > 0 {
		return s
	}
	switch {
	case len(s.Graph.Diagnostics) > 0:
		s.Complaints = s.Graph.Diagnostics
	case len(s.Settings.Only) > 0:
		s.Err = "no package with tests is called " + strings.Join(s.Settings.Only, ", ")
	}
	return s
}

// rewatch puts the watch set in force, if it is another one.
func (s State) rewatch(since time.Time) (State, []Effect) {
	set := watchSet(s)
	if s.Settings.Once || reflect.DeepEqual(set, s.watch) {
		return s, nil
	}
	s.watch = set
	return s, []Effect{Watch{Set: set, Since: since}}
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
			s = s.put(r.Package, r.after(old, nil), true)
		}
		return s
	}
	s = s.put(r.Package, r.after(old, s.filter[r.Package]), true)
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

// A writing is in how many runs in a row a file has changed, and the last of them.
type writing struct{ times, gen int }

// withoutWritten leaves out test data that the tests themselves write: without that,
// they would run for ever. Their packages owe a run all the same.
func (s State) withoutWritten(paths []string) (State, []string) {
	if len(paths) == 0 {
		return s, paths
	}
	s.written = maps.Clone(s.written)
	if s.written == nil {
		s.written = map[string]writing{}
	}
	var saved []string
	for _, p := range paths {
		if filepath.Ext(p) == ".go" && !isTestData(p) || !s.running() {
			delete(s.written, p)
			saved = append(saved, p)
			continue
		}
		w := s.written[p]
		if w.gen != s.Run.Gen {
			w = writing{w.times + 1, s.Run.Gen}
			s.written[p] = w
		}
		if w.times <= maxSaves {
			saved = append(saved, p)
			continue
		}
		near, _ := affected(s.Graph, []string{p}, s.Settings.Watch)
		for pkg, d := range near {
			s.owed, s.dirtied = with(s.owed, pkg, d), with(s.dirtied, pkg, d)
			if w.times == maxSaves+1 && s.When == OnSave {
				s.again = with(s.again, pkg, d)
			}
		}
		if n := filepath.Base(p) + " changes while tests run, again and again: that is no reason to run them; t does"; w.times > maxSaves+1 && !slices.Contains(s.Notices, n) {
			s.Notices = append(slices.Clip(s.Notices), n)
		}
	}
	return s, saved
}
