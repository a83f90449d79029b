package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/crash"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/watcher"
)

// The states that the pictures show. They are what the engine's stories end in,
// written down by hand.

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

const module = "/code/ann/shop"

func shopGraph() builder.Graph {
	g := builder.Graph{Main: "example.com/shop/cmd/api", Roots: []string{module}, Total: 214}
	for _, name := range []string{
		"internal/log", "internal/config", "internal/db", "internal/db/migrate", "internal/cart",
		"internal/catalog", "internal/payment/provider/stripe", "internal/web", "cmd/api",
	} {
		g.Packages = append(g.Packages, builder.Package{
			ImportPath: "example.com/shop/" + name,
			Dir:        module + "/" + name,
			Files:      []string{module + "/" + name + "/a.go"},
		})
	}
	return g
}

func shopLog(l engine.Log, gen int) engine.Log {
	say := func(stream runner.Stream, text string) {
		l = l.Append(gen, runner.Line{Stream: stream, Text: text})
	}
	say(runner.Stdout, "12:00:01 migrating: nothing to do")
	say(runner.Stdout, "12:00:01 listening on \x1b[36m:8080\x1b[0m")
	say(runner.Stdout, "12:00:04 GET /cart 200 1.2ms")
	say(runner.Stderr, "12:00:05 payment: provider answered slowly: 412ms, retrying in 1s with the same idempotency key 5f2c-11")
	say(runner.Stdout, "12:00:06\tGET\t/catalog\t200")
	return l
}

func settings() engine.Settings {
	return engine.Settings{Name: "./cmd/api", OnCrash: engine.CrashWaits}
}

func stateUp() engine.State {
	s := engine.State{
		Now: noon.Add(42 * time.Second), Phase: engine.Running, Attention: engine.Following,
		Gen: 14, Settings: settings(), Graph: shopGraph(),
		Watching: engine.Watching{Folders: 12, Files: 64},
		Build: engine.BuildState{
			Phase: engine.Idle, Gen: 14, Published: 14,
			Cause: engine.Cause{Kind: "save", Paths: []string{module + "/internal/web/a.go"}},
		},
		Process: engine.ProcessState{
			Phase: engine.Up, Since: noon, Desire: engine.ToRun,
			Life: engine.Life{Gen: 14, Pid: 4242, Usage: runner.Usage{CPU: 3.2, RSS: 34 << 20, Processes: 3}},
		},
		Compiles: map[string]engine.Compiled{},
		Log:      shopLog(engine.Log{}, 14),
	}
	for i, p := range s.Graph.Packages {
		s.Compiles[p.ImportPath] = engine.Compiled{Gen: 1, Took: time.Duration(20+31*i) * time.Millisecond}
	}
	for name, ms := range map[string]int{"internal/web": 44, "cmd/api": 31} {
		s.Compiles["example.com/shop/"+name] = engine.Compiled{Gen: 14, Took: time.Duration(ms) * time.Millisecond}
	}
	s.Last = engine.Cycle{
		Gen: 14, Cause: s.Build.Cause, Outcome: engine.OutcomeStarted,
		Build: 412 * time.Millisecond, Link: 230 * time.Millisecond, Took: 447 * time.Millisecond, At: noon,
	}
	return s
}

// stateListening is a program that has its ports.
func stateListening() engine.State {
	s := stateUp()
	s.Process.Ready = s.Process.Since.Add(118 * time.Millisecond)
	s.Process.Usage.Ports = []runner.Port{{Addr: "[::]:8080", Pid: 4242}, {Addr: "0.0.0.0:8080", Pid: 4242}, {Addr: "127.0.0.1:6060", Pid: 4243}}
	return s
}

// stateOld is what the user went back to.
func stateOld() engine.State {
	s := stateListening()
	s.Process.Gen, s.Process.Old, s.Kept = 13, true, 13
	return s
}

// stateDebugged runs under the debugger; nobody is attached.
func stateDebugged() engine.State {
	s := stateListening()
	s.Debugger = engine.DebuggerState{Mode: engine.Debugged, Addr: "127.0.0.1:24518"}
	s.Process.Debug = engine.Debugged
	return s
}

// stateHalted stands at a breakpoint, and what was saved meanwhile waits.
func stateHalted() engine.State {
	s := stateDebugged()
	s.Debugger.Client = "Visual Studio Code"
	for _, e := range []engine.Event{
		engine.Halted{Gen: 14, Halt: engine.Halt{Reason: "breakpoint", File: module + "/internal/web/a.go", Line: 12}},
		engine.Changed{Batch: watcher.Batch{Paths: []string{module + "/internal/web/a.go"}}},
		engine.Built{Gen: 15, Result: builder.Result{Took: time.Second, Artifact: builder.Artifact{Temp: "x"}}},
		engine.Published{Gen: 15},
	} {
		s, _ = engine.Step(s, e)
	}
	return s
}

func stateFirst() engine.State {
	s := engine.State{
		Now: noon.Add(3200 * time.Millisecond), Phase: engine.Running, Attention: engine.Following,
		Gen: 1, Settings: settings(), Graph: shopGraph(),
		Build: engine.BuildState{
			Phase: engine.Compiling, Gen: 1, Cause: engine.Cause{Kind: "start"}, Since: noon,
			Package: "example.com/shop/internal/db", Count: 12,
		},
		Process: engine.ProcessState{Phase: engine.Down, Desire: engine.ToRun},
	}
	return s
}

// stateSilent runs for the first time, and has not printed anything.
func stateSilent() engine.State {
	s := stateListening()
	s.Gen, s.Build.Gen, s.Build.Published, s.Process.Gen = 1, 1, 1, 1
	s.Build.Cause = engine.Cause{Kind: "start"}
	s.Last.Gen, s.Last.Cause = 1, s.Build.Cause
	s.Log = engine.Log{}.Mark(1, engine.Mark{Gen: 1, Cause: s.Build.Cause, Took: 412 * time.Millisecond})
	return s
}

func stateListing() engine.State {
	s := stateFirst()
	s.Graph = builder.Graph{}
	s.Build.Package, s.Build.Count, s.Now = "", 0, noon
	return s
}

func diagnostics() []builder.Diagnostic {
	return []builder.Diagnostic{
		{
			Package: "example.com/shop/internal/db", File: module + "/internal/db/open.go", Line: 41, Column: 16,
			Message: "undefined: pgx.Conect", First: 39,
			Excerpt: []string{"", "func Open(ctx context.Context, dsn string) (*DB, error) {", "\tc, err := pgx.Conect(ctx, dsn)", "\tif err != nil {"},
		},
		{
			Package: "example.com/shop/internal/db", File: module + "/internal/db/query.go", Line: 7, Column: 26,
			Message: "cannot use rows (variable of type *sql.Rows) as Rows value in return statement: *sql.Rows does not implement Rows (missing method Each)",
			More:    []string{"have Next() bool", "want Each(func(Row) error) error"}, First: 6,
			Excerpt: []string{"\tdefer rows.Close()", "\treturn fmt.Errorf(q), rows", "}"},
		},
	}
}

func stateBroken() engine.State {
	s := stateUp()
	s.Gen = 15
	s.Build = engine.BuildState{
		Phase: engine.Broken, Gen: 15, Published: 14, DiagnosticsGen: 15, Diagnostics: diagnostics(),
		Cause: engine.Cause{Kind: "save", Paths: []string{module + "/internal/db/open.go"}},
	}
	s.Last = engine.Cycle{Gen: 15, Cause: s.Build.Cause, Outcome: engine.OutcomeBroken, Build: 96 * time.Millisecond, Took: 101 * time.Millisecond}
	return s
}

// stateWide has what makes columns hard: wide characters, tabs, an escape
// sequence, a column out of sight, a message without a place.
func stateWide() engine.State {
	s := stateBroken()
	s.Build.Diagnostics = []builder.Diagnostic{
		{
			Package: "example.com/shop/internal/db", File: module + "/internal/db/query.go", Line: 7, Column: 26,
			Message: "cannot use rows as 値 value", First: 6,
			Excerpt: []string{"\t// 名前 は値", "\treturn /* 世界 */ nil, rows", "}"},
		},
		{
			File: module + "/internal/db/long.go", Line: 1200, Column: 150, Message: "undefined: Missing", First: 1199,
			Excerpt: []string{"\tx := 1", "\t\tvar table = map[string]int{" + strings.Repeat(`"key": 1, `, 12) + `"last": Missing, "more": 2}`},
		},
		{File: "/usr/local/go/src/fmt/print.go", Line: 3, Message: "no column \x1b[31mred\x1b[0m \x07bell \u202eoverride", First: 3, Excerpt: []string{"package\tfmt\x1b[2J"}},
		{Package: "example.com/shop/cmd/api", Message: "link: running gcc failed: exit status 1", More: []string{"/usr/bin/ld: cannot find -lfoo", "collect2: error"}},
	}
	return s
}

func stateRebuilding() engine.State {
	s := stateBroken()
	s.Gen = 16
	s.Now = noon.Add(45 * time.Second)
	s.Build.Phase, s.Build.Gen, s.Build.Since = engine.Compiling, 16, noon.Add(43*time.Second)
	s.Build.Package, s.Build.Count = "example.com/shop/internal/db", 1
	return s
}

func stateLinking() engine.State {
	s := stateBuilding()
	s.Build.Package, s.Build.Linking = "", true
	return s
}

func stateBuilding() engine.State {
	s := stateUp()
	s.Gen = 15
	s.Build.Phase, s.Build.Gen, s.Build.Since = engine.Compiling, 15, s.Now.Add(-2*time.Second)
	s.Build.Package, s.Build.Count = "example.com/shop/internal/db", 3
	return s
}

func stateCrashed() engine.State {
	s := stateUp()
	l := s.Log
	for _, text := range []string{
		"panic: runtime error: index out of range [5] with length 3", "", "goroutine 1 [running]:",
		"example.com/shop/internal/cart.(*Cart).Item(...)", "\t" + module + "/internal/cart/cart.go:88",
		"main.main()", "\t" + module + "/cmd/api/main.go:31 +0x1d", "exit status 2",
	} {
		l = l.Append(14, runner.Line{Stream: runner.Stderr, Text: text})
	}
	s.Log = l
	s.Process = engine.ProcessState{
		Phase: engine.Crashed, Since: noon.Add(40 * time.Second), Desire: engine.ToRun,
		Exit: &runner.Exit{Code: 2, Uptime: 3100 * time.Millisecond},
		Life: engine.Life{Gen: 14, Reports: []crash.Trace{{
			Kind: "panic", Message: "runtime error: index out of range [5] with length 3",
			Frames: []crash.Frame{
				{Func: "example.com/shop/internal/cart.(*Cart).Item", File: module + "/internal/cart/cart.go", Line: 88, Own: true},
				{Func: "net/http.HandlerFunc.ServeHTTP", File: "/usr/local/go/src/net/http/server.go", Line: 2322},
				{Func: "main.main", File: module + "/cmd/api/main.go", Line: 31, Own: true},
				{Func: "runtime.main", File: "/usr/local/go/src/runtime/proc.go", Line: 290},
			},
		}},
			Excerpts: []engine.Excerpt{{
				File: module + "/internal/cart/cart.go", Line: 88, First: 86,
				Lines: []string{"// Item is the i-th.", "func (c *Cart) Item(i int) Item {", "\treturn c.items[i]", "}"},
			}}},
	}
	return s
}

func stateStopped() engine.State {
	s := stateUp()
	s.Process = engine.ProcessState{Phase: engine.Down, Life: engine.Life{Gen: 14}, Desire: engine.ToRest, Exit: &runner.Exit{Stopped: true, Signal: "SIGINT", Code: -1, Uptime: 41 * time.Second}}
	return s
}

func statePaused() engine.State {
	s := stateUp()
	s.Attention = engine.Paused
	s.Pending = []string{module + "/internal/cart/a.go", module + "/internal/cart/b.go"}
	s.Now = noon.Add(3*time.Hour + 7*time.Minute)
	return s
}

func stateQuitting() engine.State {
	s := stateUp()
	s.Phase = engine.Quitting
	s.Process.Phase = engine.Stopping
	s.Process.Since = s.Now.Add(-time.Second)
	s.Process.Usage = runner.Usage{}
	return s
}

func stateNotices() engine.State {
	s := stateUp()
	s.Notices = []engine.Notice{
		{Subject: "config", Text: ".air-like.toml:3:1: unknown key \"buidl\"; did you mean \"build\"? The last good configuration stays in force."},
		{Subject: "watch", Text: "inotify's watches are used up (8192): the rest is polled.\nraise it: sysctl fs.inotify.max_user_watches=524288"},
	}
	s.Last.Outcome, s.Last.Full = engine.OutcomeUnchanged, "go.mod changed"
	return s
}

func stateTwoRuns() engine.State {
	s := stateUp()
	saved := engine.Cause{Kind: "save", Paths: []string{module + "/cmd/api/main.go", module + "/internal/web/a.go"}}
	s.Log = shopLog(s.Log.Mark(15, engine.Mark{Gen: 15, Cause: saved, Took: 412 * time.Millisecond}), 15)
	s.Process.Gen, s.Gen, s.Build.Gen, s.Build.Published = 15, 15, 15, 16
	s.Last.Outcome = engine.OutcomeBuilt
	return s
}

func stateReloaded() engine.State {
	s := stateUp()
	s.Gen, s.Build.Gen = 17, 17
	s.Build.Cause.Paths = []string{module + "/internal/cart/a.go"}
	s.Compiles["example.com/shop/internal/cart"] = engine.Compiled{Gen: 17, Took: 38 * time.Millisecond}
	s.Log = s.Log.Mark(14, engine.Mark{Gen: 17, Cause: s.Build.Cause, Reloaded: true, Took: 240 * time.Millisecond})
	s.Process.Live = engine.Live{
		Able: true, Gen: 17, Loaded: []int{15, 16, 17}, Memory: 12 << 20,
		Slots: []engine.Slot{
			{Name: "example.com/shop/internal/catalog.Find", Type: "func(string) []string"},
			{Name: "example.com/shop/internal/cart.Total", Type: "func(int) int", Gen: 17},
			{Name: "example.com/shop/internal/cart.Discount", Type: "func(int) int", Gen: 17},
			{Name: "main.main.func1", Type: "func()", Why: "it is a closure"},
		},
	}
	s.Last = engine.Cycle{
		Gen: 17, Cause: s.Build.Cause, Outcome: engine.OutcomeReloaded, Build: 236 * time.Millisecond,
		Link: 180 * time.Millisecond, Took: 240 * time.Millisecond, At: noon,
		Packages: []string{"example.com/shop/internal/cart"},
		Slots:    []string{"example.com/shop/internal/cart.Total", "example.com/shop/internal/cart.Discount"},
		Notes:    []string{"carts were handed over as JSON"},
	}
	return s
}

func statePatched() engine.State {
	s := stateUp()
	s.Gen, s.Build.Gen = 17, 17
	s.Build.Cause.Paths = []string{module + "/internal/cart/a.go"}
	s.Compiles["example.com/shop/internal/cart"] = engine.Compiled{Gen: 17, Took: 38 * time.Millisecond}
	s.Log = s.Log.Mark(14, engine.Mark{Gen: 17, Cause: s.Build.Cause, Patched: true, Took: 74 * time.Millisecond})
	s.Settings.Build.Live = true
	s.Process.Live.Gen = 17
	s.Process.Patching = engine.Patching{
		Able: true, Patches: 3, Bytes: 172 << 10,
		Functions: map[string]engine.FunctionPatch{"a": {}, "b": {}, "c": {}, "d": {}, "e": {}},
	}
	s.Last = engine.Cycle{
		Gen: 17, Cause: s.Build.Cause, Outcome: engine.OutcomePatched, Build: 72 * time.Millisecond, Took: 74 * time.Millisecond, At: noon,
		Slots: []string{"(*Cart).Total", "(*Cart).Discount", "main.route", "web.price"},
		Notes: []string{"cart.go:9: the initial value of rate changed: the variable keeps its value; R applies it"},
	}
	s.Notices = []engine.Notice{{Subject: "linger", Text: "(*Mailer).run still runs the old code in goroutine 7: R restarts"}}
	return s
}

// stateRepaired died in code that had just been patched, and was started again.
func stateRepaired() engine.State {
	s := stateCrashed()
	p := stateUp().Process
	p.Gen, p.Reports, p.Bequeathed, p.Excerpts = 18, s.Process.Reports, 1, s.Process.Excerpts
	s.Process = p
	s.Gen, s.Build.Gen, s.Build.Published = 18, 18, 18
	s.Last = engine.Cycle{
		Gen: 18, Cause: engine.Cause{Kind: engine.ByCrash}, Outcome: engine.OutcomeStarted, Build: 300 * time.Millisecond, Took: 412 * time.Millisecond, At: noon,
		Reason: "it crashed in patched code: (*Cart).Item (gen 17)",
	}
	return s
}

func stateRestarted() engine.State {
	s := stateReloaded()
	s.Log = stateUp().Log
	s.Process.Live.Gen, s.Process.Live.Loaded, s.Process.Live.Memory = 0, nil, 0
	s.Process.Gen, s.Process.Live.Preparing = 17, "net/http"
	s.Process.Live.Slots = []engine.Slot{{Name: "example.com/shop/internal/cart.Total", Type: "func(int) int"}}
	s.Last.Outcome, s.Last.Packages, s.Last.Slots, s.Last.Notes = engine.OutcomeStarted, nil, nil, nil
	s.Last.Reason = "type cart.Order changed (field Discount added)"
	return s
}

// stateReread started again for a file that it reads, and the env file is right
// again.
func stateReread() engine.State {
	s := stateUp()
	s.Last.Gen, s.Last.Outcome, s.Last.Reason = s.Process.Gen+1, engine.OutcomeStarted, "templates/a.html changed"
	s.Fixed = ".env:1: no name before \"=\""
	return s
}

func stateRefused() engine.State {
	s := stateReloaded()
	s.Log = stateUp().Log
	s.Last.Outcome, s.Last.Packages, s.Last.Slots, s.Last.Notes = engine.OutcomeRefused, nil, nil, nil
	s.Last.Reason = "OnLoad of package cart: no database"
	return s
}

// stateErrors has all that tells errors apart: new, still there, fixed, echoes
// and suggestions, in two packages.
func stateErrors() engine.State {
	s := stateBroken()
	ds := diagnostics()
	ds[0].Suggest = []string{"Connect", "Config"}
	cart := builder.Diagnostic{
		Package: "example.com/shop/internal/cart", File: module + "/internal/cart/cart.go", Line: 12, Column: 9,
		Message: "undefined: Totl", Suggest: []string{"Total"}, First: 11,
		Excerpt: []string{"\t// Sum is what a cart costs, \"all in\".", "\treturn Totl(c.items, 19, \"EUR\") // with taxes", "}"},
	}
	ds = append(ds, cart)
	for i := range 3 {
		echo := cart
		echo.Line, echo.Column, echo.Echo, echo.Suggest = 20+i, 8, true, nil
		echo.First, echo.Excerpt = echo.Line, []string{"\tprint(Totl())"}
		ds = append(ds, echo)
	}
	for i := range 2 {
		ds = append(ds, builder.Diagnostic{
			Package: "example.com/shop/internal/web", File: module + "/internal/web/page.go", Line: 30 + i, Column: 8,
			Message: "cannot infer T", Echo: true, First: 30 + i, Excerpt: []string{"\tshow(cart.Sum())"},
		})
	}
	s.Build.Diagnostics = ds
	was := ds[1]
	was.Line--
	s.Build.Before = []builder.Diagnostic{was, {
		Package: "example.com/shop/internal/log", File: module + "/internal/log/log.go", Line: 5, Message: "missing return",
	}}
	return s
}

func stateMended() engine.State {
	s := stateUp()
	s.Build.Before = diagnostics()
	return s
}

// stateRace goes on running, with a race reported of it.
func stateRace() engine.State {
	s := stateUp()
	frames := func(line int) []crash.Frame {
		return []crash.Frame{
			{Func: "runtime.mapassign_faststr", File: "/usr/local/go/src/internal/runtime/maps/runtime_faststr.go", Line: 263},
			{Func: "example.com/shop/internal/cart.(*Cart).Add", File: module + "/internal/cart/cart.go", Line: line, Own: true},
		}
	}
	created := func(line int) *crash.Frame {
		return &crash.Frame{Func: "main.serve", File: module + "/cmd/api/main.go", Line: line, Own: true}
	}
	s.Process.Reports = []crash.Trace{{
		Kind: "data race", Count: 3, Message: "Write at 0x00c000012345 by goroutine 7", Frames: frames(41),
		Goroutines: []crash.Goroutine{
			{Title: "Write at 0x00c000012345 by goroutine 7", Count: 1, Frames: frames(41), Created: created(22)},
			{Title: "Previous read at 0x00c000012345 by goroutine 8", Count: 1, Frames: frames(57), Created: created(24)},
		},
	}}
	return s
}

// stateDump was asked for its goroutines, of which many are alike.
func stateDump() engine.State {
	s := stateCrashed()
	s.Process.Exit.Signal = "SIGQUIT"
	std := func(name, file string, line int) crash.Frame {
		return crash.Frame{Func: name, File: "/usr/local/go/src/" + file, Line: line}
	}
	s.Process.Reports = []crash.Trace{{
		Kind: "goroutine dump", Message: "SIGQUIT: quit",
		Goroutines: []crash.Goroutine{
			{Title: "select", Count: 1, Frames: []crash.Frame{
				{Func: "main.main", File: module + "/cmd/api/main.go", Line: 44, Own: true},
			}},
			{Title: "chan receive", Count: 12, Frames: []crash.Frame{
				std("runtime.gopark", "runtime/proc.go", 460),
				{Func: "example.com/shop/internal/web.(*pool).work", File: module + "/internal/web/pool.go", Line: 19, Own: true},
			}, Created: &crash.Frame{Func: "example.com/shop/internal/web.newPool", File: module + "/internal/web/pool.go", Line: 9, Own: true}},
			{Title: "IO wait", Count: 3, Frames: []crash.Frame{
				std("internal/poll.runtime_pollWait", "runtime/netpoll.go", 351), std("net.(*netFD).accept", "net/fd_unix.go", 172), std("net/http.(*Server).Serve", "net/http/server.go", 3463),
			}},
		},
	}}
	return s
}

// stateConflict could not listen, because an earlier run of it does.
func stateConflict() engine.State {
	s := stateUp()
	s.Log = s.Log.Append(14, runner.Line{Stream: runner.Stderr, Text: "listen tcp :8080: bind: address already in use"})
	s.Process = engine.ProcessState{
		Phase: engine.Crashed, Since: noon.Add(40 * time.Second), Desire: engine.ToRun,
		Exit: &runner.Exit{Code: 1, Uptime: 12 * time.Millisecond},
		Life: engine.Life{Gen: 14, Conflict: &engine.Conflict{Addr: "listen tcp :8080", Pid: 4111, Command: "./api -addr :8080", Ours: true}},
	}
	return s
}

func stateForeignConflict() engine.State {
	s := stateConflict()
	s.Process.Conflict = &engine.Conflict{Addr: "listen tcp 127.0.0.1:8080", Pid: 977, Command: "nginx: worker"}
	return s
}

// hindered is a loop that has nothing to build.
func hindered(o builder.Obstacle) engine.State {
	o.Dir = module
	return engine.State{Now: noon, Phase: engine.Running, Attention: engine.Following, Obstacle: &o}
}

// states are all of them, by the names of their pictures.
func states() map[string]engine.State {
	return map[string]engine.State{
		"empty": {}, "listing": stateListing(), "first": stateFirst(), "silent": stateSilent(), "up": stateUp(), "building": stateBuilding(), "linking": stateLinking(),
		"broken": stateBroken(), "rebuilding": stateRebuilding(), "crashed": stateCrashed(),
		"stopped": stateStopped(), "paused": statePaused(), "quitting": stateQuitting(),
		"notices": stateNotices(), "two-runs": stateTwoRuns(), "wide": stateWide(),
		"reloaded": stateReloaded(), "restarted": stateRestarted(), "refused": stateRefused(),
		"patched": statePatched(), "repaired": stateRepaired(),
		"listening": stateListening(), "old": stateOld(), "debugged": stateDebugged(), "halted": stateHalted(),
		"errors": stateErrors(), "mended": stateMended(), "reread": stateReread(), "race": stateRace(), "dump": stateDump(),
		"no-go":        hindered(builder.Obstacle{Kind: builder.NoGo}),
		"go-elsewhere": hindered(builder.Obstacle{Kind: builder.NoGo, Found: "/usr/local/go/bin"}),
		"no-module":    hindered(builder.Obstacle{Kind: builder.NoModule}),
		"no-program":   hindered(builder.Obstacle{Kind: builder.NoProgram}),
		"broken-module": hindered(builder.Obstacle{
			Kind: builder.BrokenModule, File: module + "/go.mod", Line: 5, Reason: "unknown directive: requir",
			Excerpt: []string{"", "requir github.com/jackc/pgx/v5 v5.7.1", ""}, First: 4,
		}),
		"unwritable": hindered(builder.Obstacle{Kind: builder.Unwritable, File: "/code/ann/.cache/go-build", Reason: "mkdir /code/ann/.cache/go-build/00: read-only file system"}),
		"no-place":   hindered(builder.Obstacle{Kind: builder.NoPlace, File: "/code/ann/.cache/hotdev/shop-1f", Reason: "permission denied"}),
		"no-idea":    hindered(builder.Obstacle{Text: "go list: malformed module path \"shop!\": invalid char '!'"}),
		"conflict":   stateConflict(), "foreign-conflict": stateForeignConflict(),
	}
}

// screen is a model that was shown s at the size.
func screen(s engine.State, w, h int) model {
	m := newModel(Options{Dir: module, NoColor: true}, nil, nil)
	m.width, m.height = w, h
	m.state, m.now = s, s.Now
	return m
}

// longLog has n lines; some are long.
func longLog(n int) engine.Log {
	var l engine.Log
	for i := range n {
		text := fmt.Sprintf("line %d", i)
		if i%7 == 3 {
			text += " with a tail that is longer than most screens are wide, so that it has to be wrapped at least once on all of them, twice on some and more often on the narrow ones 0123456789"
		}
		l = l.Append(1, runner.Line{Stream: runner.Stdout, Text: text})
	}
	return l
}
