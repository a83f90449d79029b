package engine

import (
	"reflect"
	"testing"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/watcher"
)

// steps plays events, one each 10 ms.
func steps(s State, events ...Event) State {
	for _, e := range events {
		s.Now = s.Now.Add(10 * time.Millisecond)
		s, _ = Step(s, e)
	}
	return s
}

func upAndRunning() State {
	s := State{
		Phase: Running, Attention: Following, Now: time.Unix(100, 0),
		Build:   BuildState{Phase: Idle},
		Process: ProcessState{Phase: Down, Desire: ToRun},
	}
	return steps(s, Configured{Settings: Settings{Build: builder.Request{Output: "/bin/app"}}},
		Listed{ID: 1}, Built{Gen: 1}, Published{Gen: 1}, Started{Gen: 1, Pid: 1})
}

func TestPhases(t *testing.T) {
	s := upAndRunning()
	first := s.Now.Add(-20 * time.Millisecond) // 30 ms before it is told
	compiles := []builder.Compile{{Package: "p", Took: 5 * time.Millisecond}}
	s = steps(s, Changed{Batch: watcher.Batch{Paths: []string{"/p/a.go"}, First: first}},
		Listed{ID: 2, Same: true},
		Built{Gen: 2, Result: builder.Result{Took: 15 * time.Millisecond, Link: 5 * time.Millisecond, Compiled: compiles}},
		Published{Gen: 2}, Exited{Gen: 1}, Started{Gen: 2, Pid: 2})
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	want := []Phased{
		{"waiting", 0, ms(30)},
		{"listing", ms(30), ms(10)},
		{"compiling", ms(35), ms(10)},
		{"linking", ms(45), ms(5)},
		{"publishing", ms(50), ms(10)},
		{"stopping", ms(60), ms(10)},
		{"starting", ms(70), ms(10)},
	}
	got := s.History[len(s.History)-1]
	if !reflect.DeepEqual(got.Phases, want) || !reflect.DeepEqual(got.Compiles, compiles) {
		t.Errorf("phases %v\nwant   %v\ncompiles %v", got.Phases, want, got.Compiles)
	}
	s = steps(s, Sampled{Gen: 2}, Sampled{Gen: 2, Usage: runner.Usage{Ports: []runner.Port{{Addr: "[::]:80", Pid: 2}}}}, Sampled{Gen: 2, Usage: runner.Usage{Ports: []runner.Port{{Addr: "[::]:80", Pid: 2}}}})
	got = s.History[len(s.History)-1]
	if want := append(want, Phased{"until ready", ms(80), ms(20)}); !reflect.DeepEqual(got.Phases, want) {
		t.Errorf("ready: %v", got.Phases)
	}
	if !reflect.DeepEqual(got, s.Last) {
		t.Errorf("the last is %+v", s.Last)
	}
}

func TestHistoryIsBounded(t *testing.T) {
	s := upAndRunning()
	old := s
	for range 2 * maxHistory {
		s = steps(s, Changed{Batch: watcher.Batch{Paths: []string{"/p/a.go"}}}, Built{Gen: s.Gen + 1, Result: builder.Result{Same: true}})
	}
	if len(s.History) != maxHistory || s.History[maxHistory-1].Gen != s.Gen || s.History[0].Gen != s.Gen-maxHistory+1 {
		t.Errorf("%d cycles, from %d to %d", len(s.History), s.History[0].Gen, s.History[len(s.History)-1].Gen)
	}
	if len(old.History) != 1 || old.History[0].Gen != 1 {
		t.Errorf("an older state's history changed: %v", old.History)
	}
}

func TestBefore(t *testing.T) {
	x, y := []builder.Diagnostic{{Message: "x"}}, []builder.Diagnostic{{Message: "y"}}
	s := steps(upAndRunning(), Changed{Batch: watcher.Batch{Paths: []string{"/p/a.go"}}}, Built{Gen: 2, Result: builder.Result{Diagnostics: x}},
		Changed{Batch: watcher.Batch{Paths: []string{"/p/a.go"}}}, Built{Gen: 3, Result: builder.Result{Diagnostics: y}})
	if !reflect.DeepEqual(s.Build.Before, x) || !reflect.DeepEqual(s.Build.Diagnostics, y) {
		t.Errorf("before %v, now %v", s.Build.Before, s.Build.Diagnostics)
	}
	s = steps(s, Changed{Batch: watcher.Batch{Paths: []string{"/p/a.go"}}}, Built{Gen: 4})
	if !reflect.DeepEqual(s.Build.Before, y) || s.Build.Diagnostics != nil {
		t.Errorf("fixed: before %v, now %v", s.Build.Before, s.Build.Diagnostics)
	}
}
