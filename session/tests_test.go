package session

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/tester"
	"github.com/hotdev/hotdev/watcher"
)

// fakeTests are a world of tests that lists nothing and runs nothing.
type fakeTests struct {
	tests *Tests
	found []watcher.Batch
}

func (f *fakeTests) Found(b watcher.Batch) { f.found = append(f.found, b) }

func (f *fakeTests) Do(_ context.Context, e tester.Effect, emit func(tester.Event)) {
	if _, ok := e.(tester.Configure); ok {
		emit(tester.Configured{Settings: tester.Settings{When: tester.Off}})
	}
}

// testViews note what a view of tests is shown.
type testViews struct{ names []string }

func (*testViews) Show(State, int, engine.Event) {}

func (v *testViews) ShowTests(_ State, e tester.Event) { v.names = append(v.names, e.Name()) }

// Without a program, a session is its tests: what is sent reaches them, whatever program
// it names, and one quit ends all.
func TestSessionOfTests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(&fakeFiles{})
		tests := s.AddTests()
		world := &fakeTests{tests: tests}
		tests.World = world
		var seen testViews
		done := make(chan error)
		go func() { done <- s.Run(t.Context(), &seen) }()
		synctest.Wait()
		s.Send(0, tester.StopTests{})
		synctest.Wait()
		s.Quit()
		if err := <-done; err != nil {
			t.Error(err)
		}
		s.Send(0, tester.Test{}) // nobody waits for it
		if want := []string{"tests_configured", "stop_tests", "tests_quit"}; !slices.Equal(seen.names, want) {
			t.Errorf("saw %v, want %v", seen.names, want)
		}
	})
}

// Tests have their part of the one watch: while they watch nothing, all is for the
// program, whatever the sets say; then each is told of its own.
func TestWatchOfTests(t *testing.T) {
	s := New(&fakeFiles{})
	program := newFake()
	e := s.Add("api")
	e.World = program
	tests := s.AddTests()
	world := &fakeTests{tests: tests}
	tests.World = world
	root := t.TempDir()
	file := func(name string) string { return filepath.Join(root, name) }
	set := func(pattern string) watcher.Set {
		return watcher.Set{Rules: []watcher.Rule{{Dir: root, Include: []string{pattern}}}}
	}
	watch := func(m *member, set watcher.Set) {
		t.Helper()
		if _, err := m.Watch(t.Context(), set, s.watch.told[""]); err != nil {
			t.Fatal(err)
		}
	}
	watch(&e.member, set("main.go"))
	s.found(watcher.Batch{Paths: []string{file("x_test.go")}})
	watch(&tests.member, set("*.go"))
	s.found(watcher.Batch{Paths: []string{file("main.go"), file("x_test.go")}})
	paths := func(all []watcher.Batch) (names []string) {
		for _, b := range all {
			for _, p := range b.Paths {
				names = append(names, filepath.Base(p))
			}
		}
		return names
	}
	if got, want := paths(program.found), []string{"x_test.go", "main.go"}; !slices.Equal(got, want) {
		t.Errorf("the program was told of %v, want %v", got, want)
	}
	if got, want := paths(world.found), []string{"main.go", "x_test.go"}; !slices.Equal(got, want) {
		t.Errorf("the tests were told of %v, want %v", got, want)
	}
}
