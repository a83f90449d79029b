package engine

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/watcher"
)

// Included files are those of watch.include that the build does not read:
// templates, migrations, configuration. The program reads them when it starts, so
// a change of one calls for a restart, although the binary is the same. A build
// comes first all the same: the graph does not name everything that a build may
// read (a C header far away, say), and it costs little where it finds nothing to
// do. So the rule is:
//
//   - What the build reads is the build's business, however it came to be
//     watched: only another binary restarts the program.
//   - So is what a Before command answers for (see answered), for what the command
//     makes of it is compiled, or is an included file itself.
//   - A Go file is for compilers. That "**" covers a test or another program's
//     source means nothing; a pattern that ends in ".go" means it.
//   - Any other included file that changed since the program was started calls for
//     a restart, as soon as there is a good build.

// included gives those of paths that are included files.
func (s State) included(paths []string) []string {
	own := s.Settings.Watch
	if len(own.Rules) == 0 || len(paths) == 0 {
		return nil
	}
	set := watcher.Set{Rules: own.Rules, Ignore: own.Ignore}
	found := set.Covered(paths)
	if slices.ContainsFunc(found, isGo) {
		set.Rules = nil
		for _, r := range own.Rules {
			r.Include = slices.DeleteFunc(slices.Clone(r.Include), func(pattern string) bool { return !isGo(pattern) })
			set.Rules = append(set.Rules, r)
		}
		meant := set.Covered(found)
		found = slices.DeleteFunc(found, func(p string) bool { return isGo(p) && !slices.Contains(meant, p) })
	}
	if len(found) == 0 {
		return nil
	}
	read := s.inputs().Covered(found)
	return slices.DeleteFunc(found, func(p string) bool { return slices.Contains(read, p) })
}

// inputs are the files that the build reads.
func (s State) inputs() watcher.Set {
	s.Settings.Watch, s.Settings.Web.Assets, s.Ignored = watcher.Set{}, nil, nil
	set := watchSet(s)
	for _, p := range s.Graph.Packages {
		set.Files = append(set.Files, p.Files...)
	}
	return set
}

func isGo(name string) bool { return strings.HasSuffix(name, ".go") }

// noteUnread remembers which of paths the running program may have read before
// they changed. What the build reads may be another thing when it is over, so that
// is asked then.
func (s State) noteUnread(paths []string) State {
	own := s.Settings.Watch
	if len(own.Rules) > 0 {
		set := watcher.Set{Rules: own.Rules, Ignore: own.Ignore}
		covered := set.Covered(paths)
		s.Process.unread = union(s.Process.unread, covered)
		if s.Process.Beside != nil {
			b := *s.Process.Beside
			b.unread = union(b.unread, covered)
			s.Process.Beside = &b
		}
	}
	return s
}

// reread gives the included files for whose sake the running program has to start
// again. Those that are only remembered do not count; those that change too often
// do so if a key asks.
func (s State) reread(c Cause) []string {
	files := slices.DeleteFunc(slices.Clone(s.Process.unread), func(p string) bool {
		return slices.Contains(s.Pending, p) || slices.Contains(s.postponed, p) ||
			c.Kind != "key" && s.rows[p].muted() || s.answered(p)
	})
	return s.included(files)
}

// changedWords says why the program starts again: "templates/a.html changed".
func (s State) changedWords(files []string) string {
	words := s.nameOf(files[0])
	if n := len(files) - 1; n > 0 {
		words += fmt.Sprintf(" and %d more", n)
	}
	return words + " changed"
}

// nameOf is a file as a pattern of the configuration would name it.
func (s State) nameOf(path string) string {
	for _, r := range s.Settings.Watch.Rules {
		if rel, err := filepath.Rel(r.Dir, path); err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel)
		}
	}
	if rel, err := filepath.Rel(s.Settings.Build.Dir, path); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return path
}

// answered reports whether a Before command answers for an included file: it makes
// something of it, so that what it makes decides. Which files a command reads nobody
// can know; that it names one may mean anything, a formatter or a checker. What
// counts is that something changed when that file alone was saved, and is known to
// change for no other reason. So a needless restart is possible, once for a file
// whose first save changes nothing of what is made of it; a missed one is not.
func (s State) answered(path string) bool {
	return slices.ContainsFunc(s.made[path], func(output string) bool {
		_, ok := s.restless[output]
		return !ok
	})
}

// learn notes what the Before commands, which changed wrote in all, made of the
// files that they ran for. Where several files were saved it is not known what came
// of which; where none of them was an included one, what changed changes by itself,
// as a time stamp does.
func (s State) learn(wrote []string) State {
	if s.Build.taught {
		return s
	}
	s.Build.taught = true
	cause := s.Build.Cause
	outputs := slices.DeleteFunc(slices.Clone(wrote), func(p string) bool { return slices.Contains(cause.Paths, p) })
	if len(outputs) == 0 {
		return s
	}
	switch included := s.included(cause.Paths); {
	case cause.Kind != BySave && cause.Kind != ByKey:
		// Whatever was done while nobody looked is made up for.
	case len(included) == 0:
		s.restless = maps.Clone(s.restless)
		if s.restless == nil {
			s.restless = map[string]struct{}{}
		}
		for _, p := range outputs {
			s.restless[p] = struct{}{}
		}
	case len(cause.Paths) == 1 && cause.Kind == BySave:
		s.made = maps.Clone(s.made)
		if s.made == nil {
			s.made = map[string][]string{}
		}
		p := cause.Paths[0]
		s.made[p] = union(s.made[p], outputs)
	}
	return s
}

// unlearn forgets what the Before commands make, which are others now.
func (s State) unlearn() State {
	s.made, s.restless = nil, nil
	return s
}
