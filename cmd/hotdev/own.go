package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/watcher"
)

// ownFiles are the files that hotdev writes itself, wherever the user has them: they
// never count as saved, whatever watch.include covers.
func (p *project) ownFiles(s engine.Settings) []watcher.Rule {
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
	if p.opts.debugLog != "" {
		if log, err := filepath.Abs(p.opts.debugLog); err == nil {
			file(log)
		}
	}
	for _, path := range redirected() {
		file(path)
	}
	return rules
}

// noFolder says that the program cannot run in dir, and where that is set; empty if
// it can.
func (p *project) noFolder(dir string) string {
	what := ""
	switch info, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		what = "does not exist: make it"
	case err != nil:
		what = "cannot be used (" + err.Error() + "): change that"
	case !info.IsDir():
		what = "is not a folder: make it one"
	default:
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if at := p.config.DirAt; at != nil && p.config.Run.Dir == dir {
		return at.Error(fmt.Sprintf(": the folder %s %s, or name another", dir, what)).Error()
	}
	return fmt.Sprintf("the folder %s, in which the program is to run, %s, or set run.dir", dir, what)
}

// abs is a path of the command line, which is relative to where hotdev was started.
func (p *project) abs(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(p.opts.dir, path)
}

// escape makes a name mean itself in a pattern.
func escape(name string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "]", `\]`, "{", `\{`, "}", `\}`).Replace(name)
}
