package tester

import (
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"
)

// changed is what a save leads to: a new graph, and with it the tests that are affected.
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
