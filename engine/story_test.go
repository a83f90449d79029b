package engine

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/internal/story"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/task"
	"github.com/hotdev/hotdev/watcher"
)

// TestStories plays each story's events and compares what Step made of them: "events"
// has an event a line.
func TestStories(t *testing.T) {
	story.Play(t, 1, func(t *testing.T, files []string) string { return play(t, files[0]) })
}

func play(t *testing.T, script string) string {
	t.Helper()
	s := State{
		Phase: Running, Attention: Following, Now: time.Unix(0, 0),
		Build:   BuildState{Phase: Idle},
		Process: ProcessState{Phase: Down, Desire: ToRun},
	}
	var out strings.Builder
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		fmt.Fprintf(&out, "%s\n", line)
		words := strings.Fields(line)
		if words[0] == "later" {
			d, err := time.ParseDuration(words[1])
			if err != nil {
				t.Fatal(err)
			}
			s.Now = s.Now.Add(d)
			continue
		}
		old := s
		var effects []Effect
		s, effects = Step(s, parse(t, words, s.Settings))
		for _, e := range effects {
			fmt.Fprintf(&out, "    → %s\n", tell(e))
		}
		for _, line := range diff(old, s) {
			fmt.Fprintf(&out, "    %s\n", line)
		}
	}
	return out.String()
}

func parse(t *testing.T, words []string, last Settings) Event {
	t.Helper()
	num := func(i int) int {
		n, err := strconv.Atoi(words[i])
		if err != nil {
			t.Fatalf("%v: %v", words, err)
		}
		return n
	}
	rest := func(i int) string { return strings.Join(words[i:], " ") }
	switch words[0] {
	case "configured": // key=value…
		set := last
		set.Build.Output = "/bin/app"
		c := Configured{}
		for _, w := range words[1:] {
			k, v, _ := strings.Cut(w, "=")
			switch k {
			case "flags":
				set.Build.Flags = strings.Split(v, ",")
			case "args":
				set.Run.Args = strings.Split(v, ",")
			case "mode":
				set.Reload.Mode = Mode(v)
			case "bare":
				set.Reload.Bare = true
			case "only":
				set.Reload.Only = true
			case "max":
				set.Reload.MaxGenerations, _ = strconv.Atoi(v)
			case "crash":
				set.OnCrash = OnCrash(v)
			case "command": // its path; there is nothing to build
				set.Command, set.Run.Path, set.Build = true, v, builder.Request{}
			case "task": // names that it is before
				set.Task = &task.Settings{Before: strings.Split(v, ",")}
			case "when": // a task runs
				if set.Task == nil {
					set.Task = &task.Settings{}
				}
				set.Task.When = task.When(v)
			case "after": // program:word
				set.After = nil
				if program, word, ok := strings.Cut(v, ":"); ok {
					set.After = []After{{program, Milestone(word)}}
				}
			case "ready-log":
				set.Ready = Readiness{Log: v, Timeout: 30 * time.Second}
			case "ready-port":
				port, err := strconv.Atoi(v)
				if err != nil {
					t.Fatal(err)
				}
				set.Ready = Readiness{Port: port, Timeout: 30 * time.Second}
			case "socket":
				set.Run.Listen = strings.Split(v, ",")
			case "offer":
				set.Web.Offer, _ = strconv.Atoi(v)
			case "web":
				set.Web.Port, _ = strconv.Atoi(v)
			case "swap":
				set.Swap = v == "ready"
			case "live":
				set.Build.Live = true
			case "debug":
				set.Debug.From = DebugMode(v)
			case "include": // patterns below /p
				set.Watch.Rules = []watcher.Rule{{Dir: "/p", Include: strings.Split(v, ",")}}
			case "assets": // patterns below /p
				set.Web.Assets = []watcher.Rule{{Dir: "/p", Include: strings.Split(v, ",")}}
			case "before": // one command, its words joined by commas
				set.Build.Before = [][]string{strings.Split(v, ",")}
			case "notices":
				set.Notices = strings.Split(v, ",")
			case "config":
				set.Config = strings.Split(v, ",")
			case "err":
				c.Err = v
			default:
				t.Fatalf("configured: %q?", k)
			}
		}
		c.Settings = set
		return c
	case "hindered": // kind, files to watch, perhaps "poll"
		h := Hindered{Obstacle: builder.Obstacle{Kind: builder.ObstacleKind(words[1])}}
		for _, w := range words[2:] {
			if w == "poll" {
				h.Poll = true
				continue
			}
			h.Settings.Watch.Files = append(h.Settings.Watch.Files, w)
		}
		return h
	case "cleared":
		return Cleared{}
	case "changed":
		c := Changed{} // paths; one with ! carries the mark, of one with ~ only text changed
		for _, p := range words[1:] {
			p, marked := strings.CutSuffix(p, "!")
			p, text := strings.CutSuffix(p, "~")
			c.Paths = append(c.Paths, p)
			if text {
				c.Texts = append(c.Texts, p)
			}
			if marked {
				c.Marked = append(c.Marked, p)
			}
		}
		return c
	case "watching": // perhaps "limited"
		return Watching{Folders: 1, Limited: len(words) > 1}
	case "noted": // what the watcher has to say
		return Changed{Batch: watcher.Batch{Notices: []string{rest(1)}}}
	case "overflow":
		return Changed{Batch: watcher.Batch{Paths: words[1:], Overflow: true}}
	case "listed": // id, "same" or package folders (with "+" and what they embed, "<" and what they import), perhaps root=folder, or "!" and a complaint
		l := Listed{ID: num(1)}
		if words[2] == "same" {
			l.Same = true
			return l
		}
		if words[2] == "err" {
			l.Err = rest(3)
			return l
		}
		for i, dir := range words[2:] {
			dir, imports, _ := strings.Cut(dir, "<")
			dir, embeds, _ := strings.Cut(dir, "+")
			if dir == "!" {
				l.Graph.Diagnostics = []builder.Diagnostic{{File: "/p/a.go", Line: 3, Message: rest(2 + i + 1)}}
				break
			}
			if root, ok := strings.CutPrefix(dir, "root="); ok {
				l.Graph.Roots = append(l.Graph.Roots, root)
				continue
			}
			l.Graph.Packages = append(l.Graph.Packages, builder.Package{ImportPath: dir, Dir: dir, EmbedPatterns: strings.FieldsFunc(embeds, func(r rune) bool { return r == '+' }), Imports: strings.Fields(imports)})
		}
		return l
	case "building":
		return Building{Gen: num(1), Package: words[2]}
	case "generated": // gen, paths; a path with ! carries the mark
		g := Generated{Gen: num(1)}
		for _, p := range words[2:] {
			p, marked := strings.CutSuffix(p, "!")
			g.Paths = append(g.Paths, p)
			if marked {
				g.Marked = append(g.Marked, p)
			}
		}
		return g
	case "built": // gen, ok | same | broken text | err text | unpatched text | patched host functions, perhaps with "lagging" before them
		b := Built{Gen: num(1), Result: builder.Result{Took: time.Second}}
		switch words[2] {
		case "ok":
			b.Result.Artifact = builder.Artifact{Temp: fmt.Sprintf("/bin/.app-%d", b.Gen), Path: "/bin/app"}
		case "same":
			b.Result.Same = true
		case "broken":
			b.Result.Diagnostics = []builder.Diagnostic{{Message: rest(3)}}
		case "err":
			b.Err = rest(3)
		case "unpatched":
			b.Result.Artifact = builder.Artifact{Temp: fmt.Sprintf("/bin/.app-%d", b.Gen), Path: "/bin/app"}
			b.Result.Unpatched = rest(3)
		case "patched":
			b.Host = num(3)
			names := words[4:]
			if len(names) > 0 && names[0] == "lagging" {
				b.Result.Unsettled, names = 1, names[1:]
			}
			b.Result.Patched = &builder.Patched{Functions: names, Symbols: names, Code: names, Bytes: 4096 * len(names), Files: []string{"/p/a.go"}}
		}
		return b
	case "patchable": // gen, why not
		return Patchable{Gen: num(1), Why: rest(2)}
	case "lingered": // gen, host, note
		return Lingered{Gen: num(1), Host: num(2), Notes: []string{rest(3)}}
	case "switch-live":
		return SwitchLive{}
	case "offered": // gen, functions or "not" and why
		if len(words) > 2 && words[2] == "not" {
			return Offered{Gen: num(1), Why: rest(3)}
		}
		o := Offered{Gen: num(1), Able: true}
		for _, name := range words[2:] {
			name, why, _ := strings.Cut(name, "!")
			o.Slots = append(o.Slots, Slot{Name: name, Why: why})
		}
		return o
	case "announced":
		return Announced{Gen: num(1), Folder: words[2]}
	case "preparing":
		return Preparing{Gen: num(1), Package: words[2]}
	case "prepared":
		return Prepared{Gen: num(1), Why: rest(2)}
	case "plugin-built": // gen, ok | same | broken text | restart text | err text
		b := PluginBuilt{Gen: num(1), Result: builder.ReloadResult{Took: time.Second}}
		switch words[2] {
		case "ok":
			b.Result.Plugin = fmt.Sprintf("/bin/%d.so", b.Gen)
			b.Result.Packages = []string{"p"}
		case "same":
			b.Result.Same = true
		case "broken":
			b.Result.Diagnostics = []builder.Diagnostic{{Message: rest(3)}}
		case "restart":
			b.Result.Restart = rest(3)
		case "err":
			b.Err = rest(3)
		}
		return b
	case "reloaded": // gen, host, slots
		return Reloaded{Gen: num(1), Host: num(2), Slots: words[3:], Grew: 4 << 20}
	case "refused": // gen, host, reason
		return Refused{Gen: num(1), Host: num(2), Reason: rest(3)}
	case "failed": // gen, host, reason: refused for its own fault
		return Refused{Gen: num(1), Host: num(2), Reason: rest(3), Own: true}
	case "published":
		p := Published{Gen: num(1)}
		if len(words) > 2 {
			p.Err = rest(2)
		}
		return p
	case "ready": // gen, address
		return Sampled{Gen: num(1), Usage: runner.Usage{Processes: 1, Ports: []runner.Port{{Addr: words[2], Pid: 1}}}}
	case "kept": // gen: published, and the one before is kept
		return Published{Gen: num(1), Kept: true}
	case "go-back":
		return GoBack{}
	case "end-holder":
		return EndHolder{}
	case "held": // gen, address, pid, "ours" | "theirs" | "ended"
		return Held{Gen: num(1), Conflict: Conflict{Addr: words[2], Pid: num(3), Ours: words[4] != "theirs"}, Ended: words[4] == "ended"}
	case "started":
		return Started{Gen: num(1), Pid: 1000 + num(1)}
	case "wrote":
		return Wrote{Gen: num(1), Lines: []runner.Line{{Stream: runner.Stdout, Text: rest(2)}}}
	case "panics": // gen, functions, innermost first; each is on line 7 of /p/a.go; one with ~ is inlined
		w := Wrote{Gen: num(1)}
		text := "panic: oops\n\ngoroutine 1 [running]:\n"
		for _, f := range words[2:] {
			f, inlined := strings.CutSuffix(f, "~")
			text += f + map[bool]string{false: "(0x1, ...)", true: "(...)"}[inlined] + "\n\t/p/a.go:7 +0x1d\n"
		}
		for l := range strings.Lines(text + "exit status 2\n") {
			w.Lines = append(w.Lines, runner.Line{Stream: runner.Stderr, Text: strings.TrimSuffix(l, "\n")})
		}
		return w
	case "blocked": // names; one with ! has failed
		b := Blocked{}
		for _, w := range words[1:] {
			if name, failed := strings.CutSuffix(w, "!"); failed {
				b.Failed = append(b.Failed, name)
			} else {
				b.By = append(b.By, name)
			}
		}
		return b
	case "run": // id, paths
		return RunTask{ID: num(1), Paths: words[2:]}
	case "written": // task, paths
		return WrittenBy{Task: words[1], Paths: words[2:]}
	case "complained": // gen, text
		return Complained{Gen: num(1), Diagnostics: []builder.Diagnostic{{Message: rest(2)}}}
	case "followed":
		return Followed{Gen: num(1)}
	case "needed": // names, or nothing
		return Needed{By: words[1:]}
	case "awaits": // words, or nothing
		return Awaits{For: words[1:]}
	case "readied":
		return Readied{Gen: num(1)}
	case "exited": // gen, code, uptime, why it could not be started | gen, "overdue", timeout | gen, "killed"
		if words[2] == "overdue" || words[2] == "killed" {
			e := Exited{Gen: num(1), Exit: runner.Exit{Code: -1, Signal: "SIGKILL", Stopped: true, Killed: true}}
			if words[2] == "overdue" {
				d, err := time.ParseDuration(words[3])
				if err != nil {
					t.Fatal(err)
				}
				e.Exit.Overdue = d
			}
			return e
		}
		e := Exited{Gen: num(1), Exit: runner.Exit{Code: num(2)}}
		if len(words) > 3 {
			d, err := time.ParseDuration(words[3])
			if err != nil {
				t.Fatal(err)
			}
			e.Exit.Uptime = d
		}
		if len(words) > 4 {
			e.Exit.Err = strings.Join(words[4:], " ")
		}
		return e
	case "waited":
		return Waited{ID: num(1)}
	case "debug": // perhaps "at-start"
		return Debug{AtStart: len(words) > 1}
	case "debuggable": // address, or "err" and why not
		if words[1] == "err" {
			return Debuggable{Err: rest(2)}
		}
		return Debuggable{Addr: words[1]}
	case "halted": // gen, reason, perhaps file and line
		h := Halted{Gen: num(1), Halt: Halt{Reason: words[2]}}
		if len(words) > 3 {
			h.File, h.Line = words[3], num(4)
		}
		return h
	case "resumed":
		return Resumed{Gen: num(1)}
	case "open-web":
		return OpenWeb{}
	case "rebuild":
		return Rebuild{}
	case "reload":
		return Reload{}
	case "build-only":
		return BuildOnly{}
	case "stop-start":
		return StopStart{}
	case "pause":
		return Pause{}
	case "ignore":
		return Ignore{Package: words[1]}
	case "dump":
		return Dump{}
	case "signaled":
		return Signaled{Gen: num(1), Err: rest(2)}
	case "quit":
		return Quit{}
	}
	t.Fatalf("no such event: %v", words)
	return nil
}

func tell(e Effect) string {
	switch e := e.(type) {
	case Configure:
		return "configure"
	case List:
		if e.Paths == nil {
			return fmt.Sprintf("list %d: anything", e.ID)
		}
		return fmt.Sprintf("list %d: %s", e.ID, strings.Join(e.Paths, " "))
	case Watch:
		var dirs []string
		for _, r := range e.Set.Rules {
			dirs = append(dirs, r.Dir)
		}
		return "watch " + strings.Join(append(dirs, e.Set.Files...), " ")
	case Build:
		what := "build"
		if e.Bare {
			what = "build host"
		}
		text := strings.TrimSpace(fmt.Sprintf("%s %d %s", what, e.Gen, strings.Join(e.Request.Flags, " ")))
		if e.Host > 0 {
			text += fmt.Sprintf(" into %d", e.Host)
		}
		if e.Request.Debugger {
			text += " for the debugger"
		}
		return text
	case Learn:
		return fmt.Sprintf("learn %d", e.Gen)
	case Prepare:
		return fmt.Sprintf("prepare %d: %s", e.Gen, strings.Join(e.Request.Slots, " "))
	case BuildPlugin:
		return strings.TrimSpace(fmt.Sprintf("build plugin %d: %s", e.Gen, strings.Join(e.Request.Slots, " ")))
	case Load:
		return fmt.Sprintf("load %d into %d: %s", e.Gen, e.Host, e.Plugin)
	case Cancel:
		return fmt.Sprintf("cancel %d", e.Gen)
	case Publish:
		text := fmt.Sprintf("publish %d: %s over %s", e.Gen, e.Artifact.Temp, e.Artifact.Path)
		if e.Keep != "" {
			text += ", kept at " + e.Keep
		}
		return text
	case Discard:
		return "discard " + e.Artifact.Temp
	case Start:
		text := fmt.Sprintf("start %d: %s", e.Gen, strings.Join(append([]string{e.Spec.Path}, e.Spec.Args...), " "))
		if e.Debug != NotDebugged {
			text += ", debugged " + string(e.Debug)
		}
		return text
	case OpenDebugger:
		return "open the debugger"
	case CloseDebugger:
		return "close the debugger"
	case Quote:
		return fmt.Sprintf("quote for %d: %s:%d", e.Gen, e.File, e.Line)
	case FindHolder:
		return fmt.Sprintf("find holder for %d: %s", e.Gen, e.Addr)
	case Evict:
		return fmt.Sprintf("evict for %d: %d", e.Gen, e.Conflict.Pid)
	case Stop:
		return fmt.Sprintf("stop %d", e.Gen)
	case Kill:
		return fmt.Sprintf("kill %d", e.Gen)
	case Signal:
		return fmt.Sprintf("signal %d %s", e.Gen, e.Signal)
	case Probe:
		return fmt.Sprintf("probe %d, while %s", e.Gen, e.Ready)
	case Wait:
		return fmt.Sprintf("wait %d for %v", e.ID, e.Duration)
	}
	return fmt.Sprintf("%T?", e)
}

// diff tells what changed in the parts of the state that a user sees.
func diff(old, s State) []string {
	var lines []string
	add := func(what string, a, b any) {
		if a != b {
			lines = append(lines, fmt.Sprintf("%s: %v", what, b))
		}
	}
	add("loop", old.Phase, s.Phase)
	add("attention", old.Attention, s.Attention)
	obstacle := func(s State) string {
		if s.Obstacle == nil {
			return "none"
		}
		return string(s.Obstacle.Kind)
	}
	add("obstacle", obstacle(old), obstacle(s))
	build := func(s State) string {
		switch {
		case s.Build.Phase == Idle:
			return "idle"
		case len(s.Build.Diagnostics) > 0:
			return fmt.Sprintf("%s %d, showing %q of %d", s.Build.Phase, s.Build.Gen, s.Build.Diagnostics[0].Message, s.Build.DiagnosticsGen)
		}
		return fmt.Sprintf("%s %d", s.Build.Phase, s.Build.Gen)
	}
	add("build", build(old), build(s))
	process := func(s State) string {
		p := s.Process
		text := fmt.Sprintf("%s %d", p.Phase, p.Gen)
		if p.Desire == ToRest {
			text += ", to rest"
		}
		if b := p.Beside; b != nil {
			text += fmt.Sprintf(", beside %d, which is %s", b.Gen, b.Phase)
		}
		if p.Old {
			text += ", old"
		}
		if h := p.Halt; h != nil {
			if text += ", halted: " + h.Reason; h.File != "" {
				text += fmt.Sprintf(" %s:%d", strings.TrimPrefix(h.File, "/p/"), h.Line)
			}
		}
		if s.PutOff() {
			text += ", a restart waits"
		}
		if !p.Ready.IsZero() && s.Settings.Ready.asks() {
			text += ", ready"
		}
		if tasks := s.WaitsFor(); len(tasks) > 0 {
			text += ", waiting for " + strings.Join(tasks, " ")
		}
		if len(s.Awaits) > 0 {
			text += ", awaiting " + strings.Join(s.Awaits, " ")
		}
		if c := p.Conflict; c != nil {
			text += fmt.Sprintf(", wants %s of pid %d", c.Addr, c.Pid)
		}
		return text
	}
	add("process", process(old), process(s))
	add("debugger", strings.TrimSpace(string(old.Debugger.Mode)+" "+old.Debugger.Addr), strings.TrimSpace(string(s.Debugger.Mode)+" "+s.Debugger.Addr))
	add("web port", old.Settings.Web.Port, s.Settings.Web.Port)
	if !reflect.DeepEqual(old.Last, s.Last) {
		text := fmt.Sprintf("cycle: %s, gen %d, %s %v, took %v", s.Last.Outcome, s.Last.Gen, s.Last.Cause.Kind, s.Last.Cause.Paths, s.Last.Took)
		if by := s.Last.Cause.By; by != "" {
			text += ", written by " + by
		}
		if s.Last.Outcome == OutcomePatched {
			text += ", " + s.Last.Road()
		} else if s.Last.Reason != "" {
			text += ", because " + s.Last.Reason
		}
		lines = append(lines, text)
	}
	live := func(s State) string {
		l := s.Process.Live
		text := fmt.Sprintf("able %v, gen %d, %d loads, %d MB", l.Able, l.Gen, len(l.Loaded), l.Memory>>20)
		for _, slot := range l.Slots {
			text += fmt.Sprintf(", %s %d", slot.Name, slot.Gen)
		}
		return text
	}
	add("live", live(old), live(s))
	patching := func(s State) string {
		p := s.Process.Patching
		text := fmt.Sprintf("able %v, %d patches, %d functions, %d bytes", p.Able, p.Patches, len(p.Functions), p.Bytes)
		if p.Why != "" {
			text += ": " + p.Why
		}
		if s.LiveCode == LiveOff {
			text += ", off"
		}
		return text
	}
	add("patching", patching(old), patching(s))
	add("reports", len(old.Process.Reports), len(s.Process.Reports))
	if s.Fixed != old.Fixed && s.Fixed != "" {
		lines = append(lines, "fixed: "+s.Fixed)
	}
	for _, n := range s.Notices {
		if !slices.Contains(old.Notices, n) {
			lines = append(lines, "notice: "+n.Text)
		}
	}
	if len(s.History) != len(old.History) || !slices.EqualFunc(s.Last.Phases, old.Last.Phases, func(a, b Phased) bool { return a == b }) {
		var names []string
		for _, p := range s.Last.Phases {
			names = append(names, p.Name)
		}
		lines = append(lines, fmt.Sprintf("history: %d, %s", len(s.History), strings.Join(names, ", ")))
	}
	if len(s.Notices) < len(old.Notices) {
		lines = append(lines, "notice gone")
	}
	return lines
}
