package builder

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/disk"
	"github.com/hotdev/hotdev/builder/internal/fast"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/builder/internal/live"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// agentFolder is where the agent's package is, in the overlay of the program's
// module; agentFile is what imports it, in that of the main package.
const (
	agentFolder = "hotdevlive"
	agentFile   = "zz_hotdev_live.go"
)

// withAgent has the program built with the agent, if req wants it and it can be.
func (b *Builder) withAgent(ctx context.Context, req Request) Request {
	if _, ok := CanPatch(); !req.Live || !ok || req.Scratch == "" || gocmd.NamesFiles(req.Target) {
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
	p, _, _ := b.program(req.Output).now()
	if p != nil && sameRequest(p.req, req) {
		req.agent = p.req.agent
		return req
	}
	return b.withAgent(ctx, req)
}

// An agentOverlay is how the agent comes into a program.
type agentOverlay struct {
	fast.Agent        // its file is what imports the agent's package
	file       string // of the overlay, in JSON
}

// writeOverlay writes the agent's files, which stay the same from build to build.
func writeOverlay(g source.Graph, scratch string) (*agentOverlay, error) {
	i := slices.IndexFunc(g.Packages, func(p source.Package) bool { return p.ImportPath == g.Main })
	if i < 0 || g.Packages[i].Name != "main" {
		return nil, fmt.Errorf("no main package")
	}
	dir, root := g.Packages[i].Dir, ""
	for _, r := range g.Roots {
		if len(r) > len(root) && disk.Within(r, dir) {
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
	o := &agentOverlay{
		Agent: fast.Agent{Actual: filepath.Join(folder, agentFile), Virtual: filepath.Join(dir, agentFile), Flags: live.CompilerFlags},
		file:  filepath.Join(folder, "overlay.json"),
	}
	replace := map[string]string{o.Virtual: o.Actual}
	files := map[string][]byte{o.Actual: fmt.Appendf(nil, "package main\n\nimport _ %q\n", module+"/"+agentFolder)}
	for _, name := range live.AgentFiles {
		content, err := live.AgentSource.ReadFile("agent/" + name)
		if err != nil {
			return nil, err
		}
		actual := filepath.Join(folder, name)
		replace[filepath.Join(root, agentFolder, name)], files[actual] = actual, content
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
		if err := os.WriteFile(name, content, 0o600); err != nil {
			return nil, err
		}
	}
	return o, nil
}
