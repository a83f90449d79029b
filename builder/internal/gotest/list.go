package gotest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/complaint"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
)

// listed is what hotdev asks go list for. Each further field takes go list more time.
type listed struct {
	Dir, ImportPath, ForTest string
	Standard, DepOnly        bool
	Module                   *module

	GoFiles, CgoFiles, CFiles, CXXFiles, MFiles, HFiles, FFiles, SFiles []string
	SwigFiles, SwigCXXFiles, SysoFiles, EmbedFiles                      []string
	TestGoFiles, XTestGoFiles, TestEmbedFiles, XTestEmbedFiles          []string
	Imports, TestImports, XTestImports                                  []string
	Error                                                               *struct{ Pos, Err string }
}

const listFields = "Dir,ImportPath,ForTest,Standard,DepOnly,Module," +
	"GoFiles,CgoFiles,CFiles,CXXFiles,MFiles,HFiles,FFiles,SFiles,SwigFiles,SwigCXXFiles,SysoFiles,EmbedFiles," +
	"TestGoFiles,XTestGoFiles,TestEmbedFiles,XTestEmbedFiles,Imports,TestImports,XTestImports,Error"

type module struct {
	Dir, GoMod string
	Main       bool
	Replace    *module
}

// local reports whether the user may edit the module.
func (m *module) local() bool { return m.Main || m.Replace != nil && m.Replace.Dir != "" }

// List returns the user's packages, and what they and their tests are made of. tool is
// the answer of go env. An error means that the go command could not be run, or is
// ctx's.
func List(ctx context.Context, req Request, tool gocmd.Env) (Graph, error) {
	roots, complaints, err := moduleDirs(ctx, req)
	if err != nil {
		return Graph{}, err
	}
	g := Graph{Roots: roots, Files: shaping(tool, roots)}
	if len(roots) == 0 { // a go.mod or go.work that does not parse, say; it is watched until it does
		g.Roots = []string{mainFolder(req.Dir, tool)}
		g.Files = shaping(tool, g.Roots)
	}
	report := &complaint.Report{Dir: req.Dir}
	if len(roots) > 0 {
		found, more, err := goList(ctx, req, patterns(req.Dir, roots))
		if err != nil {
			return Graph{}, err
		}
		complaints = append(complaints, more...)
		g.fill(found, tool.VendorFolder(), report)
	}
	report.Begin("")
	for _, c := range complaints {
		report.Line(c)
	}
	g.Diagnostics = report.Done()
	return g, nil
}

// moduleDirs returns the folders of the main module, or of all modules of the
// workspace.
func moduleDirs(ctx context.Context, req Request) (dirs, complaints []string, err error) {
	err = gocmd.Command{
		Argv: []string{"go", "list", "-m", "-json=false", "-f", "{{.Dir}}"}, Dir: req.Dir, Env: gocmd.Environ(req.Env),
		Stdout: func(l string) {
			if l != "" {
				dirs = append(dirs, l)
			}
		},
		Stderr: func(l string) { complaints = append(complaints, l) },
	}.Run(ctx)
	switch {
	case ctx.Err() != nil:
		return nil, nil, ctx.Err()
	case gocmd.Failed(err):
		if len(complaints) == 0 {
			complaints = []string{"go list -m: " + err.Error()}
		}
		return dirs, complaints, nil
	case err != nil:
		return nil, nil, fmt.Errorf("go list -m: %w", err)
	}
	return dirs, nil, nil
}

// mainFolder returns the folder of the main module as go env knows it, which does not
// read go.mod; or, without a module, dir.
func mainFolder(dir string, tool gocmd.Env) string {
	if tool.GOMOD == "" || tool.GOMOD == os.DevNull {
		return dir
	}
	return filepath.Dir(tool.GOMOD)
}

// patterns returns the patterns for all packages of the modules.
func patterns(dir string, roots []string) []string {
	var all []string
	for _, r := range roots {
		if rel, err := filepath.Rel(dir, r); err == nil {
			r = filepath.ToSlash(rel)
			if !strings.HasPrefix(r, ".") {
				r = "./" + r
			}
		}
		all = append(all, r+"/...")
	}
	return all
}

// shaping returns the files whose change may change anything.
func shaping(tool gocmd.Env, roots []string) []string {
	var files []string
	if filepath.IsAbs(tool.GOWORK) {
		files = append(files, tool.GOWORK, tool.GOWORK+".sum")
	}
	for _, r := range roots {
		files = append(files, filepath.Join(r, "go.mod"), filepath.Join(r, "go.sum"))
		if tool.GOWORK != "" {
			continue
		}
		for _, dir := range []string{r, filepath.Dir(r)} { // one that appears there makes a workspace
			files = append(files, filepath.Join(dir, "go.work"))
		}
	}
	if v := tool.VendorFolder(); v != "" {
		files = append(files, filepath.Join(v, "modules.txt"))
	}
	return files
}

func goList(ctx context.Context, req Request, patterns []string) (found []listed, complaints []string, err error) {
	args := append([]string{"go", "list", "-e", "-deps", "-test", "-json=" + listFields}, graphFlags(req.Flags)...)
	args = append(append(args, "--"), patterns...)
	var text []string
	found, err = gocmd.List[listed](ctx, gocmd.Command{
		Argv: args, Dir: req.Dir, Env: gocmd.Environ(req.Env),
		Stderr: func(l string) { text = append(text, l) },
	})
	failed := gocmd.Failed(err)
	switch {
	case ctx.Err() != nil:
		return nil, nil, ctx.Err()
	case err != nil && !failed:
		return nil, nil, fmt.Errorf("go list: %w", err)
	}
	if !failed {
		text = nil // they are only warnings
	}
	return found, text, nil
}

// fill adds those of the packages found that are the user's own.
func (g *Graph) fill(found []listed, vendor string, report *complaint.Report) {
	own := map[string]bool{}
	for _, p := range found {
		if p.own(vendor) {
			own[p.ImportPath] = true
		}
	}
	only := func(lists ...[]string) (some []string) {
		for _, path := range slices.Concat(lists...) {
			if own[path] && !slices.Contains(some, path) {
				some = append(some, path)
			}
		}
		return some
	}
	for _, p := range found {
		if p.ForTest == "" && p.Error != nil && !p.Standard {
			report.Begin(p.ImportPath)
			text := p.Error.Err
			if p.Error.Pos != "" && !strings.HasPrefix(text, p.Error.Pos) {
				text = p.Error.Pos + ": " + text
			}
			for l := range strings.Lines(text) {
				report.Line(strings.TrimRight(l, "\r\n"))
			}
		}
		if !p.own(vendor) {
			continue
		}
		one := Package{
			ImportPath: p.ImportPath, Dir: p.Dir,
			Files: gocmd.Absolute(p.Dir, slices.Concat(p.GoFiles, p.CgoFiles, p.CFiles, p.CXXFiles, p.MFiles, p.HFiles, p.FFiles,
				p.SFiles, p.SwigFiles, p.SwigCXXFiles, p.SysoFiles, p.EmbedFiles)),
			TestFiles: gocmd.Absolute(p.Dir, slices.Concat(p.TestGoFiles, p.XTestGoFiles, p.TestEmbedFiles, p.XTestEmbedFiles)),
			Imports:   only(p.Imports), TestImports: only(p.TestImports, p.XTestImports),
			Tested: !p.DepOnly && len(p.TestGoFiles)+len(p.XTestGoFiles) > 0,
		}
		if root := p.Module.root(); root != "" && !slices.Contains(g.Roots, root) {
			g.Roots = append(g.Roots, root)
			g.Files = append(g.Files, filepath.Join(root, "go.mod"), filepath.Join(root, "go.sum"))
		}
		g.Packages = append(g.Packages, one)
	}
}

// own reports whether the user may edit the package. A package compiled for a test is
// not a separate package; and the main package of a test, whose only file is in the go
// command's cache, is the go command's.
func (p listed) own(vendor string) bool {
	if len(p.GoFiles) == 1 && filepath.IsAbs(p.GoFiles[0]) && strings.HasSuffix(p.ImportPath, ".test") {
		return false
	}
	if p.Standard || p.ForTest != "" || p.Dir == "" || p.Module == nil || !p.Module.local() {
		return false
	}
	return vendor == "" || !strings.HasPrefix(p.Dir, vendor+string(filepath.Separator))
}

func (m *module) root() string {
	if m.Replace != nil && m.Replace.Dir != "" {
		return m.Replace.Dir
	}
	return m.Dir
}
