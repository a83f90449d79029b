package engine

import (
	"encoding/json"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/watcher"
)

// An Event is something that happened. Events are plain values that encode to
// JSON.
type Event interface {
	// Name is what the event is called in the JSON stream. It is stable.
	Name() string
}

type (
	// Configured: the settings were read, for the first time or again. With Err
	// set, Settings is the last good one.
	Configured struct {
		Settings Settings `json:"settings"`
		// Since is when the reading began.
		Since time.Time `json:"since"`
		// Err is the mistake in the configuration, with its place.
		Err string `json:"err,omitempty"`
	}
	// Hindered answers Configure where no program can be found to build.
	Hindered struct {
		Obstacle builder.Obstacle `json:"obstacle"`
		// Settings are what is known so far: the screen's, and the files whose change may
		// end the obstacle. With Poll, its end has to be polled for.
		Settings Settings `json:"settings"`
		Poll     bool     `json:"poll,omitempty"`
	}
	// Cleared answers Configure when the obstacle is gone: the loop that waited for
	// that is over.
	Cleared struct{}
	// Changed: files have new content, appeared or vanished.
	Changed struct {
		watcher.Batch
		// Marked are those of Paths that carry Go's mark of generated code. Only files
		// that change while Before commands run are examined.
		Marked []string `json:"marked,omitempty"`
		// Texts are those of Paths of which nothing but text changed, which the running
		// program reads anew.
		Texts []string `json:"texts,omitempty"`
	}
	// Watching: the watch set is in force.
	Watching struct {
		Folders int `json:"folders"`
		Files   int `json:"files"`
		// Limited: the system does not report all changes; a notice says why.
		Limited bool `json:"limited,omitempty"`
	}
	// Listed answers List.
	Listed struct {
		ID int `json:"id"`
		// Since is when the listing (and any build beside it) began: what was
		// written after it may not have been seen.
		Since time.Time     `json:"since"`
		Graph builder.Graph `json:"graph,omitzero"`
		// Same: the files that changed do not change the graph; Graph is empty.
		Same bool `json:"same,omitempty"`
		// Err: the go command could not be asked.
		Err string `json:"err,omitempty"`
	}
	// Building: a build made progress. Package is the one that is being compiled, if
	// known; empty while the build links.
	Building struct {
		Gen     int    `json:"gen"`
		Package string `json:"package,omitempty"`
		Linking bool   `json:"linking,omitempty"`
	}
	// Generated: the commands before the build changed these files before it
	// compiled; the build reads them as they are now.
	Generated struct {
		Gen   int      `json:"gen"`
		Paths []string `json:"paths"`
		// Marked are those of Paths that carry Go's mark of generated code.
		Marked []string `json:"marked,omitempty"`
	}
	// Readied answers Probe.
	Readied struct {
		Gen int `json:"gen"`
	}
	// Awaits: the start of the program waits until other programs of the session have
	// reached these milestones, such as "db: ready". Empty: it waits for nothing.
	Awaits struct {
		For []string `json:"for,omitempty"`
	}
	// Needed: these other programs of the session came after this one and have not come to
	// their end. While there are any, a Quit does not stop it.
	Needed struct {
		By []string `json:"by,omitempty"`
	}
	// Blocked: builds, and the start of a command, wait for tasks: for those that are
	// due or run, and for those that have failed.
	Blocked struct {
		By     []string `json:"by,omitempty"`
		Failed []string `json:"failed,omitempty"`
	}
	// RunTask: it is time for the task to run: because Paths changed, which the task By
	// wrote, if any did; or for the first time.
	RunTask struct {
		ID    int      `json:"id"`
		Paths []string `json:"paths,omitempty"`
		By    string   `json:"by,omitempty"`
	}
	// WrittenBy: a task is known to have written the files that are about to be told as
	// Changed.
	WrittenBy struct {
		Task  string   `json:"task"`
		Paths []string `json:"paths"`
	}
	// Complained: the output of a task that is about to end with a failure complains
	// about this.
	Complained struct {
		Gen         int                  `json:"gen"`
		Diagnostics []builder.Diagnostic `json:"diagnostics"`
	}
	// Followed: what the task changed in its run was told to all that it concerns.
	Followed struct {
		Gen int `json:"gen"`
	}
	// Built answers Build.
	Built struct {
		Gen int `json:"gen"`
		// Host is the Build's.
		Host   int            `json:"host,omitempty"`
		Result builder.Result `json:"result"`
		// Err: the build could not be tried (no go command, no disk space).
		Err string `json:"err,omitempty"`
	}
	// Published answers Publish.
	Published struct {
		Gen int `json:"gen"`
		// Kept: the previous binary, which ran well, is kept, so that GoBack can start it.
		Kept bool   `json:"kept,omitempty"`
		Err  string `json:"err,omitempty"`
	}
	// Started answers Start.
	Started struct {
		Gen int `json:"gen"`
		Pid int `json:"pid"`
	}
	// Wrote: the program printed.
	Wrote struct {
		Gen   int           `json:"gen"`
		Lines []runner.Line `json:"lines"`
	}
	// Sampled: the resources that the running process tree uses now.
	Sampled struct {
		Gen   int          `json:"gen"`
		Usage runner.Usage `json:"usage"`
	}
	// Held answers FindHolder, where the holder was found, and EndHolder.
	Held struct {
		Gen      int      `json:"gen"`
		Conflict Conflict `json:"conflict"`
		// Ended: the process is gone.
		Ended bool   `json:"ended,omitempty"`
		Err   string `json:"err,omitempty"`
	}
	// Quoted answers Quote.
	Quoted struct {
		Gen     int     `json:"gen"`
		Excerpt Excerpt `json:"excerpt"`
	}
	// Exited: the program's whole tree is gone (or, with Exit.Err, never was).
	Exited struct {
		Gen  int         `json:"gen"`
		Exit runner.Exit `json:"exit"`
	}
	// Signaled answers Signal.
	Signaled struct {
		Gen int `json:"gen"`
		// Err: the system has no such signal.
		Err string `json:"err,omitempty"`
	}
	// Ended: a cycle is over. [Run] shows it to the views after the event that ended the
	// cycle; Step never sees it. The phase "until ready" comes later and is not part of
	// it.
	Ended struct {
		Cycle Cycle
	}
	// Waited answers Wait.
	Waited struct {
		ID int `json:"id"`
	}

	// Offered: the program reported what can be loaded into it. It comes again when the
	// program reports more.
	Offered struct {
		Gen   int    `json:"gen"`
		Able  bool   `json:"able"`
		Why   string `json:"why,omitempty"`
		Slots []Slot `json:"slots,omitempty"`
	}
	// Announced: the program reads the files of a folder, which were built into it, from
	// the disk, whenever it is asked for them.
	Announced struct {
		Gen    int    `json:"gen"`
		Folder string `json:"folder"`
	}
	// Preparing: what the first plugin needs is being compiled; Package is the one that
	// is compiled now.
	Preparing struct {
		Gen     int    `json:"gen"`
		Package string `json:"package"`
	}
	// Prepared answers Prepare: plugins can be built, or Why they cannot.
	Prepared struct {
		Gen int    `json:"gen"`
		Why string `json:"why,omitempty"`
	}
	// PluginBuilt answers BuildPlugin.
	PluginBuilt struct {
		Gen    int                  `json:"gen"`
		Result builder.ReloadResult `json:"result"`
		// Err: the build could not be tried.
		Err string `json:"err,omitempty"`
	}
	// Reloaded answers Load: the code is in the program of generation Host.
	Reloaded struct {
		Gen  int `json:"gen"`
		Host int `json:"host"`
		// Slots are the functions that were replaced.
		Slots []string `json:"slots,omitempty"`
		// Grew is how many bytes the program's memory grew by.
		Grew uint64 `json:"grew_bytes,omitempty"`
		// Took is how long the program took to open the plugin, check it and activate
		// it; 0 if it opens its plugins itself.
		Took time.Duration `json:"took_ns,omitempty"`
		// Notes are what a developer should know about it (state passed on as JSON).
		Notes []string `json:"notes,omitempty"`
	}
	// Refused answers Load: the program did not take the code, and keeps running what
	// it had.
	Refused struct {
		Gen    int    `json:"gen"`
		Host   int    `json:"host"`
		Reason string `json:"reason"`
		// Own: the new code itself failed (a load hook's error or panic), so a restart
		// would not help.
		Own bool `json:"own,omitempty"`
	}

	// Patchable answers Learn: code can be put into the program, or Why not.
	Patchable struct {
		Gen int    `json:"gen"`
		Why string `json:"why,omitempty"`
	}

	// Lingered: a moment after a patch, functions of the program still run code that
	// was replaced. Notes are a sentence each; there may be none.
	Lingered struct {
		Gen   int      `json:"gen"`
		Host  int      `json:"host"`
		Notes []string `json:"notes,omitempty"`
	}

	// Served: the program can be reached at hotdev's own address; empty: it cannot.
	Served struct {
		Addr string `json:"addr,omitempty"`
		// LAN is the address for other devices of the local network; empty: they are not
		// answered.
		LAN string `json:"lan,omitempty"`
		// Note is why not, or what the user should know of it.
		Note string `json:"note,omitempty"`
	}
	// Visited: pages of the program are open in so many tabs of browsers.
	Visited struct {
		Tabs int `json:"tabs"`
	}
	// Shown: an open page shows what was saved. A page of a program that is down shows
	// nothing until it is up.
	Shown struct {
		// Tier is how: "css", "image", "morph" or "reload".
		Tier string `json:"tier"`
		// Files are what changed, and Why is the reason in words.
		Files []string `json:"files,omitempty"`
		Why   string   `json:"why"`
		// Took is the time from the first of these changes to the page.
		Took time.Duration `json:"took_ns"`
	}

	// Debuggable answers OpenDebugger: debuggers can attach at Addr, or Err says why not.
	Debuggable struct {
		Addr string `json:"addr,omitempty"`
		Err  string `json:"err,omitempty"`
	}
	// Attached: a debugger is attached, which calls itself Client; empty: it has left.
	Attached struct {
		Client string `json:"client,omitempty"`
	}
	// Halted: the debugger keeps the program from running.
	Halted struct {
		Gen int `json:"gen"`
		Halt
	}
	// Resumed: it runs again.
	Resumed struct {
		Gen int `json:"gen"`
	}
)

// MarshalJSON encodes what a reader needs who has not followed the events before it.
func (e Ended) MarshalJSON() ([]byte, error) {
	c := e.Cycle
	return json.Marshal(ended{c.Gen, c.Cause.Kind, c.Cause.Paths, c.Outcome, c.Build, c.Took, c.Road(), c.Notes, c.Fallback})
}

// ended is an Ended as it is encoded.
type ended struct {
	Gen     int           `json:"gen"`
	Cause   CauseKind     `json:"cause"`
	Paths   []string      `json:"paths,omitempty"`
	Outcome Outcome       `json:"outcome"`
	Build   time.Duration `json:"build_ns"`
	Took    time.Duration `json:"took_ns"`
	// Road says in words what was reloaded or patched, or why nothing was; Notes are
	// what is to be known of it, a sentence each.
	Road  string   `json:"road,omitempty"`
	Notes []string `json:"notes,omitempty"`
	// Fallback is why live code was not in force, where it is wanted.
	Fallback string `json:"fallback,omitempty"`
}

// The names of events in the JSON stream.
func (Configured) Name() string  { return "configured" }
func (Readied) Name() string     { return "ready" }
func (Awaits) Name() string      { return "awaits" }
func (Needed) Name() string      { return "needed" }
func (Blocked) Name() string     { return "blocked" }
func (RunTask) Name() string     { return "run_task" }
func (WrittenBy) Name() string   { return "written_by" }
func (Complained) Name() string  { return "complained" }
func (Followed) Name() string    { return "followed" }
func (Hindered) Name() string    { return "hindered" }
func (Cleared) Name() string     { return "cleared" }
func (Changed) Name() string     { return "changed" }
func (Watching) Name() string    { return "watching" }
func (Listed) Name() string      { return "listed" }
func (Building) Name() string    { return "building" }
func (Generated) Name() string   { return "generated" }
func (Built) Name() string       { return "built" }
func (Published) Name() string   { return "published" }
func (Started) Name() string     { return "started" }
func (Wrote) Name() string       { return "wrote" }
func (Sampled) Name() string     { return "sampled" }
func (Held) Name() string        { return "held" }
func (Quoted) Name() string      { return "quoted" }
func (Exited) Name() string      { return "exited" }
func (Signaled) Name() string    { return "signaled" }
func (Ended) Name() string       { return "cycle" }
func (Waited) Name() string      { return "waited" }
func (Offered) Name() string     { return "offered" }
func (Announced) Name() string   { return "announced" }
func (Preparing) Name() string   { return "preparing" }
func (Prepared) Name() string    { return "prepared" }
func (PluginBuilt) Name() string { return "plugin_built" }
func (Reloaded) Name() string    { return "reloaded" }
func (Refused) Name() string     { return "refused" }
func (Patchable) Name() string   { return "patchable" }
func (Lingered) Name() string    { return "lingered" }
func (Served) Name() string      { return "served" }
func (Visited) Name() string     { return "visited" }
func (Shown) Name() string       { return "shown" }
func (Debuggable) Name() string  { return "debuggable" }
func (Attached) Name() string    { return "attached" }
func (Halted) Name() string      { return "halted" }
func (Resumed) Name() string     { return "resumed" }
