package engine

import (
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/watcher"
)

// An Effect is something to do. Effects are plain values; a [World] carries
// them out.
type Effect interface{ effect() }

type (
	// Configure reads the configuration and the env files again. Answer:
	// Configured, Hindered or Cleared.
	Configure struct{}
	// List asks what the program is made of. Paths are what changed; empty means
	// anything may have. It supersedes the List before it. Answer: Listed.
	List struct {
		ID      int             `json:"id"`
		Request builder.Request `json:"request"`
		Paths   []string        `json:"paths,omitempty"`
	}
	// Watch replaces the watch set; files written after Since count as changed.
	// Answer: Watching, then Changed as long as the set is in force.
	Watch struct {
		Set   watcher.Set `json:"set"`
		Since time.Time   `json:"since"`
	}
	// Build compiles and links into a temporary file beside the published
	// binary. Answers: Generated, Building and, last, Built; none after Cancel.
	Build struct {
		Gen     int             `json:"gen"`
		Request builder.Request `json:"request"`
		// Bare: the program is hotdev's host for the plugin that Request names.
		Bare bool `json:"bare,omitempty"`
		// Host is the generation of the running program that what was compiled may go
		// into instead of being linked; 0 is none.
		Host int `json:"host,omitempty"`
		// RestartOn are files whose changes must not go into the running program.
		RestartOn watcher.Rule `json:"restart_on,omitzero"`
	}
	// Learn prepares live code for the program of generation Gen, which Request
	// built. Answer: Patchable, unless the program ends first.
	Learn struct {
		Gen     int             `json:"gen"`
		Request builder.Request `json:"request"`
	}
	// Cancel ends the build of generation Gen with all its processes.
	Cancel struct {
		Gen int `json:"gen"`
	}
	// Publish renames a built binary over the last one. Answer: Published.
	Publish struct {
		Gen      int              `json:"gen"`
		Artifact builder.Artifact `json:"artifact"`
		// Keep is where the last binary is kept; empty is nowhere.
		Keep string `json:"keep,omitempty"`
	}
	// Discard removes a built binary that is no longer needed. No answer.
	Discard struct {
		Artifact builder.Artifact `json:"artifact"`
	}
	// Start runs the published binary. Answers: Started, then Wrote and Sampled,
	// and, last and always, Exited.
	Start struct {
		Gen  int         `json:"gen"`
		Spec runner.Spec `json:"spec"`
		// Debug: it runs under the debugger.
		Debug DebugMode `json:"debug,omitempty"`
		// Task: it is a task. What its output complains about is told as Complained
		// before the end, if that is a failure.
		Task bool `json:"task,omitempty"`
	}
	// Stop ends the program of generation Gen politely, then by force. The
	// answer is its Exited.
	Stop struct {
		Gen int `json:"gen"`
	}
	// Kill ends the program of generation Gen by force, at once. The answer is its Exited.
	Kill struct {
		Gen int `json:"gen"`
	}
	// Probe waits until the program of generation Gen, which Spec started, is ready.
	// Answer: Readied, unless the program ends first.
	Probe struct {
		Gen   int         `json:"gen"`
		Ready Readiness   `json:"ready"`
		Spec  runner.Spec `json:"spec"`
	}
	// Signal sends the program, and nothing else of its tree, a signal. Answer:
	// Signaled.
	Signal struct {
		Gen    int    `json:"gen"`
		Signal string `json:"signal"`
	}
	// FindHolder asks which process has an address that the program wanted.
	// Answer: Held, if it is found.
	FindHolder struct {
		Gen  int    `json:"gen"`
		Addr string `json:"addr"`
	}
	// Quote reads the source around a line that a report names. Answer: Quoted, if
	// there is such a line.
	Quote struct {
		Gen  int    `json:"gen"`
		File string `json:"file"`
		Line int    `json:"line"`
	}
	// Evict ends the process that holds the address of Conflict. Answer: Held.
	Evict struct {
		Gen      int      `json:"gen"`
		Conflict Conflict `json:"conflict"`
	}
	// OpenDebugger finds Delve, and has clients attach to the program by an address that
	// stays until CloseDebugger. Answers: Debuggable; then, while that is open, Attached,
	// Halted, Resumed, and Rebuild where a client asks for a restart.
	OpenDebugger struct {
		Debug   Debugging       `json:"debug,omitzero"`
		Request builder.Request `json:"request"`
	}
	// CloseDebugger has the clients go. No answer.
	CloseDebugger struct{}
	// Wait lets Duration pass. Answer: Waited.
	Wait struct {
		ID       int           `json:"id"`
		Duration time.Duration `json:"duration_ns"`
	}
	// Prepare compiles what every plugin for the program needs (the standard
	// library in another form), so that the first reload is fast too. Answers:
	// Preparing and, last, Prepared.
	Prepare struct {
		Gen     int                   `json:"gen"`
		Request builder.ReloadRequest `json:"request"`
	}
	// BuildPlugin builds what changed as a plugin for the running program, if
	// that is safe. Answers: Building and, last, PluginBuilt; none after Cancel.
	BuildPlugin struct {
		Gen     int                   `json:"gen"`
		Request builder.ReloadRequest `json:"request"`
	}
	// Load loads a plugin into the program of generation Host. Answer: Reloaded or
	// Refused, unless the program ends first.
	Load struct {
		Gen    int    `json:"gen"`
		Host   int    `json:"host"`
		Plugin string `json:"plugin,omitempty"`
		Symbol string `json:"symbol,omitempty"`
		// Plugins are files that the program opens itself. It is notified in the ways
		// that Reloading names; there is no answer.
		Plugins      []builder.PluginFile `json:"plugins,omitempty"`
		NotifyFile   string               `json:"notify_file,omitempty"`
		NotifySignal string               `json:"notify_signal,omitempty"`
	}
)

func (Configure) effect()     {}
func (List) effect()          {}
func (Watch) effect()         {}
func (Build) effect()         {}
func (Cancel) effect()        {}
func (Publish) effect()       {}
func (Discard) effect()       {}
func (Start) effect()         {}
func (Stop) effect()          {}
func (Kill) effect()          {}
func (Probe) effect()         {}
func (Signal) effect()        {}
func (FindHolder) effect()    {}
func (Quote) effect()         {}
func (Evict) effect()         {}
func (Wait) effect()          {}
func (OpenDebugger) effect()  {}
func (CloseDebugger) effect() {}
func (Prepare) effect()       {}
func (BuildPlugin) effect()   {}
func (Load) effect()          {}
func (Learn) effect()         {}
