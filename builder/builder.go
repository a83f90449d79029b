// Package builder knows the go tool: the package graph, builds, diagnostics, atomic
// publishing of a binary, and code for a running program: patches and plugins.
//
// It knows nothing of watching, of running programs or of screens. The user's failures
// (a compile error, a module that does not resolve, a generator that exits 1) are data,
// [Diagnostic] values; an error means that the go tool could not be run at all.
//
// # Theory of operation
//
// The go command does the first build, and every later one that only it can do right.
// In between, hotdev calls the compiler and the linker directly, with the commands that
// the go command would use, for the packages that must change (package fast explains
// why that is safe). The rest is what a loop needs around a build. A build is a tree of
// processes that dies as one ([Builder.Build] returns only when it is gone), works in a
// folder beside its result (so Publish only renames a file, and the files that a killed
// compiler leaves behind are found), and returns values. A listing is remembered: a
// save that leaves a file's package clause, constraints, imports and embed patterns
// alone cannot change the graph, so the remembered listing answers.
//
// A program is what is known about one output (program.go says what guards it). The
// roads that a build can take, and the code that they share, are packages below this
// one. Package complaint parses everything that the toolchain prints.
package builder

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/hotdev/hotdev/builder/complaint"
	"github.com/hotdev/hotdev/builder/internal/compiler"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/builder/internal/live"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// A Builder runs the go tool. It may be used from several goroutines: builds of
// different outputs run side by side, as many as there are processors; builds of one
// output wait for each other. Listings wait for each other; a build and a listing may
// run at the same time.
type Builder struct {
	queue     queue
	workers   *compiler.Workers
	compiling chan struct{} // holds a token while no go build compiles
	list      chan struct{} // holds a token while nothing lists
	trial     chan struct{} // holds a token while live code is not tried out

	searched map[string][]string // see compilerFolders; guarded by list's token

	goenv gocmd.Settings

	// mu guards the fields below, and nothing that they point to: the types program,
	// Store and Toolchain say what guards them. A listing never changes, except for its
	// field stale, which the token of listings guards.
	mu        sync.Mutex
	programs  map[string]*program        // by output
	stores    map[string]*compiler.Store // by the file that defines the module or the workspace
	slims     *compiler.Slims            // of all programs; nil until one is planned
	known     map[string]*listing        // the result of the last List of a request
	plain     map[string]dialect         // the dialect of a request's go command
	count     int                        // temporary files so far, to name the next one
	triedOut  map[string]bool            // by version of Go: the fast path's binaries equal go build's
	canaries  map[string]canary          // by version of Go
	trying    bool                       // a toolchain is being tried out
	liveTools map[string]*live.Toolchain // by GOROOT
}

// New returns a Builder. It starts nothing and reads no file.
func New() *Builder {
	cores := runtime.GOMAXPROCS(0)
	b := &Builder{
		queue:     newQueue(cores),
		workers:   compiler.NewWorkers(cores),
		compiling: make(chan struct{}, 1),
		list:      make(chan struct{}, 1),
		trial:     make(chan struct{}, 1),
		known:     make(map[string]*listing),
		plain:     make(map[string]dialect),
		programs:  make(map[string]*program),
		stores:    make(map[string]*compiler.Store),
		triedOut:  make(map[string]bool),
		canaries:  make(map[string]canary),
		liveTools: make(map[string]*live.Toolchain),
	}
	give(b.compiling)
	give(b.list)
	give(b.trial)
	return b
}

// take waits for a token; give returns it.
func take(ctx context.Context, token chan struct{}) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-token:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func give(token chan struct{}) { token <- struct{}{} }

// A Request says what to build, how, and where the result belongs.
type Request struct {
	// Dir is the absolute folder that the go command runs in.
	Dir string `json:"dir"`
	// Target is one package path, a relative path without a pattern ("./cmd/api"), or a
	// list of .go files, as for go build.
	Target []string `json:"target"`
	// Plugins are main packages, named like Target, that the program opens as plugins.
	// List includes them, [Builder.Reload] builds them.
	Plugins []string `json:"plugins,omitempty"`
	// Flags are passed to go build (and those that shape the graph, such as
	// -tags, -mod, -modfile and -overlay, to go list).
	Flags []string `json:"flags,omitempty"`
	// Before are commands, each an argv without a shell, that run in BeforeDir (empty:
	// Dir) in order before the compile. The first one that fails ends the build.
	Before    [][]string `json:"before,omitempty"`
	BeforeDir string     `json:"before_dir,omitempty"`
	// Env is the whole environment of every command, as in os/exec; nil is the
	// process's own.
	Env []string `json:"-"`
	// GoEnv identifies the settings of go env -w. The go command reads those settings
	// itself; here GoEnv only distinguishes requests made under different ones.
	GoEnv string `json:"-"`
	// Fast lets Build call the compiler and the linker directly, see [Builder.Plan].
	// Scratch is the absolute folder for the files that this needs between builds; if
	// it is empty, there is no fast path.
	Fast    bool   `json:"fast,omitempty"`
	Scratch string `json:"-"`
	// Keep is the absolute folder for plans of the fast path that outlive this Builder,
	// so that even the first build of the next one can be fast; empty keeps none.
	Keep string `json:"-"`
	// Live builds the program with hotdev's agent, so that it can be patched while
	// it runs; see [Builder.OpenLive].
	Live bool `json:"live,omitempty"`
	// Append lets Build append what changed to the program that the linker made last,
	// instead of linking it; see [CanAppend]. Live has to be off.
	Append bool `json:"append,omitempty"`
	// Debug keeps debugging information in the binary.
	Debug bool `json:"debug,omitempty"`
	// Debugger builds the program for a debugger: with debugging information, without
	// optimisation and inlining, in all packages, whatever Flags say of these. Fast and
	// Live are to be off: neither keeps all line numbers right.
	Debugger bool `json:"debugger,omitempty"`
	// Output is the absolute path that Publish renames the binary to.
	Output string `json:"output"`

	agent   *agentOverlay // see withAgent
	noAgent string
}

// A Package is one package of the program that the user may edit: of the main
// module, of a workspace module, of a locally replaced one, or vendored.
type Package = source.Package

// A Graph is the packages and files that a program is built from.
type Graph = source.Graph

// Generated reports whether a file begins with Go's mark of generated code ("// Code
// generated … DO NOT EDIT.", before the package clause).
func Generated(file string) bool { return source.Generated(file) }

// A Diagnostic is one complaint of the toolchain (or of a Before command).
type Diagnostic = complaint.Diagnostic

// Excerpt returns the source around a line of a file, and the number of its first line.
// It returns nil if the line cannot be read.
func Excerpt(file string, line int) (lines []string, first int) {
	return complaint.Excerpt(file, line)
}

// A Compile is one package that a build compiled, and the time that it took.
type Compile = compiler.Compiled

// An Artifact is a built binary that waits to be published.
type Artifact struct {
	// Temp is the file as it was built, in the folder of Path; Publish renames it to
	// Path.
	Temp string `json:"temp"`
	Path string `json:"path"`
}

// A Result is how a build ended.
type Result struct {
	// Diagnostics are empty exactly if the build succeeded.
	Diagnostics []Diagnostic `json:"diagnostics,omitempty"`
	// Uncompiled: the diagnostics were found before anything was compiled (for example
	// an import of a missing package), so there may be more errors in any package.
	Uncompiled bool `json:"uncompiled,omitempty"`
	// Same: the binary is byte for byte the published one, build IDs aside. Then there
	// is no Artifact, and nothing to publish.
	Same     bool     `json:"same,omitempty"`
	Artifact Artifact `json:"artifact,omitzero"`
	// Compiled are the packages that were compiled, in the order in which they
	// finished; Link is the linker's part. Zero if the go command does not report them.
	Compiled []Compile     `json:"compiled,omitempty"`
	Link     time.Duration `json:"link_ns,omitempty"`
	// Full is why the go command built the program although Request.Fast was set:
	// "first build", "go.mod changed". Empty if it did not.
	Full string `json:"full,omitempty"`
	// Appended: what changed was appended to the program that the linker made last.
	// Relinked is why not, if Request.Append was set and there was one.
	Appended bool   `json:"appended,omitempty"`
	Relinked string `json:"relinked,omitempty"`
	// Unsettled counts the packages in which lines moved, and whose dependents still
	// have the old line numbers in code inlined from them; see [Builder.Settle].
	Unsettled int `json:"unsettled,omitempty"`
	// Patched: the compiled code is in the running program, and nothing was linked.
	// Unpatched is why not, if [Builder.Patch] was called.
	Patched   *Patched `json:"patched,omitempty"`
	Unpatched string   `json:"unpatched,omitempty"`
	// Took is the whole build, Before included.
	Took time.Duration `json:"took_ns"`

	ids map[string]string // see madeBy
}

// OK reports whether the build succeeded.
func (r Result) OK() bool { return len(r.Diagnostics) == 0 }
