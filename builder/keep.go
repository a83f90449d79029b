package builder

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/fast"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/internal/atomicfile"
)

// maxKept is the number of plans kept for all projects. Each is a file of about a
// megabyte.
const maxKept = 32

// maxChanged is the number of packages that may have changed since a plan was kept. If
// more have, the go command builds: that brings its cache up to date, and the plan.
const maxChanged = 8

// keep writes a plan that was just made to a file, for the next start. A failure only
// makes that start slower.
func (b *Builder) keep(ctx context.Context, p *plan) {
	if p.req.Keep == "" {
		return
	}
	maker, err := b.maker(ctx, p.req)
	if err != nil {
		return
	}
	text, err := p.Keep(maker)
	if err != nil || os.MkdirAll(p.req.Keep, 0o700) != nil {
		return
	}
	if atomicfile.Write(keepFile(p.req), text, 0o600) == nil {
		sweepKept(p.req.Keep)
	}
}

// restore returns the plan that was kept for a request; nil if there is none, or if
// anything except the program's own sources has changed since.
func (b *Builder) restore(ctx context.Context, req Request) *plan {
	if req.Keep == "" || req.Scratch == "" {
		return nil
	}
	text, err := os.ReadFile(keepFile(req))
	if err != nil {
		return nil
	}
	tool, err := b.tool(ctx, req.Dir, req.Env)
	if err != nil || fast.Understands(gocmd.FlagsInForce(req.Flags, tool), req.Target) != nil {
		return nil
	}
	tools, err := b.toolsOf(tool, req.Env)
	if err != nil || !tested(tools.Version) {
		return nil
	}
	maker, err := b.maker(ctx, req)
	if err != nil {
		return nil
	}
	program, err := b.fastProgram(req, tool, tools)
	if err != nil {
		return nil
	}
	p, err := fast.Restore(program, text, maker, maxChanged)
	if err != nil {
		_ = os.RemoveAll(program.Folder)
		return nil
	}
	return &plan{Plan: p, req: req, cached: p.Cached()}
}

// unkeep removes the plan that was kept for a request, which may be the cause of a
// failure.
func unkeep(req Request) {
	if req.Keep != "" {
		_ = os.Remove(keepFile(req))
	}
}

func keepFile(req Request) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %v %v", req.Dir, req.Target, req.Flags, req.Debug, req.Live))
	return filepath.Join(req.Keep, fmt.Sprintf("%x.json", sum[:12]))
}

// maker identifies who may use a plan: this build of hotdev, with these settings of the
// go command, in this environment.
func (b *Builder) maker(ctx context.Context, req Request) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	st, err := os.Stat(self)
	if err != nil {
		return "", err
	}
	tool, err := b.tool(ctx, req.Dir, req.Env)
	if err != nil {
		return "", err
	}
	settings, err := json.Marshal(tool)
	if err != nil {
		return "", err
	}
	env := slices.DeleteFunc(slices.Clone(gocmd.Environ(req.Env)), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return name == "" || elsewhere[name] || strings.HasPrefix(name, "TMUX") || strings.HasPrefix(name, "SSH_")
	})
	slices.Sort(env)
	h := sha256.New()
	fmt.Fprintf(h, "1 %s %d %v\n%s\n%q\n%q", self, st.Size(), st.ModTime(), settings, env, req.GoEnv)
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}

// elsewhere are variables that differ between terminals and that neither the go command
// nor its tools read.
var elsewhere = map[string]bool{
	"_": true, "COLUMNS": true, "LINES": true, "OLDPWD": true, "PWD": true, "SHLVL": true, "TERM": true, "TERM_PROGRAM": true,
	"TERM_PROGRAM_VERSION": true, "TERM_SESSION_ID": true, "COLORTERM": true, "WINDOWID": true, "STY": true, "WINDOW": true,
}

// sweepKept removes the oldest plans.
func sweepKept(folder string) {
	files, _ := filepath.Glob(filepath.Join(escapeGlob(folder), "*.json"))
	if len(files) <= maxKept {
		return
	}
	age := func(f string) int64 {
		st, err := os.Stat(f)
		if err != nil {
			return 0
		}
		return st.ModTime().UnixNano()
	}
	slices.SortFunc(files, func(a, b string) int { return int(min(1, max(-1, age(a)-age(b)))) })
	for _, f := range files[:len(files)-maxKept] {
		_ = os.Remove(f)
	}
}
