package engine

import (
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/task"
	"github.com/hotdev/hotdev/watcher"
)

// Settings are what the user decided, resolved to absolute paths and whole
// environments.
type Settings struct {
	// Name is what the user calls the program ("./cmd/api").
	Name  string          `json:"name"`
	Build builder.Request `json:"build"`
	Run   runner.Spec     `json:"run"`
	// Command: the program is a command that is not built. Run has its path, and
	// Build is empty.
	Command bool `json:"command,omitempty"`
	// Task: the command is a task, which ends; nil if it is none. Command is set, too.
	Task *task.Settings `json:"task,omitempty"`
	// After is what its start waits for, Ready how it is known that it is ready.
	After []After   `json:"after,omitempty"`
	Ready Readiness `json:"ready,omitzero"`
	// Watch is added to what the graph asks for; its timing and polling are
	// taken as they are.
	Watch watcher.Set `json:"watch"`
	// Config are the absolute paths (existing or not) of the config and env
	// files: a change of one is answered by Configure.
	Config []string `json:"config,omitempty"`
	// Reload is what is reloaded, and how.
	Reload Reloading `json:"reload"`
	// RestartOn are the files whose change restarts the program, whatever changed in
	// them (live.restart_on).
	RestartOn watcher.Rule `json:"restart_on,omitzero"`
	// NoLive is why Build.Live is not set; empty if it is.
	NoLive string `json:"no_live,omitempty"`
	// Screen is how the user wants the screen to be.
	Screen Screen `json:"screen"`
	// Web is how the program is reached by a browser.
	Web Web `json:"web,omitzero"`
	// Debug is how the program runs under a debugger.
	Debug Debugging `json:"debug,omitzero"`
	// Swap: a restart is one in which the next program takes over when it is ready.
	Swap bool `json:"swap,omitempty"`
	// OnCrash says what follows when the program ends by itself with a failure.
	OnCrash OnCrash `json:"on_crash"`
	// Notices are sentences about the configuration itself.
	Notices []string `json:"notices,omitempty"`
}

// Screen is how the user wants the screen to be. The loop does nothing with it
// but hand it on, so that a change of the configuration is seen at once.
type Screen struct {
	// Theme is "auto", "dark", "light", "ember", "sea" or "contrast"; empty is
	// "auto".
	Theme string `json:"theme,omitempty"`
	// Keys are keys by action, in place of the action's own.
	Keys map[string][]string `json:"keys,omitempty"`
	// Bell rings, and Notify asks for a desktop notification, when a build breaks
	// or is fixed and when the program crashes.
	Bell   bool `json:"bell,omitempty"`
	Notify bool `json:"notify,omitempty"`
}

// OnCrash is what follows a crash.
type OnCrash string

// After a crash, hotdev waits for the next save or key, or restarts the program after a
// growing pause. EndRestarts does the latter after any exit that hotdev did not cause.
const (
	CrashWaits    OnCrash = "wait"
	CrashRestarts OnCrash = "restart"
	EndRestarts   OnCrash = "always"
)

// State is everything there is to know about one program's development loop.
// Views read it; only [Step] makes a new one.
type State struct {
	// Now is when the event that led here was handled.
	Now time.Time
	// Phase is the life of the loop itself.
	Phase Phase
	// Attention reports whether saves lead to builds.
	Attention Attention
	// LiveCode is whether changed functions may go into the running program.
	LiveCode LiveCode
	// Gen is the newest generation: the number of builds asked for so far.
	Gen      int
	Settings Settings
	// Obstacle is why there is no program to build at all; nil if there is one. While
	// there is an obstacle, the loop only waits for its end.
	Obstacle *builder.Obstacle
	Graph    builder.Graph
	Watching Watching
	Build    BuildState
	Process  ProcessState
	// Web is the state of the browser's side.
	Web WebState
	// Debugger is that of the debugger's.
	Debugger DebuggerState
	// Last is the last cycle that ended, for the header and the Build pane.
	Last Cycle
	// History are the last cycles, oldest first, at most maxHistory of them.
	History []Cycle
	// Kept is the generation of the last binary that ran well and is not the newest:
	// the one that GoBack starts; 0 if there is none.
	Kept int
	// outgrown: the program that Kept was made for had newer code put into it, which Kept
	// lacks.
	outgrown bool
	// Pending are the files that changed or vanished without leading to a build:
	// because hotdev is paused, because a Before command changed them for the first
	// time, or because they have cancelled too many builds.
	Pending []string
	// Awaits are the milestones that the start of the program waits for; see [Awaits].
	Awaits []string
	// Needed are the programs that are to end before this one; see [Needed].
	Needed []string
	// Blocked are the tasks that builds wait for.
	Blocked Blocked
	// Task is what there is of a task.
	Task TaskState
	// Ignored are the import paths of packages that the user has excluded from the
	// watch for now.
	Ignored []string
	// Compiles is each package's last compile, by import path.
	Compiles map[string]Compiled
	Log      Log
	// Fixed is the mistake in the configuration or an env file that the last reading no
	// longer found; empty if there was none. The next build for another reason clears it.
	Fixed string
	// Notices are sentences that the user sees until they are withdrawn, oldest first: a
	// broken configuration, a limit of the watcher. There is one for each subject, except
	// "setting", whose notices are replaced together at each reading.
	Notices []Notice

	ended    int // cycles so far
	listing  listing
	watch    watcher.Set // the set last asked for
	watches  int         // Watches that are not in force yet
	mistake  string      // the mistake in the configuration
	reading  int         // Configures whose answers are awaited
	timers   int         // Waits asked for so far
	readying int         // the Wait in which the program is to become ready
	swapping int         // the Wait in which what is coming is to become ready
	taking   int         // the Wait in which the program is to take the sockets that it is given
	texts    []string    // see Texts
	unlisted []string    // announced assets that changed since the graph was last asked for
	released bool        // the start is to wait for nothing
	withheld withheld    // the build that waits for tasks
	// credits are the tasks that wrote files which no build was asked for since, by path.
	credits  map[string]string
	waiting  int // the Wait that a crashed program (or an obstacle) waits for; 0 is none
	holding  int // the Wait that postponed waits for; 0 is none
	doubting int // the Wait that doubted waits for; 0 is none
	crashes  int // in a row, for the backoff
	// doubted changed while Before commands ran for the first time.
	doubted []string
	// postponed are files that change too often by themselves: what they want waits.
	postponed []string
	rows      map[string]row // of files, by path
	// made is what the Before commands were seen to change when one included file was
	// saved, by that file; restless what they change for no such reason.
	made     map[string][]string
	restless map[string]struct{}
	// generated are files that a Before command was seen to change and that were not
	// changed otherwise since: if it writes them again, that is no reason to build.
	generated map[string]struct{}
}

// listing is the List whose answer is awaited, if any.
type listing struct {
	id    int // the newest; an answer with another is stale
	open  bool
	fails bool     // it was answered with an error, and so stays open
	paths []string // what it was asked about; nil is anything
	since time.Time
}

// Phase is the life of the loop.
type Phase string

// A loop runs, then quits (its program is being stopped), may have to kill its program,
// then is over.
const (
	Running  Phase = "running"
	Quitting Phase = "quitting"
	Killing  Phase = "killing"
	Over     Phase = "over"
)

// Attention is whether saves lead to builds.
type Attention string

// Saves are built, or only collected.
const (
	Following Attention = "following"
	Paused    Attention = "paused"
)

// BuildPhase is a state of the build machine.
type BuildPhase string

// Idle: the last build succeeded, or none was made yet. Compiling: one is under
// way. Broken: the last one failed.
const (
	Idle      BuildPhase = "idle"
	Compiling BuildPhase = "building"
	Broken    BuildPhase = "broken"
)

// BuildState is the build machine: Idle → Compiling → Idle | Broken.
type BuildState struct {
	Phase BuildPhase
	// Gen is the build under way, or the last that answered.
	Gen int
	// Cause is why that build was asked for.
	Cause Cause
	// Since is when that build was asked for.
	Since time.Time
	// Package is the one that is being compiled, Count how many have been begun. Linking:
	// the linker runs; only fast builds report that.
	Package string
	Count   int
	Linking bool
	// Diagnostics are those of the last answer, which was that of generation
	// DiagnosticsGen. They stay while a new build runs.
	Diagnostics    []builder.Diagnostic
	DiagnosticsGen int
	// Uncompiled: Diagnostics were found before anything was compiled, so there may be
	// more errors.
	Uncompiled bool
	// Before are the diagnostics of the answer before. What is in both is still there;
	// what is only in Before is fixed, as far as the last answer can show that.
	Before []builder.Diagnostic
	// Published is the generation of the binary at Settings.Build.Output;
	// 0 before the first.
	Published int

	// Reason is why the build under way, or the last, did not go into the running
	// program; empty where that was not to be expected.
	Reason string
	// Fallback is why live code was not in force for that build; empty if it was in
	// force or is turned off.
	Fallback string

	listed     [2]time.Time // the beginning and end of the listing beside it
	generating bool         // its Before commands may be running
	generated  time.Time    // when they ended; zero if there were none
	wrote      []string     // what they are known to have changed
	taught     bool         // what they made of it is learned
	plugin     bool         // what is under way is a plugin
	patching   bool         // it may have patched the program by now, or one that it replaced may
	newest     int          // the newest generation that only a plugin was built for
	lagging    bool         // what was published has old line numbers in inlined code
	want       want         // what is to follow the build under way
	publishing want         // what is to follow the Publish under way
	renaming   int          // the generation of the Publish under way; 0 is none
	cycle      Cycle        // that Publish belongs to

	// unjudged are the complaints of the last compile, while all answers since came
	// before any.
	unjudged []builder.Diagnostic
}

// want is what is to follow a build. The greater wins where two meet.
type want int

const (
	wantBuilt    want = iota // nothing (key b)
	wantCurrent              // that what runs is what was built
	wantNewStart             // a new start by all means (key R)
)

// Cause is why a build was asked for.
type Cause struct {
	Kind CauseKind
	// By is the task that wrote Paths, if it was one.
	By string
	// Paths are the changed files, if saves or a task were the cause, and First is when the
	// first of these changes was seen.
	Paths []string
	First time.Time
}

// CauseKind is what something was asked for by.
type CauseKind string

// ByStart: hotdev was started, or a program that new code is loaded into. ByFirst: a
// command that is not built starts for the first time. ByCrash: the program is restarted
// after a crash. ByBack: GoBack. ByTask: a task wrote files. ByQuit: hotdev is leaving.
const (
	ByStart  CauseKind = "start"
	ByFirst  CauseKind = "first"
	BySave   CauseKind = "save"
	ByKey    CauseKind = "key"
	ByConfig CauseKind = "config"
	ByCrash  CauseKind = "crash"
	ByBack   CauseKind = "back"
	ByTask   CauseKind = "task"
	ByQuit   CauseKind = "quit"
)

// Outcome is how a cycle ended.
type Outcome string

// How a cycle can end.
const (
	OutcomeStarted   Outcome = "started"   // a new program runs
	OutcomeUnchanged Outcome = "unchanged" // the binary is the running one; left alone
	OutcomeBroken    Outcome = "broken"    // the build failed; what ran goes on
	OutcomeBuilt     Outcome = "built"     // built, not started (key b, or stopped by the user)
	OutcomeReloaded  Outcome = "reloaded"  // new code is in the running program, as a plugin
	OutcomePatched   Outcome = "patched"   // changed functions are in the running program
	OutcomePassed    Outcome = "passed"    // a task ended well
	OutcomeRefused   Outcome = "refused"   // it is not, and a restart was not wanted or would not help
)

// Cycle is one way from cause to outcome.
type Cycle struct {
	Gen     int
	Cause   Cause
	Outcome Outcome
	// Build is the time that the build took, Took the whole from the event to the outcome.
	Build time.Duration
	Link  time.Duration
	Took  time.Duration
	At    time.Time
	// Full is why the go command built everything although the fast path was wanted.
	Full string
	// Appended: what changed was appended to the program that was linked last. Relinked
	// is why not, if that was tried.
	Appended bool
	Relinked string
	// Reason is why the cycle ended in a restart, or in nothing, instead of a reload or
	// a patch.
	Reason string
	// Fallback is why live code was not in force although it is turned on.
	Fallback string
	// Swap: the start was beside the program before.
	Swap bool
	// After a reload, Packages and Slots are what was reloaded; after a patch, Slots are
	// the functions that were replaced. Notes are sentences about it for the user.
	Packages, Slots, Notes []string
	// Phases are how the time was spent, in order.
	Phases []Phased
	// Compiles are the packages that the build compiled.
	Compiles []builder.Compile

	origin time.Time // what Phases count from
	under  string    // the phase under way
	since  time.Time // when that began
}

// Phased is one phase of a Cycle: "waiting" (for quiet), "listing", "compiling",
// "linking", "patching", "publishing", "stopping", "held" (until the programs that it
// starts after are there, or the debugger lets the one that runs go on), "starting", "running" (of a task), "loading", "until ready".
type Phased struct {
	Name string
	// From is the time since the first change, or the key, that caused the cycle. Phases
	// may overlap.
	From, Took time.Duration
}

// Compiled is a package's last compile.
type Compiled struct {
	Gen  int
	Took time.Duration
}

// Notice is a sentence that the user sees until it is withdrawn.
type Notice struct {
	// Subject identifies the notice: "config", "setting", "list", "reload", "dump", "conflict",
	// "ready", "debug", "watch …" and "row …" (a file that changes by itself).
	Subject string
	Text    string
}
