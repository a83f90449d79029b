package tester

import (
	"cmp"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder"
)

// maxFirst is how many packages run by themselves before the others, so that their
// results are there early. More would take as long as all of them.
const maxFirst = 4

// sorted orders the packages of a run: those that failed go first, then those nearer to
// what changed, then those that were quicker the last time.
func (s State) sorted(wanted map[string]int) []string {
	rank := map[string]int{}
	for i, p := range s.Graph.Packages {
		rank[p.ImportPath] = i
	}
	failed := func(pkg string) int {
		if o := s.Results[pkg].Outcome; o == PackageFailed || o == PackageBroken {
			return 0
		}
		return 1
	}
	return slices.SortedFunc(maps.Keys(wanted), func(a, b string) int {
		return cmp.Or(
			cmp.Compare(failed(a), failed(b)),
			cmp.Compare(wanted[a], wanted[b]),
			cmp.Compare(s.Results[a].Took, s.Results[b].Took),
			cmp.Compare(rank[a], rank[b]),
		)
	})
}

// tested are the packages that have tests.
func tested(g builder.TestGraph) (all []string) {
	for _, p := range g.Packages {
		if p.Tested {
			all = append(all, p.ImportPath)
		}
	}
	return all
}

// far is the distance of what has not changed.
const far = 1 << 20

// start runs what is wanted, if anything is.
func (s State) start(cause Cause) (State, []Effect) {
	s.wanted = maps.Clone(s.wanted)
	for pkg := range s.wanted { // it may be gone
		if p, ok := s.Graph.Package(pkg); !ok || !p.Tested {
			delete(s.wanted, pkg)
		}
	}
	if len(s.wanted) == 0 {
		s.filter, s.pattern = nil, ""
		return s.answered(), nil
	}
	total := tested(s.Graph)
	run := RunState{Cause: cause, Paths: s.Run.Paths, Affected: len(s.wanted), Total: len(total), Since: s.Now, from: s.Run.from}
	if cause == BySave && 2*len(s.wanted) > len(total) && len(s.wanted) < len(total) {
		run.All = true
		for _, pkg := range total {
			if _, ok := s.wanted[pkg]; !ok {
				s.wanted[pkg] = far
			}
		}
	}
	if cause != BySave {
		run.Paths, run.from = nil, s.Now
	}
	s = s.forgetDebug()
	run.Packages = s.sorted(s.wanted)
	if run.Filter = s.runPattern(); run.Filter == "" {
		for pkg, d := range s.wanted {
			s.owed = with(s.owed, pkg, d)
		}
	}
	s.dirtied = nil
	s.Gen++
	run.Gen = s.Gen
	s.Run = run
	s.Complaints, s.Err = nil, ""
	fx := RunTests{Gen: s.Gen, Request: s.Settings.Request, Rest: run.Packages, Filter: run.Filter, Saved: cause == BySave, Roots: s.Graph.Roots}
	if n := s.early(run.Packages); n > 0 {
		fx.First, fx.Rest = run.Packages[:n], run.Packages[n:]
	}
	return s, []Effect{fx}
}

// early is how many of the packages run by themselves first: those that failed and
// those that are nearest to a change.
func (s State) early(packages []string) int {
	nearest := far - 1
	for _, d := range s.wanted {
		nearest = min(nearest, d)
	}
	n := 0
	for _, pkg := range packages {
		o := s.Results[pkg].Outcome
		if n == maxFirst || s.wanted[pkg] > nearest && o != PackageFailed && o != PackageBroken {
			break
		}
		n++
	}
	return n
}

// runPattern is the -run pattern of what is wanted.
func (s State) runPattern() string {
	if s.pattern != "" {
		return s.pattern
	}
	var names []string
	for pkg := range s.wanted {
		only, ok := s.filter[pkg]
		if !ok {
			return ""
		}
		for _, name := range only {
			if name = regexp.QuoteMeta(name); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	if len(names) == 0 {
		return ""
	}
	return "^(" + strings.Join(names, "|") + ")$"
}

// choose marks what a request asks for as wanted.
func (s State) choose(t Test) State {
	wanted := map[string]int{}
	maps.Copy(wanted, s.wanted)
	add := func(pkg string) {
		d, ok := s.owed[pkg]
		if !ok {
			d = far
		}
		note(wanted, pkg, d)
	}
	all := tested(s.Graph)
	filter := map[string][]string{}
	switch {
	case t.All:
		for _, pkg := range all {
			add(pkg)
		}
	case len(t.Packages) > 0:
		for _, pkg := range all {
			p, _ := s.Graph.Package(pkg)
			if slices.ContainsFunc(t.Packages, func(pattern string) bool { return matches(pattern, p) }) {
				note(wanted, pkg, 0)
			}
		}
	default:
		for _, pkg := range all {
			r, known := s.Results[pkg]
			_, owed := s.owed[pkg]
			switch failed := r.Outcome == PackageFailed || r.Outcome == PackageBroken; {
			case failed:
				add(pkg)
				if names := only(r); !owed && len(names) > 0 {
					filter[pkg] = names
				}
			case t.Only:
			case owed, !known:
				add(pkg)
			}
		}
		if len(wanted) == 0 && !t.Only {
			for _, pkg := range all {
				add(pkg)
			}
		}
	}
	if len(s.wanted) > 0 { // what is under way is of all tests
		filter, t.Pattern = nil, ""
	}
	s.wanted, s.filter, s.pattern = wanted, filter, t.Pattern
	return s
}

// only are the tests of a package to run again; none where that would not show
// whether it is well.
func only(r Result) (names []string) {
	if r.Outcome != PackageFailed {
		return nil
	}
	for _, f := range r.Failures {
		if f.Test == "" {
			return nil
		}
		if name := f.top(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// matches reports whether a pattern of a Test means the package.
func matches(pattern string, p builder.TestPackage) bool {
	below := false
	for _, end := range []string{"/...", `\...`} {
		if cut, ok := strings.CutSuffix(pattern, end); ok {
			pattern, below = cut, true
		}
	}
	if filepath.IsAbs(pattern) {
		pattern = filepath.Clean(pattern)
		return p.Dir == pattern || below && within(pattern, p.Dir)
	}
	pattern = path.Clean(pattern)
	return p.ImportPath == pattern || below && strings.HasPrefix(p.ImportPath, pattern+"/")
}

// top is the name of the function of a test or a subtest.
func top(test string) string {
	name, _, _ := strings.Cut(test, "/")
	return name
}

// limited is a graph in which only the packages that patterns mean have tests; none
// are all.
func limited(g builder.TestGraph, patterns []string) builder.TestGraph {
	if len(patterns) == 0 {
		return g
	}
	g.Packages = slices.Clone(g.Packages)
	for i := range g.Packages {
		p := &g.Packages[i]
		p.Tested = p.Tested && slices.ContainsFunc(patterns, func(pattern string) bool { return matches(pattern, *p) })
	}
	return g
}

// Pattern is the -run pattern of one test, with its subtests; empty is all tests of the
// package.
func Pattern(test string) string {
	if test == "" {
		return ""
	}
	parts := strings.Split(test, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}
