package project

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/watcher"
)

func (p *Project) watchSettings(cfg config.Config) watcher.Set {
	set := watcher.Set{
		Roots:        []string{p.root},
		Quiet:        cfg.Watch.Quiet,
		Max:          cfg.Watch.Max,
		Poll:         watcher.Poll(cfg.Watch.Poll),
		PollInterval: cfg.Watch.PollInterval,
	}
	if len(cfg.Watch.Include) > 0 {
		set.Rules = []watcher.Rule{{Dir: cfg.Dir, Include: cfg.Watch.Include}}
	}
	if len(cfg.Watch.Exclude)+len(cfg.Watch.ExcludeRegexps) > 0 {
		set.Ignore = []watcher.Rule{{Dir: cfg.Dir, Include: cfg.Watch.Exclude, Regexps: cfg.Watch.ExcludeRegexps}}
	}
	if lock := gitLock(p.root); lock != "" {
		set.Hold = []string{lock}
	}
	return set
}

// gitLock returns the file that git holds while it rewrites the work tree of dir, or ""
// if dir is not in one.
func gitLock(dir string) string {
	for {
		git := filepath.Join(dir, ".git")
		st, err := os.Stat(git)
		if err == nil && st.IsDir() {
			return filepath.Join(git, "index.lock")
		}
		if err == nil { // a linked work tree: the file contains the place
			text, err := os.ReadFile(git)
			at, ok := strings.CutPrefix(strings.TrimSpace(string(text)), "gitdir: ")
			if err != nil || !ok {
				return ""
			}
			if !filepath.IsAbs(at) {
				at = filepath.Join(dir, at)
			}
			return filepath.Join(at, "index.lock")
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// ownFiles are the files that hotdev and the go command write for themselves, wherever
// they are. They never count as saved, even if watch.include matches them. caches are
// the go command's folders.
func (p *Project) ownFiles(cfg config.Config, s engine.Settings, caches []string) []watcher.Rule {
	var rules []watcher.Rule
	file := func(path string) {
		if path != "" {
			rules = append(rules, watcher.Rule{Dir: filepath.Dir(path), Include: []string{escape(filepath.Base(path))}})
		}
	}
	folder := func(dir string) {
		if dir != "" {
			rules = append(rules, watcher.Rule{Dir: dir, Include: []string{"**"}})
		}
	}
	dirs := []string{p.root, cfg.Dir}
	if output := s.Build.Output; output != "" {
		file(output)
		file(output + ".good") // GoBack starts it
		dirs = append(dirs, filepath.Dir(output))
	}
	// The linker's temporary binary, beside the output. Another hotdev may write one at
	// the same time, and anywhere ("hotdev build -o bin/app").
	for _, dir := range dirs {
		rules = append(rules, watcher.Rule{Dir: dir, Include: []string{"**/.*.hotdev-*"}})
	}
	folder(filepath.Dir(filepath.Dir(p.place))) // of all hotdevs, see builder.Place
	for _, dir := range caches {
		folder(dir)
	}
	folder(s.Build.Scratch)
	folder(s.Reload.Folder)
	for _, pattern := range p.opts.OwnFiles {
		rules = append(rules, watcher.Rule{Dir: filepath.Dir(pattern), Include: []string{filepath.Base(pattern)}})
	}
	if notify := s.Reload.NotifyFile; notify != "" {
		file(notify)
		file(notify + ".hotdev")
	}
	if p.opts.DebugLog != "" {
		if log, err := filepath.Abs(p.opts.DebugLog); err == nil {
			file(log)
		}
	}
	for _, path := range redirected() {
		file(path)
	}
	return rules
}

// IsProduct reports whether the file at path is a program that must not cause a
// restart, although watch.include matches it: a build of this program itself ("hotdev
// build -o bin/app" beside it), or any program that Go built and that is matched only
// by a pattern without a letter, such as "**".
func (p *Project) IsProduct(path string) bool {
	if !p.isBuilt() {
		return false
	}
	of, ok := builder.ProductOf(path)
	if !ok {
		return false
	}
	p.mu.Lock()
	s, cfg := p.last, p.config
	p.mu.Unlock()
	if own, ok := builder.ProductOf(s.Build.Output); ok && own == of {
		return true
	}
	meant := slices.DeleteFunc(slices.Clone(cfg.Watch.Include), func(pattern string) bool {
		return strings.Trim(pattern, "*?./") == ""
	})
	set := watcher.Set{Rules: []watcher.Rule{{Dir: cfg.Dir, Include: meant}}}
	return len(set.Covered([]string{path})) == 0
}

// escape escapes a name for use in a pattern.
func escape(name string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "]", `\]`, "{", `\{`, "}", `\}`).Replace(name)
}
