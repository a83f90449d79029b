package config

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// airRule is one of build.rules: a command for files that are not the build's.
type airRule struct {
	Name         string   `toml:"name"`
	Cmd          string   `toml:"cmd"`
	IncludeDir   []string `toml:"include_dir"`
	IncludeExt   []string `toml:"include_ext"`
	IncludeFile  []string `toml:"include_file"`
	ExcludeRegex []string `toml:"exclude_regex"`
	// Delay has no use here: a run begins when the files are quiet, and the next save
	// cancels it.
	Delay int `toml:"delay"`
}

// tasks takes over the commands that air runs beside the build: rules when their files
// change, post_cmd at the end.
func (r *airReading) tasks(a airConfig, c *Config) {
	var rules []map[string]any
	if a.Build.Rules != nil {
		rules = r.tables([]string{"build", "rules"}, "rule", a.Build.Rules)
	}
	for i, table := range rules {
		if table == nil {
			continue
		}
		at := []string{"build", "rules", strconv.Itoa(i)}
		var rule airRule
		r.decode(at, table, &rule, r.without)
		if t, ok := r.rule(at, rule, i, a, c); ok {
			c.Tasks = append(c.Tasks, t)
			r.notice(strings.Join(at, "."), "is taken over as task %s: a save during a run begins another", t.Name)
		}
	}
	for i, line := range a.Build.PostCmd {
		if line == "" {
			continue
		}
		t := Task{Name: c.freeTask("post_cmd"), Cmd: shellCommand(line), On: "quit"}
		c.Tasks = append(c.Tasks, t)
		r.notice(fmt.Sprintf("build.post_cmd.%d", i), "is taken over as task %s, which runs when all else has ended", t.Name)
	}
}

// rule makes a task of a rule. Nothing waits for it, as in air.
func (r *airReading) rule(at []string, rule airRule, i int, a airConfig, c *Config) (Task, bool) {
	in := func(key ...string) []string { return append(slices.Clip(at), key...) }
	if rule.Name == "" {
		rule.Name = fmt.Sprintf("rule-%d", i)
	}
	switch {
	case r.badBelow(at):
		return Task{}, false
	case rule.Cmd == "":
		r.blame(r.place(at).key, spell(at)+": cmd is missing, which air requires, too")
		return Task{}, false
	case len(rule.IncludeDir)+len(rule.IncludeExt)+len(rule.IncludeFile) == 0:
		r.blame(r.place(at).key, spell(at)+": one of include_dir, include_ext and include_file is missing, which air requires, too")
		return Task{}, false
	}
	t := Task{Name: c.freeTask(rule.Name), Cmd: shellCommand(rule.Cmd), On: "save"}
	for _, pattern := range rule.patterns() {
		pattern = path.Join(literal(r.root), pattern)
		if badPattern(pattern) != "" {
			r.notice(strings.Join(at, "."), "has no effect for %q: it leaves the folder of this file", pattern)
			continue
		}
		t.Files = append(t.Files, pattern)
	}
	if len(t.Files) == 0 {
		return Task{}, false
	}
	if len(rule.IncludeDir) == 0 { // its own folders it watches, even if they are excluded
		t.Exclude = r.folders(append(slices.Clip(a.Build.ExcludeDir), a.TmpDir))
	}
	for j, text := range rule.ExcludeRegex {
		if _, err := regexp.Compile(text); err != nil {
			r.wrong(in("exclude_regex", strconv.Itoa(j)), "%v", err)
			continue
		}
		t.ExcludeRegexps = append(t.ExcludeRegexps, text)
	}
	// What a rule matches leads to no build and no restart.
	for _, pattern := range t.Files {
		if len(t.ExcludeRegexps) == 0 && !slices.Contains(c.Watch.Exclude, pattern) {
			c.Watch.Exclude = append(c.Watch.Exclude, pattern)
		}
	}
	return t, true
}

// badBelow reports whether something in a table was reported.
func (d *document) badBelow(at []string) bool {
	for path := range d.bad {
		if strings.HasPrefix(path, id(at)+"\x00") {
			return true
		}
	}
	return false
}

// patterns are those of the files that the rule is for.
func (rule airRule) patterns() (patterns []string) {
	folders := []string{""}
	if len(rule.IncludeDir) > 0 {
		folders = nil
		for _, dir := range rule.IncludeDir {
			folders = append(folders, literal(path.Clean(strings.TrimSpace(dir))))
		}
	}
	for _, dir := range folders {
		if len(rule.IncludeExt)+len(rule.IncludeFile) == 0 {
			patterns = append(patterns, path.Join(dir, "**"))
		}
		for _, ext := range rule.IncludeExt {
			if ext = strings.TrimSpace(ext); ext == "*" {
				patterns = append(patterns, path.Join(dir, "**"))
			} else {
				patterns = append(patterns, path.Join(dir, "**", "*."+literal(ext)))
			}
		}
		for _, file := range rule.IncludeFile {
			if file = literal(path.Clean(file)); dir == "" || dir == "." || strings.HasPrefix(file, dir+"/") {
				patterns = append(patterns, file)
			}
		}
	}
	return patterns
}

// freeTask is a name for a task that no other one has.
func (c *Config) freeTask(name string) string {
	name = strings.Trim(strings.Map(func(r rune) rune {
		if validProgram("a" + string(r) + "a") {
			return r
		}
		return '-'
	}, name), "-.")
	if name == "" {
		name = "rule"
	}
	free := name
	for n := 2; slices.ContainsFunc(c.Tasks, func(t Task) bool { return t.Name == free }); n++ {
		free = fmt.Sprintf("%s-%d", name, n)
	}
	return free
}
