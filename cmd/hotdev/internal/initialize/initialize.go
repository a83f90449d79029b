// Package initialize writes a project's first .air-like.toml, for the programs,
// generators and process lists that it finds. It asks nothing, overwrites nothing, and
// reports what it found and what it made of it.
//
// It knows other tools' files, as far as they list what to run; it starts nothing.
package initialize

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/internal/atomicfile"
)

// Write writes the file into the folder of the module that contains dir, and returns a
// line about each thing that it found. If it returns an error, it has written nothing.
func Write(ctx context.Context, dir string) (did []string, err error) {
	_, root, _ := config.Find(dir)
	file := filepath.Join(root, config.Name)
	if _, err := os.Lstat(file); err == nil {
		return nil, fmt.Errorf("%s is there already, and stays as it is", config.Name)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	f := finding{root: root}
	var programs []string
	targets, err := builder.New().AllTargets(ctx, root, nil, os.Environ())
	if err != nil {
		f.say("main packages: not known: %v", err)
	}
	for _, t := range targets {
		programs = append(programs, t.Args...)
	}
	f.look(programs)
	text := f.text()
	if err := check(root, text); err != nil {
		return nil, fmt.Errorf("%s would have a mistake (please report this): %w", config.Name, err)
	}
	if err := atomicfile.Write(file, []byte(text), 0o644); err != nil {
		return nil, err
	}
	if len(f.did) == 0 {
		f.say("nothing was found that hotdev would have to be told of")
	}
	return append([]string{"wrote " + config.Name}, f.did...), nil
}

// check parses text as a configuration.
func check(root, text string) error {
	dir, err := os.MkdirTemp("", "hotdev-init-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, config.Name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	_, err = config.Load(file)
	return err
}

// A finding collects what was found.
type finding struct {
	root      string
	mains     []string      // all main packages
	did       []string      // the lines to report
	air       string        // an .air.toml, converted
	airTasks  []config.Task // of it
	programs  []program
	others    []string  // main packages that are probably not meant to run
	processes []process // in the order in which they were found
	tasks     []task
	templ     bool     // a process list runs templ
	asides    []string // comments
}

type program struct {
	name, pkg string
	args, env []string
	after     []string
	ready     string
}

type process struct {
	name string
	entryOf
}

type task struct {
	use, cmd, dir string
	outputs       []string
}

// say adds a line to the report.
func (f *finding) say(format string, args ...any) {
	f.did = append(f.did, "  "+fmt.Sprintf(format, args...))
}

// look looks for everything.
func (f *finding) look(programs []string) {
	f.mains = programs
	f.lookAir()
	f.lookProcfile()
	f.lookCompose()
	f.lookPackages()
	f.lookMakefile()
	f.lookGenerators()
	f.lookPrograms(programs)
	for i := range f.programs {
		f.programs[i].after = f.known(f.programs[i].name, f.programs[i].after)
	}
	for i := range f.processes {
		f.processes[i].after = f.known(f.processes[i].name, f.processes[i].after)
	}
}

// flat reports whether the file is for one program, which then needs no name.
func (f *finding) flat() bool {
	return len(f.programs) == 1 && len(f.others) == 0 && !slices.ContainsFunc(f.processes, func(p process) bool {
		return slices.ContainsFunc(p.after, func(a string) bool { return strings.HasPrefix(a, f.programs[0].name+":") })
	})
}

// known returns those names in after that exist; name is the entry that comes after
// them.
func (f *finding) known(name string, after []string) (known []string) {
	for _, a := range after {
		other, _, _ := strings.Cut(a, ":")
		if slices.ContainsFunc(f.programs, func(p program) bool { return p.name == other }) ||
			slices.ContainsFunc(f.processes, func(p process) bool { return p.name == other }) {
			known = append(known, a)
		} else {
			f.say("%s: not taken over: that it comes after %s", name, a)
		}
	}
	return known
}

// lookPrograms chooses among the main packages.
func (f *finding) lookPrograms(all []string) {
	switch {
	case f.air != "":
		if len(f.programs) > 0 {
			f.say("programs of process lists: not taken over, because .air.toml names one")
		}
		f.programs = nil
		return
	case len(f.programs) > 0: // they are named by a process list
		for _, pkg := range all {
			if !slices.ContainsFunc(f.programs, func(p program) bool { return clean(p.pkg) == clean(pkg) }) {
				f.others = append(f.others, pkg)
			}
		}
	case len(all) == 1:
		f.programs = []program{{name: f.nameOf(all[0]), pkg: all[0]}}
		f.say("%s: the program", all[0])
		return
	default:
		// Where one is in the module's own folder, it is what hotdev runs without a
		// configuration.
		root := slices.ContainsFunc(all, func(pkg string) bool { return clean(pkg) == "." })
		for _, pkg := range all {
			if aside(pkg) || root && clean(pkg) != "." {
				f.others = append(f.others, pkg)
			} else {
				f.programs = append(f.programs, program{name: f.nameOf(pkg), pkg: pkg})
				f.say("%s: [[program]]", pkg)
			}
		}
		if len(f.programs) == 0 { // a library: its examples, or else all that there is
			examples := slices.DeleteFunc(slices.Clone(f.others), func(pkg string) bool { return !example(pkg) })
			if len(examples) == 0 {
				examples = f.others
			}
			for _, pkg := range examples {
				f.programs = append(f.programs, program{name: f.nameOf(pkg), pkg: pkg})
				f.say("%s: [[program]]", pkg)
			}
			f.others = slices.DeleteFunc(f.others, func(pkg string) bool { return slices.Contains(examples, pkg) })
		}
	}
	for _, pkg := range f.others {
		f.say("%s: not run by hotdev; a [[program]] that is commented out", pkg)
	}
}

// aside reports whether a main package is probably a tool or an example.
func aside(pkg string) bool {
	for _, part := range strings.Split(clean(pkg), "/") {
		switch strings.ToLower(part) {
		case "tool", "tools", "example", "examples", "script", "scripts", "hack", "test", "tests", "testdata", "bench", "benchmark", "benchmarks", "internal", "ci", "build":
			return true
		}
	}
	return false
}

func example(pkg string) bool {
	first, _, _ := strings.Cut(clean(pkg), "/")
	return first == "example" || first == "examples"
}

func clean(pkg string) string {
	return strings.TrimPrefix(filepath.ToSlash(filepath.Clean(pkg)), "./")
}

// nameOf returns a unique name for the program in a package.
func (f *finding) nameOf(pkg string) string {
	base := filepath.Base(pkg)
	if base == "." {
		base = filepath.Base(f.root)
	}
	return f.free(base)
}

// free returns a name that is not in use, similar to name.
func (f *finding) free(name string) string {
	name = strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r) {
			return r
		}
		return '-'
	}, name), "-.")
	if name == "" {
		name = "app"
	}
	taken := func(name string) bool {
		return slices.ContainsFunc(f.programs, func(p program) bool { return p.name == name }) ||
			slices.ContainsFunc(f.processes, func(p process) bool { return p.name == name }) ||
			slices.ContainsFunc(f.airTasks, func(t config.Task) bool { return t.Name == name }) ||
			slices.Contains(config.Presets(), name)
	}
	for n, base := 2, name; taken(name); n++ {
		name = fmt.Sprintf("%s-%d", base, n)
	}
	return name
}

// read returns the text of a file of the project, or "".
func (f *finding) read(name string) string {
	text, err := os.ReadFile(filepath.Join(f.root, name))
	if err != nil {
		return ""
	}
	return string(text)
}

func (f *finding) has(name string) bool {
	st, err := os.Stat(filepath.Join(f.root, name))
	return err == nil && st.Mode().IsRegular()
}
