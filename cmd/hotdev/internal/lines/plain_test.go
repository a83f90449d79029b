package lines

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/crash"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/session"
	"github.com/hotdev/hotdev/task"
)

func TestDiagnosticsText(t *testing.T) {
	got := Diagnostics(engine.State{Build: engine.BuildState{Diagnostics: []builder.Diagnostic{{
		Package: "example.com/app/db", File: "/p/db/open.go", Line: 41, Column: 4,
		Message: "undefined: é", More: []string{"have (int)"},
		Excerpt: []string{"func f() {", "\té.x()"}, First: 40,
	}, {Message: "link: no main"}}}}, "/p")
	want := `# example.com/app/db
db/open.go:41:4: undefined: é
	have (int)
      40 | func f() {
  >   41 | 	é.x()
         | 	 ^
link: no main
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// lines is a plain view with all that it says, on either stream.
func lines(play func(v *voice)) string {
	var out bytes.Buffer
	p := NewPrinter()
	play(newVoice(newEcho(p, Out{Writer: &out}, Out{Writer: &out}), "/p"))
	p.Close()
	return out.String()
}

func TestPlainSaysReady(t *testing.T) {
	got := lines(func(v *voice) {
		var s engine.State
		s.Process.Phase = engine.Up
		v.show(s, engine.Started{})
		s.Process.Ready = time.Unix(1, 0)
		s.Process.Usage.Ports = []runner.Port{{Addr: "127.0.0.1:80"}, {Addr: "[::]:81"}}
		v.show(s, engine.Sampled{})
		v.show(s, engine.Sampled{})
	})
	if want := "hotdev: ready: listening on 127.0.0.1:80, [::]:81\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// At a quit it is said what a program waits for with its end, and then that it ends; a
// task that runs at the end is not said to stop.
func TestPlainSaysOrder(t *testing.T) {
	got := lines(func(v *voice) {
		s := engine.State{Phase: engine.Running, Needed: []string{"api", "worker"}}
		s.Settings.Name = "db"
		v.show(s, engine.Started{})
		s.Phase = engine.Quitting
		v.show(s, engine.Quit{})
		s.Needed = s.Needed[:1]
		v.show(s, engine.Needed{})
		s.Needed = nil
		v.show(s, engine.Needed{})
		v.show(s, engine.Sampled{})
		s.Phase = engine.Running
		s.Settings.Task = &task.Settings{When: task.AtQuit}
		v.show(s, engine.Configured{})
		s.Phase = engine.Quitting
		v.show(s, engine.Quit{})
	})
	if want := "hotdev: stopping db after api, worker (again to kill it)\nhotdev: stopping db (again to kill it)\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A line without an end is printed at once, as far as it has come. What goes to
// the same place begins on a line of its own.
func TestPlainPrompt(t *testing.T) {
	type line struct {
		stream  runner.Stream // "" is hotdev's own
		text    string
		partial bool
	}
	const out, errs = runner.Stdout, runner.Stderr
	for _, c := range []struct {
		name  string
		lines []line
		want  string
	}{
		{"prompt", []line{{out, "name? ", true}}, "name? "},
		{"answered", []line{{out, "name? ", true}, {out, "name? ann", false}, {out, "hello", false}}, "name? ann\nhello\n"},
		{"dots", []line{{out, ".", true}, {out, "..", true}, {out, "...", true}, {out, "...", false}}, "...\n"},
		{"progress", []line{{out, "9%", true}, {out, "10%", true}, {out, "", true}, {out, "done", false}}, "9%\r10%\rdone\n"},
		{"the other stream", []line{{out, "ab", true}, {errs, "oops", false}, {out, "abc", false}, {out, "d", false}}, "ab\noops\nc\nd\n"},
		{"both without an end", []line{{out, "ab", true}, {errs, "oo", true}, {out, "abc", false}, {errs, "oops", false}}, "ab\noo\nc\nps\n"},
		{"own words", []line{{out, "ab", true}, {"", "x", false}, {out, "ab", false}, {out, "c", false}}, "ab\nhotdev: x\nc\n"},
		{"own words amid progress", []line{{out, "9%", true}, {"", "x", false}, {out, "10%", true}, {out, "11%", false}}, "9%\nhotdev: x\n10%\r11%\n"},
		{"colours", []line{{out, "\x1b[31ma" + runner.Reset, true}, {out, "\x1b[31mab\x1b[1mc" + runner.Reset, true}, {out, "\x1b[31mab\x1b[1mcd\x1b[0m", false}},
			"\x1b[31ma\x1b[m\x1b[31mb\x1b[1mc\x1b[m\x1b[31m\x1b[1md\x1b[0m\n"},
		{"the end of the program", []line{{out, "sure? ", true}, {"over", "", false}}, "sure? \n"},
	} {
		got := lines(func(v *voice) {
			for _, l := range c.lines {
				switch l.stream {
				case "":
					v.say("%s", l.text)
					continue
				case "over":
					v.show(engine.State{}, engine.Exited{Exit: runner.Exit{Stopped: true}})
					continue
				}
				v.show(engine.State{}, engine.Wrote{Lines: []runner.Line{{Stream: l.stream, Text: l.text, Partial: l.partial}}})
			}
		})
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// An address in the local network is printed with who can use it, and as a QR code on a
// terminal.
func TestPlainLAN(t *testing.T) {
	const addr = "http://192.168.1.5:7777"
	for _, c := range []struct{ terminal, colour bool }{{}, {terminal: true}, {terminal: true, colour: true}} {
		var out bytes.Buffer
		p := NewPrinter()
		all := Out{Writer: &out, Terminal: c.terminal, Colour: c.colour}
		v := NewPlain(p, all, all, "/p")
		v.Show(session.State{Programs: []session.Program{{State: engine.State{Web: engine.WebState{Addr: "http://127.0.0.1:7777", LAN: addr}}}}}, 0, engine.Served{})
		p.Close()
		first, code, _ := strings.Cut(out.String(), addr+": every device on this network")
		if !strings.Contains(first, "web: http://127.0.0.1:7777") {
			t.Errorf("%+v: %q", c, out.String())
		}
		if drawn := strings.Count(code, "█") > 50; drawn != c.terminal || strings.Contains(code, "\x1b[30;107m") != c.colour {
			t.Errorf("%+v: %q", c, code)
		}
	}
}

// Streams that go to two places do not end each other's lines.
func TestPlainPlaces(t *testing.T) {
	var out, errs bytes.Buffer
	p := NewPrinter()
	v := newVoice(newEcho(p, Out{Writer: &out}, Out{Writer: &errs}), "/p")
	v.show(engine.State{}, engine.Wrote{Lines: []runner.Line{{Stream: runner.Stdout, Text: "a", Partial: true}, {Stream: runner.Stderr, Text: "b"}}})
	v.say("c")
	v.show(engine.State{}, engine.Wrote{Lines: []runner.Line{{Stream: runner.Stdout, Text: "ad"}}})
	p.Close()
	if out.String() != "ad\n" || errs.String() != "b\nhotdev: c\n" {
		t.Errorf("%q, %q", &out, &errs)
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "both"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if again, err := os.OpenFile(file.Name(), os.O_WRONLY, 0); err != nil || !samePlace(file, again) {
		t.Errorf("a file is not itself: %v", err)
	} else {
		again.Close()
	}
}

// The lines say what the screen shows: what is new, still there and fixed, what
// was meant, what only follows.
func TestPlainErrors(t *testing.T) {
	bad := func(file string, line int, message string) builder.Diagnostic {
		return builder.Diagnostic{Package: "ex.com/app", File: "/p/" + file, Line: line, Message: message}
	}
	meant := bad("db.go", 4, "undefined: Conect")
	meant.Suggest = []string{"Connect", "Conn"}
	echo := bad("web.go", 9, "undefined: Conect")
	echo.Echo = true
	below := echo
	below.Package = "ex.com/app/cmd"
	got := lines(func(v *voice) {
		var s engine.State
		build := func(gen int, ds ...builder.Diagnostic) {
			s.Build.Before, s.Build.Diagnostics, s.Build.DiagnosticsGen = s.Build.Diagnostics, ds, gen
			s.Build.Phase = engine.Idle
			s.Last = engine.Cycle{Gen: gen, Outcome: engine.OutcomeUnchanged}
			if len(ds) > 0 {
				s.Build.Phase, s.Last.Outcome = engine.Broken, engine.OutcomeBroken
			}
			v.show(s, engine.Built{Gen: gen})
			v.show(s, engine.Ended{Cycle: s.Last})
			v.show(s, engine.Sampled{})
		}
		build(1, bad("log.go", 7, "missing return"), meant)
		build(2, meant, echo, echo, below, bad("new.go", 1, "undefined: x"))
		build(3)
		build(4)
	})
	want := `# ex.com/app
log.go:7: missing return
db.go:4: undefined: Conect
	did you mean Connect or Conn?
hotdev: build broken after 0 ms; nothing runs
# ex.com/app
db.go:4: undefined: Conect (still there)
	did you mean Connect or Conn?
	2 more like this, 1 more in dependents
new.go:1: undefined: x (new)
hotdev: fixed: log.go:7: missing return
hotdev: build broken after 0 ms; nothing runs
hotdev: fixed: db.go:4: undefined: Conect
hotdev: fixed: new.go:1: undefined: x
hotdev: unchanged: the binary is the same, not restarted (build 0 ms)
hotdev: unchanged: the binary is the same, not restarted (build 0 ms)
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A report is said by its frames in the user's code, a conflict by who has the
// address, and an old binary is called that.
func TestPlainTroubles(t *testing.T) {
	own := func(line int) crash.Frame {
		return crash.Frame{Func: "ex.com/app.serve", File: "/p/main.go", Line: line, Own: true}
	}
	far := crash.Frame{Func: "net/http.Serve", File: "/go/http.go", Line: 1}
	begun := own(3)
	got := lines(func(v *voice) {
		var s engine.State
		s.Settings.Name = "./app"
		s.Process.Phase, s.Process.Gen = engine.Up, 2
		v.show(s, engine.Started{})
		s.Process.Reports = []crash.Trace{{Kind: "data race", Message: "Write by goroutine 7", Goroutines: []crash.Goroutine{
			{Frames: []crash.Frame{far, own(41)}, Created: &begun}, {Frames: []crash.Frame{own(57)}},
		}}}
		v.show(s, engine.Wrote{})
		v.show(s, engine.Wrote{})
		s.Process.Reports = append(s.Process.Reports, crash.Trace{Kind: "panic", Message: "boom", Frames: []crash.Frame{own(9)}})
		s.Process.Phase = engine.Crashed
		s.Process.Conflict = &engine.Conflict{Addr: ":8080"}
		x := engine.Exited{Exit: runner.Exit{Code: 2, Uptime: time.Second}}
		v.show(s, x)
		s.Process.Conflict = &engine.Conflict{Addr: ":8080", Pid: 7, Command: "./app", Ours: true}
		v.show(s, engine.Held{})
		v.show(s, engine.Held{})
		s.Process.Gen, s.Process.Phase, s.Process.Old, s.Process.Reports, s.Process.Conflict, s.Process.Pid = 1, engine.Up, true, nil, nil, 99
		v.show(s, engine.Started{})
		v.show(s, engine.Ended{Cycle: engine.Cycle{Gen: 1, Outcome: engine.OutcomeStarted}})
	})
	want := `hotdev: data race: Write by goroutine 7
	main.go:41: app.serve
	main.go:3: created by app.serve
	main.go:57: app.serve
	and 1 frame more in the output above
hotdev: ./app crashed: exit status 2 after 1.0 s; waits for the next save or key
hotdev: panic: boom
	main.go:9: app.serve
hotdev: address already in use: :8080
hotdev: :8080 is held by pid 7 (./app), a leftover of an earlier run: kill 7
hotdev: went back to gen 1, an old binary, pid 99; the next save returns to the newest
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
