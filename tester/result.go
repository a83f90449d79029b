package tester

import (
	"slices"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/internal/crash"
)

// A Result is what came of the tests of a package.
type Result struct {
	Package string  `json:"package"`
	Outcome Outcome `json:"outcome"`
	// Cached: nothing was run, because nothing that the tests read has changed since
	// they passed.
	Cached bool          `json:"cached,omitempty"`
	Took   time.Duration `json:"took_ns"`
	// Passed and Skipped count tests; one that has subtests is counted by these.
	Passed  int `json:"passed"`
	Skipped int `json:"skipped,omitempty"`
	// Failures are in the order in which they came.
	Failures []Failure `json:"failures,omitempty"`
	// Diagnostics are why it did not build, or what go vet said.
	Diagnostics []builder.Diagnostic `json:"diagnostics,omitempty"`
	// Benchmarks are the lines of their results, Coverage what go test says of it.
	Benchmarks []string `json:"benchmarks,omitempty"`
	Coverage   string   `json:"coverage,omitempty"`
	// Gen is the run that it is of.
	Gen int `json:"gen"`
	// Partial: only some of the tests ran. Ran are their names then, with those of the
	// tests around them.
	Partial bool     `json:"partial,omitempty"`
	Ran     []string `json:"-"`
}

// Outcome is how the tests of a package came out.
type Outcome string

// Under way, passed, failed, not built, or there were none to run.
const (
	PackageRunning Outcome = "running"
	PackagePassed  Outcome = "passed"
	PackageFailed  Outcome = "failed"
	PackageBroken  Outcome = "broken"
	PackageSkipped Outcome = "skipped"
)

// A Failure is one test that failed, or a package that failed outside of any.
type Failure struct {
	Package string `json:"package"`
	// Test is its name, with those of the tests around it ("TestSum/negative"); empty
	// is the package itself.
	Test string `json:"test,omitempty"`
	Kind Kind   `json:"kind"`
	// File (absolute) and Line are where it failed, as far as that is known.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	// Message is what the assertion said, its first line first. Diffs are among them.
	Message []string `json:"message,omitempty"`
	// More are other places of the same test where it said something.
	More []Said `json:"more,omitempty"`
	// Excerpt are source lines around Line, First is the number of the first.
	Excerpt []string `json:"excerpt,omitempty"`
	First   int      `json:"first,omitempty"`
	// Trace is the report of a panic, a data race or a timeout.
	Trace *crash.Trace `json:"trace,omitempty"`
	// Input is the file of the input that a fuzz test failed with.
	Input string `json:"input,omitempty"`
	// Output is all that it printed, as far as that is kept.
	Output []string      `json:"output,omitempty"`
	Took   time.Duration `json:"took_ns"`
	// Again: it failed in the run before, too.
	Again bool `json:"again,omitempty"`
}

// Kind is how a test failed.
type Kind string

// By an assertion, a panic, a data race, a timeout, or a fuzzing input that was found.
const (
	Assertion Kind = "failed"
	Panicked  Kind = "panic"
	Raced     Kind = "data race"
	TimedOut  Kind = "timeout"
	Fuzzed    Kind = "fuzz failure"
)

// Said is what a test said at a place.
type Said struct {
	File string   `json:"file"`
	Line int      `json:"line"`
	Text []string `json:"text,omitempty"`
	// Log: it was only logged.
	Log bool `json:"log,omitempty"`
}

// top is the name of the test function.
func (f Failure) top() string { return top(f.Test) }

// ID tells failures apart.
func (f Failure) ID() string { return f.Package + "\x00" + f.Test }

// Failures are those of all packages: of the last run first, in its order, then the
// older ones. Those that were not built are not among them.
func (s State) Failures() (all []Failure) {
	for _, pkg := range s.order() {
		r, ok := s.Live[pkg]
		if !ok {
			r = s.Results[pkg]
		}
		all = append(all, r.Failures...)
	}
	return all
}

// Broken are the diagnostics of the packages that did not build, each once, and what
// the go command complained about.
func (s State) Broken() []builder.Diagnostic {
	all := slices.Clone(s.Complaints)
	for _, pkg := range s.order() {
		for _, d := range s.Results[pkg].Diagnostics {
			if !slices.ContainsFunc(all, func(o builder.Diagnostic) bool {
				return o.File == d.File && o.Line == d.Line && o.Column == d.Column && o.Message == d.Message
			}) {
				all = append(all, d)
			}
		}
	}
	return all
}

// order is that of the last run, then that of the graph.
func (s State) order() []string {
	all := slices.Clone(s.Run.Packages)
	for _, p := range s.Graph.Packages {
		if !slices.Contains(s.Run.Packages, p.ImportPath) {
			all = append(all, p.ImportPath)
		}
	}
	return all
}

// after is the result of a package after a run: r itself, or, where only some tests
// ran, what was known before with these replaced. whole are the test functions that were
// to run with all their subtests.
func (r Result) after(old Result, whole []string) Result {
	for i := range r.Failures {
		r.Failures[i].Again = slices.ContainsFunc(old.Failures, func(f Failure) bool { return f.Test == r.Failures[i].Test })
	}
	if !r.Partial || old.Package == "" || old.Outcome == PackageBroken || r.Outcome == PackageBroken {
		return r
	}
	kept := slices.DeleteFunc(slices.Clone(old.Failures), func(f Failure) bool {
		return f.Test == "" || slices.Contains(whole, f.top()) || slices.Contains(r.Ran, f.Test) ||
			slices.ContainsFunc(r.Failures, func(g Failure) bool { return g.Test == f.Test })
	})
	fixed := len(old.Failures) - len(kept)
	next := old
	next.Gen, next.Took, next.Cached = r.Gen, r.Took, false
	next.Passed = max(0, old.Passed+fixed-len(r.Failures))
	next.Failures = slices.Concat(kept, r.Failures)
	switch {
	case r.Outcome == PackageRunning:
		next.Outcome = PackageRunning
	case len(next.Failures) > 0:
		next.Outcome = PackageFailed
	default:
		next.Outcome = PackagePassed
	}
	return next
}

// Brief is a failure in a line: "TestSum/negative: got -1, want 1".
func (f Failure) Brief() string {
	name, text := f.Test, ""
	if name == "" {
		name = f.Package
	}
	if len(f.Message) > 0 {
		text = ": " + f.Message[0]
	}
	if f.Kind != Assertion && f.Kind != Fuzzed && text == "" {
		text = ": " + string(f.Kind)
	}
	return name + text
}
