// Package tester decides which tests run, and when: what a save, a key or a client
// leads to. It holds the policy ([Step], a pure function), the loop that feeds it
// ([Run]), and the understanding of what go test prints ([Reader]).
//
//	files ────┐                            ┌─► views
//	keys ─────┼──► events ──► Step ──► State
//	go test ──┘                 └──► effects ──► World
//
// It knows no go command, no file system, no clock and no terminal; those are
// behind [World].
//
// # Theory of operation
//
// A package owes a run of its tests when something that they are made of may have
// changed, or when a run is requested. A run of all of them that began later, and has
// ended, settles the debt. Only owed packages run: so no save is lost when another one
// interrupts a run, and packages that were not touched do not run.
//
// A file belongs to the package that it is compiled into, to the tests of a package,
// or, below a folder testdata or where the user says so, to the tests of the nearest
// package above it. From there the reverse of the imports leads to all packages whose
// tests can tell the difference, each at a distance. Those that failed go first, then
// the nearest.
package tester

import (
	"context"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/watcher"
)

// When says what tests are run for.
type When string

// Tests run on every save; only on request; or only on request, with nothing watched or
// listed until the first one.
const (
	OnSave When = "save"
	OnKey  When = "key"
	Off    When = "off"
)

// Settings are what the user decided about tests.
type Settings struct {
	When    When                `json:"on"`
	Request builder.TestRequest `json:"request"`
	// AtStart runs all tests at the start.
	AtStart bool `json:"at_start,omitempty"`
	// Once: nothing is watched.
	Once bool `json:"once,omitempty"`
	// Only are the packages that have tests as far as this session is concerned, as in
	// [Test]; empty is all.
	Only []string `json:"only,omitempty"`
	// Watch is added to what the graph asks for; its timing and polling are taken as
	// they are. What its rules cover belongs to the nearest package above it.
	Watch watcher.Set `json:"watch"`
	// Config are the files whose change is answered by Configure.
	Config []string `json:"config,omitempty"`
}

// A Phase is the stage that the tests are at.
type Phase string

// Idle: nothing was run yet, or nothing that failed or passed is left. Listing: what
// is to be run depends on what go list says. Running: tests run. Passed, Failed: what
// came of the last runs together.
const (
	Idle    Phase = "idle"
	Listing Phase = "listing"
	Running Phase = "running"
	Passed  Phase = "passed"
	Failed  Phase = "failed"
)

// State is everything there is to know about the tests. It is a value: what it holds
// is never modified.
type State struct {
	// Now is when the event that led here was handled.
	Now time.Time
	// Life is that of the loop: it goes on, or it is over.
	Over bool
	// When is what tests are run for now; a key may have changed what the settings say.
	When     When
	Settings Settings
	// Awake: the graph is known, or being asked for, and files are watched.
	Awake bool
	Graph builder.TestGraph
	// Gen is the newest generation: the number of runs so far.
	Gen int
	// Run is the run under way, or the last.
	Run RunState
	// Results are the last result of each package that has one, by import path.
	Results map[string]Result
	// Live are those packages whose tests run now and have failed already.
	Live map[string]Result
	// Complaints are what the go command said that belongs to no package.
	Complaints []builder.Diagnostic
	// Debug is the test under the debugger, or the last.
	Debug DebugState
	// Err is why no tests could be run.
	Err string
	// Notices are sentences for the user.
	Notices []string
	// Coverage is that of the changed lines, if it was measured.
	Coverage Coverage
	// Answered is the ID of the newest numbered request that has been carried out, on
	// everything that was saved before it.
	Answered int

	owed     map[string]int      // packages that owe a run; the distance to what changed
	wanted   map[string]int      // those of them that are to run now, at their distance
	dirtied  map[string]int      // packages that owe another run by what was saved during this one
	again    map[string]int      // those of them that run when this one has ended
	late     map[string]int      // packages that were wanted when the listing failed
	filter   map[string][]string // by package: the only tests that are wanted
	pattern  string              // a -run pattern that was asked for
	asked    int                 // the newest request
	pending  []string            // saved files whose packages are not known yet
	overflow bool                // anything may have been saved
	mistake  string              // in the configuration
	listing  int                 // the newest List
	open     bool
	relist   bool // the next List is of anything
	starting bool // all tests are to run once the graph is known
	watch    watcher.Set
	written  map[string]writing // test data that changed during runs
	requests []Test             // that wait for the graph

	cover    coverStage // of a request for coverage
	compared int        // the newest Compare

	startLate bool // the listing failed when all tests were to run
}

// RunState is a run, under way or ended.
type RunState struct {
	Gen   int
	Cause Cause
	// Paths are the saved files, if saves were the cause.
	Paths []string
	// Packages are the import paths, in the order in which they run.
	Packages []string
	// Affected is how many packages a save can have changed, of Total that have tests;
	// All: that is more than half, so all run.
	Affected, Total int
	All             bool
	// Filter is the -run pattern; empty is all tests.
	Filter string
	Since  time.Time
	// First is the time until the first package was done, Took until all were; 0 while
	// that has not happened.
	First, Took time.Duration
	// Current are the packages whose tests run now.
	Current []string
	// Done is how many packages are done.
	Done int
	// Interrupted: it was ended by a save, or by the user.
	Interrupted bool
	// Cover: it measures coverage.
	Cover bool
	// from is when what it is about was first seen.
	from time.Time
}

// Cause is why tests were run.
type Cause string

// A save, a key or a client, hotdev's start, a change of the configuration.
const (
	BySave    Cause = "save"
	ByRequest Cause = "request"
	ByStart   Cause = "start"
	ByConfig  Cause = "config"
)

// Phase is the stage that the tests are at.
func (s State) Phase() Phase {
	switch {
	case s.running():
		return Running
	case s.cover != noCover:
		return Listing
	case s.Awake && (s.open || len(s.pending) > 0) && (len(s.wanted) > 0 || len(s.requests) > 0 || s.starting || s.When == OnSave && len(s.pending) > 0):
		return Listing
	case len(s.Complaints) > 0 || s.Err != "":
		return Failed
	}
	phase := Idle
	for _, r := range s.Results {
		switch r.Outcome {
		case PackageFailed, PackageBroken:
			return Failed
		case PackagePassed:
			phase = Passed
		}
	}
	return phase
}

// Settled reports whether nothing is under way.
func (s State) Settled() bool {
	return !s.running() && !s.open && len(s.pending) == 0 && len(s.wanted) == 0 && len(s.requests) == 0 && !s.starting && s.cover == noCover
}

// Owed reports whether the package's result is from before a change that its tests
// may see.
func (s State) Owed(pkg string) bool { _, ok := s.owed[pkg]; return ok }

func (s State) running() bool { return s.Run.Gen > 0 && s.Run.Took == 0 && !s.Run.Interrupted }

// Count sums up all results.
func (s State) Count() (c Count) {
	for _, r := range s.Results {
		c.Passed += r.Passed
		c.Skipped += r.Skipped
		c.Failed += len(r.Failures)
		if r.Outcome == PackageBroken {
			c.Broken++
		}
		if r.Cached {
			c.Cached++
		}
	}
	return c
}

// A Count is of tests, and of packages that did not build or whose results were
// cached.
type Count struct{ Passed, Failed, Skipped, Broken, Cached int }

// A World carries out effects.
type World interface {
	// Do carries out one effect and returns when that is done; it reports through
	// emit. It is called on a goroutine of its own. ctx ends when a Cancel names the
	// run, when another List supersedes this one, or when the loop is over; Do then
	// returns soon.
	Do(ctx context.Context, e Effect, emit func(Event))
}

// A View observes the loop.
type View interface {
	// Show is called on the loop's goroutine for every event, with the state that it
	// led to. It must not block.
	Show(s State, e Event)
}
