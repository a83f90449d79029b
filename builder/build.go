package builder

import (
	"cmp"
	"context"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder/complaint"
	"github.com/hotdev/hotdev/builder/internal/compiler"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/builder/internal/goobj"
)

// Hooks report the progress of a build. They are called one at a time, on goroutines of
// the build, which waits for them. A nil hook is not called.
type Hooks struct {
	// Progress: the compiler begins with a package. Packages from the cache are not
	// reported.
	Progress func(pkg string)
	// Linking: the linker begins. Only fast builds call it: the go command does not
	// report its linker.
	Linking func()
	// Generated: the Before commands have run, the compile has not begun. It is
	// called only if there are such commands and all succeeded.
	Generated func()
	// Unpatchable returns why files that changed must not be put into the running
	// program; empty if they may. Only [Builder.Patch] calls it.
	Unpatchable func(files []string) string

	live *Live // what is compiled is to be put into this program
}

// begun calls Progress, if it is set.
func (h Hooks) begun(pkg string) {
	if h.Progress != nil {
		h.Progress(pkg)
	}
}

// A dialect is what a go command does not understand: old ones lack the newer flags.
type dialect struct{ noJSON, noActions bool }

// Build runs the Before commands, then compiles and links into a temporary file in the
// folder of req.Output, which it creates if needed. A build that cannot succeed
// (compile errors, a generator that fails) is a Result; an error is ctx's, or means
// that the build could not be tried.
//
// Builds of one output wait for each other; those of others run side by side, but for
// the Before commands, which run alone. When Build returns, its processes have ended
// and its temporary files are gone, except the artifact.
func (b *Builder) Build(ctx context.Context, req Request, h Hooks) (Result, error) {
	turn, err := b.own(ctx, b.program(req.Output), len(req.Before) > 0)
	if err != nil {
		return Result{}, err
	}
	defer turn.done()
	start := time.Now()
	r, err := b.buildOne(ctx, turn, req, h)
	if err != nil {
		if ctx.Err() != nil {
			return Result{}, ctx.Err()
		}
		return Result{}, fmt.Errorf("build %s: %w", strings.Join(req.Target, " "), err)
	}
	r.Took = time.Since(start)
	return r, nil
}

func (b *Builder) buildOne(ctx context.Context, turn *turn, req Request, h Hooks) (Result, error) {
	if err := CheckFlags(req.Flags); err != nil {
		return Result{}, err
	}
	failed, err := b.generate(ctx, turn, req, h)
	if err != nil || len(failed) > 0 {
		return Result{Diagnostics: failed}, err
	}
	began := time.Now() // what is written from now on may be missing in the binary
	place, err := b.scratch(req.Output)
	if err != nil {
		return Result{}, err
	}
	req = b.withPlannedAgent(ctx, req)
	made := madeBy{req: req, began: began}
	r, err := b.tryFast(ctx, req, h, place, &made)
	if err != nil && ctx.Err() == nil {
		full := err.Error()
		prog := b.program(req.Output)
		prog.appendTo(nil)
		prog.unappendable = false
		req = b.withAgent(ctx, req)
		made = madeBy{req: req, began: began}
		r, err = b.compile(ctx, req, h, place)
		if without, ok := b.withoutAgent(req, r.Diagnostics); ok {
			req = without
			made = madeBy{req: req, began: began}
			r, err = b.compile(ctx, req, h, place)
		}
		r.Full = full
		if h.live != nil && r.OK() {
			r.Unpatched = full
		}
	}
	return b.conclude(place, made, r, err)
}

// conclude removes what a build leaves behind, except its artifact, and remembers how
// that was made.
func (b *Builder) conclude(place scratch, made madeBy, r Result, err error) (Result, error) {
	made.ids, r.ids = r.ids, nil
	if err == nil && r.Same {
		b.program(made.req.Output).publish(made)
	}
	if err != nil || r.Artifact.Temp == "" {
		place.remove()
		return r, err
	}
	place.removeWork()
	p := b.program(made.req.Output)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.made[r.Artifact.Temp] = made
	return r, nil
}

// generate runs the Before commands, alone, and then lets other programs build as well.
// It returns diagnostics if one fails.
func (b *Builder) generate(ctx context.Context, turn *turn, req Request, h Hooks) ([]Diagnostic, error) {
	for _, argv := range req.Before {
		failed, err := b.before(ctx, req, argv)
		if err != nil || len(failed) > 0 {
			return failed, err
		}
	}
	if len(req.Before) > 0 && h.Generated != nil {
		h.Generated()
	}
	turn.share()
	return nil, nil
}

// compile runs go build and judges the outcome.
func (b *Builder) compile(ctx context.Context, req Request, h Hooks, place scratch) (Result, error) {
	tool, err := b.tool(ctx, req.Dir, req.Env)
	if err != nil {
		return Result{}, err
	}
	if gocmd.FlagsInForce(nil, tool).On("n") {
		return Result{Diagnostics: []Diagnostic{{Message: "GOFLAGS has -n: the go command would only print what it would do"}}}, nil
	}
	share, err := b.goBuild(ctx)
	if err != nil {
		return Result{}, err
	}
	defer share.done()
	main, given := b.mainName(req), gocmd.FlagsInForce(req.Flags, tool)
	key := gocmd.Key(req.Dir, req.Env)
	b.mu.Lock()
	speak := b.plain[key]
	b.mu.Unlock()

	overlay, err := b.headerOverlay(req, tool, place.work)
	if err != nil {
		return Result{}, err
	}
	actions := filepath.Join(place.work, "actions.json")
	var log buildLog
	for {
		log = buildLog{json: !speak.noJSON, progress: func(pkg string) {
			if pkg == main { // all that it imports is compiled
				share.linking()
			}
			h.begun(pkg)
		}}
		args := []string{"go", "build", "-v", "-o", place.temp}
		if !speak.noActions {
			args = append(args, "-debug-actiongraph="+actions)
		}
		args = append(args, goFlags(req, tool)...)
		if !speak.noJSON {
			args = append(args, "-json")
		}
		args = append(args, share.flags(given)...)
		args = append(args, overlay.flag...)
		args = append(args, req.Target...)
		err = gocmd.Command{Argv: args, Tree: true, Dir: req.Dir, Env: place.environ(gocmd.Environ(req.Env)), Stdout: log.line, Stderr: log.line}.Run(ctx)
		if ctx.Err() != nil {
			return Result{}, ctx.Err()
		}
		if err == nil && tool.CGO_ENABLED == "1" {
			// A listing that ran beside this build may have found C headers that were
			// unknown before. If it fails, the build reports why.
			if b.awaitListing(ctx, req); ctx.Err() != nil {
				return Result{}, ctx.Err()
			}
			next, err := b.headerOverlay(req, tool, place.work)
			if err != nil {
				return Result{}, err
			}
			if !slices.Equal(next.states, overlay.states) {
				if err := share.again(ctx); err != nil {
					return Result{}, err
				}
				overlay = next
				continue
			}
		}
		if err == nil {
			break
		}
		if !gocmd.Failed(err) {
			return Result{}, unlessGo(err)
		}
		next := speak
		next.noJSON = next.noJSON || log.rejected("json")
		next.noActions = next.noActions || log.rejected("debug-actiongraph")
		if next == speak {
			break
		}
		speak = next
		b.mu.Lock()
		b.plain[key] = speak
		b.mu.Unlock()
	}

	var r Result
	r.Compiled, r.Link, r.ids = readActions(actions)
	if err != nil {
		r.Diagnostics, r.Uncompiled = b.diagnose(req, &log, err), !log.compiled()
		return r, nil
	}
	if d, ok := b.unrunnable(req, tool, place.temp); !ok {
		r.Diagnostics = []Diagnostic{d}
		return r, nil
	}
	same, err := compiler.SameProgram(place.temp, req.Output)
	if err != nil {
		return Result{}, err
	}
	if same {
		r.Same = true
		return r, nil
	}
	r.Artifact = Artifact{Temp: place.temp, Path: req.Output}
	return r, nil
}

// goFlags are the flags for go build: the user's, and those that hotdev adds. Debugging
// information is left out unless requested: it takes the linker as long as all its
// other work, and stack traces do not need it. -json and -x in GOFLAGS are meant for
// the user's own builds, so they are turned off.
func goFlags(req Request, tool gocmd.Env) []string {
	given := gocmd.FlagsInForce(req.Flags, tool)
	flags := append(gocmd.NoStamp(req.Flags, tool), req.Flags...)
	for _, name := range []string{"json", "x"} {
		if given.On(name) {
			flags = append(flags, "-"+name+"=false")
		}
	}
	if req.agent != nil {
		flags = append(flags, "-overlay="+req.agent.file)
	}
	if req.Debugger {
		return append(flags, gocmd.ForDebugger(given)...)
	}
	if v, ok := given.Value("ldflags"); !req.Debug {
		if v, add := gocmd.WithoutDebug(v, ok); add {
			flags = append(flags, "-ldflags="+v)
		}
	}
	return flags
}

// diagnose explains a failed build; there is always at least one diagnostic.
func (b *Builder) diagnose(req Request, log *buildLog, failure error) []Diagnostic {
	// Packages are built side by side, so the order in which they fail varies. The
	// order of the graph, dependencies first, is the same in every build.
	p := b.report(req)
	if p.RankOf != nil {
		slices.SortStableFunc(log.sections, func(a, b *section) int { return p.RankOf(a.pkg) - p.RankOf(b.pkg) })
	}
	for _, s := range log.sections {
		p.Begin(s.pkg)
		for _, l := range s.lines {
			p.Line(l)
		}
	}
	list := p.Done()
	if len(list) == 0 {
		list = []Diagnostic{{Message: "go build: " + failure.Error(), More: complaint.LastLines(log.raw, 20)}}
	}
	for i := range list {
		d := &list[i]
		if strings.Contains(d.Message, "no space left on device") || strings.Contains(d.Message, "not enough space on the disk") {
			d.More = append(d.More, "the build works in "+filepath.Dir(req.Output))
		}
	}
	return list
}

// unrunnable explains why a successful build did not make a program; ok if it did.
func (b *Builder) unrunnable(req Request, tool gocmd.Env, temp string) (Diagnostic, bool) {
	f, err := os.Open(temp)
	if err != nil {
		return Diagnostic{Message: "go build wrote no binary: " + err.Error()}, false
	}
	defer f.Close()
	magic := make([]byte, len(goobj.ArchiveMagic))
	n, _ := f.Read(magic)
	mode, _ := gocmd.FlagsInForce(req.Flags, tool).Value("buildmode")
	if string(magic[:n]) == goobj.ArchiveMagic && mode != "c-archive" && mode != "archive" {
		what := strings.Join(req.Target, " ")
		if what == "." {
			what = "the package in " + req.Dir
		}
		d := Diagnostic{Message: what + " is not a main package: there is nothing to run"}
		return withPackageClause(d, req), false
	}
	return Diagnostic{}, true
}

// withPackageClause adds the place of a package clause that does not say main, where the
// target is a folder.
func withPackageClause(d Diagnostic, req Request) Diagnostic {
	if len(req.Target) != 1 {
		return d
	}
	for _, file := range goFilesIn(filepath.Join(req.Dir, filepath.FromSlash(req.Target[0]))) {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, file, nil, parser.PackageClauseOnly)
		if err != nil || f.Name.Name == "main" || strings.HasSuffix(file, "_test.go") {
			continue
		}
		at := fset.Position(f.Name.Pos())
		d.File, d.Line, d.Column = file, at.Line, at.Column
		return complaint.WithExcerpts([]Diagnostic{d})[0]
	}
	return d
}

// before runs one of the Before commands. It returns diagnostics if the command failed.
func (b *Builder) before(ctx context.Context, req Request, argv []string) ([]Diagnostic, error) {
	if len(argv) == 0 {
		return nil, nil
	}
	req.Dir = cmp.Or(req.BeforeDir, req.Dir) // its messages name files relative to that folder, too
	var out Said
	keep := out.Line
	err := gocmd.Command{Argv: argv, Tree: true, Dir: req.Dir, Env: gocmd.Environ(req.Env), Grace: gocmd.BeforeGrace, Stdout: keep}.Run(ctx)
	if err == nil || ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if gocmd.NotFound(err) {
		return []Diagnostic{{Message: complaint.Clean(strings.Join(argv, " ")) + ": command not found", More: []string{err.Error()}}}, nil
	}
	return out.complaints(b.report(req), argv, err.Error()), nil
}
