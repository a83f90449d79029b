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

// Templates is the folder below which templ's templates are whose texts the program is
// to read anew; empty if it is not to.
func (p *Project) Templates() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.templates
}

// templatesOf is Templates for these settings. Where live code is on, new texts come with
// the functions that hold them, and rendering costs what it always does. Without the
// paths of sources in it, a program does not find its texts.
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

// readsTexts reports whether the templ of the module in dir reads texts from a folder
// that it is told, for templates of a folder that it is told.
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
