package builder

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/hotdev/hotdev/builder/internal/disk"
	"github.com/hotdev/hotdev/builder/internal/fast"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/builder/internal/live"
	"github.com/hotdev/hotdev/builder/internal/source"
	"github.com/hotdev/hotdev/internal/atomicfile"
)

// agentFile is the file that imports the agent, in the overlay of the main package.
const agentFile = "zz_hotdev_live.go"

// OfAgent reports whether a function, named as in a stack, is of the agent that the program
// contains where live code is on.
func OfAgent(function string) bool { return live.OfAgent(function) }

// withAgent returns a request that builds the program with the agent, if req wants it
// and if that is possible; otherwise noAgent is the reason. A program that could not be
// patched is built without: one that the fast path does not build, and one that has an
// overlay already, which the agent's would replace.
func (b *Builder) withAgent(ctx context.Context, req Request) Request {
	req.agent, req.noAgent = nil, ""
	if _, ok := CanPatch(); !req.Live || !ok || req.Scratch == "" {
		return req
	}
	o, err := b.agentFor(ctx, req)
	if err != nil {
		req.noAgent = err.Error()
	}
	req.agent = o
	return req
}

func (b *Builder) agentFor(ctx context.Context, req Request) (*agentOverlay, error) {
	p := b.program(req.Output)
	p.mu.Lock()
	why := p.agentless
	p.mu.Unlock()
	if why != "" {
		return nil, errors.New(why)
	}
	tool, err := b.tool(ctx, req.Dir, req.Env)
	if err != nil {
		return nil, err
	}
	flags := gocmd.FlagsInForce(req.Flags, tool)
	if err := fast.Understands(flags, req.Target); err != nil {
		return nil, err
	}
	for _, name := range []string{"trimpath", "race", "pgo"} { // code built with it could not be patched
		if flags.Asks(name) {
			return nil, errors.New("build flag -" + name)
		}
	}
	m, ok := localMain(req)
	if !ok {
		graph, err := b.graphNow(ctx, req)
		if err != nil {
			return nil, err
		}
		if m, err = mainOf(graph); err != nil {
			return nil, err
		}
	}
	if v, _ := flags.Value("pgo"); v != "off" && disk.Regular(filepath.Join(m.dir, source.ProfileFile)) {
		return nil, errors.New("a profile (" + source.ProfileFile + ")")
	}
	if why := m.embedsAgent(); why != "" {
		return nil, errors.New(why)
	}
	return writeOverlay(m, req.Scratch)
}

// withoutAgent removes the agent from the request if it is the agent that does not
// compile: no program may fail to build because of hotdev.
func (b *Builder) withoutAgent(req Request, ds []Diagnostic) (Request, bool) {
	d, ok := req.agentAtFault(ds)
	if !ok {
		return req, false
	}
	req.agent, req.noAgent = nil, "the agent does not compile here: "+d.Message
	p := b.program(req.Output)
	p.mu.Lock()
	p.agentless = req.noAgent
	p.mu.Unlock()
	return req, true
}

// agentAtFault returns the first error that is in the agent.
func (r Request) agentAtFault(ds []Diagnostic) (d Diagnostic, ok bool) {
	if r.agent == nil {
		return d, false
	}
	i := slices.IndexFunc(ds, func(d Diagnostic) bool {
		return strings.HasSuffix(d.Package, "/"+live.AgentFolder) || d.File == r.agent.Virtual || disk.Within(filepath.Dir(r.agent.file), d.File)
	})
	if i < 0 {
		return d, false
	}
	return ds[i], true
}

// withPlannedAgent is like withAgent, but takes the answer from a plan, if there is
// one, and does not run the go command.
func (b *Builder) withPlannedAgent(ctx context.Context, req Request) Request {
	p, _, _ := b.program(req.Output).now()
	if p != nil && sameRequest(p.req, req) {
		req.agent, req.noAgent = p.req.agent, p.req.noAgent
		return req
	}
	return b.withAgent(ctx, req)
}

// An agentOverlay adds the agent to a program.
type agentOverlay struct {
	fast.Agent        // its file is the one that imports the agent's package
	file       string // of the overlay, in JSON
}

// A mainPackage is the location of a program's main package: its folder, that of its
// module, and the module's path.
type mainPackage struct{ dir, root, module string }

// localMain finds the main package in a folder without running the go command, which a
// first build will run anyway. ok is false if only the go command can find it.
func localMain(req Request) (m mainPackage, ok bool) {
	if len(req.Target) != 1 || req.Target[0] != "." && !strings.HasPrefix(req.Target[0], "./") && !strings.HasPrefix(req.Target[0], "../") {
		return m, false
	}
	m.dir = filepath.Join(req.Dir, filepath.FromSlash(req.Target[0]))
	if real, err := filepath.EvalSymlinks(m.dir); err != nil || real != m.dir {
		return m, false // only the go command knows what it calls this package
	}
	found := false
	for _, h := range headersIn(m.dir) {
		if !strings.HasPrefix(string(h), "package main\n") {
			return m, false
		}
		found = true
	}
	for m.root = m.dir; !disk.Regular(filepath.Join(m.root, "go.mod")); m.root = filepath.Dir(m.root) {
		if m.root == filepath.Dir(m.root) {
			return m, false
		}
	}
	text, err := os.ReadFile(filepath.Join(m.root, "go.mod"))
	if err != nil {
		return m, false
	}
	m.module = modfile.ModulePath(text)
	return m, found && m.module != ""
}

// headersIn returns the headers of the Go files of a folder's package.
func headersIn(dir string) (hs []source.Header) {
	for _, f := range goFilesIn(dir) {
		if base := filepath.Base(f); !strings.HasSuffix(base, "_test.go") && base[0] != '_' && base[0] != '.' {
			hs = append(hs, source.ReadHeader(f))
		}
	}
	return hs
}

// mainOf finds the main package of a graph.
func mainOf(g source.Graph) (m mainPackage, err error) {
	i := slices.IndexFunc(g.Packages, func(p source.Package) bool { return p.ImportPath == g.Main })
	if i < 0 || g.Packages[i].Name != "main" {
		return m, fmt.Errorf("no main package")
	}
	m.dir = g.Packages[i].Dir
	for _, r := range g.Roots {
		if len(r) > len(m.root) && disk.Within(r, m.dir) {
			m.root = r
		}
	}
	rel, err := filepath.Rel(m.root, m.dir)
	if m.root == "" || err != nil {
		return m, fmt.Errorf("the main package is in no module of yours")
	}
	m.module = g.Main
	if rel != "." {
		var ok bool
		if m.module, ok = strings.CutSuffix(g.Main, "/"+filepath.ToSlash(rel)); !ok {
			return m, fmt.Errorf("the main package is in no module of yours")
		}
	}
	return m, nil
}

// embedsAgent returns why the agent's files would be embedded in the program, or "" if
// they would not: the go command also looks in the overlay for files to embed.
func (m mainPackage) embedsAgent() string {
	for _, dir := range []string{m.dir, m.root} {
		for _, h := range headersIn(dir) {
			for l := range strings.Lines(string(h)) {
				list, ok := strings.CutPrefix(l, "//go:embed")
				if !ok {
					continue
				}
				for _, p := range strings.Fields(list) {
					p = strings.TrimPrefix(strings.Trim(p, "\"`"), "all:")
					file, err := path.Match(p, agentFile)
					folder, _ := path.Match(p, live.AgentFolder)
					if p == "." || err != nil || file || folder {
						return "//go:embed " + p + " would embed the agent as well"
					}
				}
			}
		}
	}
	return ""
}

// writeOverlay writes the agent's files, which are the same in each build. Each main
// package has its own, because those of other programs may be in use.
func writeOverlay(m mainPackage, scratch string) (*agentOverlay, error) {
	sum := sha256.Sum256([]byte(m.dir))
	folder := filepath.Join(scratch, "live-"+hex.EncodeToString(sum[:4]))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	o := &agentOverlay{
		Agent: fast.Agent{Actual: filepath.Join(folder, agentFile), Virtual: filepath.Join(m.dir, agentFile), Flags: live.CompilerFlags},
		file:  filepath.Join(folder, "overlay.json"),
	}
	replace := map[string]string{o.Virtual: o.Actual}
	files := map[string][]byte{o.Actual: fmt.Appendf(nil, "package main\n\nimport _ %q\n", m.module+"/"+live.AgentFolder)}
	for _, name := range live.AgentFiles {
		content, err := live.AgentSource.ReadFile("agent/" + name)
		if err != nil {
			return nil, err
		}
		actual := filepath.Join(folder, name)
		replace[filepath.Join(m.root, live.AgentFolder, name)], files[actual] = actual, content
	}
	text, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err != nil {
		return nil, err
	}
	files[o.file] = text
	for name, content := range files {
		if old, err := os.ReadFile(name); err == nil && string(old) == string(content) {
			continue
		}
		if err := atomicfile.Write(name, content, 0o600); err != nil {
			return nil, err
		}
	}
	return o, nil
}
