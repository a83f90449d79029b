package builder

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/hotdev/hotdev/builder/complaint"
	"github.com/hotdev/hotdev/builder/internal/disk"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/builder/internal/importpath"
)

// A Target is a program that can be built.
type Target struct {
	// ImportPath is the main package's ("command-line-arguments" for files).
	ImportPath string
	// Args name the program to the go command, in the folder that Targets was called
	// for; they are a Request's Target.
	Args []string
	// Name is short, for a screen: "./cmd/api", "main.go", or the last element
	// of the import path for the package of the folder itself.
	Name string
	// Binary is the file name that go build would give the program.
	Binary string
}

// Targets finds the programs that the user names in the folder dir. A name is an import
// path, a relative or absolute folder, a pattern with "...", or a .go file. Without
// names (or with one empty name) the result is the package in dir if it is a main
// package, else all main packages of the module or workspace, for the user to choose
// from.
//
// Targets returns at least one target, or an error that says what to do. A broken
// package that may be a main package is a target, so that its errors appear on the
// screen.
func (b *Builder) Targets(ctx context.Context, dir string, names, flags, env []string) ([]Target, error) {
	if err := CheckFlags(flags); err != nil {
		return nil, err
	}
	// A build that follows asks for the settings of go env first. They are ready then.
	var settings sync.WaitGroup
	settings.Go(func() { _, _ = b.tool(ctx, dir, env) })
	defer settings.Wait()
	q := query{b: b, req: Request{Dir: dir, Flags: flags, Env: env}}
	files := 0
	for _, n := range names {
		if strings.HasSuffix(n, ".go") {
			files++
		}
	}
	switch {
	case len(names) == 0, len(names) == 1 && names[0] == "":
		return q.unnamed(ctx)
	case files == len(names):
		return q.files(ctx, names)
	case files > 0:
		return nil, errors.New("name either packages or .go files, not both")
	}
	return q.packages(ctx, names)
}

// PluginTarget finds the one package to run as a plugin, by names as in Targets;
// without names it is the package in dir. bare reports that the package does not offer
// functions itself, by [ReloadPackage], so that hotdev's host must run it. If it does,
// use Targets.
func (b *Builder) PluginTarget(ctx context.Context, dir string, names, flags, env []string) (t Target, bare bool, err error) {
	if err := CheckFlags(flags); err != nil {
		return Target{}, false, err
	}
	q := query{b: b, req: Request{Dir: dir, Flags: flags, Env: env}}
	name := "."
	switch {
	case len(names) > 1 || len(names) == 1 && strings.HasSuffix(names[0], ".go"):
		return Target{}, false, fmt.Errorf("%s: a plugin is named by its package, not by files", strings.Join(names, " "))
	case len(names) == 1 && names[0] != "":
		name = q.pattern(names[0])
	}
	found, complaints, err := b.goList(ctx, q.req, append([]string{"-e", "-deps"}, flags...), []string{name})
	if err != nil {
		return Target{}, false, err
	}
	if len(complaints) > 0 {
		return Target{}, false, q.complaint(complaints)
	}
	bare = true
	var own []listed
	for _, p := range found {
		if p.ImportPath == ReloadPackage {
			bare = false
		}
		if !p.DepOnly {
			own = append(own, p)
		}
	}
	switch p := own; {
	case len(p) == 0:
		return Target{}, false, fmt.Errorf("%s matches no package", name)
	case len(p) > 1:
		return Target{}, false, fmt.Errorf("%s matches %d packages; name the one to run", name, len(p))
	case p[0].Dir == "" && p[0].Error != nil:
		return Target{}, false, q.failure(p[0])
	default:
		return q.target(p[0]), bare && p[0].ImportPath != ReloadPackage, nil
	}
}

// A query is one call of Targets.
type query struct {
	b   *Builder
	req Request
}

// list runs go list without dependencies.
func (q query) list(ctx context.Context, patterns ...string) ([]listed, error) {
	flags := append([]string{"-e", "-find"}, q.req.Flags...)
	found, complaints, err := q.b.goList(ctx, q.req, flags, patterns)
	if err != nil {
		return nil, err
	}
	if len(complaints) > 0 {
		return nil, q.complaint(complaints)
	}
	return found, nil
}

// complaint returns what the go command printed as an error.
func (q query) complaint(lines []string) error {
	p := &complaint.Report{Dir: q.req.Dir}
	for _, l := range lines {
		p.Line(l)
	}
	p.End()
	var first *Diagnostic
	if len(p.Out) > 0 {
		first = &p.Out[0]
	}
	if err := q.obstacle(lines, first); err != nil {
		return err
	}
	if first == nil {
		return fmt.Errorf("go list: %s", strings.Join(lines, "; "))
	}
	return errors.New(q.sentence(*first))
}

// failure returns the errors of a package as one error.
func (q query) failure(p listed) error {
	r := &complaint.Report{Dir: q.req.Dir}
	p.Error.parse(r, func(string, string) string { return "" })
	r.End()
	if len(r.Out) == 0 {
		return errors.New(p.Error.Err)
	}
	return errors.New(q.sentence(r.Out[0]))
}

func (q query) sentence(d Diagnostic) string {
	text := d.Message
	if d.File != "" {
		place := q.short(d.File)
		if d.Line > 0 {
			place += fmt.Sprintf(":%d", d.Line)
		}
		if d.Column > 0 {
			place += fmt.Sprintf(":%d", d.Column)
		}
		text = place + ": " + text
	}
	for _, m := range d.More {
		text += "\n\t" + m
	}
	return text
}

// short returns a path as the user would write it.
func (q query) short(path string) string {
	if rel, err := filepath.Rel(q.req.Dir, path); err == nil && !strings.HasPrefix(rel, "..") {
		return rel
	}
	return path
}

func (q query) unnamed(ctx context.Context) ([]Target, error) {
	if t, ok := q.quick(ctx, "."); ok {
		return []Target{t}, nil
	}
	here, err := q.list(ctx, ".")
	if err != nil {
		return nil, err
	}
	for _, p := range here {
		if q.mayBeMain(p) {
			return []Target{q.target(p)}, nil
		}
	}
	return q.everywhere(ctx)
}

// AllTargets finds all programs of the module, or of the workspace, that contains dir.
func (b *Builder) AllTargets(ctx context.Context, dir string, flags, env []string) ([]Target, error) {
	if err := CheckFlags(flags); err != nil {
		return nil, err
	}
	return query{b: b, req: Request{Dir: dir, Flags: flags, Env: env}}.everywhere(ctx)
}

func (q query) everywhere(ctx context.Context) ([]Target, error) {
	roots, err := q.moduleDirs(ctx)
	if err != nil {
		return nil, err
	}
	var patterns []string
	for _, r := range roots {
		patterns = append(patterns, q.relative(r)+"/...")
	}
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	all, err := q.list(ctx, patterns...)
	if err != nil {
		return nil, err
	}
	targets := q.mains(all)
	if len(targets) == 0 {
		return nil, &Obstacle{
			Kind: NoProgram, Dir: q.req.Dir,
			Text: fmt.Sprintf("no main package in %s: there is nothing to run", strings.Join(roots, ", ")),
		}
	}
	return targets, nil
}

// moduleDirs are the folders of the main module, or of all modules of the workspace.
func (q query) moduleDirs(ctx context.Context) ([]string, error) {
	var dirs, text []string
	err := gocmd.Command{
		Argv: []string{"go", "list", "-m", "-json=false", "-f", "{{.Dir}}"}, Dir: q.req.Dir, Env: gocmd.Environ(q.req.Env),
		Stdout: func(l string) { dirs = append(dirs, l) },
		Stderr: func(l string) { text = append(text, l) },
	}.Run(ctx)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, q.complaint(append(text, "go list -m: "+err.Error()))
	}
	return dirs, nil
}

func (q query) files(ctx context.Context, names []string) ([]Target, error) {
	for _, n := range names {
		path := n
		if !filepath.IsAbs(n) {
			path = filepath.Join(q.req.Dir, n)
		}
		if !disk.Regular(path) {
			return nil, fmt.Errorf("%s: no such file", path)
		}
	}
	found, err := q.list(ctx, names...)
	if err != nil {
		return nil, err
	}
	for _, p := range found {
		if p.Name != "" && p.Name != "main" {
			return nil, fmt.Errorf("%s: package %s is not a main package", strings.Join(names, " "), p.Name)
		}
	}
	return []Target{newTarget("command-line-arguments", strings.Join(names, " "), names...)}, nil
}

func (q query) packages(ctx context.Context, names []string) ([]Target, error) {
	var targets []Target
	for _, n := range names {
		if t, ok := q.quick(ctx, q.pattern(n)); ok {
			targets = append(targets, t)
			continue
		}
		found, err := q.list(ctx, q.pattern(n))
		if err != nil {
			return nil, err
		}
		if strings.Contains(n, "...") {
			mains := q.mains(found)
			if len(mains) == 0 {
				return nil, fmt.Errorf("%s matches no main package", n)
			}
			targets = append(targets, mains...)
			continue
		}
		for _, p := range found {
			switch {
			case q.mayBeMain(p):
				targets = append(targets, q.target(p))
			case p.Error != nil:
				return nil, q.failure(p)
			default:
				return nil, fmt.Errorf("%s: package %s is not a main package: there is nothing to run", n, p.ImportPath)
			}
		}
	}
	if len(targets) == 0 {
		return nil, fmt.Errorf("%s matches no package", strings.Join(names, " "))
	}
	return targets, nil
}

// pattern is the argument for the go command: a folder called n takes precedence over a
// package of the standard library.
func (q query) pattern(n string) string {
	if st := filepath.Join(q.req.Dir, filepath.FromSlash(n)); !filepath.IsAbs(n) && n[0] != '.' && disk.IsDir(st) {
		return "./" + filepath.ToSlash(n)
	}
	return n
}

// mayBeMain reports whether a package is a main package, or too broken to decide.
func (q query) mayBeMain(p listed) bool {
	if p.Name == "main" {
		return len(p.GoFiles)+len(p.CgoFiles) > 0
	}
	return p.Name == "" && p.Error != nil && len(p.GoFiles)+len(p.CgoFiles)+len(p.InvalidGoFiles) > 0
}

func (q query) mains(found []listed) []Target {
	var targets []Target
	for _, p := range found {
		if p.Name == "main" && q.mayBeMain(p) {
			targets = append(targets, q.target(p))
		}
	}
	return targets
}

func (q query) target(p listed) Target {
	if p.Dir == "" || p.Standard || p.Module != nil && !local(p.Module) {
		return newTarget(p.ImportPath, p.ImportPath, p.ImportPath)
	}
	rel := q.relative(p.Dir)
	name := rel
	if rel == "." {
		name = importpath.LastElement(p.ImportPath)
		if name == "." || name == "/" { // too broken to have an import path
			name = filepath.Base(p.Dir)
		}
	}
	return newTarget(p.ImportPath, name, rel)
}

func newTarget(importPath, name string, args ...string) Target {
	return Target{ImportPath: importPath, Args: args, Name: name, Binary: binaryName(importPath, args)}
}

// binaryName is the file name that go build gives a program on this system.
func binaryName(importPath string, args []string) string {
	name := importpath.LastElement(importPath)
	if gocmd.NamesFiles(args) {
		name = strings.TrimSuffix(filepath.Base(args[0]), ".go")
	}
	if name == "" || name == "." || name == string(filepath.Separator) {
		name = "main"
	}
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return name
}

// relative returns a folder as the go command takes it: "./x", "../x", or absolute if
// there is no relative path (on another drive).
func (q query) relative(dir string) string {
	rel, err := filepath.Rel(q.req.Dir, dir)
	if err != nil {
		return dir
	}
	rel = filepath.ToSlash(rel)
	if rel != "." && !strings.HasPrefix(rel, "../") && rel != ".." {
		rel = "./" + rel
	}
	return rel
}
