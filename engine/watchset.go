package engine

import (
	"reflect"
	"slices"
	"time"

	"github.com/hotdev/hotdev/watcher"
)

// sources are the files that a Go package can be made of. Which of them really
// are is the build's business; that any of them is new is reason to ask it.
var sources = []string{
	"*.go",
	"*.{c,cc,cpp,cxx,m,h,hh,hpp,hxx}", // cgo
	"*.{f,F,for,f90}",
	"*.{s,S,sx}", // assembly
	"*.{swig,swigcxx,syso}",
}

// strangers are files that no build reads (go help packages).
var strangers = []string{"*_test.go", ".*", "_*"}

// watchSet is everything that the program is made of, and what the settings
// add. It is a function of the graph and the settings alone.
func watchSet(s State) watcher.Set {
	set := s.Settings.Watch
	set.Roots = union(set.Roots, s.Graph.Roots)
	set.Files = union(set.Files, s.Settings.Config)
	set.Files = union(set.Files, s.Graph.Files)
	set.Rules = slices.Concat(set.Rules, s.Settings.Web.Assets)
	for _, p := range s.Graph.Packages {
		if slices.Contains(s.Ignored, p.ImportPath) {
			continue
		}
		if s.Graph.FilesOnly && p.ImportPath == s.Graph.Main {
			set.Files = union(set.Files, p.Files)
		} else {
			set.Rules = append(set.Rules, watcher.Rule{Dir: p.Dir, Include: sources, Exclude: strangers})
		}
		if len(p.EmbedPatterns) > 0 {
			set.Rules = append(set.Rules, embedRules(p.Dir, p.EmbedPatterns)...)
		}
	}
	for _, dir := range s.Graph.Missing {
		set.Rules = append(set.Rules, watcher.Rule{Dir: dir, Include: sources, Exclude: strangers})
	}
	return set
}

// ignore stops watching a package. Watched again, what was saved meanwhile is
// built, since nobody has told of it.
func (s State) ignore(pkg string) (State, []Effect) {
	if pkg == "" || s.Phase != Running || s.Gen == 0 {
		return s, nil
	}
	i := slices.Index(s.Ignored, pkg)
	if i < 0 {
		s.Ignored = append(slices.Clip(s.Ignored), pkg)
		return s.rewatch(s.Now)
	}
	s.Ignored = slices.Delete(slices.Clone(s.Ignored), i, i+1)
	s, fx := s.rewatch(s.Now)
	s, more := s.begin(Cause{Kind: ByKey, Paths: s.Pending}, wantCurrent, nil)
	return s, append(fx, more...)
}

// rewatch asks for the watch set that the state calls for, if it is not in
// force already.
func (s State) rewatch(since time.Time) (State, []Effect) {
	set := watchSet(s)
	if reflect.DeepEqual(set, s.watch) {
		return s, nil
	}
	s.watch = set
	s.watches++
	return s, []Effect{Watch{Set: set, Since: since}}
}

// union is a, then what b adds, as a new slice.
func union(a, b []string) []string {
	u := slices.Clone(a)
	seen := make(map[string]struct{}, len(a)+len(b))
	for _, p := range a {
		seen[p] = struct{}{}
	}
	for _, p := range b {
		if _, ok := seen[p]; !ok {
			seen[p] = struct{}{}
			u = append(u, p)
		}
	}
	return u
}
