package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/internal/crash"
	"github.com/hotdev/hotdev/runner"
)

// raceReport is one at a line of the user's own code.
func raceReport(line int) []runner.Line {
	var lines []runner.Line
	for text := range strings.SplitSeq(fmt.Sprintf(`==================
WARNING: DATA RACE
Write at 0x00c000018108 by goroutine %d:
  runtime.mapassign_faststr()
      /go/src/runtime/map.go:7 +0x36
  main.add()
      /p/main.go:%d +0x31

Previous read at 0x00c000018108 by main goroutine:
  main.main()
      /p/main.go:9 +0x104

Goroutine %d (running) created at:
  main.main()
      /p/main.go:12 +0xe4
==================`, line%7, line, line%7), "\n") {
		lines = append(lines, runner.Line{Stream: runner.Stderr, Text: text})
	}
	return lines
}

// TestRacesWhileRunning: a race is a report as soon as it is printed; equal ones
// are counted, there is a bound, the end of the program repeats none, and a new
// run begins without any.
func TestRacesWhileRunning(t *testing.T) {
	s := State{
		Now: time.Unix(1, 0), Phase: Running, Gen: 1, Graph: builder.Graph{Roots: []string{"/p"}},
		Process: ProcessState{Phase: Up, Life: Life{Gen: 1}, Desire: ToRun},
	}
	reports := func() string {
		var out []string
		for _, r := range s.Process.Reports {
			out = append(out, fmt.Sprintf("%s %d×%d", r.Kind, r.Frames[len(r.Frames)-1].Line, max(1, r.Count)))
		}
		return strings.Join(out, ", ")
	}
	step := func(e Event, want string) {
		t.Helper()
		before := s.Process.Reports
		was := fmt.Sprint(before)
		s, _ = Step(s, e)
		if got := reports(); got != want {
			t.Errorf("reports are %s, want %s", got, want)
		}
		if fmt.Sprint(before) != was {
			t.Error("what an older state holds was written to")
		}
	}
	one := raceReport(41)
	step(Wrote{Gen: 1, Lines: one[:5]}, "")
	step(Wrote{Gen: 1, Lines: one[5:]}, "data race 41×1")
	own := s.Process.Reports[0].Goroutines[0]
	if own.Frames[0].Own || !own.Frames[1].Own || own.Created == nil || !own.Created.Own {
		t.Errorf("own are %+v", own)
	}
	step(Wrote{Gen: 7, Lines: raceReport(50)}, "data race 41×1") // of another run
	step(Wrote{Gen: 1, Lines: raceReport(57)}, "data race 41×1, data race 57×1")
	step(Wrote{Gen: 1, Lines: raceReport(41)}, "data race 41×2, data race 57×1")
	step(Exited{Gen: 1, Exit: runner.Exit{Code: 66}}, "data race 41×2, data race 57×1")
	s.Process.Phase = Up
	for i := range 2 * maxReports {
		s, _ = Step(s, Wrote{Gen: 1, Lines: raceReport(100 + i)})
	}
	if n := len(s.Process.Reports); n != maxReports {
		t.Errorf("%d reports are kept, want %d", n, maxReports)
	}
	s.Process.Phase, s.Build.Published = Down, 1
	s, _ = Step(s, StopStart{})
	if len(s.Process.Reports) != 0 {
		t.Errorf("a new run begins with %d reports", len(s.Process.Reports))
	}
}

// The agent is in the folder of the user's module, and is not the user's code.
func TestAgentIsNotOwn(t *testing.T) {
	s := State{Graph: builder.Graph{Roots: []string{"/p"}}}
	trace, ok := crash.Parse(strings.Split(`SIGQUIT: quit
PC=0x1 m=0 sigcode=0

goroutine 1 [select]:
main.main()
	/p/main.go:31 +0x1d

goroutine 4 [syscall]:
ex.com/p/hotdevlive.(*agent).serve(0x1)
	/p/hotdevlive/agent.go:95 +0x1d
created by ex.com/p/hotdevlive.init.0 in goroutine 1
	/p/hotdevlive/agent.go:77 +0x1d

goroutine 5 [select]:
main.fresh()
	/p/main.go:41 +0x1d
ex.com/p/hotdevlive.(*agent).serve(0x1)
	/p/hotdevlive/agent.go:95 +0x1d
`, "\n"))
	if !ok || len(trace.Goroutines) != 3 {
		t.Fatalf("%+v", trace)
	}
	got := s.marked(trace).Goroutines
	if len(got) != 2 || !got[0].Frames[0].Own || !got[1].Frames[0].Own || got[1].Frames[1].Own {
		t.Errorf("%+v", got)
	}
}

// TestDumpNotice: only a program that ends soon after SIGQUIT and leaves no dump
// is said to have left none; the dump is found however long it is.
func TestDumpNotice(t *testing.T) {
	up := State{Now: time.Unix(100, 0), Phase: Running, Gen: 1, Process: ProcessState{Phase: Up, Life: Life{Gen: 1}, Desire: ToRun}}
	write := func(s State, text string) State {
		var lines []runner.Line
		for l := range strings.SplitSeq(text, "\n") {
			lines = append(lines, runner.Line{Stream: runner.Stderr, Text: l})
		}
		s, _ = Step(s, Wrote{Gen: 1, Lines: lines})
		return s
	}
	dump := "SIGQUIT: quit\nPC=0x1 m=0 sigcode=0\n" + strings.Repeat("\ngoroutine 1 [select]:\nmain.main()\n\t/p/main.go:31 +0x1d\n", traceLines/3)
	for name, c := range map[string]struct {
		then   func(s State) State
		exit   int
		after  time.Duration
		notice bool
		kind   string
	}{
		"handled":             {exit: 2, notice: true},
		"handled, ended well": {notice: true},
		"not sent":            {then: func(s State) State { s, _ = Step(s, Signaled{Gen: 1, Err: "no"}); return s.notice("dump", "") }},
		"much later":          {exit: 2, after: time.Hour},
		"a panic then": {then: func(s State) State {
			return write(s, "panic: no\n\ngoroutine 1 [running]:\nmain.main()\n\t/p/main.go:31 +0x1d")
		}, exit: 2, kind: "panic"},
		"dumped":                  {then: func(s State) State { return write(s, dump) }, exit: 2, kind: "goroutine dump"},
		"a dump of the program's": {then: func(s State) State { return write(s, dump) }, kind: "goroutine dump"},
	} {
		s, _ := Step(write(up, "hello"), Dump{})
		if c.then != nil {
			s = c.then(s)
		}
		s.Now = s.Now.Add(c.after)
		s, _ = Step(s, Exited{Gen: 1, Exit: runner.Exit{Code: c.exit}})
		kind := ""
		for _, r := range s.Process.Reports {
			kind += string(r.Kind)
		}
		if kind != c.kind || len(s.Notices) > 0 != c.notice {
			t.Errorf("%s: reports %q and notices %v", name, kind, s.Notices)
		}
	}
}

// TestQuotes: a report's source is asked for once, and not where it may be
// another by now than what runs.
func TestQuotes(t *testing.T) {
	up := State{
		Now: time.Unix(1, 0), Phase: Running, Gen: 1, Graph: builder.Graph{Roots: []string{"/p"}},
		Build:   BuildState{Phase: Idle, Published: 1},
		Process: ProcessState{Phase: Up, Life: Life{Gen: 1}, Desire: ToRun},
	}
	quotes := func(s State, e Event) (State, string) {
		var out []string
		s, fx := Step(s, e)
		for _, f := range fx {
			if q, ok := f.(Quote); ok {
				out = append(out, fmt.Sprintf("%s:%d of %d", q.File, q.Line, q.Gen))
			}
		}
		return s, strings.Join(out, ", ")
	}
	race := Wrote{Gen: 1, Lines: raceReport(41)}
	s, got := quotes(up, race)
	if want := "/p/main.go:41 of 1, /p/main.go:9 of 1"; got != want {
		t.Errorf("of a race %q, want %q", got, want)
	}
	if _, got = quotes(s, race); got != "" {
		t.Errorf("of the same again %q", got)
	}
	here := Excerpt{File: "/p/main.go", Line: 41, First: 40, Lines: []string{"a", "b"}}
	s, _ = Step(s, Quoted{Gen: 7, Excerpt: here}) // of another run
	s, _ = Step(s, Quoted{Gen: 1, Excerpt: here})
	if n := len(s.Process.Excerpts); n != 1 {
		t.Errorf("%d excerpts", n)
	}

	var crash []runner.Line
	for text := range strings.SplitSeq("panic: no\n\ngoroutine 1 [running]:\nstrings.Repeat(...)\n\t/go/strings.go:7 +0x1d\nmain.f(...)\n\t/p/f.go:3\nmain.main()\n\t/p/main.go:31 +0x1d", "\n") {
		crash = append(crash, runner.Line{Stream: runner.Stderr, Text: text})
	}
	ended := func(s State) string {
		s, _ = Step(s, Wrote{Gen: 1, Lines: crash})
		_, got := quotes(s, Exited{Gen: 1, Exit: runner.Exit{Code: 2}})
		return got
	}
	if got, want := ended(up), "/p/f.go:3 of 1"; got != want {
		t.Errorf("of a panic %q, want %q", got, want)
	}
	full := up
	for i := range 2 * maxReports {
		full, _ = Step(full, Wrote{Gen: 1, Lines: raceReport(100 + i)})
	}
	if got, want := ended(full), "/p/f.go:3 of 1"; got != want {
		t.Errorf("of a panic after many races %q, want %q", got, want)
	}
	for name, change := range map[string]func(s *State){
		"an old binary":        func(s *State) { s.Process.Old = true },
		"a newer one is built": func(s *State) { s.Build.Published = 2 },
		"the build is broken":  func(s *State) { s.Build.Phase = Broken },
		"saves wait":           func(s *State) { s.Pending = []string{"/p/f.go"} },
		"inlined lines lag":    func(s *State) { s.Build.lagging = true },
		"it is not watched": func(s *State) {
			s.Graph.Packages, s.Ignored = []builder.Package{{ImportPath: "p", Dir: "/p"}}, []string{"p"}
		},
		"a plugin was refused": func(s *State) { s.Last.Outcome = OutcomeRefused },
	} {
		s := up
		change(&s)
		if got := ended(s); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// A line is that of the source if the code around it came with the file's newest
// text, or after it.
func TestExactLines(t *testing.T) {
	old, patched := map[string]int{}, map[string]int{"/p/f.go": 5}
	code := map[string]int{"main.f": 5, "main.early": 4, "main.G": 5}
	stack := func(names ...string) (frames []crash.Frame) {
		for _, name := range names {
			name, inlined := strings.CutSuffix(name, "~")
			frames = append(frames, crash.Frame{Func: name, File: "/p/f.go", Line: 3, Inlined: inlined})
		}
		return frames
	}
	for _, c := range []struct {
		files   map[string]int
		frames  []crash.Frame
		lagging bool
		want    bool
	}{
		{files: old, frames: stack("main.x"), want: true},
		{files: old, frames: stack("main.x~", "main.y"), want: true},
		{files: old, frames: stack("main.x"), lagging: true, want: true},
		{files: old, frames: stack("main.x~", "main.y"), lagging: true},
		{files: patched, frames: stack("main.f"), want: true},
		{files: patched, frames: stack("main.f"), lagging: true, want: true},
		{files: patched, frames: stack("main.x~", "main.f"), lagging: true, want: true},
		{files: patched, frames: stack("main.x")},
		{files: patched, frames: stack("main.early")},
		{files: patched, frames: stack("main.f.func1")},
		{files: patched, frames: stack("main.f~", "main.x")},
		{files: patched, frames: stack("main.f~")}, // the rest of the stack is left out
		{files: patched, frames: stack("main.G[...]")},
	} {
		p := Patching{files: c.files, code: code}
		if len(c.files) == 0 {
			p.code = nil
		}
		if got := p.exact(c.frames, 0, c.lagging); got != c.want {
			t.Errorf("of %v, files at %v, lagging %v: exact is %v", c.frames, c.files, c.lagging, got)
		}
	}
}
