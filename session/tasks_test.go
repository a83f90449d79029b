package session

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/task"
	"github.com/hotdev/hotdev/watcher"
)

// A program waits for the task that is before it; what was saved meanwhile is built
// together with what the task has written, which is told before the wait is over.
func TestTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rule := func(pattern string) watcher.Set {
			return watcher.Set{Rules: []watcher.Rule{{Dir: "/p", Include: []string{pattern}}}}
		}
		files := &fakeFiles{settled: []string{"/p/x_gen.go"}}
		s := New(files)
		api, gen := newFake(), newFake()
		gen.task = &task.Settings{Files: rule("*.txt"), Outputs: rule("x_gen.go"), Before: []string{"api"}}
		gen.codes = []int{0, 0, 1, 0}
		program := s.Add("api")
		program.World = api
		other := s.Add("gen")
		other.World, other.Task = gen, gen.task
		api.tell = program.Send
		if _, err := program.Watch(t.Context(), rule("*.go"), time.Time{}); err != nil {
			t.Fatal(err)
		}
		var told []string
		saves := []func(){
			func() { s.found(watcher.Batch{Paths: []string{"/p/a.txt", "/p/main.go"}}) },
			func() { s.found(watcher.Batch{Paths: []string{"/p/b.txt", "/p/main.go"}}) },
			func() { s.found(watcher.Batch{Paths: []string{"/p/main.go"}}) }, // the task tries again
			s.Quit,
		}
		next := func() {
			save := saves[0]
			saves = saves[1:]
			go save()
		}
		look := view(func(st State, program int, e engine.Event) {
			name := st.Programs[program].Name
			switch e := e.(type) {
			case engine.Started, engine.Exited:
				if st.Programs[program].State.Phase == engine.Running {
					told = append(told, name+" "+e.Name())
				}
			case engine.Built:
				cause := st.Programs[program].State.Build.Cause
				told = append(told, fmt.Sprint("api built for ", cause.Paths, cause.By))
			case engine.Followed:
				if st.Programs[1].State.Build.Phase == engine.Broken {
					told = append(told, "waits for "+st.Programs[0].State.WaitsFor()[0])
					next()
				}
			}
			if e.Name() == "started" && name == "api" {
				next()
			}
		})
		if err := s.Run(t.Context(), look); err != nil {
			t.Error(err)
		}
		want := []string{
			"gen started", "gen exited", "api built for [/p/x_gen.go]gen", "api started",
			"gen started", "gen exited", "api built for [/p/main.go /p/x_gen.go]", "api exited", "api started",
			"gen started", "gen exited", "waits for gen",
			"gen started", "gen exited", "api built for [/p/main.go /p/x_gen.go]", "api exited", "api started",
		}
		if !slices.Equal(told, want) {
			t.Errorf("told\n%q\nwant\n%q", told, want)
		}
	})
}
