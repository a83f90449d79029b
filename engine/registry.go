package engine

// A Kind is one kind of event, for whoever reads or sends events by name: the
// JSON stream and its documentation are made from the list of them.
type Kind struct {
	// Event is the zero value of the event's type.
	Event Event
	// Means completes "the event means that …".
	Means string
	// Request: a key, a signal or a client asks for it. All others report what
	// happened.
	Request bool
	// Verb is what hotdev ctl and its other clients call a request; empty if they
	// cannot make it.
	Verb string
	// Encoded is a value with the fields of the event's JSON, where these are not
	// the event's own.
	Encoded any
}

// Kinds lists every kind of event, in the order in which a cycle meets them;
// requests come last.
func Kinds() []Kind {
	return []Kind{
		{Event: Configured{}, Means: "the configuration was read; with `err`, it has a mistake and `settings` are the last good ones"},
		{Event: Hindered{}, Means: "there is no program to build yet, and why"},
		{Event: Cleared{}, Means: "the obstacle is gone; hotdev starts over"},
		{Event: Watching{}, Means: "the watch is in force"},
		{Event: Changed{}, Means: "files have new content, appeared or vanished; `first` is when the first of these changes was seen, and only the text of `texts` is new, which the program reads"},
		{Event: Listed{}, Means: "the package graph is known"},
		{Event: Generated{}, Means: "`build.before` changed files; `marked` are those that have Go's mark of generated code"},
		{Event: Building{}, Means: "a package is being compiled or, in fast builds only, the program is being linked"},
		{Event: Built{}, Means: "a build ended; it succeeded if there are no `diagnostics`"},
		{Event: Published{}, Means: "the binary was renamed into place; `kept` if it is possible to go back to the one before"},
		{Event: Started{}, Means: "the program runs"},
		{Event: Readied{}, Means: "a check found the program ready, by its `ready` setting"},
		{Event: Awaits{}, Means: "what the start of the program waits for; empty: nothing any more"},
		{Event: Needed{}, Means: "which programs came after this one and are to end before it; empty is none any more"},
		{Event: Blocked{}, Means: "builds wait for tasks: those in `by` are due or running, those in `failed` have failed; if both are empty, nothing waits any more"},
		{Event: RunTask{}, Means: "the task must run, because `paths` changed; `by` is the task that wrote them"},
		{Event: WrittenBy{}, Means: "a `task` has written `paths`; the event that they changed follows"},
		{Event: Wrote{}, Means: "the program printed"},
		{Event: Sampled{}, Means: "what the program's process tree uses now, if that changed"},
		{Event: Signaled{}, Means: "the program was sent a signal"},
		{Event: Held{}, Means: "which process has the address that the program wanted; `ended` if that process was ended"},
		{Event: Quoted{}, Means: "the source around a place in a crash report was read"},
		{Event: Complained{}, Means: "the task is about to end with a failure; `diagnostics` are the errors in its output"},
		{Event: Exited{}, Means: "the program's whole process tree is gone"},
		{Event: Ended{}, Means: "a cycle from cause to outcome ended; `road` says in words what was reloaded or patched, or why nothing was, `notes` are its limits, `fallback` why live code was not in force", Encoded: ended{}},
		{Event: Followed{}, Means: "what depends on the files that the task wrote has been notified"},
		{Event: Waited{}, Means: "the pause before a restart is over"},
		{Event: Offered{}, Means: "the program reported what it can load"},
		{Event: Announced{}, Means: "the program reads the files of `folder`, which were built into it, from the disk"},
		{Event: Preparing{}, Means: "what plugins need is being compiled"},
		{Event: Prepared{}, Means: "that is done, or not possible; then `why` is the reason"},
		{Event: PluginBuilt{}, Means: "the build of a plugin ended"},
		{Event: Reloaded{}, Means: "new code is in the program"},
		{Event: Refused{}, Means: "new code is not in the program, and the old code keeps running; with `own`, the new code itself failed"},

		{Event: Patchable{}, Means: "changed functions can go into the running program; if not, `why` is the reason"},
		{Event: Lingered{}, Means: "functions that a patch replaced still run their old code, each with a sentence"},
		{Event: Noticed{}, Means: "hotdev itself has a message; a `notice` follows"},
		{Event: Served{}, Means: "the program can be reached at hotdev's own address; without one, it cannot, and `note` says why"},
		{Event: Visited{}, Means: "pages of that address are open in `tabs` tabs of browsers"},
		{Event: Shown{}, Means: "an open page shows what was saved; `tier` is how: `css`, `image`, `morph` or `reload`"},
		{Event: Debuggable{}, Means: "debuggers can attach at `addr`, or `err` says why not"},
		{Event: Attached{}, Means: "a debugger is attached, which calls itself `client`; without one, it has left"},
		{Event: Halted{}, Means: "the debugger keeps the program from running: at a breakpoint, a panic, or (`waiting`) before its start"},
		{Event: Resumed{}, Means: "the program runs again"},

		{Event: Rebuild{}, Means: "rebuild and restart, whatever changed", Request: true, Verb: "restart"},
		{Event: Reload{}, Means: "take the shortest road to what is on disk", Request: true, Verb: "reload"},
		{Event: BuildOnly{}, Means: "build, and leave the program alone", Request: true, Verb: "build"},
		{Event: StopStart{}, Means: "stop the program, or start it if it is down", Request: true},
		{Event: Pause{}, Means: "stop reacting to saves, or resume", Request: true, Verb: "pause"},
		{Event: SwitchLive{}, Means: "stop putting changed functions into the running program, or resume", Request: true},
		{Event: Debug{}, Means: "run the program under a debugger, or no longer; with `at_start`, stop before main", Request: true},
		{Event: GoBack{}, Means: "start the last binary that ran well", Request: true},
		{Event: OpenWeb{}, Means: "give the program an address for browsers, if the configuration has none", Request: true},
		{Event: Dump{}, Means: "make the program print its goroutines, which ends it", Request: true},
		{Event: EndHolder{}, Means: "end the leftover that holds the program's address", Request: true},
		{Event: Ignore{}, Means: "stop watching a package, or watch it again", Request: true},
		{Event: Synced{}, Means: "nothing; a client of the control socket waits until all events before it are handled", Request: true},
		{Event: Quit{}, Means: "stop the program and leave; a second one kills it", Request: true, Verb: "stop"},
	}
}
