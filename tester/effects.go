package tester

import (
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/watcher"
)

// An Effect is something to do. Effects are plain values; a [World] carries them out.
type Effect interface{ effect() }

type (
	// Configure reads the configuration again. Answer: Configured.
	Configure struct{}
	// List asks which packages have tests. Paths are what changed; empty means that
	// anything may have. It supersedes the List before it. Answer: Listed.
	List struct {
		ID      int                 `json:"id"`
		Request builder.TestRequest `json:"request"`
		Paths   []string            `json:"paths,omitempty"`
	}
	// Watch replaces the watch set; files written after Since count as changed. Answer:
	// Watching, then Changed as long as the set is in force.
	Watch struct {
		Set   watcher.Set `json:"set"`
		Since time.Time   `json:"since"`
	}
	// RunTests runs tests: first those of the packages First, then of the packages Rest.
	// Answers: Testing and Tested, with Cover Covered and, last, Ran; none after Cancel.
	RunTests struct {
		Gen     int                 `json:"gen"`
		Request builder.TestRequest `json:"request"`
		First   []string            `json:"first,omitempty"`
		Rest    []string            `json:"rest,omitempty"`
		Filter  string              `json:"filter,omitempty"`
		// Saved: what was saved is the cause, so that First are likely to be saved again.
		Saved bool `json:"saved,omitempty"`
		// Roots are the folders of the user's own code.
		Roots []string `json:"roots,omitempty"`
		// Cover are the changed lines whose coverage is measured; none: it is not.
		Cover []builder.Change `json:"cover,omitempty"`
	}
	// Compare asks which lines of Go files in the folders Roots have changed since the last
	// commit. Answer: Compared.
	Compare struct {
		ID      int                 `json:"id"`
		Request builder.TestRequest `json:"request"`
		Roots   []string            `json:"roots,omitempty"`
	}
	// DebugTest builds the tests of a package for a debugger and runs one of them under it,
	// from when a client attaches. Answers: DebugReady, DebugAttached, DebugWrote and,
	// last, Debugged; none after EndDebug.
	DebugTest struct {
		ID      int                 `json:"id"`
		Request builder.TestRequest `json:"request"`
		Debug   Debug               `json:"debug"`
	}
	// EndDebug ends the newest DebugTest with all its processes.
	EndDebug struct{}
	// Cancel ends the run of generation Gen with all its processes.
	Cancel struct {
		Gen int `json:"gen"`
	}
)

func (Configure) effect() {}
func (List) effect()      {}
func (Watch) effect()     {}
func (RunTests) effect()  {}
func (Compare) effect()   {}
func (Cancel) effect()    {}
func (DebugTest) effect() {}
func (EndDebug) effect()  {}
