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

// A crash waits for the next save or key, or is answered by a restart after a
// growing pause; so may any end be to which a program comes by itself.
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
	// Attention says whether saves lead to builds.
	Attention Attention
	// LiveCode is whether changed functions may go into the running program.
	LiveCode LiveCode
	// Gen is the newest generation: the number of builds asked for so far.
	Gen      int
	Settings Settings
	// Obstacle is why there is no program to build at all; nil if there is one. The
	// loop then does nothing but wait for its end.
	Obstacle *builder.Obstacle
	Graph    builder.Graph
	Watching Watching
	Build    BuildState
	Process  ProcessState
	// Web is what there is of the browser's side.
	Web WebState
	// Last is the last whole cycle, for the header and the Build pane.
	Last Cycle
	// History are the last cycles, oldest first, at most maxHistory of them.
	History []Cycle
	// Kept is the generation of the last binary that ran well and is not the newest:
	// the one that GoBack starts; 0 if there is none.
	Kept int
	// Pending are the files that changed, or vanished, and that no build has been
	// asked about: while paused, because a Before command was seen to change them
	// for the first time, or because they have cancelled too many builds.
	Pending []string
	// Awaits are words for what the start of the program waits for; see Awaits.
	Awaits []string
	// Blocked are the tasks that builds wait for.
	Blocked Blocked
	// Task is what there is of a task.
	Task TaskState
	// Ignored are the import paths of packages that the user does not want to be
	// watched for now.
	Ignored []string
	// Compiles is each package's last compile, by import path.
	Compiles map[string]Compiled
	Log      Log
	// Fixed is what was wrong with the configuration or an env file until the last
	// reading; empty if nothing was. The next build for another reason ends it.
	Fixed string
	// Notices are standing sentences for the user, oldest first: a broken
	// config, a limit of the watcher. A subject appears once, except "config", of
	// which each reading replaces all.
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
	unlisted []string    // announced assets that changed since the graph was last asked for
	released bool        // the start is to wait for nothing
	withheld withheld    // the build that waits for tasks
	waiting  int         // the Wait that a crashed program (or an obstacle) waits for; 0 is none
	holding  int         // the Wait that postponed waits for; 0 is none
	doubting int         // the Wait that doubted waits for; 0 is none
	crashes  int         // in a row, for the backoff
	// doubted changed while Before commands ran for the first time.
	doubted []string
	// postponed are files that change too often by themselves: what they want waits.
	postponed []string
	rows      map[string]row // of files, by path
	// made is what the Before commands were seen to change when one included file was
	// saved, by that file; restless what they change for no such reason.
	made     map[string][]string
	restless map[string]struct{}
	// generated are files that a Before command was seen to change and nobody
	// else has changed since: its writing them again is no reason to build again.
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

// A loop runs, then quits (its program is being stopped), perhaps loses its
// patience (its program is being killed), then is over.
const (
	Running  Phase = "running"
	Quitting Phase = "quitting"
	Killing  Phase = "killing"
	Over     Phase = "over"
)

// Attention says whether saves lead to builds.
type Attention string

// Saves are followed, or only remembered.
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
	// Cause is why it was asked for.
	Cause Cause
	// Since is when it was asked for.
	Since time.Time
	// Package is what the compiler works on, Count how many it has begun. Linking:
	// the linker has begun; only fast builds tell.
	Package string
	Count   int
	Linking bool
	// Diagnostics are those of the last answer. They stay while a new build runs,
	// and are those of generation DiagnosticsGen.
	Diagnostics    []builder.Diagnostic
	DiagnosticsGen int
	// Uncompiled: nothing was compiled for them, so they are not all there is.
	Uncompiled bool
	// Before are the diagnostics before the last answer: what is in both is still
	// there, what is only here was fixed, if the last answer can tell.
	Before []builder.Diagnostic
	// Published is the generation of the binary at Settings.Build.Output;
	// 0 before the first.
	Published int

	// Reason is why the build under way, or the last, did not go into the running
	// program; empty where nobody would have expected it to.
	Reason string
	// Fallback is why live code was not in force for it; empty if it was, or nobody
	// wants it.
	Fallback string

	listed     [2]time.Time // the beginning and end of the listing beside it
	generating bool         // its Before commands may be running
	wrote      []string     // what they are known to have changed
	taught     bool         // what they made of it is learned
	plugin     bool         // what is under way is a plugin
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

// hotdev's start (of a command that is not built: its first), or that of a program into which code is loaded; a saved file; a
// key; the configuration; a crash that is answered by a restart; GoBack; what a task
// wrote.
const (
	ByStart  CauseKind = "start"
	ByFirst  CauseKind = "first"
	BySave   CauseKind = "save"
	ByKey    CauseKind = "key"
	ByConfig CauseKind = "config"
	ByCrash  CauseKind = "crash"
	ByBack   CauseKind = "back"
	ByTask   CauseKind = "task"
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
	// Build is the build's part, Took the whole from the event to the outcome.
	Build time.Duration
	Link  time.Duration
	Took  time.Duration
	At    time.Time
	// Full is why the go command built it all, where a quicker way was wanted.
	Full string
	// Reason is why it ended in a restart, or in nothing, rather than in a reload or
	// a patch.
	Reason string
	// Fallback is why live code was not in force, where it is wanted.
	Fallback string
	// Swap: the start was beside the program before.
	Swap bool
	// Packages and Slots are what was reloaded, Slots the functions that were
	// patched; Notes are what is to be said of it.
	Packages, Slots, Notes []string
	// Phases are where the time went, in order.
	Phases []Phased
	// Compiles are the packages that the build compiled.
	Compiles []builder.Compile

	origin time.Time // what Phases count from
	under  string    // the phase under way
	since  time.Time // when that began
}

// Phased is one phase of a Cycle: "waiting" (for quiet), "listing", "compiling",
// "linking", "patching", "publishing", "stopping", "held" (until what it comes
// after is there), "starting", "running" (of a task), "loading", "until ready".
type Phased struct {
	Name string
	// From is the time from the first change, or the key, that the cycle is about;
	// phases may overlap.
	From, Took time.Duration
}

// Compiled is a package's last compile.
type Compiled struct {
	Gen  int
	Took time.Duration
}

// Notice is a standing sentence for the user.
type Notice struct {
	// Subject tells notices apart: "config", "list", "reload", "dump", "conflict",
	// "ready", "watch …" and "row …" (a file that changes by itself).
	Subject string
	Text    string
}
