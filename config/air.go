package config

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An airReading turns one .air.toml into a Config.
type airReading struct {
	*document
	notices []airNotice
	// root is what air's paths are relative to, except those in commands;
	// relative to the file's folder, if it is in that.
	root string
}

type airNotice struct {
	line int
	text string
}

// fromAir reads a tree as air would, for this system. What has no effect here
// becomes a notice; only what air would not take either is an error.
func (d *document) fromAir(tree map[string]any) Config {
	r := &airReading{document: d}
	r.system(tree)
	// What air does not look at either needs no word.
	if proxy, ok := tree["proxy"].(map[string]any); ok && proxy["enabled"] == false {
		delete(tree, "proxy")
	}
	if build, ok := tree["build"].(map[string]any); ok && build["rerun"] != true {
		delete(build, "rerun_delay")
	}
	a := airConfig{Root: ".", TmpDir: "tmp", Build: airBuild{
		IncludeExt: []string{"go", "tpl", "tmpl", "html"},
		ExcludeDir: airExcluded(),
	}}
	d.decode(nil, tree, &a, r.without)

	c := Default()
	r.root = r.relativeRoot(a.Root)
	for _, file := range a.EnvFiles {
		c.Run.EnvFiles = append(c.Run.EnvFiles, within(r.root, file))
	}
	r.build(a, &c)
	r.watch(a, &c)
	r.tasks(a, &c)
	r.proxy(a.Proxy, &c)
	c.Run.RestartOnCrash = a.Build.Rerun
	if a.Build.Rerun {
		r.notice("build.rerun", "counts for crashes only: a program that ends well stays down")
	}
	if grace := r.duration(a.Build.KillDelay); grace > 0 {
		c.Run.StopTimeout = grace
		if !a.Build.SendInterrupt {
			r.notice("build.kill_delay", "is followed although send_interrupt is false: hotdev always asks before it kills")
		}
	}

	slices.SortStableFunc(r.notices, func(a, b airNotice) int { return cmp.Compare(a.line, b.line) })
	for _, n := range r.notices {
		c.Notices = append(c.Notices, n.text)
	}
	return c
}

// proxy takes over air's proxy.
func (r *airReading) proxy(p airProxy, c *Config) {
	if !p.Enabled {
		return
	}
	if p.ProxyPort < 1 || p.ProxyPort > 65535 {
		r.notice("proxy.enabled", "has no effect without a proxy.proxy_port from 1 to 65535")
		return
	}
	c.Web.Port = p.ProxyPort
	if p.AppPort > 0 && p.AppPort <= 65535 {
		c.Web.Target = fmt.Sprintf(":%d", p.AppPort)
	}
	if p.AppStartTimeout > 0 {
		c.Web.Wait = time.Duration(p.AppStartTimeout) * time.Millisecond
	}
}

// relativeRoot is a root as the patterns and paths here need it.
func (r *airReading) relativeRoot(root string) string {
	if rest, ok := strings.CutPrefix(root, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			root = filepath.Join(home, rest)
		}
	}
	if filepath.IsAbs(root) {
		if rel, err := filepath.Rel(r.dir, root); err == nil {
			root = rel
		}
	}
	return path.Clean(filepath.ToSlash(root))
}

// notice says something about a key, with its line.
func (r *airReading) notice(key, format string, args ...any) {
	at := r.at(key)
	text := at.Error(" " + fmt.Sprintf(format, args...)).Error()
	r.notices = append(r.notices, airNotice{at.Line, printable(text)})
}

// at is where a key is set, as short as it can be said.
func (r *airReading) at(key string) Place {
	at := r.document.at(strings.Split(key, "."))
	at.File, at.Column = filepath.Base(at.File), 0
	if rel, err := filepath.Rel(r.dir, r.name); err == nil && filepath.IsLocal(rel) {
		at.File = filepath.ToSlash(rel)
	}
	return at
}

// system lays the block for this system over [build], and drops the others.
func (r *airReading) system(tree map[string]any) {
	build, ok := tree["build"].(map[string]any)
	if !ok {
		return
	}
	systems := []string{"windows", "darwin", "linux"}
	own, ok := build[runtime.GOOS].(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(own)) {
		switch {
		case !ok || !slices.Contains(systems, runtime.GOOS):
		case !slices.Contains([]string{"pre_cmd", "cmd", "post_cmd", "bin", "entrypoint", "full_bin", "args_bin"}, key):
			r.notice("build."+runtime.GOOS+"."+key, "has no effect: air does not take it from the block of a system either")
		case own[key] != "":
			build[key] = own[key]
			from, to := id([]string{"build", runtime.GOOS, key}), id([]string{"build", key})
			for at, place := range maps.Clone(r.places) {
				if rest, inside := strings.CutPrefix(at, from); inside && (rest == "" || rest[0] == 0) {
					r.places[to+rest] = place
				}
			}
		}
	}
	for _, system := range systems {
		delete(build, system)
	}
}

// without notices keys that have no effect.
func (r *airReading) without(path []string, value any) {
	key := strings.Join(path, ".")
	if known, ok := airWithout()[key]; ok {
		usual := func(one any) bool { return reflect.DeepEqual(value, one) }
		if !slices.ContainsFunc(known.usual, usual) {
			r.notice(key, "has no effect: %s", known.why)
		}
		return
	}
	if table, ok := value.(map[string]any); ok && len(path) == 1 {
		for _, k := range slices.Sorted(maps.Keys(table)) {
			r.without([]string{path[0], k}, table[k])
		}
		return
	}
	r.notice(key, "has no effect: air does not know it either")
}

// build reads what to build and what to run. That is one command line each
// there, of which one builds the other's program; here both are known, so what
// counts is the rest: package, flags, arguments, variables, and what else runs.
func (r *airReading) build(a airConfig, c *Config) {
	for i, line := range a.Build.PreCmd {
		c.Build.Before = append(c.Build.Before, shellCommand(line))
		r.notice(fmt.Sprintf("build.pre_cmd.%d", i), "is taken over as build.before: it runs before each build")
	}
	built := product{path: path.Join(filepath.ToSlash(a.TmpDir), "main")}
	if a.Build.Cmd != "" {
		built = r.command(a.Build.Cmd, &c.Build)
	}
	r.run(a, built, c)
}

// watch reads what to watch beside Go files, which are watched anyway.
func (r *airReading) watch(a airConfig, c *Config) {
	include := func(key, pattern string) {
		pattern = path.Join(literal(r.root), pattern)
		if badPattern(pattern) != "" {
			r.notice(key, "has no effect for %q: it leaves the folder of this file", pattern)
		} else if !slices.Contains(c.Watch.Include, pattern) {
			c.Watch.Include = append(c.Watch.Include, pattern)
		}
	}
	folders := []string{""}
	if len(a.Build.IncludeDir) > 0 {
		folders = nil
		for _, dir := range a.Build.IncludeDir {
			folders = append(folders, literal(strings.TrimSpace(dir)))
		}
	}
	for _, ext := range a.Build.IncludeExt {
		name := "*." + literal(strings.TrimSpace(ext))
		switch name {
		case "*.go", "*.mod", "*.sum", "*.work", "*.":
			continue
		case `*.\*`:
			name = "*"
		}
		for _, dir := range folders {
			include("build.include_dir", path.Join(dir, "**", name))
		}
	}
	for _, file := range a.Build.IncludeFile {
		include("build.include_file", path.Clean(literal(file)))
	}

	exclude := func(pattern string) {
		if !slices.Contains(c.Watch.Exclude, pattern) {
			c.Watch.Exclude = append(c.Watch.Exclude, pattern)
		}
	}
	dirs := a.Build.ExcludeDir
	if slices.Equal(dirs, airExcluded()) {
		// Nothing unusual was asked for, and an exclusion here goes for included
		// files too, which often are in assets.
		dirs = nil
	}
	for _, pattern := range r.folders(append(slices.Clip(dirs), a.TmpDir)) {
		exclude(pattern)
	}
	for _, pattern := range a.Build.ExcludeFile {
		if badPattern(pattern) != "" {
			r.notice("build.exclude_file", "has no effect for %q", pattern)
			continue
		}
		if pattern = path.Join(literal(r.root), pattern); badPattern(pattern) == "" { // include has told of it
			exclude(pattern)
		}
	}

	for i, text := range a.Build.ExcludeRegex {
		switch _, err := regexp.Compile(text); {
		case err != nil:
			r.wrong([]string{"build", "exclude_regex", strconv.Itoa(i)}, "%v", err)
		case !ofTests(text):
			c.Watch.ExcludeRegexps = append(c.Watch.ExcludeRegexps, text)
		}
	}

	if a.Build.Poll {
		c.Watch.Poll = "always"
		// air does not go below half a second.
		c.Watch.PollInterval = max(milliseconds(int64(a.Build.PollInterval)), 500*time.Millisecond)
	}
}

// folders are patterns for all that is in these folders.
func (r *airReading) folders(dirs []string) (patterns []string) {
	for _, dir := range dirs {
		pattern := path.Join(literal(strings.TrimSpace(dir)), "**")
		if pattern == "**" || badPattern(pattern) != "" {
			continue // air never finds a folder of that name either
		}
		if pattern = path.Join(literal(r.root), pattern); badPattern(pattern) == "" { // include has told of it
			patterns = append(patterns, pattern)
		}
	}
	return patterns
}

// ofTests reports whether a regular expression means Go's tests, as air's own does.
// They trigger no build anyway, and those that it may mean besides are air's mistake.
func ofTests(expr string) bool {
	expr = strings.TrimPrefix(strings.TrimPrefix(expr, "^"), ".*")
	return slices.Contains([]string{"_test.go", `_test\.go`, "_test[.]go"}, strings.TrimSuffix(expr, "$"))
}

// literal writes a name as a pattern that matches only it.
func literal(name string) string {
	var b strings.Builder
	for _, r := range filepath.ToSlash(name) {
		if strings.ContainsRune(`*?[]{}\`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// duration reads a kill_delay. A number below a million is milliseconds, from
// there on nanoseconds; a text says its unit.
func (r *airReading) duration(value any) time.Duration {
	at := []string{"build", "kill_delay"}
	switch v := value.(type) {
	case nil:
		return 0
	case int64:
		if v < 1_000_000 {
			return milliseconds(v)
		}
		return time.Duration(v).Truncate(time.Millisecond)
	case string:
		d, err := time.ParseDuration(v)
		if err == nil {
			return d
		}
	}
	r.wrong(at, "want milliseconds or a duration such as \"5s\", have %s", have(value))
	return 0
}

func milliseconds(n int64) time.Duration {
	return time.Duration(min(max(n, 0), math.MaxInt64/int64(time.Millisecond))) * time.Millisecond
}
