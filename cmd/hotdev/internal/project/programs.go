package project

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/internal/nearest"
)

// programs are what the user wants to run: those that the command line names, else
// those of the configuration, else the only one that there is. Where that is not
// settled, there is one, and targets are what it may be.
func (p *Project) programs(ctx context.Context) (programs []*Project, targets []builder.Target, err error) {
	names, configured := p.opts.Names, p.config.Programs
	switch {
	case p.opts.All && len(configured) == 0:
		programs, err = p.everywhere(ctx)
	case len(names) == 0 && len(configured) > 0:
		for _, cfg := range p.config.Each() {
			programs = append(programs, p.of(cfg))
			programs[0].listed = append(programs[0].listed, cfg.Name)
		}
	case len(names) > 1 && !isFile(names[0]), len(names) == 1 && (len(configured) > 0 || strings.Contains(names[0], "...")):
		for _, name := range names {
			var more []*Project
			if more, err = p.called(ctx, name); err != nil {
				break
			}
			programs = append(programs, more...)
		}
	default:
		p.config.Programs = nil
		targets, err = p.candidates(ctx)
		if err == nil {
			p.target = targets[0]
		}
		p.name = p.target.Name
		return []*Project{p}, targets, err
	}
	if err != nil {
		return nil, nil, err
	}
	for _, one := range programs {
		if one.target.Name == "" {
			if err := one.settle(ctx); err != nil {
				return nil, nil, err
			}
		}
	}
	programs = distinct(programs)
	if len(programs) > 1 && p.opts.HasArgs {
		return nil, nil, UsageError{errors.New("arguments after -- are for one program, and there are several: give each its own, as run.args of a [[program]]")}
	}
	if len(programs) > 1 && p.opts.Web > 0 {
		return nil, nil, UsageError{errors.New("--web is of one program, and there are several: give it to one, as web.port of a [[program]]")}
	}
	if len(programs) > 1 && len(p.config.Programs) == 0 && p.config.Web.Port > 0 {
		return nil, nil, UsageError{errors.New("web.port is of one program, and there are several: set it in a [[program]]")}
	}
	nameAll(programs)
	return programs, nil, nil
}

// own is what a configuration that was read again says of this program. Which
// programs there are is settled at the start.
func (p *Project) own(cfg config.Config) (config.Config, error) {
	if p.program == "" && len(p.opts.Names) > 0 || len(cfg.Programs) == 0 && p.program == "" {
		cfg.Programs = nil
		return cfg, nil
	}
	const again = "quit hotdev and start it again"
	if p.program == "" {
		return cfg, fmt.Errorf("there is [[program]] now: %s to run these programs", again)
	}
	var own *config.Config
	var more []string
	for _, one := range cfg.Each() {
		if one.Name == p.program {
			own = &one
		} else if p.listed != nil && one.Name != "" && !slices.Contains(p.listed, one.Name) {
			more = append(more, one.Name)
		}
	}
	if own == nil {
		return cfg, fmt.Errorf("[[program]] %s is gone: it runs on as it is; %s to run without it", p.program, again)
	}
	if len(more) > 0 {
		own.Notices = append(slices.Clip(own.Notices), fmt.Sprintf("[[program]] %s is new: %s to run it", strings.Join(more, ", "), again))
	}
	return *own, nil
}

func isFile(name string) bool { return strings.HasSuffix(name, ".go") }

// of is the project of one of several programs, by its configuration. Its target is
// not known yet.
func (p *Project) of(cfg config.Config) *Project {
	opts := p.opts
	opts.Names = nil
	return &Project{opts: opts, environ: p.environ, root: p.root, builder: p.builder, config: cfg, program: cfg.Name}
}

// at is the project of one of several programs that the command line names.
func (p *Project) at(t builder.Target) *Project {
	cfg := p.config
	cfg.Programs = nil
	one := p.of(cfg)
	one.opts.Names, one.target = t.Args, t
	return one
}

// settle finds the only program that the configuration can mean.
func (p *Project) settle(ctx context.Context) error {
	ts, err := p.candidates(ctx)
	if err == nil && len(ts) > 1 {
		err = UsageError{fmt.Errorf("there are several main packages; name one of them as build.package: %s", strings.Join(targetNames(ts), ", "))}
	}
	if err != nil {
		if p.program != "" {
			err = fmt.Errorf("[[program]] %s: %w", p.program, err)
		}
		return err
	}
	p.target = ts[0]
	return nil
}

// called are the programs that the user calls so: one of the configuration by its
// name or its package, else all main packages that a pattern matches.
func (p *Project) called(ctx context.Context, name string) ([]*Project, error) {
	if isFile(name) {
		return nil, UsageError{fmt.Errorf("%s: name either packages or .go files, not both", name)}
	}
	var known []string
	for _, cfg := range p.config.Each() {
		if cfg.Name == "" {
			break
		}
		known = append(known, cfg.Name)
		if cfg.Name == name || filepath.Join(p.opts.Dir, name) == filepath.Join(cfg.Dir, cfg.Build.Package) {
			return []*Project{p.of(cfg)}, nil
		}
	}
	_, stat := os.Stat(filepath.Join(p.opts.Dir, name))
	if near := nearest.Of(name, known); near != "" && stat != nil && !strings.ContainsAny(name, `./\`) {
		return nil, UsageError{fmt.Errorf("no program is called %q: did you mean %q?", name, near)}
	}
	flags, err := p.flags(p.config)
	if err != nil {
		return nil, err
	}
	ts, err := p.builder.Targets(ctx, p.opts.Dir, []string{name}, flags, p.buildEnv(p.config))
	if err != nil && Obstacle(err) == nil && len(p.opts.Names) > 1 {
		err = fmt.Errorf("%w (arguments for a program go after --)", err)
	}
	return p.atEach(ts), err
}

// everywhere are all main packages of the module, or of the workspace.
func (p *Project) everywhere(ctx context.Context) ([]*Project, error) {
	flags, err := p.flags(p.config)
	if err != nil {
		return nil, err
	}
	ts, err := p.builder.AllTargets(ctx, p.opts.Dir, flags, p.buildEnv(p.config))
	return p.atEach(ts), err
}

func (p *Project) atEach(ts []builder.Target) []*Project {
	var programs []*Project
	for _, t := range ts {
		programs = append(programs, p.at(t))
	}
	return programs
}

// distinct leaves out a program that is named twice over, as by two patterns.
func distinct(programs []*Project) []*Project {
	var once []*Project
	for _, p := range programs {
		if !slices.ContainsFunc(once, func(q *Project) bool {
			return p.program == q.program && (p.program != "" || p.target.ImportPath == q.target.ImportPath)
		}) {
			once = append(once, p)
		}
	}
	return once
}

// nameAll gives each program a name of its own: that of the configuration, else the
// last element of its package, else as many as it takes.
func nameAll(programs []*Project) {
	if len(programs) == 1 {
		programs[0].name = programs[0].target.Name
		return
	}
	name := func(p *Project, elements int) string {
		if p.program != "" {
			return p.program
		}
		all := strings.Split(path.Clean(filepath.ToSlash(p.target.Name)), "/")
		return path.Join(all[max(0, len(all)-elements):]...)
	}
	for i, p := range programs {
		for n := 1; ; n++ {
			p.name = name(p, n)
			if n > strings.Count(p.target.Name, "/") || !slices.ContainsFunc(programs, func(q *Project) bool {
				return q != programs[i] && name(q, n) == p.name
			}) {
				break
			}
		}
	}
}
