package initialize

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/internal/argv"
)

// An entryOf is an entry of a process list.
type entryOf struct {
	use, dir, cmd string
	env           []string // NAME=value, before the command
	after         []string
	ready         string // as a TOML value
}

// entry takes over an entry of a process list; its command decides what it becomes.
func (f *finding) entry(source, name string, e entryOf) {
	words, special := split(e.cmd)
	if len(words) == 0 {
		f.process(source, name, e)
		return
	}
	for len(words) > 1 && assignment.MatchString(words[0]) {
		e.env = append(e.env, words[0])
		words = words[1:]
	}
	tool := filepath.Base(words[0])
	for len(words) > 1 && (tool == "npx" || tool == "bunx" || tool == "pnpx" || tool == "go" && words[1] == "tool") {
		if words = words[1:]; words[0] == "tool" {
			words = words[1:]
		}
		tool = filepath.Base(words[0])
	}
	built, ok := f.builds(tool)
	switch {
	case ok:
		f.program(source, words[0], program{name: f.free(name), pkg: built, args: words[1:], env: e.env, after: e.after, ready: e.ready}, special)
	case tool == "go" && len(words) > 2 && words[1] == "run":
		f.goRun(source, name, e, words[2:], special)
	case tool == "air":
		f.airRun(source, name, e, words[1:])
	case tool == "templ" && slices.Contains(words, "generate"):
		f.templ = true
		f.say("%s: %s: left out, the task templ does that", source, name)
	case strings.Contains(tool, "tailwindcss") || strings.HasPrefix(e.cmd, "npx @tailwindcss/cli"):
		f.tailwind(source, e.cmd)
	default:
		f.process(source, name, e)
	}
}

func (f *finding) process(source, name string, e entryOf) {
	name = f.free(name)
	f.processes = append(f.processes, process{name, e})
	f.say("%s: %s: [[process]] %s", source, e.cmd, name)
}

// program takes over a program. special are words of its command that only a shell can
// expand: what cannot be written down is left out.
func (f *finding) program(source, cmd string, p program, special []string) {
	f.say("%s: %s: [[program]] %s", source, cmd, p.name)
	if len(special) > 0 {
		f.say("%s: %s: arguments and variables are not taken over, because a shell expands %s: see run.args and run.env", source, p.name, strings.Join(special, " "))
		p.args, p.env = nil, nil
	}
	f.programs = append(f.programs, p)
}

// builds returns the main package whose binary has this name, as in "web: bin/server" of
// a Procfile for production.
func (f *finding) builds(binary string) (pkg string, ok bool) {
	for _, pkg := range f.mains {
		name := path.Base(clean(pkg))
		if clean(pkg) == "." {
			name = f.module()
		}
		if name == strings.TrimSuffix(binary, ".exe") {
			return pkg, true
		}
	}
	return "", false
}

var (
	majorOnly  = regexp.MustCompile(`^v[0-9]+$`)
	assignment = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=`)
)

// module returns the name that go build gives the binary of the module's own folder.
func (f *finding) module() string {
	mod := modfile.ModulePath([]byte(f.read("go.mod")))
	if mod == "" {
		return ""
	}
	if majorOnly.MatchString(path.Base(mod)) {
		mod = path.Dir(mod)
	}
	return path.Base(mod)
}

// split returns the words of a command line, or nil if only a shell understands it; and
// those of them that a shell would expand.
func split(cmd string) (words, special []string) {
	tokens, err := argv.Scan(cmd, argv.Script)
	if err != nil {
		return nil, nil
	}
	for _, t := range tokens {
		if t.Operator {
			return nil, nil
		}
		words = append(words, t.Text)
		if len(t.Special) > 0 {
			special = append(special, t.Text)
		}
	}
	return words, special
}

// goRun takes over "go run" with these arguments as a program.
func (f *finding) goRun(source, name string, e entryOf, words, special []string) {
	i := slices.IndexFunc(words, func(w string) bool { return !strings.HasPrefix(w, "-") })
	if i < 0 || strings.HasSuffix(words[i], ".go") && words[i] != "main.go" {
		f.say("%s: %s: not taken over: go run %s", source, name, strings.Join(words, " "))
		return
	}
	pkg := words[i]
	if pkg == "main.go" {
		pkg = "."
	}
	if pkg = filepath.ToSlash(filepath.Join(e.dir, pkg)); pkg != "." && !strings.HasPrefix(pkg, "..") {
		pkg = "./" + pkg
	}
	f.program(source, "go run "+words[i], program{name: f.free(name), pkg: pkg, args: words[i+1:], env: e.env, after: e.after, ready: e.ready}, special)
	if i > 0 {
		f.say("%s: %s: flags of go run are not taken over, see build.flags: %s", source, name, strings.Join(words[:i], " "))
	}
}

// airRun takes over what air builds and runs.
func (f *finding) airRun(source, name string, e entryOf, words []string) {
	file := filepath.Join(e.dir, ".air.toml")
	if i := slices.Index(words, "-c"); i >= 0 && i+1 < len(words) {
		file = filepath.Join(e.dir, words[i+1])
	}
	c, err := config.Load(filepath.Join(f.root, file))
	if err != nil || c.Build.Package == "" {
		f.say("%s: %s: left out, hotdev does that (%s)", source, name, e.cmd)
		return
	}
	p := program{name: f.free(name), pkg: c.Build.Package, args: c.Run.Args, env: e.env, after: e.after, ready: e.ready}
	f.programs = append(f.programs, p)
	f.say("%s: %s: [[program]] %s, with the package and the arguments of %s", source, e.cmd, p.name, file)
}

// tailwind takes over a command of Tailwind's as a task, if it names its output.
func (f *finding) tailwind(source, cmd string) {
	words := slices.DeleteFunc(strings.Fields(cmd), func(w string) bool { return w == "--watch" || w == "-w" || w == "--watch=always" })
	output := ""
	for i, w := range words {
		if (w == "-o" || w == "--output") && i+1 < len(words) {
			output = strings.TrimPrefix(words[i+1], "./")
		} else if rest, ok := strings.CutPrefix(w, "--output="); ok {
			output = strings.TrimPrefix(rest, "./")
		}
	}
	if output == "" || slices.ContainsFunc(f.tasks, func(t task) bool { return t.use == "tailwind" }) {
		f.say("%s: not taken over: %s", source, cmd)
		return
	}
	if words[0] == "tailwindcss" && !f.has("tailwindcss") && f.has("package.json") {
		words = append([]string{"npx"}, words...)
	}
	f.tasks = append(f.tasks, task{use: "tailwind", cmd: strings.Join(words, " "), outputs: []string{output}})
	f.say("%s: %s: [[task]] tailwind", source, cmd)
}

var procLine = regexp.MustCompile(`^([A-Za-z0-9_-]+):\s*(\S.*)$`)

// lookProcfile takes over the processes of a Procfile.
func (f *finding) lookProcfile() {
	for _, name := range []string{"Procfile.dev", "Procfile"} {
		text := f.read(name)
		for line := range strings.Lines(text) {
			if m := procLine.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
				f.entry(name, m[1], entryOf{cmd: m[2]})
			}
		}
		if text != "" {
			return // the first file is for development
		}
	}
}

// lookCompose takes over the processes of process-compose. It reports what it leaves
// out.
func (f *finding) lookCompose() {
	for _, file := range []string{"process-compose.yaml", "process-compose.yml"} {
		text := f.read(file)
		if text == "" {
			continue
		}
		var names []string
		entries := map[string]*listed{}
		walkYAML(text, func(path []string, value string) {
			if len(path) < 2 || path[0] != "processes" {
				return
			}
			one := entries[path[1]]
			if one == nil {
				one = &listed{}
				entries[path[1]] = one
				names = append(names, path[1])
			}
			one.take(path[2:], value)
		})
		for _, name := range names {
			one := entries[name]
			if one.cmd != "" {
				f.entry(file, name, one.entryOf)
			}
			if len(one.left) > 0 {
				f.say("%s: %s: not taken over: %s", file, name, strings.Join(one.left, ", "))
			}
		}
		return
	}
}

// A listed is a process of process-compose.
type listed struct {
	entryOf
	left []string
}

// take sets the value at a path below the process.
func (l *listed) take(path []string, value string) {
	key := strings.Join(path, ".")
	dependency, isDependency := strings.CutPrefix(key, "depends_on.")
	dependency, isCondition := strings.CutSuffix(dependency, ".condition")
	words := map[string]string{"process_healthy": "ready", "process_started": "started", "process_completed": "done", "process_completed_successfully": "succeeded", "process_log_ready": "ready"}
	switch {
	case value == "":
	case key == "command" && !strings.HasPrefix(value, "|") && !strings.HasPrefix(value, ">"):
		l.cmd = value
	case key == "working_dir":
		l.dir = strings.TrimPrefix(value, "./")
	case isDependency && isCondition && words[value] != "":
		l.after = append(l.after, dependency+":"+words[value])
	case key == "readiness_probe.exec.command":
		l.ready = "{ command = " + command(value) + " }"
	case key == "ready_log_line":
		l.ready = "{ log = " + quote(regexp.QuoteMeta(value)) + " }"
	case !slices.Contains(l.left, path[0]):
		l.left = append(l.left, path[0])
	}
}

// walkYAML calls do for each key of nested maps, with the keys that lead to it; value
// is empty if the line has none. It understands no more of YAML than that.
func walkYAML(text string, do func(path []string, value string)) {
	type level struct {
		depth int
		key   string
	}
	var stack []level
	for line := range strings.Lines(text) {
		trimmed := strings.TrimSpace(line)
		key, value, isKey := strings.Cut(trimmed, ":")
		if trimmed == "" || strings.HasPrefix(trimmed, "#") || !isKey || strings.HasPrefix(trimmed, "-") {
			continue
		}
		depth := len(line) - len(strings.TrimLeft(line, " "))
		for len(stack) > 0 && stack[len(stack)-1].depth >= depth {
			stack = stack[:len(stack)-1]
		}
		stack = append(stack, level{depth, unquote(key)})
		var path []string
		for _, l := range stack {
			path = append(path, l.key)
		}
		do(path, unquote(strings.TrimSpace(value)))
	}
}

func unquote(s string) string {
	if n := len(s); n >= 2 && (s[0] == '"' || s[0] == '\'') && s[n-1] == s[0] {
		return s[1 : n-1]
	}
	return s
}

// lookPackages takes over the script dev, or watch, of each package.json: in the
// project's folder and in the folders in it.
func (f *finding) lookPackages() {
	dirs := []string{""}
	entries, _ := os.ReadDir(f.root) // if it fails, only the root is searched
	for _, e := range entries {
		if e.IsDir() && e.Name() != "node_modules" && !strings.HasPrefix(e.Name(), ".") {
			dirs = append(dirs, e.Name())
		}
	}
	for _, dir := range dirs {
		file := filepath.ToSlash(filepath.Join(dir, "package.json"))
		var p struct {
			Scripts map[string]string `json:"scripts"`
		}
		if text := f.read(file); text == "" || json.Unmarshal([]byte(text), &p) != nil {
			continue
		}
		for _, script := range []string{"dev", "watch"} {
			cmd := p.Scripts[script]
			if cmd == "" {
				continue
			}
			if strings.Contains(cmd, "tailwindcss") && !strings.ContainsAny(cmd, "&|;") {
				f.tailwind(file, cmd)
				break
			}
			name := dir
			if name == "" {
				name = "web"
			}
			name = f.free(name)
			use := ""
			if script == "dev" {
				use = f.manager(dir)
			}
			f.processes = append(f.processes, process{name, entryOf{use: use, dir: dir, cmd: f.manager(dir) + " run " + script}})
			f.say("%s: %s (%s): [[process]] %s", file, script, cmd, name)
			break
		}
	}
}

// manager returns the package manager of a folder, by its lock file.
func (f *finding) manager(dir string) string {
	for _, d := range []string{dir, ""} {
		for _, lock := range [][2]string{{"pnpm-lock.yaml", "pnpm"}, {"bun.lock", "bun"}, {"bun.lockb", "bun"}, {"yarn.lock", "yarn"}, {"package-lock.json", "npm"}} {
			if f.has(filepath.Join(d, lock[0])) {
				return lock[1]
			}
		}
	}
	return "npm"
}

var makeTarget = regexp.MustCompile(`^(dev|watch|run)\s*:([^=]|$)`)

// lookMakefile adds the recipes for development as comments, so that the user can check
// which are still needed.
func (f *finding) lookMakefile() {
	for _, file := range []string{"GNUmakefile", "makefile", "Makefile"} {
		text := f.read(file)
		if text == "" {
			continue
		}
		recipe := ""
		flush := func() {
			if recipe != "" {
				f.asides = append(f.asides, recipe)
			}
			recipe = ""
		}
		for line := range strings.Lines(text) {
			switch m := makeTarget.FindStringSubmatch(line); {
			case m != nil:
				flush()
				recipe = file + ", target " + m[1] + ":\n"
				f.say("%s: %s: its commands are kept as a comment; hotdev may replace them", file, m[1])
			case recipe != "" && strings.HasPrefix(line, "\t"):
				recipe += "  " + strings.TrimSpace(line) + "\n"
				if cmd := strings.TrimLeft(strings.TrimSpace(line), "@-+"); strings.Contains(cmd, "tailwindcss") && !strings.ContainsAny(cmd, "&|;$") {
					f.tailwind(file, cmd)
				}
			default:
				flush()
			}
		}
		flush()
		return
	}
}
