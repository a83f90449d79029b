package lines

import (
	"slices"
	"strings"

	"github.com/hotdev/hotdev/internal/safe"
	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/session"
	"github.com/hotdev/hotdev/tester"
)

// ShowTests implements [session.TestView].
func (v *JSON) ShowTests(all session.State, e tester.Event) {
	if _, ok := e.(tester.Synced); ok {
		return
	}
	s := all.Tests
	v.Line(s.Now, "", e.Name(), e)
	for _, n := range s.Notices {
		if !slices.Contains(v.tests, n) {
			v.Line(s.Now, "", "notice", struct {
				Text string `json:"text"`
			}{n})
		}
	}
	v.tests = s.Notices
}

// A testVoice prints the lines about tests.
type testVoice struct {
	gen     int             // the run that it prints
	told    map[string]bool // the failures of that run that were printed
	notices []string
}

// ShowTests implements [session.TestView].
func (v *Plain) ShowTests(all session.State, e tester.Event) {
	s, t := all.Tests, &v.tests
	for _, n := range s.Notices {
		if !slices.Contains(t.notices, n) {
			v.own.say("tests: %s", n)
		}
	}
	t.notices = s.Notices
	switch e := e.(type) {
	case tester.Listed:
		switch {
		case !e.Same && len(s.Graph.Diagnostics) > 0 && len(s.Complaints) > 0:
			v.own.echo.say(safe.Text(words.TestDiagnostics(v.dir, s.Complaints)))
		case s.Err != "":
			v.own.say("tests: %s", s.Err)
		case !e.Same && s.Settled() && s.Phase() == tester.Idle && s.Run.Gen == 0 && len(s.Graph.Packages) > 0 && s.Settings.AtStart:
			v.own.say("tests: no package has tests")
		}
	case tester.Began:
		t.gen, t.told = e.Gen, map[string]bool{}
		v.own.say("tests: %s", words.TestRun(v.dir, s))
	case tester.Tested:
		if e.Gen != t.gen {
			return
		}
		for _, f := range e.Failures {
			if e.Outcome == tester.PackageRunning && f.File == "" && f.Trace == nil && len(f.Message) == 0 {
				continue // the enclosing test prints the panic, and has not ended
			}
			if !t.told[f.ID()] {
				t.told[f.ID()] = true
				v.own.echo.say(safe.Text(words.TestFailure(v.dir, s, f)))
			}
		}
		if e.Outcome == tester.PackageBroken {
			v.own.echo.say(safe.Text("# " + e.Package + "\n" + words.TestDiagnostics(v.dir, e.Diagnostics)))
		}
		for _, b := range e.Benchmarks {
			v.own.say("%s", b)
		}
	case tester.Compared:
		if s.Coverage.Err != "" {
			v.own.say("tests: %s", words.Coverage(s.Coverage))
		}
	case tester.Covered:
		if e.Gen == t.gen {
			v.own.echo.say(safe.Text(words.MissedSource(v.dir, s.Coverage)))
		}
	case tester.Ran:
		if e.Gen == t.gen && (len(e.Diagnostics) > 0 || e.Err != "") {
			v.own.echo.say(safe.Text(words.TestDiagnostics(v.dir, e.Diagnostics)))
			if e.Err != "" {
				v.own.say("tests: %s", e.Err)
			}
		}
	case tester.Ended:
		v.own.say("tests: %s", mark(s)+strings.TrimSpace(words.Tests(s)))
		if e.Gen == s.Coverage.Gen {
			v.own.say("tests: %s", words.Coverage(s.Coverage))
		}
	}
}

// mark returns the sign for the results so far.
func mark(s tester.State) string {
	if s.Phase() == tester.Failed {
		return "✗ "
	}
	return "✓ "
}
