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

// Foreign are the files of a package that need more than the Go compiler.
type Foreign struct {
	CgoFiles, CFiles, CXXFiles, MFiles, FFiles, SFiles, SysoFiles, SwigFiles, SwigCXXFiles []string
}

// A Module is the module that a package belongs to.
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

// none reports whether there are no such files.
func (f Foreign) none() bool { return f.equal(Foreign{}) }

const listedFields = "ImportPath,Name,Dir,Standard,Module,GoFiles,Imports,DefaultGODEBUG,Export,BuildID," +
	"CgoFiles,CFiles,CXXFiles,MFiles,FFiles,SFiles,SysoFiles,SwigFiles,SwigCXXFiles"

// list lists packages and all that they import, dependencies first. With -export the go
// command also reports where their archives are in its cache, and compiles those that
// are missing.
func (p *Plan) list(ctx context.Context, patterns []string, flags ...string) (found []Listed, err error) {
	return listAs[Listed](ctx, p, listedFields, patterns, flags...)
}

// listAs is list for other fields.
func listAs[T any](ctx context.Context, p *Plan, fields string, patterns []string, flags ...string) (found []T, err error) {
	args := slices.Concat([]string{"go", "list"}, p.Flags, []string{"-deps"}, flags, []string{"-json=" + fields, "--"}, patterns)
	var out gocmd.Values[T]
	if err := p.run(ctx, args, out.Line); err != nil {
		return nil, err
	}
	if found, err = out.All(); err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	return found, nil
}

// node returns a node for a package of the listing.
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

// imports returns the packages that need an archive to compile this one: what its files
// import, except C and unsafe, and the packages that it is built with implicitly;
// sorted.
func (p *Plan) imports(l Listed) []string {
	if s := p.seen[l.ImportPath]; s != nil {
		l.Imports = s.Pkg.Imports // without those of an overlay
	}
	return p.builtWith(l)
}

// builtWith returns the imports of a package that imports what is listed.
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

// linkedWith returns the packages that a program consists of, dependencies first.
// imports returns the imports of a package. ok is false if there is an import cycle.
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
