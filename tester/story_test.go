package tester

import (
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/internal/story"
	"github.com/hotdev/hotdev/watcher"
)

// TestStories plays each story's events and compares what Step made of them: "events"
// has an event a line.
func TestStories(t *testing.T) {
	story.Play(t, 1, func(t *testing.T, files []string) string { return play(t, files[0]) })
}

// shop is the module of the stories: money ← cart ← store ← api, and mail beside
// them; money has no tests, and only the tests of mail import cart.
func shop() builder.TestGraph {
	pkg := func(name string, imports, testImports []string) builder.TestPackage {
		dir := filepath.FromSlash("/m/" + name)
		p := builder.TestPackage{
			ImportPath: name, Dir: dir, Files: []string{filepath.Join(dir, name+".go")},
			Imports: imports, TestImports: testImports, Tested: name != "money",
		}
		if p.Tested {
			p.TestFiles = []string{filepath.Join(dir, name+"_test.go")}
		}
		return p
	}
	g := builder.TestGraph{Roots: []string{"/m"}, Files: []string{"/m/go.mod", "/m/go.sum"}, Packages: []builder.TestPackage{
		pkg("money", nil, nil), pkg("cart", []string{"money"}, nil), pkg("store", []string{"cart"}, nil),
		pkg("api", []string{"store"}, nil), pkg("mail", nil, []string{"cart"}), pkg("log", nil, nil), pkg("text", nil, nil),
	}}
	g.Packages[3].Files = append(g.Packages[3].Files, "/m/api/pages/index.html") // embedded
	return g
}

// play gives a line for each event and, below it, the effects and what is new.
func play(t *testing.T, script string) string {
	t.Helper()
	s := State{Now: time.Unix(0, 0)}
	var out strings.Builder
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		e, after := event(t, s, line)
		s.Now = s.Now.Add(after)
		before := s
		var fx []Effect
		s, fx = Step(s, e)
		fmt.Fprintf(&out, "%s\n", line)
		for _, f := range fx {
			fmt.Fprintf(&out, "    → %s\n", spell(f))
		}
		if p := s.Phase(); p != before.Phase() || s.When != before.When {
			fmt.Fprintf(&out, "    %s, on %s\n", p, s.When)
		}
		if r := s.Run; r.Gen > before.Run.Gen && r.All {
			fmt.Fprintf(&out, "    %d of %d are affected: all\n", r.Affected, r.Total)
		}
		if owed := slices.Sorted(maps.Keys(s.owed)); !slices.Equal(owed, slices.Sorted(maps.Keys(before.owed))) {
			fmt.Fprintf(&out, "    owed: %s\n", strings.Join(owed, " "))
		}
		if s.Answered != before.Answered {
			fmt.Fprintf(&out, "    answered %d\n", s.Answered)
		}
		if s.Run.Took > 0 && before.Run.Took == 0 {
			fmt.Fprintf(&out, "    first after %v, all after %v: %+v\n", s.Run.First, s.Run.Took, s.Count())
		}
		if c := s.Coverage; !reflect.DeepEqual(c, before.Coverage) && c.Known() {
			lines, covered := c.Count()
			fmt.Fprintf(&out, "    covered: %d of %d, partly %v, stale %v %s\n", covered, lines, c.Partly, c.Stale, c.Err)
		}
		if s.Err != "" && s.Err != before.Err {
			fmt.Fprintf(&out, "    ✗ %s\n", s.Err)
		}
		for _, n := range s.Notices[len(before.Notices):] {
			fmt.Fprintf(&out, "    ! %s\n", n)
		}
		for _, c := range s.Complaints {
			if len(before.Complaints) == 0 {
				fmt.Fprintf(&out, "    ✗ %s\n", c.Message)
			}
		}
		if d := s.Debug; !reflect.DeepEqual(d, before.Debug) {
			fmt.Fprintf(&out, "    debugger: %s\n", spellDebug(d))
		}
		if s.Over {
			out.WriteString("    over\n")
		}
		if s.Awake && s.Settled() && !s.running() && len(s.wanted) > 0 {
			t.Errorf("after %q: settled, and %v are wanted", line, s.wanted)
		}
	}
	return out.String()
}

func spellDebug(d DebugState) string {
	text := fmt.Sprintf("%d %s", d.ID, d.Test.Test)
	switch {
	case d.Test.Package == "":
		return "none"
	case d.Err != "":
		return text + " over: " + d.Err
	case d.Over:
		return fmt.Sprintf("%s over, passed: %t, printed %q", text, d.Passed, d.Output)
	case d.Addr == "":
		return text + " is built"
	case d.Client != "":
		return text + " has " + d.Client
	case d.Begun:
		return text + " runs on"
	}
	return text + " waits at " + d.Addr
}

func spell(f Effect) string {
	switch f := f.(type) {
	case List:
		if f.Paths == nil {
			return fmt.Sprintf("list %d of anything", f.ID)
		}
		return fmt.Sprintf("list %d of %s", f.ID, strings.Join(f.Paths, " "))
	case Watch:
		return "watch"
	case RunTests:
		text := fmt.Sprintf("run %d:", f.Gen)
		if len(f.Cover) > 0 {
			text = fmt.Sprintf("run %d, with the coverage of %s:", f.Gen, f.Cover[0].File)
		}
		if len(f.First) > 0 {
			text += " " + strings.Join(f.First, " ")
		}
		if len(f.First) > 0 && len(f.Rest) > 0 {
			text += ", then"
		}
		if len(f.Rest) > 0 {
			text += " " + strings.Join(f.Rest, " ")
		}
		if f.Filter != "" {
			text += " -run " + f.Filter
		}
		return text
	case Compare:
		return fmt.Sprintf("compare %d", f.ID)
	case Cancel:
		return fmt.Sprintf("cancel %d", f.Gen)
	case Configure:
		return "configure"
	case DebugTest:
		return fmt.Sprintf("debug %d: %s %s, stop at %s:%d", f.ID, f.Debug.Package, f.Debug.Test, f.Debug.File, f.Debug.Line)
	case EndDebug:
		return "end of the debugger"
	}
	return fmt.Sprintf("%#v", f)
}

// event reads a line:
//
//	configured save|key|off [at-start] [-flag ...] [./package ...]
//	changed FILE ...            written below /m
//	overflow
//	listed [without PACKAGE]    listed same         listed error|broken
//	testing PACKAGE             tested PACKAGE passed|failed|broken|running [cached] [TEST ...] [ran:TEST ...]
//	ran                         ran error
//	compared [FILE] [error]     one line of it has changed
//	covered FILE                half of two lines
//	test [all] [only] [follow] [cover] [#ID] [PACKAGE ...] [-run PATTERN]
//	debug PACKAGE TEST          debugged ready|attached|left|wrote|passed|failed|error
//	stop                        quit
//
// A line that begins with "+" comes a second after the one before it. "old" has the
// generation before the newest.
func event(t *testing.T, s State, line string) (e Event, after time.Duration) {
	t.Helper()
	if rest, ok := strings.CutPrefix(line, "+"); ok {
		after, line = time.Second, rest
	}
	gen := s.Gen
	if rest, ok := strings.CutPrefix(line, "old "); ok {
		gen, line = gen-1, rest
	}
	words := strings.Fields(line)
	has := func(word string) bool { return slices.Contains(words, word) }
	switch words[0] {
	case "configured":
		c := Configured{Settings: Settings{When: When(words[1]), Config: []string{"/m/.air-like.toml"}, AtStart: has("at-start")}}
		for _, w := range words[2:] {
			switch w[0] {
			case '-':
				c.Settings.Request.Flags = append(c.Settings.Request.Flags, w)
			case '.':
				c.Settings.Only = append(c.Settings.Only, w)
			}
		}
		return c, after
	case "changed":
		var paths []string
		for _, w := range words[1:] {
			paths = append(paths, "/m/"+w)
		}
		return Changed{watcher.Batch{Paths: paths}}, after
	case "overflow":
		return Changed{watcher.Batch{Overflow: true}}, after
	case "listed":
		l := Listed{ID: s.listing, Same: has("same")}
		if has("error") {
			l.Err = "go list: exploded"
		}
		if !l.Same && l.Err == "" {
			l.Graph = shop()
			if has("broken") {
				l.Graph.Packages, l.Graph.Diagnostics = nil, []builder.Diagnostic{{Message: "go.mod: no such module"}}
			}
			l.Graph.Packages = slices.DeleteFunc(l.Graph.Packages, func(p builder.TestPackage) bool { return has("without") && has(p.ImportPath) })
		}
		return l, after
	case "testing":
		return Testing{Gen: gen, Package: words[1]}, after
	case "tested":
		r := Result{Package: words[1], Outcome: Outcome(words[2]), Gen: gen, Passed: 1, Cached: has("cached"), Partial: s.Run.Filter != ""}
		if r.Outcome == PackageBroken {
			r.Diagnostics = []builder.Diagnostic{{Message: "undefined: x"}}
		}
		for _, w := range words[3:] {
			if test, ok := strings.CutPrefix(w, "ran:"); ok {
				r.Ran = append(r.Ran, test)
			}
			if strings.HasPrefix(w, "Test") {
				r.Failures = append(r.Failures, Failure{Package: r.Package, Test: w})
			}
		}
		return Tested{r}, after
	case "compared":
		c := Compared{ID: s.compared}
		switch {
		case has("error"):
			c.Err = "git: exploded"
		case len(words) > 1:
			c.Changes = []builder.Change{{File: "/m/" + words[1], Lines: []builder.Span{{From: 3, To: 3}}}}
		}
		return c, after
	case "covered":
		return Covered{Gen: gen, Files: []builder.FileCoverage{{File: "/m/" + words[1], Lines: 2, Covered: 1}}}, after
	case "ran":
		r := Ran{Gen: gen}
		if has("error") {
			r.Err = "go test: exploded"
		}
		return r, after
	case "test":
		e := Test{All: has("all"), Only: has("only"), Follow: has("follow"), Cover: has("cover")}
		for i, w := range words[1:] {
			switch {
			case strings.HasPrefix(w, "#"):
				fmt.Sscanf(w, "#%d", &e.ID)
			case w == "-run":
				e.Pattern = words[i+2]
			case !slices.Contains([]string{"all", "only", "follow", "cover", e.Pattern}, w):
				e.Packages = append(e.Packages, w)
			}
		}
		return e, after
	case "debug":
		return Debug{Package: words[1], Test: words[2], File: "/m/" + words[1] + "/x_test.go", Line: 7}, after
	case "debugged":
		id := s.Debug.ID
		if gen < s.Gen {
			id--
		}
		switch words[1] {
		case "ready":
			return DebugReady{ID: id, Addr: "127.0.0.1:1"}, after
		case "attached":
			return DebugAttached{ID: id, Client: "Code"}, after
		case "left":
			return DebugAttached{ID: id}, after
		case "wrote":
			return DebugWrote{ID: id, Lines: []string{"=== RUN"}}, after
		case "error":
			return Debugged{ID: id, Err: "no Delve"}, after
		}
		return Debugged{ID: id, Passed: has("passed")}, after
	case "stop":
		return StopTests{}, after
	case "quit":
		return Quit{}, after
	}
	t.Fatalf("what is %q?", line)
	return nil, 0
}
