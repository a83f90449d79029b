package session

import (
	"github.com/hotdev/hotdev/tester"
	"github.com/hotdev/hotdev/watcher"
)

// A TestView is a [View] that looks on at tests as well.
type TestView interface {
	// ShowTests is called for every event of the tests, with the state that it led to;
	// never at the same time as Show. It must not block.
	ShowTests(s State, e tester.Event)
}

// A TestWorld carries out the effects of tests.
type TestWorld interface {
	tester.World
	// Found takes what changed of the files that the tests watch. It must not wait for
	// an effect.
	Found(watcher.Batch)
}

// Tests are those of a session. What they are told may be told before the session
// runs, and on any goroutine.
type Tests struct {
	// World is to be set before the session runs.
	World TestWorld

	member
	events chan tester.Event
	done   chan struct{} // closed when they take no more
}

// AddTests gives the session tests, once, after all programs and before it runs.
func (s *Session) AddTests() *Tests {
	t := &Tests{events: make(chan tester.Event, 64), done: make(chan struct{})}
	t.member = member{session: s, found: func(b watcher.Batch) { t.World.Found(b) }}
	s.tests = t
	s.members = append(s.members, &t.member)
	return t
}

// Send hands the tests an event. It does nothing when their loop is over, or where
// there are none.
func (t *Tests) Send(e tester.Event) {
	if t == nil {
		return
	}
	select {
	case t.events <- e:
	case <-t.done:
	}
}

// A testView is how the loop of the tests is seen on the stage.
type testView struct{ stage *stage }

func (v testView) Show(s tester.State, e tester.Event) {
	st := v.stage
	st.mu.Lock()
	defer st.mu.Unlock()
	st.state.Tests = s
	for _, view := range st.views {
		if t, ok := view.(TestView); ok {
			t.ShowTests(st.state, e)
		}
	}
}
