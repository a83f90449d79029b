package words

import (
	"testing"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
)

func TestCause(t *testing.T) {
	for _, c := range []struct {
		cause engine.Cause
		want  string
	}{
		{engine.Cause{Kind: "start"}, "first build"},
		{engine.Cause{Kind: "save"}, "files saved"},
		{engine.Cause{Kind: "save", Paths: []string{"/p/a/a.go"}}, "a/a.go saved"},
		{engine.Cause{Kind: "save", Paths: []string{"/p/a.go", "/p/b.go", "/p/c.go"}}, "a.go and 2 more saved"},
		{engine.Cause{Kind: "save", By: "templ", Paths: []string{"/p/a_templ.go"}}, "a_templ.go written by templ"},
		// What was saved before, while saves were only remembered, is not the cause.
		{engine.Cause{Kind: "task", By: "templ", Paths: []string{"/p/a_templ.go"}}, "a_templ.go written by templ"},
		{engine.Cause{Kind: "task", By: "templ", Paths: []string{"/p/a_templ.go", "/p/b_templ.go"}}, "a_templ.go and 1 more written by templ"},
		{engine.Cause{Kind: "key", Paths: []string{"/p/a.go"}}, "asked for"},
		{engine.Cause{Kind: "config", Paths: []string{"/p/a.go"}}, "configuration changed"},
		{engine.Cause{Kind: "crash"}, "restarted after a crash"},
		{engine.Cause{Kind: "back"}, "went back"},
	} {
		if got := Cause("/p", c.cause); got != c.want {
			t.Errorf("%v: %q, want %q", c.cause, got, c.want)
		}
	}
}

func TestPath(t *testing.T) {
	for _, c := range []struct{ dir, file, want string }{
		{"/p", "/p/a/b.go", "a/b.go"},
		{"/p", "/p/..a/b.go", "..a/b.go"},
		{"/p", "/q/b.go", "/q/b.go"},
		{"/p/q", "/r/b.go", "/r/b.go"},
		{"/p/q", "/p", "/p"},
		{"", "/r/b.go", "/r/b.go"},
		{"/p", "", ""},
	} {
		if got := Path(c.dir, c.file); got != c.want {
			t.Errorf("in %s, %s is %q, want %q", c.dir, c.file, got, c.want)
		}
	}
}

func TestEnding(t *testing.T) {
	for _, c := range []struct {
		exit runner.Exit
		want string
	}{
		{runner.Exit{Code: 3}, "exit status 3"},
		{runner.Exit{Code: -1, Signal: "SIGSEGV"}, "killed by SIGSEGV"},
	} {
		if got := Ending(c.exit); got != c.want {
			t.Errorf("%+v: %q, want %q", c.exit, got, c.want)
		}
	}
	if got := Left(1); got != "1 process that it had left behind" {
		t.Error(got)
	}
	// A crash that is answered by a restart does not wait for anybody.
	var s engine.State
	s.Process.Phase = engine.Crashed
	if got := Next(s); got != "waits for the next save or key" {
		t.Error(got)
	}
	s.Settings.OnCrash = engine.CrashRestarts
	if got := Next(s); got != "restarts after a pause" {
		t.Error(got)
	}
	s.Process.Phase = engine.Down
	if got := Next(s); got != "waits for the next save or key" {
		t.Error(got)
	}
}

func TestOutcome(t *testing.T) {
	for _, c := range []struct {
		cycle engine.Cycle
		want  string
	}{
		{engine.Cycle{Outcome: engine.OutcomePassed, Build: 120e6, Took: 150e6}, "passed in 120 ms"},
		{engine.Cycle{Outcome: engine.OutcomeUnchanged}, "unchanged: the binary is the same, not restarted"},
		{engine.Cycle{Outcome: engine.OutcomeReloaded, Packages: []string{"shop/rules"}, Slots: []string{"rules.Score"}, Took: 193e6, Gen: 7}, "reloaded rules (1 function) in 193 ms, generation 7, memory kept"},
		{engine.Cycle{Outcome: engine.OutcomeRefused, Reason: "init panicked"}, "not reloaded: init panicked; the old code keeps running"},
		{engine.Cycle{Outcome: engine.OutcomeStarted, Gen: 3}, ""},
	} {
		if got := Outcome(c.cycle, ", "); got != c.want {
			t.Errorf("%s: %q, want %q", c.cycle.Outcome, got, c.want)
		}
	}
}

func TestAmount(t *testing.T) {
	for _, c := range []struct {
		unit string
		n    int64
		want string
	}{
		{"nanoseconds", 0, "0 ms"}, {"nanoseconds", 1500, "1 µs"}, {"nanoseconds", 2_500_000_000, "2.5 s"},
		{"bytes", 1, "1 kB"}, {"bytes", 3 << 20, "3.0 MB"}, {"count", 12, "12"},
	} {
		if got := Amount(c.unit, c.n); got != c.want {
			t.Errorf("%d %s: %q, want %q", c.n, c.unit, got, c.want)
		}
	}
	if got := Percent(1, 3) + Percent(0, 0); got != "33%" {
		t.Errorf("%q", got)
	}
}

func TestLinked(t *testing.T) {
	for want, c := range map[string]engine.Cycle{
		"":                          {},
		"appended to the last link": {Appended: true},
		"not appended to the last link: the modules changed": {Relinked: "the modules changed"},
	} {
		if got := Linked(c); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
