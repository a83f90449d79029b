package project

import (
	"os"
	"path/filepath"
	"strings"

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
	if len(cfg.Watch.Exclude) > 0 {
		set.Ignore = []watcher.Rule{{Dir: cfg.Dir, Include: cfg.Watch.Exclude}}
	}
	if lock := gitLock(p.root); lock != "" {
		set.Hold = []string{lock}
	}
	return set
}

// gitLock is the file that git holds while it rewrites the work tree that dir
// belongs to; empty if dir is in none.
func gitLock(dir string) string {
	for {
		git := filepath.Join(dir, ".git")
		st, err := os.Stat(git)
		if err == nil && st.IsDir() {
			return filepath.Join(git, "index.lock")
		}
		if err == nil { // a linked work tree: the file says where
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

// ownFiles are the files that hotdev writes itself, wherever the user has them: they
// never count as saved, whatever watch.include covers.
func (p *Project) ownFiles(s engine.Settings) []watcher.Rule {
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
	output := s.Build.Output
	file(output)
	file(output + ".good") // what GoBack starts
	// The binary that is being linked, beside the output; another hotdev may do so
	// at the same time, and anywhere ("hotdev build -o bin/app").
	temps := []string{"**/.*.hotdev-*"}
	rules = append(rules, watcher.Rule{Dir: p.root, Include: temps}, watcher.Rule{Dir: filepath.Dir(output), Include: temps})
	folder(p.cache)
	folder(s.Build.Scratch)
	folder(s.Reload.Folder)
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

// escape makes a name mean itself in a pattern.
func escape(name string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "]", `\]`, "{", `\{`, "}", `\}`).Replace(name)
}
