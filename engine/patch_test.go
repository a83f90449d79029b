package engine

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/watcher"
)

// A save's build goes into a program that takes patches; a key that restarts, a
// changed initial value and an obstacle do not leave it with old code unsaid.
func TestPatches(t *testing.T) {
	s := upAndRunning()
	s.Settings.Build.Live = true
	save := Changed{Batch: watcher.Batch{Paths: []string{"/p/a.go"}}}
	host := func(fx []Effect) int {
		t.Helper()
		i := slices.IndexFunc(fx, func(f Effect) bool { _, ok := f.(Build); return ok })
		if i < 0 {
			t.Fatalf("no build in %v", fx)
		}
		return fx[i].(Build).Host
	}

	if _, fx := Step(s, save); host(fx) != 0 {
		t.Error("a program that was not learned is patched")
	}
	s = steps(s, Patchable{Gen: s.Process.Gen})
	next, fx := Step(s, save)
	if host(fx) != s.Process.Gen {
		t.Errorf("the build is for host %d, want %d", host(fx), s.Process.Gen)
	}
	next.Now = next.Now.Add(time.Second)
	patched, fx := Step(next, Built{Gen: next.Gen, Host: next.Process.Gen, Result: builder.Result{Patched: &builder.Patched{Functions: []string{"main.f"}, Notes: []string{"note"}}}})
	if len(fx) != 0 || patched.Last.Outcome != OutcomePatched || patched.Last.Road() != "patched 1 function: main.f" || !slices.Equal(patched.Last.Notes, []string{"note"}) {
		t.Errorf("a patch leads to %v, %+v", fx, patched.Last)
	}
	none, _ := Step(next, Built{Gen: next.Gen, Host: next.Process.Gen, Result: builder.Result{Patched: &builder.Patched{}}})
	if lines := patched.Log.Len() - next.Log.Len(); lines != 1 {
		t.Errorf("a patch is marked in the output by %d lines, want 1", lines)
	}
	if lines := none.Log.Len() - next.Log.Len(); lines != 0 {
		t.Errorf("a patch of nothing is marked in the output by %d lines", lines)
	}
	if !patched.outdated() {
		t.Error("the published binary passes for what runs")
	}
	if _, fx := Step(patched, Rebuild{}); host(fx) != 0 {
		t.Error("R patches")
	}

	linked, fx := Step(next, Built{Gen: next.Gen, Result: builder.Result{Unpatched: "a.go:3: field X added", Artifact: builder.Artifact{Temp: "/t", Path: "/p"}}})
	if len(fx) != 1 || linked.Build.cycle.Reason != "a.go:3: field X added" {
		t.Errorf("an obstacle leads to %v, %q", fx, linked.Build.cycle.Reason)
	}
	again, _ := Step(patched, Rebuild{})
	again.Process.Ready = again.Now
	_, fx = Step(again, Built{Gen: again.Gen, Result: builder.Result{Artifact: builder.Artifact{Temp: "/t", Path: "/p"}}})
	if len(fx) != 1 || fx[0].(Publish).Keep == "" {
		t.Errorf("the binary of a program that was patched is not kept: %+v", fx)
	}

	lingering := steps(patched, Lingered{Gen: patched.Gen, Host: patched.Process.Gen, Notes: []string{"main.loop still runs the old code"}})
	if !slices.ContainsFunc(lingering.Notices, func(n Notice) bool { return strings.Contains(n.Text, "main.loop") }) {
		t.Errorf("what lingers is not said: %v", lingering.Notices)
	}
	if stale := steps(patched, Lingered{Gen: patched.Gen - 1, Host: patched.Process.Gen, Notes: []string{"main.loop"}}); len(stale.Notices) > 0 {
		t.Errorf("what lingered after an older patch is said: %v", stale.Notices)
	}
}
