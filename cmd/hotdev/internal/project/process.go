package project

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/nearest"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/watcher"
)

// ofProcess returns the project of a process. Its configuration has only that process.
func (p *Project) ofProcess(cfg config.Config, process config.Process) *Project {
	one := p.of(cfg)
	one.config.Programs, one.config.Tasks, one.config.Processes = nil, nil, []config.Process{process}
	one.program, one.process, one.name = "", process.Name, process.Name
	return one
}

// processSettings returns the settings of a process, which is not built.
func (p *Project) processSettings(cfg config.Config, files []string) (engine.Settings, error) {
	own := cfg.Processes[0]
	s, err := p.commandSettings(cfg, files, command{
		name: own.Name, cmd: own.Cmd, dir: own.Dir, env: own.Env, envFiles: own.EnvFiles, port: own.Port, after: own.After,
	})
	if err != nil {
		return engine.Settings{}, err
	}
	s.Run.TTY, s.Run.Input = own.TTY, own.Stdin == "lines"
	s.Run.StopSignal, s.Run.StopTimeout = own.StopSignal, own.StopTimeout
	s.Ready = readiness(own.Ready)
	s.OnCrash = map[string]engine.OnCrash{"on-failure": engine.CrashRestarts, "always": engine.EndRestarts}[own.Restart]
	s.OnCrash = cmp.Or(s.OnCrash, engine.CrashWaits)
	if len(own.Watch) > 0 {
		s.Watch.Rules = []watcher.Rule{{Dir: cfg.Dir, Include: own.Watch}}
	}
	s.Watch.Ignore = append(s.Watch.Ignore, p.ownFiles(cfg, s, nil)...)
	return s, nil
}

// A command is what processes and tasks have in common: a command line that is run as
// it is.
type command struct {
	name     string
	cmd      []string
	dir      string
	env      map[string]string
	envFiles []string
	port     config.Port
	after    []string
	// later: nothing needs it before a file is saved, so that without it everything
	// else can start.
	later bool
}

// commandSettings returns the settings of a command. The caller adds what it watches.
func (p *Project) commandSettings(cfg config.Config, files []string, c command) (engine.Settings, error) {
	env, notices, err := p.environment(c.envFiles, c.env, c.port, c.after)
	if err != nil {
		return engine.Settings{}, err
	}
	run := config.Default().Run
	spec := runner.Spec{
		Path:        c.cmd[0],
		Args:        c.cmd[1:],
		Env:         env,
		Dir:         c.dir,
		StopSignal:  run.StopSignal,
		StopTimeout: run.StopTimeout,
	}
	// What it comes after may install it.
	if at, known := cfg.CommandAt[c.name]; known && len(c.after) == 0 && spec.CheckWrapper() != nil {
		missing := at.Error(fmt.Sprintf(": %q is not in PATH: %s", spec.Path, instead(spec.Path, env)))
		if !c.later {
			return engine.Settings{}, missing
		}
		notices = append(notices, missing.Error())
	}
	watch := p.watchSettings(cfg)
	watch.Rules = nil // those are of programs
	return engine.Settings{
		Name:    c.name,
		Command: true,
		Run:     spec,
		After:   after(c.after),
		Watch:   watch,
		Screen:  screenSettings(cfg),
		OnCrash: engine.CrashWaits,
		Config:  slices.Concat(files, c.envFiles),
		Notices: notices,
	}, nil
}

// instead says what to do about a command that is not in the PATH of env.
func instead(name string, env []string) string {
	var names []string
	for _, dir := range filepath.SplitList(lookup(env, "PATH")) {
		entries, _ := os.ReadDir(dir) // a missing folder has none
		for _, e := range entries {
			names = append(names, e.Name())
		}
	}
	if near := nearest.Of(name, names); near != "" {
		return fmt.Sprintf("install it, or did you mean %q?", near)
	}
	return "install it, or take it out of the configuration"
}

// after returns what a start waits for.
func after(all []string) []engine.After {
	var out []engine.After
	for _, a := range all {
		name, word := config.SplitAfter(a)
		out = append(out, engine.After{Program: name, Word: engine.Milestone(word)})
	}
	return out
}

// readyTime is how long a program may take to become ready before a notice says that it
// is not: longer than a database takes to recover from a crash.
const readyTime = 30 * time.Second

func readiness(r config.Ready) engine.Readiness {
	out := engine.Readiness{Port: r.Port, HTTP: r.HTTP, Log: r.Log, Command: r.Command, Timeout: r.Timeout}
	if r.Port > 0 || r.HTTP != "" || r.Log != "" || len(r.Command) > 0 {
		out.Timeout = cmp.Or(r.Timeout, readyTime)
	} else {
		out.Timeout = 0
	}
	return out
}
