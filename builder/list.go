package builder

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder/complaint"
	"github.com/hotdev/hotdev/internal/argv"
)

// List tells what a program is made of. Paths are the absolute paths of what
// changed since the last List of the same request; empty means that anything
// may have. If none of them can have changed the graph, same is true, the graph
// is empty, and nothing was run.
//
// What go list complains about is in the graph's Diagnostics. The graph then
// holds, beside what could be listed, all that the last good one held, so that
// a typo does not shrink what is watched. An error means that the go command
// could not be run, or is ctx's.
func (b *Builder) List(ctx context.Context, req Request, paths []string) (g Graph, same bool, err error) {
	if err := take(ctx, b.list); err != nil {
		return Graph{}, false, err
	}
	defer give(b.list)
	key := requestKey(req)
	b.mu.Lock()
	last := b.known[key]
	b.mu.Unlock()
	if last != nil && last.unchangedBy(paths) {
		return Graph{}, true, nil
	}
	if last != nil {
		last.stale = true // until this succeeds
	}
	next, err := b.listAfresh(ctx, req, last, paths)
	if err != nil {
		if ctx.Err() != nil {
			return Graph{}, false, ctx.Err()
		}
		return Graph{}, false, fmt.Errorf("list %s: %w", strings.Join(req.Target, " "), err)
	}
	b.mu.Lock()
	if len(b.known) >= maxKnown {
		clear(b.known) // forgetting costs a go list
	}
	b.known[key] = next
	b.mu.Unlock()
	return next.graph, false, nil
}

// maxKnown requests are remembered. A session has one for each program; each
// change of the configuration makes another.
const maxKnown = 16

func (b *Builder) listAfresh(ctx context.Context, req Request, last *listing, paths []string) (*listing, error) {
	if err := CheckFlags(req.Flags); err != nil {
		return nil, err
	}
	watch := newHeaderWatch(last, paths)
	// Not what is remembered: go.work may have come or gone.
	tool, err := b.askTool(ctx, req.Dir, req.Env)
	if err != nil {
		return nil, err
	}
	args := append([]string{"-e", "-deps"}, noStamp(req.Flags, tool)...)
	args = append(args, req.Flags...)
	found, complaints, err := b.goList(ctx, req, args, slices.Concat(req.Target, req.Plugins))
	if err != nil {
		return nil, err
	}
	if len(req.Plugins) > 0 {
		if err := b.markPlugins(ctx, req, found); err != nil {
			return nil, err
		}
	}
	return b.assemble(req, tool, last, found, complaints, watch), nil
}

// markPlugins tells the request's plugins from its target.
func (b *Builder) markPlugins(ctx context.Context, req Request, found []listed) error {
	plugins, _, err := b.goList(ctx, req, append([]string{"-e", "-find"}, req.Flags...), req.Plugins)
	if err != nil {
		return err
	}
	for i := range found {
		found[i].plugin = slices.ContainsFunc(plugins, func(p listed) bool { return p.ImportPath == found[i].ImportPath })
	}
	return nil
}

// listed is what is asked of go list. Each further field costs it time.
type listed struct {
	Dir        string
	ImportPath string
	Name       string
	Standard   bool
	DepOnly    bool
	Incomplete bool
	Module     *module

	GoFiles, CgoFiles, IgnoredGoFiles, InvalidGoFiles     []string
	CFiles, CXXFiles, MFiles, HFiles, FFiles, SFiles      []string
	SwigFiles, SwigCXXFiles, SysoFiles, IgnoredOtherFiles []string
	EmbedPatterns, EmbedFiles, Imports                    []string
	CgoCPPFLAGS, CgoCFLAGS, CgoCXXFLAGS                   []string
	Error                                                 *listError

	plugin   bool // one of Request.Plugins
	vendored bool // it stands in the vendor folder
}

const listFields = "Dir,ImportPath,Name,Standard,DepOnly,Incomplete,Module," +
	"GoFiles,CgoFiles,IgnoredGoFiles,InvalidGoFiles," +
	"CFiles,CXXFiles,MFiles,HFiles,FFiles,SFiles," +
	"SwigFiles,SwigCXXFiles,SysoFiles,IgnoredOtherFiles," +
	"EmbedPatterns,EmbedFiles,Imports,CgoCPPFLAGS,CgoCFLAGS,CgoCXXFLAGS,Error"

type module struct {
	Path, Version, Dir, GoMod string
	Main                      bool
	Replace                   *module
}

type listError struct {
	ImportStack []string
	Pos, Err    string
}

// goList runs go list. complaints are what it printed beside packages; they
// count only if it failed.
func (b *Builder) goList(ctx context.Context, req Request, flags, patterns []string) (found []listed, complaints []string, err error) {
	args := append([]string{"go", "list", "-json=" + listFields}, flags...)
	args = append(args, "--")
	args = append(args, patterns...)
	var out bytes.Buffer
	var text []string
	err = command{
		argv: args, dir: req.Dir, env: environ(req.Env),
		stdout: func(l string) { out.WriteString(l); out.WriteByte('\n') },
		stderr: func(l string) { text = append(text, l) },
	}.run(ctx)
	if ctx.Err() != nil {
		return nil, nil, ctx.Err()
	}
	failed := false
	if err != nil {
		if exit := new(exec.ExitError); !errors.As(err, &exit) {
			if notFound(err) {
				return nil, nil, noGo()
			}
			return nil, nil, fmt.Errorf("go list: %w", err)
		}
		failed = true
	}
	for dec := json.NewDecoder(&out); ; {
		var p listed
		if derr := dec.Decode(&p); derr != nil {
			if !errors.Is(derr, io.EOF) {
				return nil, nil, fmt.Errorf("go list: its answer makes no sense: %w", derr)
			}
			break
		}
		p.ImportPath, _, _ = strings.Cut(p.ImportPath, " ") // "a [main]" under profile-guided optimisation
		found = append(found, p)
	}
	if !failed {
		text = nil
	} else if len(text) == 0 {
		text = []string{"go list: " + err.Error()}
	}
	return found, text, nil
}

// A goEnv is what the go command says of its settings, the user's go env -w
// included.
type goEnv struct {
	GOFLAGS, GOMOD, GOWORK, GOEXE string
	CGO_ENABLED, CC, CGO_CPPFLAGS string
	CGO_CFLAGS, CGO_CXXFLAGS      string
	GOOS, GOARCH                  string
	GOHOSTOS, GOHOSTARCH          string
	// GOENV is the file of go env -w, and stamp what it was when this was said.
	GOENV, stamp string
}

// tool is what go env said last, in this folder and environment, unless go env
// -w changed it since.
func (b *Builder) tool(ctx context.Context, dir string, env []string) (goEnv, error) {
	key := toolKey(dir, env)
	b.mu.Lock()
	tool, ok := b.tools[key]
	b.mu.Unlock()
	if ok && fileStamp(tool.GOENV) == tool.stamp {
		return tool, nil
	}
	return b.askTool(ctx, dir, env)
}

// EnvFile is the absolute path, existing or not, of the file in which go env -w
// keeps its settings; empty if there is none. An error means that the go command
// could not be run, or is ctx's.
func (b *Builder) EnvFile(ctx context.Context, dir string, env []string) (string, error) {
	tool, err := b.tool(ctx, dir, env)
	if err != nil || !filepath.IsAbs(tool.GOENV) { // it may be "off"
		return "", err
	}
	return tool.GOENV, nil
}

// NoCompiler says in a sentence that there is no C compiler for builds with cgo,
// which plugins are; empty if there is one, or cgo is off. (Where nobody set CC, the
// go command turns cgo off by itself.) Errors are as with EnvFile.
func (b *Builder) NoCompiler(ctx context.Context, dir string, env []string) (string, error) {
	tool, err := b.tool(ctx, dir, env)
	cc, _ := argv.SplitQuoted(tool.CC)
	if err != nil || tool.CGO_ENABLED != "1" || len(cc) == 0 {
		return "", err
	}
	if _, err := lookPath(cc[0], dir, environ(env)); err != nil {
		return fmt.Sprintf("plugins need a C compiler, and there is no %s in PATH", cc[0]), nil
	}
	return "", nil
}

// fileStamp tells a file from what it was; empty if there is none.
func fileStamp(file string) string {
	st, err := os.Stat(file)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%d %v", st.Size(), st.ModTime())
}

func changedAfter(file string, when time.Time) bool {
	st, err := os.Stat(file)
	return err == nil && st.ModTime().After(when)
}

// askTool asks go env. That it fails, in a broken workspace for instance, is no
// error: the command that matters will say so better.
func (b *Builder) askTool(ctx context.Context, dir string, env []string) (tool goEnv, err error) {
	began := time.Now()
	var out strings.Builder
	err = command{
		argv: []string{"go", "env", "-json", "GOFLAGS", "GOMOD", "GOWORK", "GOEXE", "CGO_ENABLED", "CC", "GOENV", "GOOS", "GOARCH", "GOHOSTOS", "GOHOSTARCH"},
		dir:  dir, env: environ(env),
		stdout: func(l string) { out.WriteString(l) },
		stderr: func(string) {},
	}.run(ctx)
	if ctx.Err() != nil {
		return goEnv{}, ctx.Err()
	}
	if err != nil {
		if exit := new(exec.ExitError); !errors.As(err, &exit) {
			if notFound(err) {
				return goEnv{}, noGo()
			}
			return goEnv{}, fmt.Errorf("go env: %w", err)
		}
	}
	if json.Unmarshal([]byte(out.String()), &tool) != nil {
		tool = goEnv{GOFLAGS: getenv(environ(env), "GOFLAGS"), GOWORK: getenv(environ(env), "GOWORK")}
	}
	tool.CGO_CPPFLAGS, tool.CGO_CFLAGS, tool.CGO_CXXFLAGS = tool.setting(env, "CGO_CPPFLAGS"), tool.setting(env, "CGO_CFLAGS"), tool.setting(env, "CGO_CXXFLAGS")
	if tool.stamp = fileStamp(tool.GOENV); changedAfter(tool.GOENV, began) {
		tool.stamp = "written while go env ran" // the next one asks again
	}
	b.mu.Lock()
	if len(b.tools) >= maxKnown {
		clear(b.tools)
	}
	b.tools[toolKey(dir, env)] = tool
	b.mu.Unlock()
	return tool, nil
}

// setting is what the environment or go env -w say of a variable; empty if neither
// does. The go command itself makes a folder for temporary files to tell the flags
// of cgo.
func (t goEnv) setting(env []string, name string) string {
	if v := getenv(environ(env), name); v != "" {
		return v
	}
	text, err := os.ReadFile(t.GOENV)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), name+"="); ok {
			return v
		}
	}
	return ""
}

// toolKey identifies a folder and an environment.
func toolKey(dir string, env []string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q\n%q\n", dir, env)
	return string(h.Sum(nil))
}

// requestKey identifies what shapes a request's graph.
func requestKey(req Request) string {
	return fmt.Sprintf("%q %q %q %s", req.Target, req.Plugins, req.Flags, toolKey(req.Dir, req.Env))
}

// report makes a report that knows what the last List of req found.
func (b *Builder) report(req Request) *complaint.Report {
	p := &complaint.Report{Dir: req.Dir}
	b.mu.Lock()
	last := b.known[requestKey(req)]
	b.mu.Unlock()
	if last != nil {
		p.DirOf, p.OwnerOf, p.RankOf = last.dirOf, last.ownerOf, last.rankOf
		p.FolderOf, p.DependsOn = last.folderOf, last.dependsOn
	}
	return p
}
