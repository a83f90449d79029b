package project

import (
	"fmt"
	"slices"

	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/task"
	"github.com/hotdev/hotdev/watcher"
)

// ofTask returns the project of a task. Its configuration has only that task.
func (p *Project) ofTask(cfg config.Config, t config.Task) *Project {
	one := p.of(cfg)
	one.config.Programs, one.config.Processes, one.config.Tasks = nil, nil, []config.Task{t}
	one.program, one.task, one.name = "", t.Name, t.Name
	return one
}

// comesAfter reports whether p waits for a task.
func (p *Project) comesAfter(t config.Task) bool {
	if t.BeforeAll {
		return p.isBuilt()
	}
	return slices.ContainsFunc(t.Before, p.isCalled)
}

// Task returns the settings of a task at the start; nil if p is not a task.
func (p *Project) Task() *task.Settings {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last.Task
}

// taskSettings returns the settings of a task.
func (p *Project) taskSettings(cfg config.Config, files []string) (engine.Settings, error) {
	own := cfg.Tasks[0]
	s, err := p.commandSettings(cfg, files, command{
		name: own.Name, cmd: own.Cmd, dir: own.Dir, env: own.Env, after: own.After, later: own.On == "save",
	})
	if err != nil {
		return engine.Settings{}, err
	}
	if len(own.Files) > 0 {
		s.Watch.Rules = []watcher.Rule{{Dir: cfg.Dir, Include: own.Files, Exclude: own.Exclude}}
		if len(own.ExcludeRegexps) > 0 {
			s.Watch.Rules[0].Ignore = []watcher.Rule{{Dir: cfg.Dir, Regexps: own.ExcludeRegexps}}
		}
	}
	// watch.exclude removes files from watch.include, but not from a task.
	s.Watch.Ignore = p.ownFiles(cfg, s, nil)
	before := own.Before
	if own.BeforeAll {
		before = p.built
	}
	s.Task = &task.Settings{
		Command: fmt.Sprint(own.Cmd, own.Dir, own.Env),
		Files:   watcher.Set{Rules: s.Watch.Rules, Ignore: s.Watch.Ignore},
		Outputs: watcher.Set{Rules: []watcher.Rule{{Dir: cfg.Dir, Include: own.Outputs}}},
		Before:  before,
		Dir:     cfg.Dir,
		When:    map[string]task.When{"save": task.OnSave, "quit": task.AtQuit}[own.On],
	}
	return s, nil
}
