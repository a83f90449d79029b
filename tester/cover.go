package tester

import (
	"slices"

	"github.com/hotdev/hotdev/builder"
)

// Coverage is how much tests run of the lines that have changed since the last commit.
type Coverage struct {
	// Gen is the run that measured it; 0 if none did.
	Gen   int
	Files []FileCoverage
	// Err is why it could not be measured.
	Err string
	// Partly: some tests of that run failed or did not build, and may have run less than
	// they can.
	Partly bool
	// Stale: something was saved since.
	Stale bool
}

// FileCoverage is that of one file.
type FileCoverage = builder.FileCoverage

// Known reports whether there is anything to say.
func (c Coverage) Known() bool { return c.Gen > 0 || c.Err != "" }

// Count sums up the files: how many changed lines have code, and how many of these ran.
func (c Coverage) Count() (lines, covered int) {
	for _, f := range c.Files {
		lines += f.Lines
		covered += f.Covered
	}
	return lines, covered
}

// coverStage is how far a request for coverage has come before its run begins. A save
// leads back to the listing: the lines are those of the files that are tested.
type coverStage int

const (
	noCover    coverStage = iota
	coverAsked            // it waits for the graph
	comparing
)

// measure begins with a request for coverage. It ends the run under way, whose packages
// run together with those of the coverage.
func (s State) measure() (State, []Effect) {
	s, fx := s.interrupt()
	s.cover = coverAsked
	var more []Effect
	switch {
	case !s.Awake:
		s, more = s.wake()
	case s.open:
	case len(s.pending) > 0:
		s, more = s.list(s.pending)
	case s.relist:
		s, more = s.list(nil)
	default:
		s, more = s.compare()
	}
	return s, append(fx, more...)
}

func (s State) compare() (State, []Effect) {
	s.cover = comparing
	s.compared++
	return s, []Effect{Compare{ID: s.compared, Request: s.Settings.Request, Roots: s.Graph.Roots}}
}

// wasCompared runs the tests that can run what has changed, with all that are wanted
// anyway.
func (s State) wasCompared(e Compared) (State, []Effect) {
	if e.ID != s.compared || s.cover != comparing || s.open {
		return s, nil
	}
	s.cover = noCover
	s.Coverage = Coverage{Err: e.Err}
	var changes []builder.Change
	var files []string
	for _, c := range e.Changes {
		if slices.ContainsFunc(s.Graph.Packages, func(p builder.TestPackage) bool { return slices.Contains(p.Files, c.File) }) {
			changes, files = append(changes, c), append(files, c.File)
		}
	}
	near, _ := affected(s.Graph, files, s.Settings.Watch)
	switch {
	case e.Err != "":
	case len(changes) == 0:
		s.Coverage.Err = "no code has changed since the last commit"
	case len(near) == 0:
		s.Coverage.Err = "no test imports what has changed since the last commit"
	}
	if s.Coverage.Err != "" {
		return s.start(BySave)
	}
	for pkg, d := range near {
		s.wanted = with(s.wanted, pkg, d)
	}
	s.filter, s.pattern = nil, ""
	s, fx := s.start(ByRequest)
	for i, f := range fx {
		if run, ok := f.(RunTests); ok {
			run.First, run.Rest, run.Cover = nil, s.Run.Packages, changes
			fx[i], s.Run.Cover = run, true
		}
	}
	return s, fx
}

func (s State) covered(e Covered) State {
	if e.Gen == s.Run.Gen && s.running() {
		s.Coverage.Gen, s.Coverage.Files = e.Gen, e.Files
	}
	return s
}

// failed reports whether any of the packages failed or did not build.
func (s State) failed(packages []string) bool {
	return slices.ContainsFunc(packages, func(pkg string) bool {
		o := s.Results[pkg].Outcome
		return o == PackageFailed || o == PackageBroken
	})
}
