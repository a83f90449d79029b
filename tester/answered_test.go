package tester

import (
	"testing"
	"time"

	"github.com/hotdev/hotdev/watcher"
)

// Who asks for tests is answered where the packages cannot be listed, whatever was saved
// before.
func TestAnsweredWithoutList(t *testing.T) {
	var s State
	step := func(e Event) {
		s.Now = time.Unix(1, 0)
		s, _ = Step(s, e)
	}
	step(Configured{Settings: Settings{When: OnSave}})
	step(Listed{ID: s.listing})
	step(Changed{watcher.Batch{Paths: []string{"/a/a.go"}}})
	step(Listed{ID: s.listing, Err: "no go command"})
	step(Test{ID: 1})
	step(Listed{ID: s.listing, Err: "no go command"})
	if s.Answered != 1 {
		t.Errorf("%q, and nobody is told of it", s.Err)
	}
}
