package project

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/engine"
)

// Templates returns the folder of templ's templates whose text the running program
// reads from files, or "" if it does not.
func (p *Project) Templates() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.isBuilt() {
		return ""
	}
	return p.templatesOf(p.config, p.last)
}

// templatesOf is Templates for these settings. With live code, a new text arrives in the
// function that holds it, and rendering costs nothing extra. Without the paths of its
// sources, a program does not find its texts.
func (p *Project) templatesOf(cfg config.Config, s engine.Settings) string {
	i := slices.IndexFunc(cfg.Tasks, func(t config.Task) bool { return t.Use == "templ" })
	named := func(env string) bool { return strings.HasPrefix(env, "TEMPL_DEV_MODE") }
	if i < 0 || s.Build.Live || p.bare || slices.ContainsFunc(s.Run.Env, named) || !readsTexts(p.root) {
		return ""
	}
	trims := func(flag string) bool { return strings.Contains(flag, "-trimpath") }
	if slices.ContainsFunc(s.Build.Flags, trims) || slices.ContainsFunc(s.Build.Env, func(env string) bool {
		return strings.HasPrefix(env, "GOFLAGS=") && trims(env)
	}) {
		return ""
	}
	return cfg.Tasks[i].Dir
}

var requiresTempl = regexp.MustCompile(`(?m)^\s*(?:require\s+)?github\.com/a-h/templ\s+v0\.3\.(\d+)\s*(?://.*)?$`)

// readsTexts reports whether the templ version of the module in dir can read the texts
// of one folder's templates from another folder.
func readsTexts(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return false
	}
	m := requiresTempl.FindSubmatch(text)
	if m == nil {
		return false
	}
	const first = 1001 // v0.3.1001
	n, err := strconv.Atoi(string(m[1]))
	return err == nil && n >= first
}
