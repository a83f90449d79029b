package tester

import (
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/watcher"
)

// An Event is something that happened. Events are plain values that encode to JSON.
type Event interface {
	// Name is what the event is called in the JSON stream. It is stable.
	Name() string
	tests() // only this package has events of tests
}

type (
	// Configured: the settings were read, for the first time or again. With Err set,
	// Settings are the last good ones.
	Configured struct {
		Settings Settings  `json:"settings"`
		Since    time.Time `json:"since"`
		Err      string    `json:"err,omitempty"`
	}
	// Changed: files have new content, appeared or vanished.
	Changed struct{ watcher.Batch }
	// Watching: the watch set is in force.
	Watching struct {
		Folders int `json:"folders"`
		Files   int `json:"files"`
	}
	// Listed answers List.
	Listed struct {
		ID    int       `json:"id"`
		Since time.Time `json:"since"`
		// Graph is empty where it is the Same as before.
		Graph builder.TestGraph `json:"graph,omitzero"`
		Same  bool              `json:"same,omitempty"`
		Err   string            `json:"err,omitempty"`
	}
	// Began: a run begins.
	Began struct {
		Gen      int      `json:"gen"`
		Cause    Cause    `json:"cause"`
		Paths    []string `json:"paths,omitempty"`
		Packages []string `json:"packages"`
		// Affected is how many a save can have changed, of Total; All: so many that all
		// run.
		Affected int    `json:"affected"`
		Total    int    `json:"total"`
		All      bool   `json:"all,omitempty"`
		Filter   string `json:"filter,omitempty"`
	}
	// Testing: the tests of a package begin.
	Testing struct {
		Gen     int    `json:"gen"`
		Package string `json:"package"`
	}
	// Tested: the tests of a package are done; or, while they are still running, one of
	// them failed.
	Tested struct{ Result }
	// Compared answers Compare.
	Compared struct {
		ID      int              `json:"id"`
		Changes []builder.Change `json:"changes,omitempty"`
		Err     string           `json:"err,omitempty"`
	}
	// Covered: the coverage of the changed lines was measured.
	Covered struct {
		Gen   int                    `json:"gen"`
		Files []builder.FileCoverage `json:"files"`
	}
	// Ran answers Test: the run is over.
	Ran struct {
		Gen         int                  `json:"gen"`
		Diagnostics []builder.Diagnostic `json:"diagnostics,omitempty"`
		Err         string               `json:"err,omitempty"`
	}
	// Ended: a run is over, and what came of it.
	Ended struct {
		Gen     int           `json:"gen"`
		Phase   Phase         `json:"outcome"`
		Passed  int           `json:"passed"`
		Failed  int           `json:"failed"`
		Skipped int           `json:"skipped"`
		Broken  int           `json:"broken"`
		Cached  int           `json:"cached"`
		First   time.Duration `json:"first_ns"`
		Took    time.Duration `json:"took_ns"`
	}

	// Test asks for tests: with All for all, with Only for those that failed, with
	// Packages for these, else for those that owe a run, that failed or that never ran;
	// where there are none of these, for all.
	Test struct {
		All  bool `json:"all,omitempty"`
		Only bool `json:"only_failed,omitempty"`
		// Packages are import paths, or absolute folders; with /... at their end also what
		// is below.
		Packages []string `json:"packages,omitempty"`
		// Pattern is for -run; empty is all tests of Packages.
		Pattern string `json:"pattern,omitempty"`
		// Cover: those that can run what has changed since the last commit, and measure how
		// much of it they cover. Nothing else is asked for then.
		Cover bool `json:"cover,omitempty"`
		// Follow: from now on saves run tests, if they are off.
		Follow bool `json:"follow,omitempty"`
		// ID is a number of the sender's, to find in State.Answered; 0 if it does not wait.
		ID int `json:"id,omitempty"`
	}
	// Debug asks for a test to run under the debugger, with a breakpoint where it failed. If
	// it does, it ends instead.
	Debug struct {
		Package string `json:"package"`
		// Test is empty for all tests of the package.
		Test string `json:"test,omitempty"`
		// File (absolute) and Line are where it failed, if that is known.
		File string `json:"file,omitempty"`
		Line int    `json:"line,omitempty"`
	}
	// DebugReady: the test is built, and waits for a debugger to attach at Addr.
	DebugReady struct {
		ID   int    `json:"id"`
		Addr string `json:"addr"`
	}
	// DebugAttached: a debugger has attached; without a name it has left, and the test runs on.
	DebugAttached struct {
		ID     int    `json:"id"`
		Client string `json:"client,omitempty"`
	}
	// DebugWrote: the test under the debugger has printed Lines.
	DebugWrote struct {
		ID    int      `json:"id"`
		Lines []string `json:"lines"`
	}
	// Debugged answers DebugTest: it is over. Err is why, if the test did not end by itself.
	Debugged struct {
		ID     int    `json:"id"`
		Passed bool   `json:"passed,omitempty"`
		Err    string `json:"err,omitempty"`
	}
	// StopTests ends the run under way; saves run no tests until a Test that says Follow.
	StopTests struct{}
	// Noticed: hotdev has something to say about itself.
	Noticed struct {
		Text string `json:"text"`
	}
	// Synced changes nothing. When its sender sees it handled, all events sent before it
	// have been handled too.
	Synced struct {
		ID int `json:"id"`
	}
	// Quit ends the loop.
	Quit struct{}
)

// The names of events in the JSON stream.
func (Configured) Name() string    { return "tests_configured" }
func (Changed) Name() string       { return "tests_changed" }
func (Watching) Name() string      { return "tests_watching" }
func (Listed) Name() string        { return "tests_listed" }
func (Began) Name() string         { return "tests_began" }
func (Testing) Name() string       { return "testing" }
func (Tested) Name() string        { return "tested" }
func (Compared) Name() string      { return "tests_compared" }
func (Covered) Name() string       { return "covered" }
func (Ran) Name() string           { return "tests_ran" }
func (Ended) Name() string         { return "tests" }
func (Test) Name() string          { return "test" }
func (StopTests) Name() string     { return "stop_tests" }
func (Debug) Name() string         { return "debug_test" }
func (DebugReady) Name() string    { return "test_debug_ready" }
func (DebugAttached) Name() string { return "test_debug_attached" }
func (DebugWrote) Name() string    { return "test_debug_wrote" }
func (Debugged) Name() string      { return "test_debugged" }
func (Noticed) Name() string       { return "tests_noticed" }
func (Synced) Name() string        { return "tests_synced" }
func (Quit) Name() string          { return "tests_quit" }

func (Configured) tests()    {}
func (Changed) tests()       {}
func (Watching) tests()      {}
func (Listed) tests()        {}
func (Began) tests()         {}
func (Testing) tests()       {}
func (Tested) tests()        {}
func (Compared) tests()      {}
func (Covered) tests()       {}
func (Ran) tests()           {}
func (Ended) tests()         {}
func (Test) tests()          {}
func (StopTests) tests()     {}
func (Debug) tests()         {}
func (DebugReady) tests()    {}
func (DebugAttached) tests() {}
func (DebugWrote) tests()    {}
func (Debugged) tests()      {}
func (Noticed) tests()       {}
func (Synced) tests()        {}
func (Quit) tests()          {}

// An EventKind is one kind of event, for whoever reads or sends events by name.
type EventKind struct {
	// Event is the zero value of the event's type.
	Event Event
	// Means completes "the event means that …".
	Means string
	// Request: a key or a client asks for it.
	Request bool
}

// Kinds lists the kinds of events that are told to the JSON stream, in the order in
// which a run meets them; requests come last.
func Kinds() []EventKind {
	return []EventKind{
		{Event: Configured{}, Means: "what the configuration says of tests was read; with `err`, it has a mistake"},
		{Event: Watching{}, Means: "the watch on what tests are made of is in force"},
		{Event: Changed{}, Means: "files that tests are made of have new content, appeared or vanished"},
		{Event: Listed{}, Means: "which packages have tests, and what they are made of, is known"},
		{Event: Began{}, Means: "tests run: `packages` in this order; `affected` is how many a save can have changed, of `total`; with `all` so many that all run"},
		{Event: Testing{}, Means: "the tests of a package begin"},
		{Event: Tested{}, Means: "the tests of a package are done, or (`outcome` is `running`) one of them has failed"},
		{Event: Compared{}, Means: "which lines of Go files have changed since the last commit, for coverage"},
		{Event: Covered{}, Means: "the coverage of these lines: `lines` of a file have code, `covered` of these ran; `untested`: no test contains its package"},
		{Event: Ran{}, Means: "go test has ended; `diagnostics` are complaints that belong to no package"},
		{Event: Ended{}, Means: "what all tests have come to, after a run; `first_ns` is how long it took to the first result"},
		{Event: DebugReady{}, Means: "a test is built for the debugger, and waits for one to attach at `addr`"},
		{Event: DebugAttached{}, Means: "a debugger has attached to the test; without `client`, it has left"},
		{Event: DebugWrote{}, Means: "the test under the debugger has printed lines"},
		{Event: Debugged{}, Means: "the test under the debugger has ended; `err` is why it did not end by itself"},
		{Event: Test{}, Means: "run tests: those that a save can have changed, that failed or never ran; with `cover`, those that can run what has changed since the last commit", Request: true},
		{Event: StopTests{}, Means: "end the run of tests; saves run none", Request: true},
		{Event: Debug{}, Means: "run a test under the debugger with a breakpoint where it failed; again to end that", Request: true},
	}
}
