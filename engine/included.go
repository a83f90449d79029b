package engine

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

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
	build := s
	build.Settings.Watch, build.Ignored = watcher.Set{}, nil
	inputs := watchSet(build)
	for _, p := range s.Graph.Packages {
		inputs.Files = append(inputs.Files, p.Files...)
	}
	read := inputs.Covered(found)
	return slices.DeleteFunc(found, func(p string) bool { return slices.Contains(read, p) })
}

func isGo(name string) bool { return strings.HasSuffix(name, ".go") }

// noteUnread remembers which of paths the running program may have read before
// they changed. What the build reads may be another thing when it is over, so that
// is asked then.
func (s State) noteUnread(paths []string) State {
	own := s.Settings.Watch
	if len(own.Rules) > 0 {
		set := watcher.Set{Rules: own.Rules, Ignore: own.Ignore}
		s.Process.unread = union(s.Process.unread, set.Covered(paths))
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

// answered reports whether a Before command answers for an included file. Which
// files a command reads nobody can know. It does answer for one that it names, by
// the file's name or its extension ("templ generate", "protoc api/x.proto"), unless
// it never makes anything of them, and for those of an extension as long as it makes
// something of most of them. A wrong
// guess of no costs a needless restart, a wrong yes one that is missed; so it is no
// as long as there is no sign.
func (s State) answered(path string) bool {
	base := filepath.Base(path)
	ext := extension(path)
	if a := s.answers[ext]; a.made > 0 && a.made >= a.nothing {
		return true
	} else if a.made == 0 && a.nothing > few {
		return false // that it names them, or their kind, meant something else: a formatter, a checker
	}
	for _, argv := range s.Settings.Build.Before {
		text := strings.Join(argv, " ")
		names := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`"'<>|&;=,()/\`, r) })
		if slices.Contains(names, base) {
			return true
		}
		words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if ext != "" && slices.Contains(words, ext) {
			return true
		}
	}
	return false
}

func extension(path string) string { return strings.TrimPrefix(filepath.Ext(path), ".") }

// answer is how often the Before commands changed something that the build reads
// after a save of included files of one extension, and how often nothing.
type answer struct{ made, nothing int }

// learn notes what the Before commands, which changed wrote in all, made of the
// files that they ran for. Where files of several kinds were saved it is not known
// what came of which.
func (s State) learn(wrote []string) State {
	saved := s.Build.Cause.Paths
	if s.Build.Cause.Kind != "save" || len(saved) == 0 || s.Build.taught {
		return s
	}
	s.Build.taught = true
	ext := extension(saved[0])
	for _, p := range saved {
		if extension(p) != ext {
			return s
		}
	}
	if ext == "" || len(s.included(saved)) < len(saved) {
		return s
	}
	answers := maps.Clone(s.answers)
	if answers == nil {
		answers = map[string]answer{}
	}
	a := answers[ext]
	if len(s.included(wrote)) < len(wrote) {
		a.made++
	} else {
		a.nothing++
	}
	answers[ext], s.answers = a, answers
	return s
}
