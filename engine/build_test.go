package engine

import (
	"testing"
	"time"

	"github.com/hotdev/hotdev/builder"
)

// The answer to a Publish is the end of it, even if a newer build has found the binary in
// its place before the answer came.
func TestPublishedLate(t *testing.T) {
	s := State{Now: time.Unix(0, 0), Phase: Running}
	for _, e := range []Event{
		Configured{Settings: Settings{Build: builder.Request{Output: "/bin/app"}}},
		Built{Gen: 1, Result: builder.Result{Artifact: builder.Artifact{Temp: "/bin/.app-1", Path: "/bin/app"}}},
		Rebuild{},
		Built{Gen: 2, Result: builder.Result{Same: true}},
		Published{Gen: 1},
		Started{Gen: 2},
	} {
		s, _ = Step(s, e)
	}
	if !s.Settled() {
		t.Errorf("not settled: build %+v, process %+v", s.Build, s.Process)
	}
}
