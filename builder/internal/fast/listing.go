package fast

import (
	"context"
	"fmt"
	"slices"

	"github.com/hotdev/hotdev/builder/internal/gocmd"
)

// A Listed is a package of the program, as the go command lists it.
type Listed struct {
	ImportPath, Name, Dir string
	Standard              bool
	Module                *Module
	GoFiles, Imports      []string
	Foreign
	DefaultGODEBUG  string // of the main package
	Export, BuildID string // of its archive, with -export
}

// Foreign are the files of a package that take more than the Go compiler.
type Foreign struct {
	CgoFiles, CFiles, CXXFiles, MFiles, FFiles, SFiles, SysoFiles, SwigFiles, SwigCXXFiles []string
}

// A Module is where a package is from.
type Module struct {
	Path, Version, Dir, GoVersion string
	Replace                       *Module
}

func (m *Module) String() string {
	if m == nil {
		return ""
	}
	return fmt.Sprintf("%q %q %q %q (%v)", m.Path, m.Version, m.Dir, m.GoVersion, m.Replace)
}

func (f Foreign) equal(o Foreign) bool { return slices.EqualFunc(f.all(), o.all(), slices.Equal) }

func (f Foreign) all() [][]string {
	return [][]string{f.CgoFiles, f.CFiles, f.CXXFiles, f.MFiles, f.FFiles, f.SFiles, f.SysoFiles, f.SwigFiles, f.SwigCXXFiles}
}

// none reports whether there is no such file.
func (f Foreign) none() bool { return f.equal(Foreign{}) }

// list lists packages and all that they import, dependencies first. With -export
// it tells where the go command keeps their archives, and has it make those that
// it has not.
func (p *Plan) list(ctx context.Context, patterns []string, flags ...string) (found []Listed, err error) {
	const fields = "ImportPath,Name,Dir,Standard,Module,GoFiles,Imports,DefaultGODEBUG,Export,BuildID," +
		"CgoFiles,CFiles,CXXFiles,MFiles,FFiles,SFiles,SysoFiles,SwigFiles,SwigCXXFiles"
	args := slices.Concat([]string{"go", "list"}, p.Flags, []string{"-deps"}, flags, []string{"-json=" + fields, "--"}, patterns)
	var out gocmd.Values[Listed]
	if err := p.run(ctx, args, out.Line); err != nil {
		return nil, err
	}
	if found, err = out.All(); err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	return found, nil
}

// node is a package as it is listed.
func (p *Plan) node(l Listed) *Node {
	n := &Node{Path: l.ImportPath, Archive: l.Export, id: l.BuildID, From: p.seen[l.ImportPath], listed: l}
	switch {
	case n.From != nil:
	case l.Standard:
		n.origin = "the standard library"
	default:
		n.step = &compileStep{files: gocmd.Absolute(l.Dir, l.GoFiles)}
		n.origin = fmt.Sprintf("%q %v", l.Dir, l.Module)
	}
	return n
}

// imports are what a package's files import, but for C and unsafe, which are no
// archives, and what it is built with besides; sorted.
func (p *Plan) imports(l Listed) []string {
	if s := p.seen[l.ImportPath]; s != nil {
		l.Imports = s.Pkg.Imports // not those of an overlay
	}
	return p.builtWith(l)
}

// builtWith is imports of a package that imports what is listed.
func (p *Plan) builtWith(l Listed) []string {
	all := l.Imports
	switch l.ImportPath {
	case "runtime/cgo":
	case "runtime/race", "runtime/msan", "runtime/asan":
		all = slices.Concat(all, []string{"runtime/cgo"})
	default:
		if len(l.CgoFiles) > 0 {
			all = slices.Concat(all, []string{"runtime/cgo", "syscall"})
		}
	}
	if l.ImportPath == p.Graph.Main {
		all = slices.Concat(all, p.implicit)
	}
	all = slices.DeleteFunc(slices.Sorted(slices.Values(all)), func(i string) bool { return i == "C" || i == "unsafe" })
	return slices.Compact(all)
}

// linkedWith are the packages that a program consists of where packages import
// what imports says, dependencies first. It fails if they import each other in a
// circle.
func linkedWith(main string, imports func(path string) []string) (order []string, ok bool) {
	const entered, left = 1, 2
	state := map[string]int{}
	var visit func(path string) bool
	visit = func(path string) bool {
		if state[path] != 0 {
			return state[path] == left
		}
		state[path] = entered
		for _, i := range imports(path) {
			if !visit(i) {
				return false
			}
		}
		state[path] = left
		order = append(order, path)
		return true
	}
	ok = visit(main)
	return order, ok
}
