package tester

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/watcher"
)

// affected are the packages with tests that may tell the difference when the paths
// have changed, each with its distance: 0 for what belongs to the package itself, then
// the number of imports between. all: anything may have changed.
func affected(g builder.TestGraph, paths []string, also watcher.Set) (near map[string]int, all bool) {
	library := map[string]int{} // packages whose code changed, and who imports them
	near = map[string]int{}
	owners := newOwners(g)
	var mine []string
	for _, p := range paths {
		if slices.Contains(g.Files, p) {
			return nil, true
		}
		for _, o := range owners.of(p, also) {
			if !o.tests {
				if _, ok := library[o.pkg]; !ok {
					library[o.pkg] = 0
					mine = append(mine, o.pkg)
				}
			}
			near[o.pkg] = 0
		}
	}
	importers, testers := reverse(g)
	for queue := mine; len(queue) > 0; {
		pkg := queue[0]
		queue = queue[1:]
		for _, t := range testers[pkg] {
			note(near, t, library[pkg]+1)
		}
		for _, i := range importers[pkg] {
			if _, ok := library[i]; !ok {
				library[i] = library[pkg] + 1
				note(near, i, library[i])
				queue = append(queue, i)
			}
		}
	}
	for pkg := range near {
		if p, ok := g.Package(pkg); !ok || !p.Tested {
			delete(near, pkg)
		}
	}
	return near, false
}

// note keeps the shorter distance.
func note(near map[string]int, pkg string, distance int) {
	if old, ok := near[pkg]; !ok || distance < old {
		near[pkg] = distance
	}
}

// reverse is who imports a package, and whose tests alone do.
func reverse(g builder.TestGraph) (importers, testers map[string][]string) {
	importers, testers = map[string][]string{}, map[string][]string{}
	for _, p := range g.Packages {
		for _, i := range p.Imports {
			importers[i] = append(importers[i], p.ImportPath)
		}
		for _, i := range p.TestImports {
			testers[i] = append(testers[i], p.ImportPath)
		}
	}
	return importers, testers
}

// owners find out what a file belongs to.
type owners struct {
	graph builder.TestGraph
	files map[string][]owner // what is compiled into, or embedded
	dirs  map[string]string  // the package of a folder
}

// An owner is a package, or only its tests.
type owner struct {
	pkg   string
	tests bool
}

func newOwners(g builder.TestGraph) owners {
	o := owners{g, map[string][]owner{}, map[string]string{}}
	for _, p := range g.Packages {
		o.dirs[p.Dir] = p.ImportPath
		for _, f := range p.Files {
			o.files[f] = append(o.files[f], owner{p.ImportPath, false})
		}
		for _, f := range p.TestFiles {
			o.files[f] = append(o.files[f], owner{p.ImportPath, true})
		}
	}
	return o
}

// of is what a file belongs to. One that is not known to go list (it is gone, or
// excluded by a constraint) belongs to the package of its folder if it is a source,
// and to the tests of the nearest package above it if it is data for tests.
func (o owners) of(file string, also watcher.Set) []owner {
	if known, ok := o.files[file]; ok {
		return known
	}
	dir := filepath.Dir(file)
	if pkg, ok := o.dirs[dir]; ok && isSource(file) {
		return []owner{{pkg, strings.HasSuffix(file, "_test.go")}}
	}
	if !isTestData(file) && len(also.Covered([]string{file})) == 0 {
		return nil
	}
	for {
		if pkg, ok := o.dirs[dir]; ok {
			return []owner{{pkg, true}}
		}
		up := filepath.Dir(dir)
		if up == dir || !slices.ContainsFunc(o.graph.Roots, func(r string) bool { return within(r, up) }) {
			return nil
		}
		dir = up
	}
}

// goldens are endings of files that tests compare with, wherever they are.
var goldens = []string{".golden", ".txtar"}

// isTestData reports whether a file is data for tests by where it is, or by its name.
func isTestData(file string) bool {
	return slices.Contains(strings.Split(filepath.ToSlash(filepath.Dir(file)), "/"), "testdata") || slices.Contains(goldens, filepath.Ext(file))
}

// sourceExts are the endings of what a package can be compiled from.
var sourceExts = []string{
	".go", ".c", ".cc", ".cpp", ".cxx", ".m", ".h", ".hh", ".hpp", ".hxx", ".f", ".F", ".for", ".f90",
	".s", ".S", ".sx", ".swig", ".swigcxx", ".syso",
}

func isSource(file string) bool {
	base := filepath.Base(file)
	return base[0] != '.' && base[0] != '_' && slices.Contains(sourceExts, filepath.Ext(base))
}

func within(root, path string) bool {
	return path == root || strings.HasPrefix(path, strings.TrimSuffix(root, string(filepath.Separator))+string(filepath.Separator))
}

// watchSet is everything that tests are made of, and what the settings add.
func watchSet(s State) watcher.Set {
	set := s.Settings.Watch
	set.Roots = join(set.Roots, s.Graph.Roots)
	set.Files = join(set.Files, s.Settings.Config, s.Graph.Files)
	patterns := []string{"**/testdata/**"}
	for _, ext := range slices.Concat(sourceExts, goldens) {
		patterns = append(patterns, "**/*"+ext)
	}
	for _, root := range s.Graph.Roots {
		set.Rules = append(slices.Clip(set.Rules), watcher.Rule{Dir: root, Include: patterns, Exclude: []string{"vendor/"}, Boundary: "go.mod"})
	}
	for _, p := range s.Graph.Packages {
		if p.Tested { // also what is a module of its own in there
			set.Rules = append(slices.Clip(set.Rules), watcher.Rule{Dir: filepath.Join(p.Dir, "testdata"), Include: []string{"**"}})
		}
		for _, f := range slices.Concat(p.Files, p.TestFiles) {
			if !isSource(f) {
				set.Files = append(slices.Clip(set.Files), f) // it is embedded
			}
		}
	}
	return set
}

// join is all that is in any of the lists, once.
func join(lists ...[]string) (all []string) {
	for _, p := range slices.Concat(lists...) {
		if !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all
}
