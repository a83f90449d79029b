package engine

// Requests: what a key, a signal or a client asks for, or hotdev's own parts.
type (
	// Debug has the program run under a debugger, or no longer (key d). AtStart: it is to
	// stop before main each time, or no longer (key D).
	Debug struct {
		AtStart bool `json:"at_start,omitempty"`
	}
	// OpenWeb asks for an address for browsers, where the settings have none (key O).
	OpenWeb struct{}
	// Rebuild asks for a build, and for a restart even if the binary is the running
	// one (key R).
	Rebuild struct{}
	// Reload asks for the shortest road to the code on disk (key r).
	Reload struct{}
	// BuildOnly asks for a build that leaves the program alone (key b).
	BuildOnly struct{}
	// StopStart stops the program, or starts it if it is down (key s).
	StopStart struct{}
	// Pause stops reacting to saves, or resumes (key space).
	Pause struct{}
	// SwitchLive stops putting changed functions into the running program, or resumes
	// that (key L).
	SwitchLive struct{}
	// GoBack starts the last binary that ran well instead of the newest (key u).
	GoBack struct{}
	// Dump makes a Go program print all its goroutines, by SIGQUIT, which ends it
	// (key \).
	Dump struct{}
	// EndHolder ends the process that has the program's address, if it is a
	// leftover (key K).
	EndHolder struct{}
	// Ignore stops watching a package, or watches it again (key w).
	Ignore struct {
		Package string `json:"package"`
	}
	// Noticed: hotdev has something to say that stays true for a while. An empty text
	// takes back what was said of the subject.
	Noticed struct {
		Subject string `json:"subject"`
		Text    string `json:"text"`
	}
	// Synced changes nothing. Who sends it sees in its coming back that all events
	// sent before it have been handled.
	Synced struct {
		ID int `json:"id"`
	}
	// Quit asks for a clean end; a second one for an immediate end.
	Quit struct{}
)

// Their names in the JSON stream.
func (Debug) Name() string      { return "debug" }
func (OpenWeb) Name() string    { return "open_web" }
func (Rebuild) Name() string    { return "rebuild" }
func (Reload) Name() string     { return "reload" }
func (BuildOnly) Name() string  { return "build_only" }
func (StopStart) Name() string  { return "stop_start" }
func (Pause) Name() string      { return "pause" }
func (SwitchLive) Name() string { return "switch_live" }
func (GoBack) Name() string     { return "go_back" }
func (Dump) Name() string       { return "dump" }
func (EndHolder) Name() string  { return "end_holder" }
func (Ignore) Name() string     { return "ignore" }
func (Noticed) Name() string    { return "noticed" }
func (Synced) Name() string     { return "synced" }
func (Quit) Name() string       { return "quit" }
