package builder

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/hotdev/hotdev/builder/internal/fast"
	"github.com/hotdev/hotdev/builder/internal/live"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// Live code: what the fast path has compiled is put into the running program. Only if
// that is not provably safe is it linked, for a restart.
//
// A program that is built with Request.Live contains hotdev's agent, added by an
// overlay. Once it has started, [Builder.OpenLive] prepares to patch that process, in
// the background; from then on [Builder.Patch] is called instead of Build. Package live
// has the details.

// A Live is a running program that can be patched.
type Live struct {
	b    *Builder
	req  Request
	conn *live.Conn

	mu      sync.Mutex // held while talking to the program
	host    *live.Host
	plan    *plan             // that made the program's packages
	version int               // of the plan's objects, as in the program
	code    map[string]string // by package, as in the program (see [fast.Node.Compiled])
	sources map[string]*source.Source
	leaks   map[string][]byte // what the compiler reported for those
	dead    string            // why no more patches are tried; empty while they are

	profiling string        // the kind of the profile that is being taken; empty if none is
	closed    chan struct{} // closed by Close
}

// Patched describes a patch that was applied.
type Patched struct {
	// Gen counts the patches of this process, from 1.
	Gen int `json:"gen"`
	// Functions are the functions that were replaced: "(*Store).List", "main.route".
	Functions []string `json:"functions"`
	// Symbols are the same functions as tracebacks name them:
	// "example.com/app/store.(*Store).List", "main.route".
	Symbols []string `json:"symbols"`
	// Code names all code that the patch brought, as tracebacks do but without type
	// arguments: also closures, and functions compiled again only because a changed
	// function is inlined in them.
	Code []string `json:"-"`
	// Files are the sources that differ from those of the code before.
	Files []string `json:"files,omitempty"`
	// Notes are the limits of the patch, each a sentence.
	Notes []string `json:"notes,omitempty"`
	// Bytes is the memory that the patch takes in the program.
	Bytes int `json:"bytes"`
	// Link is the time to compare, link and judge; Apply is the time that the program
	// took, of which all its goroutines were stopped for Stopped.
	Link    time.Duration `json:"link_ns"`
	Apply   time.Duration `json:"apply_ns"`
	Stopped time.Duration `json:"stopped_ns"`
}

// LiveVariable is the environment variable that gives the descriptor of the agent's
// socket to a program that is to be patched.
const LiveVariable = live.AgentVariable

// CanPatch reports whether programs on this system can be patched; if not, why says so
// in a sentence.
func CanPatch() (why string, ok bool) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return "live code needs Linux on amd64: every change restarts the program", false
	}
	return "", true
}

// OpenLive prepares to patch the running program, which must be the one last published
// at req.Output, with an agent that has the other end of socket. The caller closes the
// socket. An error is a sentence that says why the program cannot be patched. OpenLive
// takes a few tenths of a second of one processor, and waits for builds, so it is best
// called in the background after [Builder.Plan].
func (b *Builder) OpenLive(ctx context.Context, req Request, socket live.Socket) (*Live, error) {
	if why, ok := CanPatch(); !ok {
		return nil, fmt.Errorf("%s", why)
	}
	prog := b.program(req.Output)
	turn, err := b.own(ctx, prog, false)
	if err != nil {
		return nil, err
	}
	defer turn.done()
	req = b.withPlannedAgent(ctx, req)
	p, made, _ := prog.now()
	switch {
	case req.agent == nil:
		return nil, errors.New(cmp.Or(req.noAgent, "the program was built without the agent"))
	case p == nil || !sameRequest(p.req, req):
		return nil, fmt.Errorf("there is no fast path")
	case made.plan != p || made.version != p.Version:
		return nil, fmt.Errorf("the running program is not the one that the fast path has built")
	}
	if err, known := b.tried(p.Tools.Version); !b.trying && (!known || err != nil) {
		return nil, cmp.Or(err, fmt.Errorf("live code has not been tried with %s yet", p.Tools.Version))
	}
	tools, err := b.liveToolchain(ctx, p)
	if err != nil {
		return nil, err
	}
	l := &Live{
		b: b, req: req, plan: p, version: p.Version, conn: live.NewConn(socket), closed: make(chan struct{}),
		code: map[string]string{}, sources: map[string]*source.Source{}, leaks: map[string][]byte{},
	}
	setup := live.Setup{Executable: req.Output, Toolchain: tools}
	for _, name := range p.Linked() {
		n := p.Nodes[name]
		l.code[name], l.sources[name], l.leaks[name] = n.Compiled(), n.From, n.Leaks
		setup.Packages = append(setup.Packages, l.packageOf(n))
	}
	host, o := live.Open(setup)
	if o != nil {
		return nil, o
	}
	l.host = host
	l.host.Rest()
	if err := l.host.Connect(l.conn); err != nil {
		l.host.Close()
		return nil, err
	}
	return l, nil
}

// liveToolchain reads the toolchain's sources, once for each version.
func (b *Builder) liveToolchain(ctx context.Context, p *plan) (*live.Toolchain, error) {
	root := p.Tools.Root
	b.mu.Lock()
	tc := b.liveTools[root]
	b.mu.Unlock()
	if tc != nil {
		return tc, nil
	}
	tc, o := live.LoadToolchain(root, p.Tools.Version)
	if o != nil {
		return nil, o
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.liveTools[root] = tc
	return tc, ctx.Err()
}

// Close releases the files that are open. It does not end the program, but is called at
// its end.
func (l *Live) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.closed:
		return
	default:
	}
	l.dead = "the program ended"
	close(l.closed)
	l.host.Close()
}

// packageOf converts a node's package for package live.
func (l *Live) packageOf(n *fast.Node) live.Package { return l.packageFrom(n, n.From) }

// packageFrom is like packageOf, with other sources.
func (l *Live) packageFrom(n *fast.Node, from *source.Source) live.Package {
	p := live.Package{Path: n.Path, Archive: n.Archive, Leaks: n.Leaks, Lang: n.Lang()}
	if n.Path == l.plan.Main() {
		p.Path = "main"
	}
	if from != nil {
		for _, f := range n.Files(from) {
			if s := from.Files[f]; s != nil {
				p.Files = append(p.Files, live.File{Path: f, Text: s.Text})
			}
		}
	}
	return p
}

// ahead judges what it can of a change while the compiler is working. wait returns when
// that is done.
func (l *Live) ahead(p *plan, now source.Snapshot) (wait func()) {
	var list []live.Package
	l.mu.Lock()
	if l.dead == "" && l.plan == p {
		for _, n := range p.Order {
			if is := now[n.Path]; n.From != nil && !n.From.Same(is) && n.Compilable() && l.sources[n.Path] != nil {
				list = append(list, l.packageFrom(n, is))
			}
		}
	}
	l.mu.Unlock()
	done := make(chan struct{})
	go func() { // joined by wait
		defer close(done)
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, q := range list {
			if l.dead == "" {
				_ = l.host.Ahead(q) // an error shows again in the patch
			}
		}
	}()
	return func() { <-done }
}

// Patch builds as Build does, but puts the compiled code into the program of l instead
// of linking it, if that is provably safe: then the Result is Patched, and there is
// nothing to publish. Otherwise it links the same archives, and Unpatched is the
// reason.
func (b *Builder) Patch(ctx context.Context, req Request, l *Live, h Hooks) (Result, error) {
	h.live = l
	return b.Build(ctx, req, h)
}

// patch puts what changed in the plan into the program. If it does not, the string is
// the reason.
func (l *Live) patch(ctx context.Context, p *plan, h Hooks) (*Patched, string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.dead != "":
		return nil, l.dead, nil
	case l.plan != p && (l.plan.Folder != p.Folder || l.plan.Shape != p.Shape):
		return nil, "the running program was built from another plan", nil
	}
	l.plan = p
	began := time.Now()
	var changed []*fast.Node
	for _, n := range p.Order {
		if l.code[n.Path] != n.Compiled() {
			changed = append(changed, n)
		}
	}
	for _, n := range changed {
		if f := l.changedEmbed(n); f != "" {
			return nil, filepath.Base(f) + " changed, which the program embeds", nil
		}
	}
	files := l.changedFiles(changed)
	if h.Unpatchable != nil {
		if why := h.Unpatchable(files); why != "" {
			return nil, why, nil
		}
	}
	var list []live.Package
	for _, name := range p.Linked() { // new to the program, dependencies first
		if _, ok := l.code[name]; !ok {
			list = append(list, live.Package{Path: name, Archive: p.Nodes[name].Archive})
		}
	}
	fresh := len(list)
	for _, n := range changed {
		if !slices.Contains(p.Linked(), n.Path) {
			continue
		}
		if l.sources[n.Path] == nil || n.From == nil || n.Leaks == nil {
			return nil, "the sources of package " + n.Path + " are not known", nil
		}
		l.learnLeaks(ctx, n)
		q := l.packageOf(n)
		q.Compile = func(more []live.File) (string, error) { return compileWith(ctx, p, n, more) }
		list = append(list, q)
	}
	defer p.RemoveExtra()
	if ctx.Err() != nil {
		return nil, "", ctx.Err()
	}
	x, o := l.host.Patch(list)
	if o != nil {
		return nil, o.Error(), nil
	}
	linked := time.Now()
	if ctx.Err() != nil { // beyond this point a patch is not cancelled
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
	for _, f := range list[:fresh] {
		l.code[f.Path] = f.Archive
	}
	for _, n := range changed {
		l.code[n.Path], l.sources[n.Path], l.leaks[n.Path] = n.Compiled(), n.From, n.Leaks
	}
	l.version = p.Version
	return &Patched{
		Gen: a.Gen, Functions: a.Functions, Symbols: a.Symbols, Code: a.Code, Files: files, Notes: a.Notes, Bytes: a.Bytes,
		Link: linked.Sub(began), Apply: time.Since(linked), Stopped: a.Stopped,
	}, "", nil
}

// changedFiles are the sources of packages that differ from those the program was made
// of.
func (l *Live) changedFiles(changed []*fast.Node) (files []string) {
	for _, n := range changed {
		was := l.sources[n.Path]
		if was == nil || n.From == nil || !slices.Contains(l.plan.Linked(), n.Path) {
			continue
		}
		for _, f := range n.Files(n.From) {
			if is := n.From.Files[f]; was.Files[f] == nil || is == nil || was.Files[f].Hash != is.Hash {
				files = append(files, f)
			}
		}
	}
	return files
}

// changedEmbed returns a file of a package that is not Go source and that differs from
// the one the program was made of. An embedded file is a variable's value; no code
// shows the difference.
func (l *Live) changedEmbed(n *fast.Node) string {
	was := l.sources[n.Path]
	if was == nil || n.From == nil {
		return ""
	}
	for f, is := range n.From.Files {
		if filepath.Ext(f) != ".go" && (was.Files[f] == nil || was.Files[f].Hash != is.Hash) {
			return f
		}
	}
	return ""
}

// Rest releases memory that learning and patching used and that can be read again. It
// takes some processor time, and is best called a while after a patch.
func (l *Live) Rest() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead == "" {
		l.host.Rest()
	}
}

// Linger returns a sentence for each function of the program that still runs replaced
// code. It is best called a moment after a patch.
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
	return out, l.asked(err)
}
