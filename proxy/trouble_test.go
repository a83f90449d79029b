package proxy

import (
	"net/http"
	"testing"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/crash"
	"github.com/hotdev/hotdev/session"
	"github.com/hotdev/hotdev/task"
	"github.com/hotdev/hotdev/tester"
)

// What fails beside the program shows in its pages, with where and why, until it
// passes; what is wrong with the program itself goes first.
func TestTroublesBesideTheProgram(t *testing.T) {
	s := newStage(t)
	s.up(serves(t, func(http.ResponseWriter, *http.Request) {}), engine.Cycle{})
	view := s.In(0).(interface {
		session.View
		session.TestView
	})
	all := func() session.State {
		return session.State{Programs: []session.Program{{Name: "app", State: s.state}, {Name: "sqlc"}}}
	}
	ran := func(complaints ...builder.Diagnostic) {
		st := all()
		st.Programs[1].State.Settings.Task = &task.Settings{}
		st.Programs[1].State.Build.Diagnostics = complaints
		view.Show(st, 1, engine.Ended{})
	}
	tested := func(r tester.Result) {
		st := all()
		st.Tests.Run.Packages, st.Tests.Results = []string{r.Package}, map[string]tester.Result{r.Package: r}
		view.ShowTests(st, tester.Tested{Result: r})
	}
	shows := func(title, at, text string) {
		t.Helper()
		s.Proxy.mu.Lock()
		p := s.snapshot.Problem
		s.Proxy.mu.Unlock()
		switch {
		case p == nil && title == "":
		case p == nil || p.Title != title:
			t.Fatalf("%+v, want %q", p, title)
		case at != "" && (len(p.Items) != 1 || p.Items[0].At != at || p.Items[0].Text != text || len(p.Items[0].Source) == 0):
			t.Errorf("%+v, want %s: %s", p.Items, at, text)
		}
	}

	tested(tester.Result{Package: "app/a", Outcome: tester.PackageFailed, Failures: []tester.Failure{{
		Package: "app/a", Test: "TestSum", File: "/p/a/a_test.go", Line: 7, Message: []string{"got 1, want 2"}, Excerpt: []string{"\tt.Error()"}, First: 7,
	}}})
	shows("1 test failed", "a/a_test.go:7", "TestSum: got 1, want 2")
	ran(builder.Diagnostic{File: "/p/q.sql", Line: 3, Message: `relation "authors" does not exist`, Excerpt: []string{"SELECT"}, First: 3})
	shows("sqlc failed", "q.sql:3", `relation "authors" does not exist`)
	s.state.Blocked.Failed = []string{"sqlc"}
	view.Show(all(), 0, engine.Blocked{Failed: []string{"sqlc"}})
	shows("sqlc failed", "q.sql:3", `relation "authors" does not exist`)
	if note := s.snapshot.Problem.Note; note == "" {
		t.Error("it is not said that the build waits")
	}
	s.state.Build.Diagnostics, s.state.Build.DiagnosticsGen = []builder.Diagnostic{{File: "/p/main.go", Line: 1, Message: "x", Excerpt: []string{"x"}}}, 2
	view.Show(all(), 0, engine.Built{})
	shows("The build is broken", "main.go:1", "x")
	s.state.Build.Diagnostics, s.state.Blocked.Failed = nil, nil
	view.Show(all(), 0, engine.Built{})
	ran()
	shows("1 test failed", "a/a_test.go:7", "TestSum: got 1, want 2")
	tested(tester.Result{Package: "app/a", Outcome: tester.PackagePassed, Passed: 1})
	shows("", "", "")
}

// A handler's panic is noted by its request also if its report is first seen with what a
// task came to.
func TestPanicBesideATask(t *testing.T) {
	s := newStage(t)
	s.up(serves(t, func(http.ResponseWriter, *http.Request) {}), engine.Cycle{})
	now := time.Now()
	s.requests.add(Request{At: now, Cut: true})
	s.state.Now, s.state.Process.Reports = now, []crash.Trace{{Kind: crash.HandlerPanic}}
	st := session.State{Programs: []session.Program{{Name: "app", State: s.state}, {Name: "sqlc"}}}
	st.Programs[1].State.Settings.Task = &task.Settings{}
	st.Programs[1].State.Build.Diagnostics = []builder.Diagnostic{{Message: "x"}}
	view := s.In(0)
	view.Show(st, 1, engine.Ended{})
	view.Show(st, 0, engine.Wrote{})
	if got := s.Requests(); len(got) != 1 || !got[0].Panicked {
		t.Errorf("%+v", got)
	}
}
