package builder

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hotdev/hotdev/builder/internal/live"
)

// Live code: what the fast path has compiled is put into the running program,
// and only where that is not provably right is it linked, for a restart.
//
// A program that is built with Request.Live has hotdev's agent in it, by an
// overlay. [Builder.OpenLive] learns a process of it, in the background, when it
// has started; [Builder.Patch] is then to be called in Build's place. Package
// live knows how it is done.

// A Live is a running program that can be patched.
type Live struct {
	b    *Builder
	req  Request
	conn *live.Conn

	mu       sync.Mutex // held while the program is spoken to
	host     *live.Host
	plan     *plan             // that the program's packages are of
	version  int               // of the plan's objects that is in the program
	archives map[string]string // by package: that is in the program
	sources  map[string]*source
	leaks    map[string][]byte // what the compiler said of those
	dead     string            // why no more patches are tried
}

// Patched is what a patch has done.
type Patched struct {
	// Gen counts the patches of this process.
	Gen int `json:"gen"`
	// Functions are those that were replaced: "(*Store).List", "main.route".
	Functions []string `json:"functions"`
	// Notes are what the patch could not do, each a sentence.
	Notes []string `json:"notes,omitempty"`
	// Bytes is the memory that it takes in the program.
	Bytes int `json:"bytes"`
	// Link is how long it took to compare, link and judge, Apply how long the
	// program took, of which it stood still for Stopped.
	Link    time.Duration `json:"link_ns"`
	Apply   time.Duration `json:"apply_ns"`
	Stopped time.Duration `json:"stopped_ns"`
}

// LiveVariable names the descriptor of the agent's socket in the environment of
// a program that is to be patched.
const LiveVariable = live.AgentVariable

// CanPatch reports whether programs on this system can be patched; otherwise it
// says why not.
func CanPatch() (why string, ok bool) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return "live code needs Linux on amd64: every change restarts the program", false
	}
	return "", true
}

// agentFolder is where the agent's package is, in the overlay of the program's
// module; agentFile is what imports it, in that of the main package.
const (
	agentFolder = "hotdevlive"
	agentFile   = "zz_hotdev_live.go"
)

// withAgent has the program built with the agent, if req wants it and it can be.
func (b *Builder) withAgent(ctx context.Context, req Request) Request {
	if _, ok := CanPatch(); !req.Live || !ok || req.Scratch == "" || filesOnly(req.Target) {
		return req
	}
	graph, err := b.graphNow(ctx, req)
	if err != nil {
		return req
	}
	req.agent = nil
	o, err := writeOverlay(graph, req.Scratch)
	if err != nil {
		return req
	}
	req.agent = o
	return req
}

// withPlannedAgent is withAgent without asking the go command, where there is a
// plan.
func (b *Builder) withPlannedAgent(ctx context.Context, req Request) Request {
	b.mu.Lock()
	p := b.plans[req.Output]
	b.mu.Unlock()
	if p != nil && sameRequest(p.req, req) {
		req.agent = p.req.agent
		return req
	}
	return b.withAgent(ctx, req)
}

// An agentOverlay is how the agent comes into a program.
type agentOverlay struct {
	file            string // of the overlay, in JSON
	actual, virtual string // the file that imports it
}

// writeOverlay writes the agent's files, which stay the same from build to build.
func writeOverlay(g Graph, scratch string) (*agentOverlay, error) {
	i := slices.IndexFunc(g.Packages, func(p Package) bool { return p.ImportPath == g.Main })
	if i < 0 || g.Packages[i].Name != "main" {
		return nil, fmt.Errorf("no main package")
	}
	dir, root := g.Packages[i].Dir, ""
	for _, r := range g.Roots {
		if len(r) > len(root) && within(r, dir) {
			root = r
		}
	}
	rel, err := filepath.Rel(root, dir)
	if root == "" || err != nil {
		return nil, fmt.Errorf("no module")
	}
	module := g.Main
	if rel != "." {
		m, ok := strings.CutSuffix(g.Main, "/"+filepath.ToSlash(rel))
		if !ok {
			return nil, fmt.Errorf("no module")
		}
		module = m
	}
	folder := filepath.Join(scratch, "live")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	o := &agentOverlay{file: filepath.Join(folder, "overlay.json"), actual: filepath.Join(folder, agentFile), virtual: filepath.Join(dir, agentFile)}
	agent := filepath.Join(folder, "agent.go")
	text, err := json.Marshal(map[string]map[string]string{"Replace": {
		o.virtual: o.actual,
		filepath.Join(root, agentFolder, "agent.go"): agent,
	}})
	if err != nil {
		return nil, err
	}
	for name, content := range map[string][]byte{
		agent:    live.AgentSource,
		o.actual: fmt.Appendf(nil, "package main\n\nimport _ %q\n", module+"/"+agentFolder),
		o.file:   text,
	} {
		if old, err := os.ReadFile(name); err == nil && string(old) == string(content) {
			continue
		}
		if err := os.WriteFile(name, content, 0o600); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// OpenLive learns the program that runs: the one that was published at
// req.Output last, and whose agent has the other end of socket. The socket stays
// the caller's to close. An error says, in a sentence, why the program cannot be
// patched. It takes a few tenths of a second of one processor, and waits for
// builds, so it is best called in the background, once [Builder.Plan] is done.
func (b *Builder) OpenLive(ctx context.Context, req Request, socket live.Socket) (*Live, error) {
	if why, ok := CanPatch(); !ok {
		return nil, fmt.Errorf("%s", why)
	}
	if err := take(ctx, b.build); err != nil {
		return nil, err
	}
	defer give(b.build)
	req = b.withPlannedAgent(ctx, req)
	b.mu.Lock()
	p, stands := b.plans[req.Output], b.hosts[req.Output]
	var made madeBy
	if stands != nil {
		made = stands.made
	}
	b.mu.Unlock()
	switch {
	case req.agent == nil:
		return nil, fmt.Errorf("the program was built without the agent")
	case p == nil || !sameRequest(p.req, req):
		return nil, fmt.Errorf("there is no fast path")
	case made.plan != p || made.version != p.version:
		return nil, fmt.Errorf("the program that runs is not the one that the fast path knows")
	}
	if err, known := b.tried(p.tools.version); !b.trying && (!known || err != nil) {
		return nil, cmp.Or(err, fmt.Errorf("live code has not been tried with %s yet", p.tools.version))
	}
	tools, err := b.liveToolchain(ctx, p)
	if err != nil {
		return nil, err
	}
	l := &Live{
		b: b, req: req, plan: p, version: p.version, conn: live.NewConn(socket),
		archives: map[string]string{}, sources: map[string]*source{}, leaks: map[string][]byte{},
	}
	setup := live.Setup{Executable: req.Output, Toolchain: tools}
	for _, name := range p.linking.packages {
		n := p.nodes[name]
		l.archives[name], l.sources[name], l.leaks[name] = n.archive, n.from, n.leaks
		setup.Packages = append(setup.Packages, l.packageOf(n))
	}
	host, o := live.Open(setup)
	if o != nil {
		return nil, o
	}
	l.host = host
	if err := l.host.Connect(l.conn); err != nil {
		l.host.Close()
		return nil, err
	}
	return l, nil
}

// liveToolchain reads the toolchain's sources, once for each version.
func (b *Builder) liveToolchain(ctx context.Context, p *plan) (*live.Toolchain, error) {
	root := ""
	for _, e := range p.tools.env {
		if r, ok := strings.CutPrefix(e, "GOROOT="); ok {
			root = r
		}
	}
	b.mu.Lock()
	tc := b.liveTools[root]
	b.mu.Unlock()
	if tc != nil {
		return tc, nil
	}
	tc, o := live.LoadToolchain(root, p.tools.version)
	if o != nil {
		return nil, o
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.liveTools[root] = tc
	return tc, ctx.Err()
}

// Close releases what was opened. The program is left alone.
func (l *Live) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dead = "closed"
	l.host.Close()
}

// package_ is a node's package as package live wants it.
func (l *Live) packageOf(n *node) live.Package {
	p := live.Package{Path: n.path, Archive: n.archive, Leaks: n.leaks, Lang: n.lang()}
	if n.path == l.plan.linking.main {
		p.Path = "main"
	}
	if n.from != nil {
		for _, f := range n.files(n.from) {
			if s := n.from.files[f]; s != nil {
				p.Files = append(p.Files, live.File{Path: f, Text: s.text})
			}
		}
	}
	return p
}

// lang is the language version that a package is compiled for.
func (n *node) lang() string {
	if n.step != nil {
		if i := slices.Index(n.step.flags, "-lang"); i >= 0 && i+1 < len(n.step.flags) {
			return n.step.flags[i+1]
		}
		for _, f := range n.step.flags {
			if v, ok := strings.CutPrefix(f, "-lang="); ok {
				return v
			}
		}
	}
	return ""
}

// Patch builds as Build does, but instead of linking it puts what it compiled
// into the program of l, if that is provably right: the Result is then Patched,
// and nothing is published. Otherwise it links, from the same archives, and
// Unpatched is why.
func (b *Builder) Patch(ctx context.Context, req Request, l *Live, h Hooks) (Result, error) {
	h.live = l
	return b.Build(ctx, req, h)
}

// patch puts what changed in the plan into the program.
func (l *Live) patch(ctx context.Context, p *plan) (*Patched, string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.dead != "":
		return nil, l.dead, nil
	case l.plan != p && (l.plan.folder != p.folder || l.plan.shape != p.shape):
		return nil, "the program is of another plan", nil
	}
	l.plan = p
	began := time.Now()
	var changed []*node
	for _, n := range p.order {
		if l.archives[n.path] != n.archive {
			changed = append(changed, n)
		}
	}
	var list []live.Package
	for _, n := range changed {
		if !p.linkedIn(n) {
			continue
		}
		if l.sources[n.path] == nil || n.from == nil || n.leaks == nil {
			return nil, "the sources of package " + n.path + " are not known", nil
		}
		l.learnLeaks(ctx, n)
		q := l.packageOf(n)
		q.Compile = func(more []live.File) (string, error) { return p.compileWith(ctx, n, more) }
		list = append(list, q)
	}
	defer removeExtra(p.folder)
	if ctx.Err() != nil {
		return nil, "", ctx.Err()
	}
	x, o := l.host.Patch(list)
	if o != nil {
		return nil, o.Error(), nil
	}
	linked := time.Now()
	if ctx.Err() != nil { // from here on it is not taken back
		return nil, "", ctx.Err()
	}
	a, o, err := l.host.Apply(l.conn, x)
	if err != nil {
		l.dead = err.Error()
		return nil, l.dead, nil
	}
	if o != nil {
		return nil, o.Error(), nil
	}
	for _, n := range changed {
		l.archives[n.path], l.sources[n.path], l.leaks[n.path] = n.archive, n.from, n.leaks
	}
	l.version = p.version
	return &Patched{
		Gen: a.Gen, Functions: a.Functions, Notes: a.Notes, Bytes: a.Bytes,
		Link: linked.Sub(began), Apply: time.Since(linked), Stopped: a.Stopped,
	}, "", nil
}

// linkedIn reports whether a package is part of the program.
func (p *plan) linkedIn(n *node) bool { return slices.Contains(p.linking.packages, n.path) }

// learnLeaks finds out which parameters escape in a package as the program has
// it, if the compiler has not been asked: the go command did not.
//
// It compiles the old source against the imports as they are. Where one of these
// is not the one that the program has, too, the answer would be another package's:
// it stays unknown then, and all that escapes now counts as new.
func (l *Live) learnLeaks(ctx context.Context, n *node) {
	if l.leaks[n.path] != nil {
		return
	}
	for _, i := range n.imports {
		if d := l.plan.nodes[i]; d != nil && d.archive != l.archives[i] {
			return
		}
	}
	if leaks, err := l.plan.leaksOf(ctx, n, l.sources[n.path]); err == nil {
		l.leaks[n.path] = leaks
		l.host.Leaks(l.packageOf(n).Path, leaks)
	}
}

// Warm asks the compiler about the packages as the program has them, so that the
// first patch of each need not. It compiles the user's packages once more, one
// at a time, and stops when ctx ends. A Build waits for the one that is being
// compiled.
func (b *Builder) Warm(ctx context.Context, l *Live) error {
	l.mu.Lock()
	order := slices.Clone(l.plan.order)
	l.mu.Unlock()
	for _, n := range slices.Backward(order) { // the main package and its neighbours first
		if err := take(ctx, b.build); err != nil {
			return err
		}
		l.mu.Lock()
		if m := l.plan.nodes[n.path]; l.dead == "" && m != nil && m.from != nil && m.step != nil && m.step.why == "" && m.archive == l.archives[n.path] && l.sources[n.path] == m.from {
			l.learnLeaks(ctx, m)
		}
		l.mu.Unlock()
		give(b.build)
	}
	return ctx.Err()
}

// Linger says which functions of the program still run code that was replaced,
// each in a sentence. It is best asked a moment after a patch.
func (l *Live) Linger() ([]string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead != "" {
		return nil, nil
	}
	list, err := l.host.Linger(l.conn)
	var out []string
	for _, x := range list {
		out = append(out, x.String())
	}
	return out, err
}

// leaksOf is what the compiler says of a source's parameters.
func (p *plan) leaksOf(ctx context.Context, n *node, s *source) ([]byte, error) {
	folder, err := os.MkdirTemp(p.folder, "leaks-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	var files []string
	for _, f := range n.files(s) {
		if s.files[f] == nil {
			return nil, errLayout
		}
		file := filepath.Join(folder, filepath.Base(f))
		if err := os.WriteFile(file, s.files[f].text, 0o600); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	cfg, err := p.importcfg(n)
	if err != nil {
		return nil, err
	}
	cfg2 := filepath.Join(folder, "importcfg")
	if err := os.Rename(cfg, cfg2); err != nil {
		return nil, err
	}
	out, err := p.compiler(ctx, n, cfg2, filepath.Join(folder, "leaks.a"), folder+"=>"+s.pkg.Dir, files)
	return []byte(strings.Join(out, "\n") + "\n"), err
}

// compileWith compiles a package, as it was compiled last, with more files.
func (p *plan) compileWith(ctx context.Context, n *node, more []live.File) (string, error) {
	folder, err := os.MkdirTemp(p.folder, extraPrefix)
	if err != nil {
		return "", err
	}
	files := n.files(n.from)
	for _, f := range more {
		file := filepath.Join(folder, filepath.Base(f.Path))
		if err := os.WriteFile(file, f.Text, 0o600); err != nil {
			return "", err
		}
		files = append(files, file)
	}
	cfg, err := p.importcfg(n)
	if err != nil {
		return "", err
	}
	cfg2 := filepath.Join(folder, "importcfg")
	if err := os.Rename(cfg, cfg2); err != nil {
		return "", err
	}
	archive := filepath.Join(folder, "extra.a")
	out, err := p.compiler(ctx, n, cfg2, archive, p.folder+"=>", files)
	if err != nil {
		err = fmt.Errorf("%w: %s", err, strings.Join(lastLines(out, 1), ""))
	}
	if n.from.touched() {
		return "", fmt.Errorf("a file was saved meanwhile")
	}
	return archive, err
}

// extraPrefix is that of folders with archives that are read once.
const extraPrefix = "extra-"

func removeExtra(folder string) {
	found, _ := filepath.Glob(filepath.Join(folder, extraPrefix+"*"))
	for _, f := range found {
		_ = os.RemoveAll(f)
	}
}
