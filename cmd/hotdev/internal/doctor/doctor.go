// Package doctor examines a machine and a project for what hotdev needs, and reports a
// finding for each, with advice.
//
// It starts no program of the user's. The only file that it writes is one in the
// project's folder, which it waits for and removes.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/config"
)

// A Level is the severity of a finding.
type Level string

// OK needs no action; Note is missing or done differently, but hotdev works; with a
// Problem something does not work.
const (
	OK      Level = "ok"
	Note    Level = "note"
	Problem Level = "problem"
)

// A Finding is the result of one check.
type Finding struct {
	Level Level  `json:"level"`
	What  string `json:"what"`
	Text  string `json:"text"`
	// Do is advice; empty if there is nothing to do.
	Do string `json:"do,omitempty"`
}

// Options select what to examine.
type Options struct {
	Dir    string // where hotdev would be started, absolute
	Config string // the file; if empty, it is searched for
}

// An exam is an examination in progress.
type exam struct {
	Options
	root    string
	cfg     config.Config
	builder *builder.Builder
	found   []Finding
}

func (x *exam) add(level Level, what, text, do string) {
	x.found = append(x.found, Finding{level, what, text, do})
}

// Examine runs all checks.
func Examine(ctx context.Context, o Options) []Finding {
	x := &exam{Options: o, builder: builder.New(), cfg: config.Default()}
	x.configuration()
	x.toolchain(ctx)
	x.programs(ctx)
	x.files(ctx)
	x.commands()
	x.ports()
	return x.found
}

// configuration reads the configuration, and names the keys that have no effect.
func (x *exam) configuration() {
	const what = "configuration"
	file, root, ok := config.Find(x.Dir)
	x.root, x.cfg.Dir = root, root
	if x.Config != "" {
		file, ok = x.Config, true
	}
	if !ok {
		x.add(OK, what, "none, which is fine for one program", "")
		return
	}
	cfg, err := config.Load(file)
	var wrong config.Errors
	switch {
	case errors.As(err, &wrong):
		for _, e := range wrong {
			x.add(Problem, what, e.Error(), "")
		}
		return
	case err != nil:
		x.add(Problem, what, err.Error(), "")
		return
	}
	x.cfg = cfg
	name := file
	if rel, err := filepath.Rel(x.Dir, file); err == nil {
		name = rel
	}
	for _, n := range cfg.Notices {
		x.add(Note, what, n, "")
	}
	idle := cfg.Idle()
	for _, text := range idle {
		x.add(Note, what, text, "take it out, or change what it depends on")
	}
	if len(cfg.Notices)+len(idle) == 0 {
		x.add(OK, what, name+" is read, and all of its keys have an effect", "")
	}
}

// toolchain checks Go, cgo, plugins and live code.
func (x *exam) toolchain(ctx context.Context) {
	env := os.Environ()
	t, err := x.builder.Tools(ctx, x.Dir, env)
	if err != nil {
		x.add(Problem, "go", err.Error(), "")
		return
	}
	x.add(OK, "go", t.Version+" in "+t.Root, "")
	noCompiler, err := x.builder.NoCompiler(ctx, x.Dir, env)
	switch {
	case err != nil:
		x.add(Problem, "cgo", err.Error(), "")
	case !t.Cgo:
		x.add(Note, "cgo", "off: CGO_ENABLED is 0, so code is not reloaded as plugins", "set CGO_ENABLED=1 and install a C compiler, if you want that")
	case noCompiler != "":
		x.add(Note, "cgo", noCompiler, "install a C compiler (gcc or clang), if you want code reloaded as plugins")
	default:
		x.add(OK, "cgo", "on, with a C compiler: code can be reloaded as plugins", "")
	}
	switch why, able := builder.CanPatch(); {
	case x.cfg.Live.Mode == "off":
		x.add(Note, "live code", "off, by live.mode", "")
	case !able:
		x.add(Note, "live code", why, "")
	case !x.cfg.Build.Fast:
		x.add(Note, "live code", "it needs the fast path, and build.fast is off", "set build.fast = true")
	default:
		x.add(OK, "live code", "this system can have it: changed functions go into the running program", "")
	}
}

// programs checks which programs there are to run, and the place for their binaries.
func (x *exam) programs(ctx context.Context) {
	const what = "program"
	cache, err := os.UserCacheDir()
	if err == nil {
		var folder *builder.Folder
		if folder, err = builder.Place(cache, x.root); err == nil {
			folder.Close()
		}
	}
	if err != nil {
		x.add(Problem, "cache", "a place for the binary: "+err.Error(), "set XDG_CACHE_HOME, or build.output")
	}
	for _, cfg := range x.cfg.Each() {
		dir, names := x.Dir, cfg.Build.Names()
		if len(names) > 0 {
			dir = cfg.Dir
			if cfg.Build.Dir != "" {
				dir = cfg.Build.Dir
			}
		}
		targets, err := x.builder.Targets(ctx, dir, names, cfg.Build.Flags, os.Environ())
		switch {
		case err != nil:
			text := err.Error()
			if cfg.Name != "" {
				text = cfg.Name + ": " + text
			}
			x.add(Problem, what, text, "")
		case len(targets) > 1:
			var all []string
			for _, t := range targets {
				all = append(all, t.Name)
			}
			x.add(Note, what, "several main packages: "+strings.Join(all, ", "), "name one (hotdev "+all[0]+"), run them all (hotdev --all), or write a configuration (hotdev init)")
		default:
			x.add(OK, what, targets[0].Name, "")
		}
	}
}

// commands checks that the commands to run beside the programs exist.
func (x *exam) commands() {
	check := func(what string, argv []string, dir string) {
		if len(argv) == 0 {
			return
		}
		if why := missing(argv[0], dir); why != "" {
			why, _, _ = strings.Cut(why, ": install it") // the advice is below
			x.add(Problem, what, why, "install it, or correct the command")
		} else {
			x.add(OK, what, argv[0]+" is there", "")
		}
	}
	for _, t := range x.cfg.Tasks {
		check("task "+t.Name, t.Cmd, t.Dir)
	}
	for _, p := range x.cfg.Processes {
		check("process "+p.Name, p.Cmd, p.Dir)
	}
	for _, cfg := range x.cfg.Each() {
		for _, argv := range cfg.Build.Before {
			check("build.before", argv, x.cfg.Dir)
		}
	}
}

// Worst returns the highest level of all.
func Worst(all []Finding) Level {
	for _, level := range []Level{Problem, Note} {
		if slices.ContainsFunc(all, func(f Finding) bool { return f.Level == level }) {
			return level
		}
	}
	return OK
}

// Lines returns a finding as text.
func (f Finding) Lines() string {
	text := fmt.Sprintf("%-7s  %s: %s\n", f.Level, f.What, f.Text)
	if f.Do != "" {
		text += "         → " + f.Do + "\n"
	}
	return text
}
