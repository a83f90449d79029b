package builder

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder/complaint"

	"github.com/hotdev/hotdev/builder/internal/disk"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/builder/internal/live"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// The fast path: after a first go build, the compiler and the linker are called
// directly, for what must change and nothing else.
//
// go build compiles every package above a changed one, because a package's
// place in the cache depends on the whole archives of its imports, object code
// included. But a dependent reads only the export data of an archive. So if the
// export data of the new archive is that of the old one, byte for byte, then
// the dependents' objects are what go build would make anew, and they are left
// alone. If the object code is the same as well, there is nothing to link.
//
// Nothing is guessed. The commands are those that the go command prints with -n
// for this very program; what they name are the archives that it has in its
// cache. Whatever may change a command (imports, build constraints, embed
// patterns, files that come or go, go.mod, flags, the environment, the
// toolchain) has the go command do the whole build, and a new plan made after
// it. So has everything that fails without being the user's mistake.

// testedToolchains are the versions of Go whose compiler and linker are known
// to do as described. With another one, a program's first plan is tried out.
var testedToolchains = []string{"go1.26"}

// A plan is how to build one program without the go command.
type plan struct {
	req     Request
	graph   source.Graph
	shape   string          // of the sources that the plan is for
	seen    source.Snapshot // as last read
	stamps  string          // of the toolchain and its settings
	tools   toolchain
	nodes   map[string]*node // by import path
	order   []*node          // dependencies first; those that may be compiled
	linking linkStep
	folder  string // where archives stand, and what is temporary
	count   int    // archives written so far
	version int    // of the objects: it grows with every one that changes
	// unsettled are the packages whose dependents have old line numbers of them.
	unsettled map[*node]bool
	trial     bool // it is a copy that Settle works on
}

// A node is a package in a plan.
type node struct {
	path string
	// from is the state of the user's package that archive was compiled from; nil
	// for other packages.
	from    *source.Source
	archive string
	id      string // build ID of the archive that the go command made
	// stale: a package that it imports has other export data than what archive
	// was compiled with.
	stale     bool
	imports   []string // of its importcfg
	importers []*node
	step      *compileStep // nil for a package that is never compiled here
	parts     *objectFile  // of archive, as it was compiled, if it was read
	// print is the fingerprint that the dependents know; it is not that of parts
	// if only lines moved since they were compiled.
	print *fingerprint
	canon *layoutHash // of from, if it was needed
	busy  bool        // being compiled
	leaks []byte      // what the compiler said of parameters, if it was asked
}

// A compileStep is the compiler's command for a package, but for the places of
// its files.
type compileStep struct {
	why   string   // it takes more than one command to compile; empty if not
	flags []string // without those that name files
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

// fullBuild is why the go command has to build; it goes into Result.Full.
type fullBuild struct{ reason string }

func (f fullBuild) Error() string { return f.reason }

// Plan prepares the fast path for the program that req's last Build made. It
// runs the go command, which compiles nothing then, and is best called when a
// build has been answered; a Build that comes before its end does not wait for
// it. An error, which is a reason as in Result.Full, is for a log: builds work
// without.
func (b *Builder) Plan(ctx context.Context, req Request) error {
	if !req.Fast || req.Scratch == "" {
		return nil
	}
	req = b.withPlannedAgent(ctx, req)
	prog := b.program(req.Output)
	old, _, _ := prog.now()
	if old != nil && sameRequest(old.req, req) {
		return nil
	}
	p, err := b.makePlan(ctx, req)
	if err != nil {
		var why fullBuild
		errors.As(err, &why)
		prog.noPlan(why)
		return err
	}
	prog.setPlan(p)
	return nil
}

// linkedFrom reports whether the go command linked a binary from the archives that
// the plan begins with, if it did so from those with these build IDs. A build ID
// is a hash of all that an archive was made from (for the main package, of the
// modules and the link flags as well), and another one of its content.
func (p *plan) linkedFrom(ids map[string]string) bool {
	for _, name := range p.linking.packages {
		if id := p.nodes[name].id; id == "" || id != ids[name] {
			return false
		}
	}
	return true
}

func (b *Builder) makePlan(ctx context.Context, req Request) (_ *plan, err error) {
	tool, err := b.tool(ctx, req.Dir, req.Env)
	if err != nil {
		return nil, err
	}
	if err := fastFlags(req, tool); err != nil {
		return nil, err
	}
	tools, err := b.toolchain(ctx, req)
	if err != nil {
		return nil, err
	}
	graph, err := b.graphNow(ctx, req)
	if err != nil {
		return nil, err
	}
	if len(graph.Diagnostics) > 0 {
		return nil, fullBuild{"go list complains"}
	}
	if b.hasOutsideHeaders(req) {
		return nil, fullBuild{"C headers from outside a package's folder"}
	}
	folder, err := b.archives(req)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(folder)
		}
	}()
	p := &plan{req: req, graph: graph, tools: tools, stamps: stamps(tools), folder: folder, nodes: map[string]*node{}, unsettled: map[*node]bool{}}
	before := source.Read(graph, nil)
	p.seen, p.shape = before, before.Shape()
	if err := p.listArchives(ctx, tool); err != nil {
		return nil, err
	}
	if err := p.readCommands(ctx, tool); err != nil {
		return nil, err
	}
	for _, s := range before {
		if s.Touched() {
			return nil, fullBuild{"files were saved while the fast path was prepared"}
		}
	}
	if err := b.tryOut(ctx, p); err != nil {
		return nil, err
	}
	return p, nil
}

// tryOut checks a plan for a toolchain that is not known: all that can be
// compiled is compiled and linked, and must be what go build makes. A toolchain
// has to pass once.
func (b *Builder) tryOut(ctx context.Context, p *plan) error {
	version := p.tools.version
	b.mu.Lock()
	passed, tried := b.triedOut[version]
	b.mu.Unlock()
	known := slices.ContainsFunc(testedToolchains, func(v string) bool { return version == v || strings.HasPrefix(version, v+".") })
	if known || passed {
		return nil
	}
	failed := fullBuild{version + " is not known to the fast path, and a trial build was not the same"}
	if tried {
		return failed
	}
	work := scratch{temp: filepath.Join(p.folder, "trial"), work: filepath.Join(p.folder, "trial.work")}
	if err := os.Mkdir(work.work, 0o700); err != nil {
		return err
	}
	defer work.remove()
	slow := filepath.Join(p.folder, "trial.slow")
	defer os.Remove(slow)
	tool, err := b.tool(ctx, p.req.Dir, p.req.Env)
	if err != nil {
		return err
	}
	argv := append([]string{"go", "build", "-o", slow}, goFlags(p.req, tool)...)
	if err := p.run(ctx, append(argv, p.req.Target...), func(string) {}); err != nil {
		return err
	}
	t, now := p.clone(), source.Snapshot{}
	for name, n := range t.nodes {
		if n.from != nil {
			now[name] = n.from
		}
		n.stale = n.step != nil && n.step.why == ""
	}
	same := false
	diagnostics, err := t.compileAll(ctx, now, Hooks{}, &complaint.Report{}, &Result{})
	if err == nil && len(diagnostics) == 0 && t.link(ctx, work) == nil {
		same, err = sameContent(work.temp, slow)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	b.mu.Lock()
	b.triedOut[version] = same && err == nil
	b.mu.Unlock()
	if !same || err != nil {
		return failed
	}
	return nil
}

// archives is an empty folder for the archives of a new plan.
func (b *Builder) archives(req Request) (string, error) {
	if err := os.MkdirAll(req.Scratch, 0o700); err != nil {
		return "", err
	}
	return os.MkdirTemp(req.Scratch, "plan-")
}

// stamps identify the tools and their settings by their files.
func stamps(t toolchain) string {
	var b strings.Builder
	files := []string{filepath.Join(t.tools, "compile"+exe), filepath.Join(t.tools, "link"+exe), t.settings}
	if command, err := gocmd.LookPath("go", "", t.env); err == nil {
		if command, err = filepath.EvalSymlinks(command); err == nil {
			files = append(files, command)
		}
	}
	for _, f := range files {
		if st, err := os.Stat(f); err == nil {
			fmt.Fprintf(&b, "%s %d %v\n", f, st.Size(), st.ModTime())
		}
	}
	return b.String()
}

var exe = map[bool]string{true: ".exe"}[runtime.GOOS == "windows"]

// fastFlags says which flag the fast path does not understand.
func fastFlags(req Request, tool gocmd.Env) error {
	flags := gocmd.FlagsInForce(req.Flags, tool)
	for _, name := range []string{"race", "msan", "asan", "cover", "covermode", "coverpkg", "pgo", "toolexec", "overlay", "buildmode", "compiler", "linkshared", "trimpath", "a", "installsuffix", "pkgdir", "asmflags", "gccgoflags", "buildvcs"} {
		if flags.Asks(name) {
			return fullBuild{"build flag -" + name}
		}
	}
	if gocmd.NamesFiles(req.Target) {
		return fullBuild{"the program is named by its files"}
	}
	return nil
}

// listArchives learns where the go command keeps the archives of the packages,
// which the last build has made.
func (p *plan) listArchives(ctx context.Context, tool gocmd.Env) error {
	args := append([]string{"go", "list"}, goFlags(p.req, tool)...)
	args = append(args, "-deps", "-export", "-json=ImportPath,Export,BuildID,Dir,GoFiles,Standard")
	var out bytes.Buffer
	if err := p.run(ctx, append(append(args, "--"), p.req.Target...), func(l string) { out.WriteString(l); out.WriteByte('\n') }); err != nil {
		return err
	}
	for dec := json.NewDecoder(&out); ; {
		var l struct {
			ImportPath, Export, BuildID, Dir string
			GoFiles                          []string
			Standard                         bool
		}
		if err := dec.Decode(&l); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("go list -export: %w", err)
		}
		n := &node{path: l.ImportPath, archive: l.Export, id: l.BuildID, from: p.seen[l.ImportPath]}
		if n.from == nil && !l.Standard {
			n.step = &compileStep{files: gocmd.Absolute(l.Dir, l.GoFiles)}
		}
		p.nodes[l.ImportPath] = n
	}
}

func (p *plan) run(ctx context.Context, argv []string, line func(string)) error {
	var text []string
	err := gocmd.Command{
		Argv: argv, Tree: true, Dir: p.req.Dir, Env: gocmd.WorkIn(gocmd.Environ(p.req.Env), p.folder), Stdout: line,
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

// tryFast builds without the go command; it fails with a fullBuild where it
// cannot.
func (b *Builder) tryFast(ctx context.Context, req Request, h Hooks, place scratch, made *madeBy) (Result, error) {
	if !req.Fast {
		return Result{}, fullBuild{""}
	}
	prog := b.program(req.Output)
	p, stood, known := prog.now()
	switch {
	case p == nil && !known:
		return Result{}, fullBuild{"first build"}
	case p == nil:
		tool, err := b.tool(ctx, req.Dir, req.Env)
		if err != nil {
			return Result{}, err
		}
		return Result{}, cmp.Or(fastFlags(req, tool), error(fullBuild{cmp.Or(prog.whyPlanless(), "the fast path is not prepared yet")}))
	}
	isPublished := func() bool {
		return stood.plan == p && stood.version == p.version && disk.Regular(req.Output)
	}
	r, err := p.build(ctx, req, h, place, b.report(req), isPublished)
	if err != nil && ctx.Err() == nil {
		b.drop(p, err)
	}
	made.plan, made.version = p, p.version
	return r, err
}

// drop forgets a plan, so that the next build is the go command's, with the
// reason: a wrong archive must not outlive the failure that shows it, nor what
// the go command once said of itself.
func (b *Builder) drop(p *plan, why error) {
	req := p.req
	b.program(req.Output).dropPlan(fullBuild{why.Error()})
	b.goenv.Forget(req.Dir, req.Env)
	_ = os.RemoveAll(p.folder)
}

// build compiles and links what has changed.
func (p *plan) build(ctx context.Context, req Request, h Hooks, place scratch, rep *complaint.Report, isPublished func() bool) (Result, error) {
	now, err := p.changes(req)
	if err != nil {
		return Result{}, err
	}
	var r Result
	failed, err := p.compileAll(ctx, now, h, rep, &r)
	if err != nil || len(failed) > 0 {
		return Result{Diagnostics: failed, Compiled: r.Compiled}, err
	}
	r.Unsettled = len(p.unsettled)
	if h.live != nil {
		if r.Patched, r.Unpatched, err = h.live.patch(ctx, p); err != nil || r.Patched != nil {
			return r, err
		}
	} else if isPublished() {
		r.Same = true
		return r, nil
	}
	if h.Linking != nil {
		h.Linking()
	}
	began := time.Now()
	if err := p.link(ctx, place); err != nil {
		return Result{}, err
	}
	r.Link = time.Since(began)
	same, err := sameContent(place.temp, req.Output)
	if err != nil {
		return Result{}, fullBuild{"the linked binary cannot be read"}
	}
	if same {
		r.Same = true
		return r, nil
	}
	r.Artifact = Artifact{Temp: place.temp, Path: req.Output}
	return r, nil
}

// changes reads the sources, if all that changed is within the plan.
func (p *plan) changes(req Request) (source.Snapshot, error) {
	if !sameRequest(p.req, req) {
		return nil, fullBuild{"flags or environment changed"}
	}
	if p.stamps != stamps(p.tools) {
		return nil, fullBuild{"the Go toolchain changed"}
	}
	old := p.seen
	now := source.Read(p.graph, old)
	for _, f := range p.graph.Files {
		if old.Content(f) != now.Content(f) {
			return nil, fullBuild{filepath.Base(f) + " changed"}
		}
	}
	if now.Shape() != p.shape {
		return nil, fullBuild{old.Reshaped(now)}
	}
	p.seen = now
	return now, nil
}

// compileAll compiles what changed and what that makes stale, dependencies
// first, as much at a time as there are processors.
func (p *plan) compileAll(ctx context.Context, now source.Snapshot, h Hooks, rep *complaint.Report, r *Result) (failed []Diagnostic, err error) {
	todo := map[*node]bool{}
	for _, n := range p.order {
		if n.stale || n.from != nil && !n.from.Same(now[n.path]) {
			todo[n] = true
		}
	}
	type outcome struct {
		n     *node
		out   []string
		res   compiled
		err   error
		began time.Time
	}
	answers := make(chan outcome)
	running, broken := 0, map[*node]bool{}
	var sections []outcome
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for {
		for _, n := range p.order { // dependencies first
			if running >= runtime.GOMAXPROCS(0) || err != nil {
				break
			}
			if !todo[n] || n.busy || p.waits(n, todo) {
				continue
			}
			if p.restsOn(n, broken) { // go build would not compile it either
				delete(todo, n)
				broken[n] = true
				continue
			}
			if n.step == nil || n.step.why != "" {
				err = fullBuild{n.refusal()}
				break
			}
			n.busy = true
			running++
			if h.Progress != nil {
				h.Progress(n.path)
			}
			p.count++
			archive := filepath.Join(p.folder, strconv.Itoa(p.count)+".a")
			cfg, werr := p.importcfg(n)
			go func() { // joined by the receive below
				o := outcome{n: n, began: time.Now(), err: werr}
				if werr == nil {
					o.out, o.res, o.err = p.compileNode(ctx, n, now[n.path], cfg, archive)
				}
				answers <- o
			}()
		}
		if running == 0 {
			break
		}
		o := <-answers
		running--
		o.n.busy = false
		delete(todo, o.n)
		switch {
		case err != nil: // only waiting for the others
		case o.err == nil:
			r.Compiled = append(r.Compiled, Compile{Package: o.n.path, Took: time.Since(o.began)})
			if p.take(o.n, now[o.n.path], o.res, todo) {
				p.version++
			}
		case gocmd.Failed(o.err) && len(o.out) > 0:
			broken[o.n] = true
			sections = append(sections, o)
		default:
			err = fullBuild{"compile " + o.n.path + ": " + o.err.Error()}
			cancel()
		}
	}
	if ctx.Err() != nil && err == nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	// In the order of the graph, whichever compiler was quickest.
	slices.SortStableFunc(sections, func(a, b outcome) int {
		return slices.Index(p.order, a.n) - slices.Index(p.order, b.n)
	})
	for _, o := range sections {
		rep.Begin(o.n.path)
		for _, l := range o.out {
			rep.Line(l)
		}
	}
	if len(sections) > 0 {
		failed = rep.Done()
		if len(failed) == 0 {
			return nil, fullBuild{"the compiler failed without a word"}
		}
		for _, d := range failed {
			if d.File == "" || strings.Contains(d.Message, "could not import") || strings.Contains(d.Message, "internal compiler error") {
				return nil, fullBuild{"the compiler says: " + d.Message} // that is not the user's
			}
		}
	}
	return failed, nil
}

// waits reports whether a package that n imports is still to be compiled.
func (p *plan) waits(n *node, todo map[*node]bool) bool {
	return slices.ContainsFunc(n.imports, func(i string) bool { return p.nodes[i] != nil && todo[p.nodes[i]] })
}

func (p *plan) restsOn(n *node, broken map[*node]bool) bool {
	return slices.ContainsFunc(n.imports, func(i string) bool { return p.nodes[i] != nil && broken[p.nodes[i]] })
}

func (n *node) refusal() string {
	if n.step == nil || n.step.why == "" {
		return "package " + n.path + " is not in the plan"
	}
	return n.step.why + " in package " + n.path
}

// take puts a new archive in a node's place, and marks the dependents if its
// export data changed. It reports whether the object did.
func (p *plan) take(n *node, s *source.Source, c compiled, todo map[*node]bool) (changed bool) {
	if n.from != nil {
		n.from = s
		if c.torn { // no content is the one that it was compiled from
			n.from = &source.Source{Pkg: s.Pkg}
		}
	}
	n.stale, n.canon, n.leaks = false, c.canon, c.leaks
	if c.reach == reachNothing {
		_ = os.Remove(c.archive)
		return false
	}
	if filepath.Dir(n.archive) == p.folder && !p.trial {
		_ = os.Remove(n.archive)
	}
	n.archive, n.parts, n.print = c.archive, &c.parts, &c.known
	switch c.reach {
	case reachDependents:
		for _, m := range n.importers {
			m.stale = true
			todo[m] = true
		}
	case reachLines:
		p.unsettled[n] = true
	}
	return true
}

// reach is how far a change of a package reaches.
type reach int

const (
	reachNothing    reach = iota // the object is the same
	reachObject                  // the export data are the same
	reachLines                   // they are, but for positions
	reachDependents              // they are not
)

// compileNode compiles a package and finds out how far the change reaches.
func (p *plan) compileNode(ctx context.Context, n *node, now *source.Source, cfg, archive string) (out []string, c compiled, err error) {
	defer os.Remove(cfg)
	if out, err = p.compiler(ctx, n, cfg, archive, p.folder+"=>", n.files(now)); err != nil {
		_ = os.Remove(archive)
		return out, compiled{}, err
	}
	if p.req.agent != nil {
		c.leaks = []byte(strings.Join(out, "\n") + "\n")
	}
	c.archive, c.reach, c.torn = archive, reachDependents, now.Touched()
	if c.parts, err = readArchive(archive); err != nil {
		return nil, compiled{}, err
	}
	old := n.parts
	if old == nil {
		// What the go command made carries another build ID, and nothing else.
		o, err := readArchive(n.archive)
		if err != nil {
			return nil, compiled{}, err
		}
		old = &o
	}
	c.known = old.print
	if n.print != nil {
		c.known = *n.print
	}
	switch {
	case old.export == c.parts.export && old.object == c.parts.object:
		c.reach = reachNothing
	case old.export == c.parts.export:
		c.reach = reachObject
	case p.mayLag(n) && !c.torn:
		same, canon, err := p.onlyLines(ctx, n, n.from, now, n.canon, cfg, archive)
		if ctx.Err() != nil {
			return nil, compiled{}, ctx.Err()
		}
		if err != nil && !errors.Is(err, errLayout) { // which only means that there is no proof
			return nil, compiled{}, fmt.Errorf("whether only lines moved: %w", err)
		}
		c.canon = canon
		if same {
			c.reach = reachLines
		}
	}
	if c.reach == reachObject || c.reach == reachLines {
		if err := setFingerprint(archive, c.parts.print, c.known); err != nil {
			return nil, compiled{}, err
		}
	}
	if c.reach == reachDependents {
		c.known = c.parts.print
	}
	return nil, c, nil
}

// mayLag reports whether dependents of a package may go on with old line numbers
// for a while: there are some, it is the user's, what it imports is as it was,
// and nobody but the linker compares fingerprints, as plugins do.
func (p *plan) mayLag(n *node) bool {
	return len(n.importers) > 0 && n.from != nil && !n.stale && !p.trial && !slices.Contains(p.linking.packages, "plugin")
}

// files are a package's Go files.
func (n *node) files(s *source.Source) []string {
	if s == nil {
		return n.step.files
	}
	return slices.DeleteFunc(slices.Clone(s.Pkg.Files), func(f string) bool { return filepath.Ext(f) != ".go" })
}

// compiled is what the compiler made.
type compiled struct {
	archive string
	parts   objectFile  // before it was given another fingerprint
	known   fingerprint // that the dependents know, or are to know
	reach   reach
	canon   *layoutHash
	leaks   []byte
	torn    bool // the source was saved while the compiler may have read it
}

// compiler runs the compiler. out is what it said.
func (p *plan) compiler(ctx context.Context, n *node, cfg, archive, trim string, files []string) (out []string, err error) {
	args := []string{"-o", archive, "-trimpath", trim, "-importcfg", cfg}
	if n.step.embed != "" {
		embed := archive + ".embedcfg"
		if err := os.WriteFile(embed, []byte(n.step.embed), 0o600); err != nil {
			return nil, err
		}
		defer os.Remove(embed)
		args = append(args, "-embedcfg", embed)
	}
	run := func(more []string) error {
		out = nil
		return gocmd.Command{
			Argv: slices.Concat([]string{filepath.Join(p.tools.tools, "compile")}, args, more, n.step.flags, files),
			Dir:  p.req.Dir, Env: gocmd.WorkIn(p.tools.env, p.folder),
			Stdout: func(l string) { out = append(out, l) },
		}.Run(ctx)
	}
	agent := p.req.agent
	if agent == nil {
		return out, run(nil)
	}
	if n.path == p.linking.main {
		args[3] += ";" + agent.actual + "=>" + agent.virtual
		files = append(slices.Clip(files), agent.actual)
	}
	if err = run(live.CompilerFlags); err != nil && ctx.Err() == nil {
		err = run(nil) // its complaints, and nothing else
	}
	return out, err
}

// importcfg writes what the compiler reads of the places of a node's imports.
func (p *plan) importcfg(n *node) (string, error) {
	var b bytes.Buffer
	for _, m := range n.step.maps {
		b.WriteString(m + "\n")
	}
	for _, name := range n.imports {
		if d := p.nodes[name]; d != nil {
			fmt.Fprintf(&b, "packagefile %s=%s\n", name, d.archive)
		}
	}
	file := filepath.Join(p.folder, strconv.Itoa(p.count)+".importcfg")
	return file, os.WriteFile(file, b.Bytes(), 0o600)
}

// link links the program into a temporary file.
func (p *plan) link(ctx context.Context, place scratch) error {
	var b bytes.Buffer
	for _, name := range p.linking.packages {
		d := p.nodes[name]
		if d == nil || d.archive == "" {
			return fullBuild{"the archive of package " + name + " is not known"}
		}
		fmt.Fprintf(&b, "packagefile %s=%s\n", name, d.archive)
	}
	for _, l := range p.linking.rest {
		b.WriteString(l + "\n")
	}
	cfg := filepath.Join(place.work, "importcfg.link")
	if err := os.WriteFile(cfg, b.Bytes(), 0o600); err != nil {
		return err
	}
	var out []string
	err := gocmd.Command{
		Argv: slices.Concat([]string{filepath.Join(p.tools.tools, "link"), "-o", place.temp, "-importcfg", cfg}, p.linking.flags, []string{p.nodes[p.linking.main].archive}),
		Dir:  p.req.Dir, Env: place.environ(append(slices.Clip(p.tools.env), p.linking.env...)),
		Stdout: func(l string) { out = append(out, l) },
	}.Run(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		_ = os.Remove(place.temp)
		return fullBuild{"the linker refused: " + strings.Join(complaint.LastLines(out, 1), "")}
	}
	return nil
}

// Settle compiles the packages whose line numbers lag behind since lines moved
// in a package that they import, so that the next link has them right. It runs
// beside the user's own work and may be ended by ctx at any time, which leaves
// things as they were. A Build waits for it: end it before. After any other
// error the next Build is the go command's, unless a source was saved meanwhile.
func (b *Builder) Settle(ctx context.Context, req Request) error {
	prog := b.program(req.Output)
	done, err := b.own(ctx, prog)
	if err != nil {
		return err
	}
	defer done()
	p, _, _ := prog.now()
	if p == nil || len(p.unsettled) == 0 || !sameRequest(p.req, req) {
		return nil
	}
	settled, now := p.clone(), source.Snapshot{}
	for name, n := range settled.nodes {
		if n.from != nil {
			now[name] = n.from // what it was compiled from, whatever is on disk
		}
	}
	for n := range settled.unsettled {
		// As it was compiled, and to be compiled with it what imports it.
		n.stale = true
		n.parts = &objectFile{print: n.parts.print}
	}
	failed, err := settled.compileAll(ctx, now, Hooks{}, &complaint.Report{}, &Result{})
	if len(failed) > 0 {
		err = errors.New(failed[0].String())
	}
	if err != nil {
		for _, n := range settled.nodes {
			if old := p.nodes[n.path]; old.archive != n.archive {
				_ = os.Remove(n.archive)
			}
		}
		for _, s := range now {
			if s.Touched() { // it was saved meanwhile, and that is what failed
				return err
			}
		}
		if ctx.Err() == nil {
			b.drop(p, fmt.Errorf("line numbers did not settle: %w", err))
		}
		return err
	}
	for name, n := range p.nodes {
		if next := settled.nodes[name]; next.archive != n.archive && filepath.Dir(n.archive) == p.folder {
			_ = os.Remove(n.archive)
		}
	}
	settled.trial, settled.unsettled = false, map[*node]bool{}
	settled.version = p.version + 1
	prog.replacePlan(p, settled)
	return nil
}

// clone is a copy of the plan with nodes of its own.
func (p *plan) clone() *plan {
	c := *p
	c.trial = true
	c.nodes, c.unsettled = map[string]*node{}, map[*node]bool{}
	for name, n := range p.nodes {
		m := *n
		c.nodes[name] = &m
	}
	same := func(ns []*node) []*node {
		out := make([]*node, len(ns))
		for i, n := range ns {
			out[i] = c.nodes[n.path]
		}
		return out
	}
	for _, n := range c.nodes {
		n.importers = same(n.importers)
	}
	c.order = same(p.order)
	for n := range p.unsettled {
		c.unsettled[c.nodes[n.path]] = true
	}
	return &c
}
