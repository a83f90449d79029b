package project

import (
	"cmp"
	"slices"
	"time"

	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/watcher"
)

// ofProcess is the project of a process. Its configuration has it alone.
func (p *Project) ofProcess(cfg config.Config, process config.Process) *Project {
	one := p.of(cfg)
	one.config.Programs, one.config.Tasks, one.config.Processes = nil, nil, []config.Process{process}
	one.program, one.process, one.name = "", process.Name, process.Name
	return one
}

// processSettings are those of what is not built.
func (p *Project) processSettings(cfg config.Config, files []string) (engine.Settings, error) {
	own := cfg.Processes[0]
	table, err := p.withPorts(own.Env, own.Port, own.After)
	if err != nil {
		return engine.Settings{}, err
	}
	env, notices, err := p.environment(own.EnvFiles, table)
	if err != nil {
		return engine.Settings{}, err
	}
	s := engine.Settings{
		Name:    own.Name,
		Command: true,
		Run: runner.Spec{
			Path:        own.Cmd[0],
			Args:        own.Cmd[1:],
			Env:         env,
			Dir:         own.Dir,
			TTY:         own.TTY,
			Input:       own.Stdin == "lines",
			StopSignal:  own.StopSignal,
			StopTimeout: own.StopTimeout,
		},
		After:   after(own.After),
		Ready:   readiness(own.Ready),
		Watch:   p.watchSettings(cfg),
		Screen:  screenSettings(cfg),
		OnCrash: map[string]engine.OnCrash{"on-failure": engine.CrashRestarts, "always": engine.EndRestarts}[own.Restart],
		Config:  slices.Concat(files, own.EnvFiles),
		Notices: notices,
	}
	s.OnCrash = cmp.Or(s.OnCrash, engine.CrashWaits)
	s.Watch.Rules = nil
	if len(own.Watch) > 0 {
		s.Watch.Rules = []watcher.Rule{{Dir: cfg.Dir, Include: own.Watch}}
	}
	s.Watch.Ignore = append(s.Watch.Ignore, p.ownFiles(cfg, s, nil)...)
	return s, nil
}

// after is what a start waits for.
func after(all []string) []engine.After {
	var out []engine.After
	for _, a := range all {
		name, word := config.SplitAfter(a)
		out = append(out, engine.After{Program: name, Word: engine.Milestone(word)})
	}
	return out
}

// readyTime is how long a program may take to become ready before a notice says
// that it is not: longer than a database takes that recovers after a crash.
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
