package control

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/session"
	"github.com/hotdev/hotdev/tester"
)

// Tests is what the tests have come to.
type Tests struct {
	// Phase is "idle", "listing", "running", "passed" or "failed".
	Phase tester.Phase `json:"outcome"`
	// On is "save", "key" or "off".
	On      tester.When `json:"on"`
	Passed  int         `json:"passed"`
	Failed  int         `json:"failed"`
	Skipped int         `json:"skipped,omitempty"`
	// Broken is how many packages do not build, Cached of how many the results were
	// known to the go command.
	Broken int     `json:"broken,omitempty"`
	Cached int     `json:"cached,omitempty"`
	TookMS float64 `json:"took_ms"`
	// Ran are the packages of the last run.
	Ran []string `json:"ran,omitempty"`
	// Failures and Diagnostics are of errors and test.
	Failures    []tester.Failure `json:"failures,omitempty"`
	Diagnostics []Diagnostic     `json:"diagnostics,omitempty"`
	// Coverage is of the changed lines, if test was to measure it.
	Coverage *Coverage `json:"coverage,omitempty"`
}

// Coverage is how many of the lines that have changed since the last commit have code,
// and how many of these the tests run.
type Coverage struct {
	Lines   int `json:"lines"`
	Covered int `json:"covered"`
	// Err is why it was not measured.
	Err string `json:"err,omitempty"`
	// Partly: some tests failed or did not build.
	Partly bool                  `json:"partly,omitempty"`
	Files  []tester.FileCoverage `json:"files,omitempty"`
}

// ShowTests makes it a [session.TestView].
func (s *Server) ShowTests(all session.State, e tester.Event) {
	s.board.putTests(all.Tests, e)
}

// tests is what a report says of tests; nil if nobody has asked for them.
func tests(s tester.State) *Tests {
	if !s.Awake {
		return nil
	}
	c := s.Count()
	return &Tests{
		Phase: s.Phase(), On: s.When, Passed: c.Passed, Failed: c.Failed, Skipped: c.Skipped, Broken: c.Broken, Cached: c.Cached,
		TookMS: ms(s.Run.Took), Ran: s.Run.Packages,
	}
}

// failing adds what is to be fixed.
func failing(t *Tests, s tester.State) *Tests {
	if t == nil {
		return nil
	}
	t.Failures = s.Failures()
	for _, d := range s.Broken() {
		t.Diagnostics = append(t.Diagnostics, Diagnostic{
			Package: d.Package, File: d.File, Line: d.Line, Column: d.Column,
			Message: d.Message, More: d.More, Excerpt: d.Excerpt, First: d.First, Suggest: d.Suggest,
		})
	}
	return t
}

// testsText is what is to be fixed of the tests, as lines; empty if nothing is.
func testsText(dir string, s tester.State) string {
	var b strings.Builder
	if s.Err != "" {
		b.WriteString("tests: " + s.Err + "\n")
	}
	b.WriteString(words.TestDiagnostics(dir, s.Broken()))
	for _, f := range s.Failures() {
		b.WriteString(words.TestFailure(dir, s, f))
	}
	return b.String()
}

// of is a state that has only what came of the packages that a request names.
func (a answer) of(s tester.State) tester.State {
	if len(a.q.Packages) == 0 {
		return s
	}
	results := map[string]tester.Result{}
	for _, pkg := range s.Run.Packages {
		if r, ok := s.Results[pkg]; ok {
			results[pkg] = r
		}
	}
	s.Results = results
	return s
}

// test runs tests, and says how they came out.
func (a answer) test(ctx context.Context) Reply {
	_ = a.Look(ctx) // without a watch there is nothing that it could tell of
	id := a.board.nextSync()
	a.Send(0, tester.Test{All: a.q.All, Only: a.q.Only, Packages: a.q.Packages, Pattern: a.q.Pattern, Cover: a.q.Cover, ID: id})
	l, ok := a.board.wait(ctx, func(l look) bool { return l.tests.Answered >= id || a.q.NoWait && l.tests.Awake })
	if l.over {
		return Reply{Code: None, Text: "hotdev has ended\n"}
	}
	s := a.of(l.tests)
	r := Reply{Report: Report{Pid: a.Pid, Dir: a.Dir, Programs: []Program{}, Tests: failing(tests(s), s)}}
	if !ok {
		r.Code = Timeout
		r.Text = fmt.Sprintf("tests: %s; not over within %v\n", words.Tests(s), a.timeout)
		return r
	}
	text := testsText(a.q.Dir, s)
	switch {
	case a.q.NoWait:
	case len(a.q.Packages) > 0 && len(s.Results) == 0 && text == "":
		return mistake("no package with tests is called %s", strings.Join(a.q.Packages, ", "))
	case s.Phase() == tester.Failed || text != "":
		r.Code = Broken
	}
	r.Text = text + "tests: " + words.Tests(s) + "\n"
	if c := s.Coverage; a.q.Cover && !a.q.NoWait && c.Known() {
		lines, covered := c.Count()
		r.Report.Tests.Coverage = &Coverage{Lines: lines, Covered: covered, Err: c.Err, Partly: c.Partly, Files: c.Files}
		r.Text += words.MissedSource(a.q.Dir, c) + words.Coverage(c) + "\n"
	}
	return r
}

// awaitTests waits until all tests are settled, where there is no program.
func (a answer) awaitTests(ctx context.Context) Reply {
	_ = a.Look(ctx)
	id := a.board.nextSync()
	a.Send(0, tester.Synced{ID: id})
	l, ok := a.board.wait(ctx, func(l look) bool { return l.testsSynced >= id && l.tests.Settled() })
	if l.over {
		return Reply{Code: None, Text: "hotdev has ended\n"}
	}
	s := l.tests
	r := Reply{Report: Report{Pid: a.Pid, Dir: a.Dir, Programs: []Program{}, Tests: failing(tests(s), s)}}
	switch r.Text = testsText(a.q.Dir, s) + "tests: " + words.Tests(s) + "\n"; {
	case !ok:
		r.Code = Timeout
	case s.Phase() == tester.Failed:
		r.Code = Broken
	}
	return r
}

// checkPackages says what makes no sense in the packages of a request.
func checkPackages(packages []string) error {
	if i := slices.IndexFunc(packages, func(p string) bool { return p == "" || strings.HasPrefix(p, ".") }); i >= 0 {
		return fmt.Errorf("test: %q is no import path and no absolute folder", packages[i])
	}
	return nil
}

// places are the problems of tests that have a place, each with a message of a line.
func (t *Tests) places() (all []Diagnostic) {
	if t == nil {
		return nil
	}
	for _, d := range t.Diagnostics {
		if d.File != "" {
			all = append(all, d)
		}
	}
	for _, f := range t.Failures {
		if f.File != "" {
			all = append(all, Diagnostic{Package: f.Package, File: f.File, Line: f.Line, Message: f.Brief(), Excerpt: f.Excerpt, First: f.First})
		}
	}
	return all
}
