package fast

import (
	"cmp"
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

// A Program describes what a plan builds.
type Program struct {
	Dir    string // the go command's current folder, absolute
	Target []string
	Flags  []string // for go build
	Env    []string // the whole environment
	Output string   // the program's file; it is not modified
	Graph  source.Graph
	Tools  compiler.Toolchain
	// Folder is absolute and empty. It belongs to the plan, which keeps archives and
	// temporary files in it.
	Folder string
	Agent  *Agent // nil: no agent is built into it
	// Profile is the absolute path of -pgo's file, which is one of Graph.Files; empty if
	// the flag names none.
	Profile string
	// PackageFlags: there are flags for the compiler that may apply to some packages
	// only.
	PackageFlags bool
	// Store has the archives that other programs compiled; it may be nil.
	Store *compiler.Store
	// Slims has slim copies of archives, for the linker; it may be nil.
	Slims *compiler.Slims
	// Nice has the go command give way to other processes while it is asked.
	Nice bool
}

// An Agent is code of hotdev's that is built into a program.
type Agent struct {
	// Actual is a file that is compiled with the main package as if it were the file
	// Virtual.
	Actual, Virtual string
	// Flags are additional flags for the compiler. What it prints because of them is
	// kept; see [Node.Leaks].
	Flags []string
}

// A Refusal is the reason why the go command has to build.
type Refusal struct{ Reason string }

func (r Refusal) Error() string { return r.Reason }

// Reshaped is the [Refusal] of a plan whose commands no longer fit the sources.
// [Plan.Rewire] or [Plan.Replan] may make a plan that does.
type Reshaped struct {
	Refusal
	Versions bool // go.sum or vendor/modules.txt changed, so versions of modules probably did
}

func (r Reshaped) Unwrap() error { return r.Refusal }

// Uncompilable is the [Refusal] to compile a package that takes more than one command.
type Uncompilable struct{ Refusal }

func (u Uncompilable) Unwrap() error { return u.Refusal }

// A Plan is how to build one program without the go command. Only one goroutine may use
// it at a time.
type Plan struct {
	Program
	Shape   string           // of the sources that the plan is for
	Nodes   map[string]*Node // by import path
	Order   []*Node          // dependencies first; the packages that may be compiled
	Version int              // of the objects; each new one increments it

	seen source.Snapshot // as they were last read
	// derivable: the commands of a plan can be derived from a listing, see derive.go.
	// implicit are the packages that the main package is built with although it does
	// not import them.
	derivable bool
	implicit  []string
	profile   profile
	stamps    string // of the toolchain and its settings
	linking   linkStep
	count     int // archives written so far
	// unsettled are the packages whose line numbers are out of date in their
	// dependents.
	unsettled map[*Node]bool
	trial     bool // this is the copy that Settle works on
	exact     bool // every change of export data has all dependents compiled
	suspect   bool // nothing may be taken from the store
	lost      bool // see Lost
}

// A Node is a package in a plan.
type Node struct {
	Path string
	// From is the state of the user's package that Archive was compiled from; nil for a
	// package that is not the user's.
	From    *source.Source
	Archive string
	Imports []string // of its importcfg
	// Stale: a package that it imports has changed its export data since Archive was
	// compiled.
	Stale bool
	// rewired: it is stale only because it imports other packages than before.
	rewired bool
	// Leaks is what the compiler reported about parameters; nil if it was not asked.
	Leaks []byte

	listed    Listed
	id        string // build ID of the archive that the go command made
	origin    string // for a package that is not the user's: what determines its archive
	importers []*Node
	step      *compileStep     // nil for a package that is never compiled here
	parts     *compiler.Object // of Archive, as the compiler wrote it, once it has been read
	// print is the fingerprint that the dependents know. It differs from that in parts
	// if only lines moved since they were compiled.
	print *compiler.Fingerprint
	canon *layout // of From, once it has been needed
	busy  bool    // it is being compiled
	spare *spare  // not nil: stale, but perhaps only by names that it does not use
	// usage are the names that From uses, once they have been needed.
	usage *usage
	// compiled is the name that Archive had before it got new numbers (numbers.go);
	// empty if it has none.
	compiled string
}

// A compileStep is the compiler command for a package, without the places of its files.
type compileStep struct {
	why   string   // why it takes more than one command to compile; empty if it does not
	flags []string // without those that name files
	trim  string   // -trimpath without its last part, for the action's folder
	maps  []string // lines "importmap a=b"
	embed string   // the content of the embedcfg; empty if there is none
	files []string // for packages that are not the user's
	// profiled: the compiler is given the plan's profile.
	profiled bool
}

// A linkStep is the linker's command.
type linkStep struct {
	flags    []string
	env      []string
	packages []string // of its importcfg
	rest     []string // other lines of it
	main     string   // import path of the main package
}

// Understands returns a [Refusal] if the fast path does not understand one of the flags
// in force.
func Understands(flags gocmd.Flags, target []string) error {
	for _, name := range []string{
		"msan", "asan", "cover", "covermode", "coverpkg", "toolexec", "overlay", "buildmode", "compiler",
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

func newPlan(program Program) *Plan {
	return &Plan{Program: program, stamps: program.Tools.Stamps(), Nodes: map[string]*Node{}, unsettled: map[*Node]bool{}}
}

// New makes a plan for a program that the go command has built. It runs the go command,
// which has nothing to compile then. If the error is a [Refusal], the program can have
// no plan; any other error may be temporary.
func New(ctx context.Context, program Program) (*Plan, error) {
	p := newPlan(program)
	p.seen = source.Read(p.Graph, nil)
	p.Shape = p.seen.Shape()
	asked := p.Ask(ctx) // both take about as long
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
	if err := p.prepareProfile(ctx); err != nil {
		return nil, err
	}
	return p, p.untouched()
}

// SavedMeanwhile is the reason of a [Refusal] that may be gone at the next attempt.
const SavedMeanwhile = "files were saved while the fast path was prepared"

// untouched returns an error if a source was saved since it was read, or between that
// and the listing.
func (p *Plan) untouched() error {
	for _, s := range p.seen {
		if s.Touched() || !s.AsListed() {
			return Refusal{SavedMeanwhile}
		}
	}
	return nil
}

// run runs the go command.
func (p *Plan) run(ctx context.Context, argv []string, line func(string)) error {
	var text []string
	err := gocmd.Command{
		Argv: argv, Tree: true, Nice: p.Nice, Dir: p.Dir, Env: gocmd.WorkIn(p.Env, p.Folder), Stdout: line,
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

// LinkedFrom reports whether the go command linked a binary from the archives that the
// plan begins with, given the build IDs of the archives that it did link. A build ID
// consists of a hash of all that an archive was made from (for the main package, also
// of the modules and the link flags), and of a hash of its content.
func (p *Plan) LinkedFrom(ids map[string]string) bool {
	for _, name := range p.linking.packages {
		if id := p.Nodes[name].id; id == "" || id != ids[name] {
			return false
		}
	}
	return true
}

// Cached returns the archives in the go command's cache that the program is linked from.
// Their files never change: they are named after their content.
func (p *Plan) Cached() (archives []string) {
	for _, name := range p.linking.packages {
		if n := p.Nodes[name]; n != nil && strings.HasSuffix(n.Archive, "-d") {
			archives = append(archives, n.Archive)
		}
	}
	return archives
}

// Main returns the import path of the main package.
func (p *Plan) Main() string { return p.linking.main }

// Linked returns the import paths of the packages that the program consists of.
func (p *Plan) Linked() []string { return p.linking.packages }

// Changes reads the sources, if the plan still fits them. Otherwise it returns a
// [Refusal], which is [Reshaped] if another plan may fit.
func (p *Plan) Changes() (source.Snapshot, error) {
	if p.stamps != p.Tools.Stamps() {
		return nil, Refusal{"the Go toolchain changed"}
	}
	old := p.seen
	now := source.Read(p.Graph, old)
	if p.profileChanged(now) {
		return nil, Refusal{filepath.Base(p.profileFile()) + " changed"}
	}
	changed := slices.DeleteFunc(slices.Clone(p.Graph.Files), func(f string) bool { return old.Content(f) == now.Content(f) })
	if len(changed) > 0 {
		return nil, Reshaped{
			Refusal:  Refusal{filepath.Base(changed[0]) + " changed"},
			Versions: slices.ContainsFunc(changed, func(f string) bool { return filepath.Ext(f) == ".sum" || filepath.Base(f) == "modules.txt" }),
		}
	}
	if now.Shape() != p.Shape {
		return nil, Reshaped{Refusal: Refusal{old.Reshaped(now)}}
	}
	p.seen = now
	return now, nil
}

// Link links the program into the file output, with its temporary files in the folder
// temp. The error is a [Refusal], or ctx's.
func (p *Plan) Link(ctx context.Context, output, temp string) error {
	l := compiler.Link{
		Dir: p.Dir, Temp: temp, Output: output,
		Flags: p.linking.flags, Env: p.linking.env, Main: p.Nodes[p.linking.main].Archive,
	}
	slims := p.Slims
	if !slices.Contains(p.linking.flags, "-w") {
		slims = nil
	}
	for _, name := range p.linking.packages {
		d := p.Nodes[name]
		if d == nil || d.Archive == "" {
			return Refusal{"the archive of package " + name + " is not known"}
		}
		l.Packages.Package(name, slims.Of(d.Archive))
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

// LinkedAlike reports whether the linker has the same flags and module information for
// two plans.
func (p *Plan) LinkedAlike(q *Plan) bool {
	a, b := p.linking, q.linking
	return slices.Equal(linkFlags(a), linkFlags(b)) && slices.Equal(a.env, b.env) && slices.Equal(a.rest, b.rest) && a.main == b.main
}

// Appendable returns a [Refusal] if a link of the program cannot be appended to another:
// the program loads plugins, or the linker gives variables of the user's packages their
// values (-X). The go command itself sets some of the runtime's.
func (p *Plan) Appendable() error {
	if p.loadsPlugins() {
		return Refusal{"the program loads plugins"}
	}
	value := false
	if slices.ContainsFunc(p.linking.flags, func(f string) bool {
		def, ok := f, value
		if value = false; !ok {
			f = strings.TrimLeft(f, "-")
			value = f == "X"
			def, ok = strings.CutPrefix(f, "X=")
		}
		name, _, _ := strings.Cut(def, "=")
		pkg := name[:max(0, strings.LastIndexByte(name, '.'))]
		n := p.Nodes[pkg]
		return ok && (pkg == "main" || n != nil && n.From != nil)
	}) {
		return Refusal{"the linker sets variables (-X)"}
	}
	return nil
}

// LinksLike reports whether the program that p links is the one that q links, apart from
// build IDs.
func (p *Plan) LinksLike(q *Plan) bool {
	a, b := p.linking, q.linking
	sorted := func(list []string) []string { return slices.Sorted(slices.Values(list)) }
	return p.LinkedAlike(q) && slices.Equal(sorted(a.packages), sorted(b.packages)) && !slices.ContainsFunc(a.packages, func(path string) bool {
		m, n := p.Nodes[path], q.Nodes[path]
		return m == nil || n == nil || m.Archive == "" || m.Archive != n.Archive
	})
}

// Lang returns the language version that a package is compiled for, or "" if it is
// unknown.
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

// Compiled identifies the code in Archive. It is another one once the package has been
// compiled, but the same if Archive has only got new numbers of other packages' symbols.
func (n *Node) Compiled() string { return cmp.Or(n.compiled, n.Archive) }

// Compilable reports whether the package needs only the compiler.
func (n *Node) Compilable() bool { return n.step != nil && n.step.why == "" }
