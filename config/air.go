package config

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"path"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"time"
)

// An airReading turns one .air.toml into a Config.
type airReading struct {
	*document
	notices []airNotice
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
	a := airConfig{TmpDir: "tmp", Build: airBuild{
		IncludeExt: []string{"go", "tpl", "tmpl", "html"},
		ExcludeDir: airExcluded(),
	}}
	d.decode(nil, tree, &a, r.without)

	c := Default()
	c.Run.EnvFiles = a.EnvFiles
	r.build(a.Build, &c)
	r.watch(a, &c)
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

// notice says something about a key, with its line.
func (r *airReading) notice(key, format string, args ...any) {
	line, _ := r.position(r.place(strings.Split(key, ".")).key)
	text := fmt.Sprintf("%s:%d: %s ", filepath.Base(r.name), line, key) + fmt.Sprintf(format, args...)
	r.notices = append(r.notices, airNotice{line, printable(text)})
}

// system lays the block for this system over [build], and drops the others.
func (r *airReading) system(tree map[string]any) {
	build, ok := tree["build"].(map[string]any)
	if !ok {
		return
	}
	if own, ok := build[runtime.GOOS].(map[string]any); ok {
		maps.Copy(build, own)
		prefix := id([]string{"build", runtime.GOOS, ""})
		for at, place := range maps.Clone(r.places) {
			if rest, inside := strings.CutPrefix(at, prefix); inside {
				r.places[id([]string{"build", rest})] = place
			}
		}
	}
	for _, system := range []string{"windows", "darwin", "linux"} {
		delete(build, system)
	}
}

// without notices keys that have no effect.
func (r *airReading) without(path []string, value any) {
	key := strings.Join(path, ".")
	if known, ok := airWithout()[key]; ok {
		if !reflect.DeepEqual(value, known.usual) {
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
// counts is the rest: package, flags, arguments, variables.
func (r *airReading) build(a airBuild, c *Config) {
	for _, line := range a.PreCmd {
		argv := []string{"sh", "-c", line}
		if runtime.GOOS == "windows" {
			argv = []string{"powershell", "-NoProfile", "-NonInteractive", "-Command", line}
		}
		c.Build.Before = append(c.Build.Before, argv)
	}

	built := "./tmp/main"
	if a.Cmd != "" {
		output, ok := plainBuild(a.Cmd, &c.Build)
		if !ok {
			r.notice("build.cmd", "has no effect: it is more than a plain `go build`; set [build] package, flags and before in %s", Name)
		}
		built = output
	}
	// other notices a program that is not the one just built.
	other := func(key, program string) {
		if program != "" && executable(program) != executable(built) {
			r.notice(key, "has no effect: hotdev runs what it builds")
		}
	}

	if a.FullBin != "" {
		words, err := splitCommand(a.FullBin)
		env, words := assignments(words)
		if err != nil || len(words) == 0 {
			r.notice("build.full_bin", "has no effect: it needs a shell; set [run] args and env in %s", Name)
		} else {
			other("build.full_bin", words[0])
			c.Run.Env, c.Run.Args = env, words[1:]
		}
	} else if entry := r.entrypoint(a.Entrypoint); len(entry) > 0 {
		other("build.entrypoint", entry[0])
		c.Run.Args = entry[1:]
	} else {
		other("build.bin", a.Bin)
	}
	for _, arg := range a.ArgsBin {
		// A shell sees it there, so one argument may be several words.
		words, err := splitCommand(arg)
		if err != nil {
			words = []string{arg}
		}
		c.Run.Args = append(c.Run.Args, words...)
	}
}

// executable is a program's path in a form to compare.
func executable(program string) string {
	return strings.TrimSuffix(path.Clean(strings.ReplaceAll(program, `\`, "/")), ".exe")
}

func (r *airReading) entrypoint(value any) []string {
	at := []string{"build", "entrypoint"}
	switch v := value.(type) {
	case nil:
	case string:
		if v != "" {
			return []string{v}
		}
	default:
		texts, _ := r.texts(at, v)
		return texts
	}
	return nil
}

// plainBuild takes a `go build` apart. If it is more than that, it says so, and
// into is as before.
func plainBuild(cmd string, into *Build) (output string, ok bool) {
	words, err := splitCommand(cmd)
	env, words := assignments(words)
	if err != nil || len(words) < 2 || words[0] != "go" || words[1] != "build" {
		return "", false
	}
	var flags []string
	words = words[2:]
	for len(words) > 0 && strings.HasPrefix(words[0], "-") {
		name, value, hasValue := strings.Cut(words[0], "=")
		name = "-" + strings.TrimLeft(name, "-")
		taken := 1
		if !hasValue && takesValue(name) {
			if len(words) < 2 {
				return "", false
			}
			value, taken = words[1], 2
		}
		switch name {
		case "-o":
			output = value
		case "-C", "-json", "-n":
			return "", false
		case "-v", "-x": // progress is on the screen
		default:
			flags = append(flags, words[:taken]...)
		}
		words = words[taken:]
	}
	if len(words) > 1 {
		return "", false
	}
	into.Env, into.Flags = env, flags
	into.Package = "."
	if len(words) == 1 {
		into.Package = words[0]
	}
	return output, true
}

// watch reads what to watch beside Go files, which are watched anyway.
func (r *airReading) watch(a airConfig, c *Config) {
	include := func(key, pattern string) {
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
	for _, dir := range append(dirs, a.TmpDir) {
		pattern := path.Join(literal(strings.TrimSpace(dir)), "**")
		if pattern == "**" || badPattern(pattern) != "" {
			continue // air never finds a folder of that name either
		}
		exclude(pattern)
	}
	for _, pattern := range a.Build.ExcludeFile {
		if badPattern(pattern) != "" {
			r.notice("build.exclude_file", "has no effect for %q", pattern)
			continue
		}
		exclude(pattern)
	}

	if a.Build.Poll {
		c.Watch.Poll = "always"
		// air does not go below half a second.
		c.Watch.PollInterval = max(milliseconds(int64(a.Build.PollInterval)), 500*time.Millisecond)
	}
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
