package config

import (
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/internal/argv"
)

// shellCommand is how air runs a line.
func shellCommand(line string) []string {
	if runtime.GOOS == "windows" {
		return []string{"powershell", "-NoProfile", "-NonInteractive", "-Command", line}
	}
	return []string{"sh", "-c", line}
}

// command reads build.cmd: the go build in it, where that runs, and what runs
// before it, and where it would put the program.
func (r *airReading) command(cmd string, into *Build) product {
	steps, err := splitShell(cmd)
	at := slices.IndexFunc(steps, func(s step) bool { return isGoBuild(s) })
	if err != nil || at < 0 {
		r.notice("build.cmd", "has no effect: no `go build` is seen in it; set [build] package, flags and before in %s", Name)
		return product{}
	}
	dir, env, plain := ".", map[string]string(nil), true // plain: each step by itself does the same
	var before [][]string
	for _, s := range steps[:at] {
		words, ok := s.texts()
		switch set, rest := assignments(words[min(1, len(words)):]); {
		case ok && len(words) == 2 && words[0] == "cd":
			dir, plain = within(dir, words[1]), false
		case ok && len(words) > 1 && words[0] == "export" && len(rest) == 0:
			env, plain = merge(env, set), false
		case ok && len(words) > 0 && words[0] == "set":
		default:
			before = append(before, words)
			between := strings.TrimSpace(cmd[s.to:])
			if _, rest := assignments(words); !ok || len(rest) < len(words) || !strings.HasPrefix(between, "&&") {
				plain = false
			}
		}
	}
	if len(before) > 0 && !plain {
		before = [][]string{shellCommand(strings.TrimSpace(cmd[:steps[at-1].to]))}
	}
	b, ok := r.goBuild(steps[at])
	if !ok {
		return product{}
	}
	if at < len(steps)-1 || steps[at].more != "" {
		r.notice("build.cmd", "is followed up to its `go build` only: hotdev runs what that builds")
	}
	into.Before = append(into.Before, before...)
	into.Env = merge(env, b.Env)
	into.Flags, into.Package, into.Files = b.Flags, b.Package, b.Files
	if into.Dir = within(dir, b.Dir); into.Dir == "." {
		into.Dir = ""
	}
	return productOf(b, within(dir, b.Dir))
}

// A product is where a go build puts what it builds. The zero value is that it is
// not known.
type product struct {
	path    string // relative to the file's folder
	several bool   // programs, of which each has its own name in path
}

// productOf is b's, in the folder dir.
func productOf(b Build, dir string) product {
	output := filepath.ToSlash(b.Output)
	if b.several() {
		if output == "" {
			return product{} // the go command throws it away
		}
		return product{within(dir, output), true}
	}
	program := path.Base(filepath.ToSlash(b.Package))
	if len(b.Files) > 0 {
		program = strings.TrimSuffix(path.Base(filepath.ToSlash(b.Files[0])), ".go")
	}
	switch {
	case output == "" && (program == "." || program == ".."):
		return product{}
	case output == "":
		output = program
	case strings.HasSuffix(output, "/"):
		output = path.Join(output, program)
	}
	return product{path: within(dir, output)}
}

// is reports whether p is, or holds, the program called name. Where there is no
// slash behind it, only the file system knows which of both.
func (p product) is(name string) bool {
	name = executable(name)
	return name == executable(p.path) || path.Dir(name) == executable(p.path)
}

// several reports whether b may build more than one program.
func (b Build) several() bool {
	return strings.Contains(b.Package, "...") || len(b.Files) > 0 && !strings.HasSuffix(b.Files[0], ".go")
}

// isGoBuild reports whether a step is a go build, variables in front of it aside.
func isGoBuild(s step) bool {
	words, _ := s.texts()
	_, words = leadingEnv(words)
	return len(words) > 1 && words[0] == "go" && words[1] == "build"
}

// leadingEnv splits variables that are set for a command off it: A=x command, or
// env A=x command.
func leadingEnv(words []string) (env map[string]string, rest []string) {
	env, rest = assignments(words)
	if len(rest) > 0 && rest[0] == "env" {
		if more, command := assignments(rest[1:]); len(command) > 0 && !strings.HasPrefix(command[0], "-") {
			return merge(env, more), command
		}
	}
	return env, rest
}

// goBuild takes a go build apart. ok is false, and there is a notice, if it does
// not say what to build.
func (r *airReading) goBuild(s step) (b Build, ok bool) {
	texts, _ := s.texts()
	var rest []string
	b.Env, rest = leadingEnv(texts)
	words := s.words[len(s.words)-len(rest)+2:]
	for len(words) > 0 && strings.HasPrefix(words[0].Text, "-") {
		name, value, hasValue := strings.Cut(words[0].Text, "=")
		name = "-" + strings.TrimLeft(name, "-")
		taken := 1
		if !hasValue && takesValue(name) {
			if len(words) < 2 {
				r.notice("build.cmd", "has no effect: %s has no value", name)
				return b, false
			}
			value, taken = words[1].Text, 2
		}
		needsShell := slices.ContainsFunc(words[:taken], func(w argv.Token) bool { return len(w.Special) > 0 })
		switch {
		case name == "-v" || name == "-x" || name == "-n" || name == "-json": // what is printed is hotdev's matter
		case needsShell && name == "-o": // it is put elsewhere anyway
		case needsShell:
			r.notice("build.cmd", "is followed without %s: there is no shell for its value; set [build] flags in %s", name, Name)
		case name == "-o":
			b.Output = value
		case name == "-C":
			b.Dir = filepath.ToSlash(value)
		default:
			for _, w := range words[:taken] {
				b.Flags = append(b.Flags, w.Text)
			}
		}
		words = words[taken:]
	}
	for _, w := range words {
		dir, file := path.Split(filepath.ToSlash(w.Text))
		switch {
		case len(w.Special) > 0 && file == "*.go" && !strings.ContainsAny(dir, "*?[$`~"):
			// All files of a folder are its package, and so are those to come.
			w.Text, w.Special = "./"+path.Clean(dir), nil
			if path.IsAbs(dir) || path.Clean(dir) == "." {
				w.Text = path.Clean(dir)
			}
		case len(w.Special) > 0:
			r.notice("build.cmd", "has no effect: only a shell can expand %q; set [build] package in %s", w.Text, Name)
			return b, false
		}
		b.Files = append(b.Files, w.Text)
	}
	goFiles := !slices.ContainsFunc(b.Files, func(name string) bool { return !strings.HasSuffix(name, ".go") })
	switch n := len(b.Files); {
	case n > 1 && goFiles:
		return b, true
	case n > 1 && b.Output != "":
		return b, true // build.bin says which
	case n > 1:
		r.notice("build.cmd", "has no effect: it builds %s, and hotdev runs one program; set [build] package in %s", strings.Join(b.Files, " and "), Name)
		return b, false
	case n == 1:
		b.Package = b.Files[0]
	default:
		b.Package = "."
	}
	b.Files = nil
	return b, true
}

// within is where name leads from the folder dir.
func within(dir, name string) string {
	name = filepath.ToSlash(name)
	if path.IsAbs(name) || filepath.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(dir, name)
}

// merge is a with what b has.
func merge(a, b map[string]string) map[string]string {
	if len(a) == 0 {
		return b
	}
	for name, value := range b {
		a[name] = value
	}
	return a
}
