package fast

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/complaint"
	"github.com/hotdev/hotdev/builder/internal/compiler"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// A Program is what a plan is to build.
type Program struct {
	Dir    string // that the go command runs in, absolute
	Target []string
	Flags  []string // for go build
	Env    []string // whole
	Output string   // the program's file; it is not touched
	Graph  source.Graph
	Tools  compiler.Toolchain
	// Folder is absolute, empty and the plan's own: archives are in it, and what is
	// temporary.
	Folder string
	Agent  *Agent // nil: nothing is built into it
	// PackageFlags: there are flags for the compiler that may be for some of the
	// packages alone.
	PackageFlags bool
	// Store has what other programs compiled; nil is none.
	Store *compiler.Store
}

// An Agent is code of hotdev's that is built into a program.
type Agent struct {
	// Actual is a file that is compiled with the main package, as if it were the
	// file Virtual.
	Actual, Virtual string
	// Flags are more for the compiler. What it then says is kept, see [Node.Leaks].
	Flags []string
}

// A Refusal is why the go command has to build.
type Refusal struct{ Reason string }

func (r Refusal) Error() string { return r.Reason }

// Reshaped is the [Refusal] of a plan whose commands are no longer those of the
// sources; one that [Plan.Rewire] or [Plan.Replan] makes may be.
type Reshaped struct {
	Refusal
	Modules bool // a file changed that says what the modules are
}

func (r Reshaped) Unwrap() error { return r.Refusal }

// A Plan is how to build one program without the go command. It is for one
// goroutine at a time.
type Plan struct {
	Program
	Shape   string           // of the sources that the plan is for
	Nodes   map[string]*Node // by import path
	Order   []*Node          // dependencies first; those that may be compiled
	Version int              // of the objects: it grows with every one that changes

	seen source.Snapshot // as last read
	// derivable: what the commands of a plan say can be told from a listing, see
	// derive.go. implicit is what the main package is built with though it does not
	// import it.
	derivable bool
	implicit  []string
	stamps    string // of the toolchain and its settings
	linking   linkStep
	count     int // archives written so far
	// unsettled are the packages whose dependents have old line numbers of them.
	unsettled map[*Node]bool
	trial     bool // it is a copy that Settle works on
	suspect   bool // nothing is taken from the store
	lost      bool // see Lost
}

// A Node is a package in a plan.
type Node struct {
	Path string
	// From is the state of the user's package that Archive was compiled from; nil
	// for other packages.
	From    *source.Source
	Archive string
	Imports []string // of its importcfg
	// Stale: a package that it imports has other export data than what Archive was
	// compiled with.
	Stale bool
	// Leaks is what the compiler said of parameters; nil if it was not asked.
	Leaks []byte

	listed    Listed
	id        string // build ID of the archive that the go command made
	origin    string // what the archive of a package that is not the user's is of
	importers []*Node
	step      *compileStep     // nil for a package that is never compiled here
	parts     *compiler.Object // of Archive, as it was compiled, if it was read
	// print is the fingerprint that the dependents know; it is not that of parts
	// if only lines moved since they were compiled.
	print *compiler.Fingerprint
	canon *layout // of From, if it was needed
	busy  bool    // being compiled
}

// A compileStep is the compiler's command for a package, but for the places of
// its files.
type compileStep struct {
	why   string   // it takes more than one command to compile; empty if not
	flags []string // without those that name files
	trim  string   // of -trimpath, before what is said of the action's folder
	maps  []string // lines "importmap a=b"
	embed string   // the content of the embedcfg; empty if there is none
	files []string // of packages that are not the user's
}

// A linkStep is the linker's command.
type linkStep struct {
	flags    []string
	env      []string
	packages []string // of its importcfg
	rest     []string // other lines of it
	main     string   // import path of the main package
}

// Understands says which of the flags in force the fast path does not understand,
// as a [Refusal].
func Understands(flags gocmd.Flags, target []string) error {
	for _, name := range []string{
		"msan", "asan", "cover", "covermode", "coverpkg", "pgo", "toolexec", "overlay", "buildmode", "compiler",
		"linkshared", "a", "installsuffix", "pkgdir", "asmflags", "gccgoflags", "buildvcs",
	} {
		if flags.Asks(name) {
			return Refusal{"build flag -" + name}
		}
	}
	if gocmd.NamesFiles(target) {
		return Refusal{"the program is named by its files"}
	}
	return nil
}

// New makes a plan for a program that the go command has built. It asks the go
// command, which compiles nothing then. The error is a [Refusal] where the program
// can have no plan; any other may be gone the next time.
func New(ctx context.Context, program Program) (*Plan, error) {
	p := &Plan{Program: program, stamps: program.Tools.Stamps(), Nodes: map[string]*Node{}, unsettled: map[*Node]bool{}}
	p.seen = source.Read(p.Graph, nil)
	p.Shape = p.seen.Shape()
	asked := p.Ask(ctx) // the two take as long as each other
	defer asked.Stop()
	found, err := p.list(ctx, p.Target, "-export")
	if err != nil {
		return nil, err
	}
	for _, l := range found {
		p.Nodes[l.ImportPath] = p.node(l)
	}
	lines, err := asked.wait()
	if err != nil {
		return nil, err
	}
	if err := p.readCommands(lines); err != nil {
		return nil, err
	}
	return p, p.untouched()
}

// untouched fails if a source was saved since it was read, or between that and
// the listing.
func (p *Plan) untouched() error {
	for _, s := range p.seen {
		if s.Touched() || !s.AsListed() {
			return Refusal{"files were saved while the fast path was prepared"}
		}
	}
	return nil
}

// run runs the go command.
func (p *Plan) run(ctx context.Context, argv []string, line func(string)) error {
	var text []string
	err := gocmd.Command{
		Argv: argv, Tree: true, Dir: p.Dir, Env: gocmd.WorkIn(p.Env, p.Folder), Stdout: line,
		Stderr: func(l string) { text = append(text, l) },
	}.Run(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(argv[:2], " "), err, strings.Join(complaint.LastLines(text, 3), "; "))
	}
	return nil
}

// LinkedFrom reports whether the go command linked a binary from the archives that
// the plan begins with, if it did so from those with these build IDs. A build ID
// is a hash of all that an archive was made from (for the main package, of the
// modules and the link flags as well), and another one of its content.
func (p *Plan) LinkedFrom(ids map[string]string) bool {
	for _, name := range p.linking.packages {
		if id := p.Nodes[name].id; id == "" || id != ids[name] {
			return false
		}
	}
	return true
}

// Main is the import path of the main package.
func (p *Plan) Main() string { return p.linking.main }

// Linked are the import paths of the packages that the program consists of.
func (p *Plan) Linked() []string { return p.linking.packages }

// Changes reads the sources, if all that changed is within the plan; otherwise the
// error is a [Refusal], and [Reshaped] where another plan may do.
func (p *Plan) Changes() (source.Snapshot, error) {
	if p.stamps != p.Tools.Stamps() {
		return nil, Refusal{"the Go toolchain changed"}
	}
	old := p.seen
	now := source.Read(p.Graph, old)
	for _, f := range p.Graph.Files {
		if old.Content(f) != now.Content(f) {
			return nil, Reshaped{Refusal{filepath.Base(f) + " changed"}, true}
		}
	}
	if now.Shape() != p.Shape {
		return nil, Reshaped{Refusal: Refusal{old.Reshaped(now)}}
	}
	p.seen = now
	return now, nil
}

// Link links the program into a file, and keeps what is temporary in a folder.
// The error is a [Refusal], or ctx's.
func (p *Plan) Link(ctx context.Context, output, temp string) error {
	l := compiler.Link{
		Dir: p.Dir, Temp: temp, Output: output,
		Flags: p.linking.flags, Env: p.linking.env, Main: p.Nodes[p.linking.main].Archive,
	}
	for _, name := range p.linking.packages {
		d := p.Nodes[name]
		if d == nil || d.Archive == "" {
			return Refusal{"the archive of package " + name + " is not known"}
		}
		l.Packages.Package(name, d.Archive)
	}
	for _, line := range p.linking.rest {
		l.Packages.Line(line)
	}
	out, err := p.Tools.Link(ctx, l)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return Refusal{"the linker refused: " + strings.Join(complaint.LastLines(out, 1), "")}
	}
	return nil
}

// Lang is the language version that a package is compiled for; empty if that is
// not known.
func (n *Node) Lang() string {
	if n.step == nil {
		return ""
	}
	if i := slices.Index(n.step.flags, "-lang"); i >= 0 && i+1 < len(n.step.flags) {
		return n.step.flags[i+1]
	}
	for _, f := range n.step.flags {
		if v, ok := strings.CutPrefix(f, "-lang="); ok {
			return v
		}
	}
	return ""
}

// Compilable reports whether the package takes the compiler and nothing else.
func (n *Node) Compilable() bool { return n.step != nil && n.step.why == "" }
