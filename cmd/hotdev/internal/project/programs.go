package project

import (
	"cmp"
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

// programs returns what the user wants to run: the programs on the command line, else
// those of the configuration, else the only main package; then what runs beside them.
// If the only program is not settled, targets are the choices.
func (p *Project) programs(ctx context.Context) (programs []*Project, targets []builder.Target, err error) {
	if programs, targets, err = p.chosen(ctx); err == nil {
		programs, err = p.withOthers(ctx, distinct(programs))
	}
	if err != nil {
		return nil, nil, err
	}
	built, served := 0, p.opts.Web > 0
	for _, one := range programs {
		if one.isBuilt() {
			built++
			served = served || one.config.Web.Port > 0
		}
	}
	switch several := built > 1; {
	case several && p.opts.HasArgs:
		err = errors.New("arguments after -- are for one program, and there are several: give each its own, as run.args of a [[program]]")
	case several && p.opts.Web > 0:
		err = errors.New("--web is of one program, and there are several: give it to one, as web.port of a [[program]]")
	case several && p.opts.LAN && !served:
		err = errors.New("--lan is of a web address, and there is none: give one program web.port, in a [[program]]")
	case several && len(p.config.Programs) == 0 && p.config.Run.Port > 0:
		err = errors.New("run.port is of one program, and there are several: set it in a [[program]], or to \"auto\"")
	case several && len(p.config.Programs) == 0 && p.config.Web.Port > 0:
		err = errors.New("web.port is of one program, and there are several: set it in a [[program]]")
	}
	if err != nil {
		return nil, nil, UsageError{err}
	}
	for _, one := range programs {
		if p.opts.LAN && !served && one.isBuilt() { // the only one
			one.opts.Web = config.DefaultWebPort
		}
	}
	programs[0].listed = members(p.config)
	return programs, targets, nil
}

// members returns the names of everything in the configuration.
func members(cfg config.Config) []string {
	names := []string{}
	for _, m := range cfg.Programs {
		names = append(names, m.Name)
	}
	for _, m := range cfg.Processes {
		names = append(names, m.Name)
	}
	for _, m := range cfg.Tasks {
		names = append(names, m.Name)
	}
	return names
}

// chosen returns the programs that the user has chosen.
func (p *Project) chosen(ctx context.Context) (programs []*Project, targets []builder.Target, err error) {
	names, configured := p.opts.Names, p.config.Programs
	switch {
	case p.opts.All && len(configured) == 0:
		programs, err = p.everywhere(ctx)
		return programs, nil, err
	case len(names) == 0 && len(configured) > 0:
		for _, cfg := range p.config.Each() {
			one := p.of(cfg)
			if err := one.settle(ctx); err != nil {
				return nil, nil, err
			}
			programs = append(programs, one)
		}
		return programs, nil, nil
	case len(names) > 1 && !isFile(names[0]), len(names) == 1 && (len(configured) > 0 || p.beside(names[0]) != nil || strings.Contains(names[0], "...")):
		for _, name := range names {
			more, err := p.called(ctx, name)
			if err != nil {
				return nil, nil, err
			}
			programs = append(programs, more...)
		}
		return programs, nil, nil
	}
	if len(names) == 1 {
		if err := p.misspelt(names[0]); err != nil {
			return nil, nil, err
		}
	}
	one := p.of(p.config)
	one.opts.Names, one.config.Programs = names, nil
	if targets, err = one.candidates(ctx); err == nil {
		one.target = targets[0]
	} else if len(names) == 1 {
		err = p.unknown(names[0], err)
	}
	return []*Project{one}, targets, err
}

// withOthers adds what runs beside programs: all processes; or, if the user chose among
// the configuration's programs, whatever the chosen ones come after.
func (p *Project) withOthers(ctx context.Context, programs []*Project) ([]*Project, error) {
	if p.opts.Once {
		for _, one := range programs {
			if one.process != "" {
				return nil, UsageError{fmt.Errorf("%s is a process of the configuration: there is nothing to build", one.process)}
			}
			if one.task != "" {
				return nil, UsageError{fmt.Errorf("%s is a task of the configuration: there is nothing to build", one.task)}
			}
		}
		return programs, nil
	}
	if len(p.opts.Names) == 0 || len(p.config.Programs) == 0 && p.beside(p.opts.Names[0]) == nil {
		for _, process := range p.config.Processes {
			programs = append(programs, p.ofProcess(p.config, process))
		}
		for _, task := range p.config.Tasks {
			programs = append(programs, p.ofTask(p.config, task))
		}
		programs = distinct(programs)
	}
	for i := 0; i < len(programs); i++ {
		for _, a := range programs[i].after() {
			name, _ := config.SplitAfter(a)
			if slices.ContainsFunc(programs, func(q *Project) bool { return q.isCalled(name) }) {
				continue
			}
			more, err := p.called(ctx, name)
			if err != nil {
				return nil, err
			}
			programs = append(programs, more...)
		}
		for _, t := range p.config.Tasks {
			if programs[i].comesAfter(t) && !slices.ContainsFunc(programs, func(q *Project) bool { return q.task == t.Name }) {
				programs = append(programs, p.ofTask(p.config, t))
			}
		}
	}
	return programs, nil
}

// after returns the names that the program or the process comes after.
func (p *Project) after() []string {
	switch {
	case p.process != "":
		return p.config.Processes[0].After
	case p.task != "":
		return p.config.Tasks[0].After
	}
	return p.config.Run.After
}

// own returns what a configuration that was read again says about this program. The set
// of programs and processes is fixed at the start.
func (p *Project) own(cfg config.Config) (config.Config, error) {
	const again = "quit hotdev and start it again"
	var more []string
	for _, name := range members(cfg) {
		if p.listed != nil && !slices.Contains(p.listed, name) {
			more = append(more, name)
		}
	}
	own := cfg
	found := p.isBuilt() && p.program == "" && (len(cfg.Programs) == 0 || len(p.opts.Names) > 0)
	for _, one := range cfg.Each() {
		if p.program != "" && one.Name == p.program {
			own, found = one, true
		}
	}
	for _, one := range cfg.Processes {
		if p.process != "" && one.Name == p.process {
			own.Processes, found = []config.Process{one}, true
		}
	}
	for _, one := range cfg.Tasks {
		if p.task != "" && one.Name == p.task {
			own.Tasks, found = []config.Task{one}, true
		}
	}
	own.Programs = nil
	switch {
	case !found && p.task != "":
		return cfg, fmt.Errorf("[[task]] %s is gone: it runs as before; %s to run without it", p.task, again)
	case !found && p.process != "":
		return cfg, fmt.Errorf("[[process]] %s is gone: it keeps running as it is; %s to run without it", p.process, again)
	case !found && p.program != "":
		return cfg, fmt.Errorf("[[program]] %s is gone: it keeps running as it is; %s to run without it", p.program, again)
	case !found:
		return cfg, fmt.Errorf("there is [[program]] now: %s to run these programs", again)
	case len(more) > 0:
		own.Notices = append(slices.Clip(own.Notices), fmt.Sprintf("%s: new in the configuration; %s to run it", strings.Join(more, ", "), again))
	}
	return own, nil
}

// processCalled returns the process of this name, or nil.
func (p *Project) processCalled(name string) *config.Process {
	i := slices.IndexFunc(p.config.Processes, func(one config.Process) bool { return one.Name == name })
	if i < 0 {
		return nil
	}
	return &p.config.Processes[i]
}

// beside returns the process or the task of this name, or nil.
func (p *Project) beside(name string) *Project {
	if process := p.processCalled(name); process != nil {
		return p.ofProcess(p.config, *process)
	}
	for _, t := range p.config.Tasks {
		if t.Name == name {
			return p.ofTask(p.config, t)
		}
	}
	return nil
}

// isBuilt reports whether p is a program, not a process or a task.
func (p *Project) isBuilt() bool { return p.process == "" && p.task == "" }

// isCalled reports whether p has this name in the configuration.
func (p *Project) isCalled(name string) bool {
	return name != "" && (p.program == name || p.process == name || p.task == name)
}

func isFile(name string) bool { return strings.HasSuffix(name, ".go") }

// of returns the project of one of several programs, from its configuration. Its target
// is not known yet.
func (p *Project) of(cfg config.Config) *Project {
	opts := p.opts
	opts.Names = nil
	return &Project{opts: opts, ports: p.ports, environ: p.environ, root: p.root, builder: p.builder, config: cfg, program: cfg.Name}
}

// at returns the project of one of several programs on the command line.
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
		if p.program != "" && !errors.As(err, new(config.Errors)) { // which has its place
			err = fmt.Errorf("[[program]] %s: %w", p.program, err)
		}
		return err
	}
	p.target = ts[0]
	return nil
}

// called returns the programs that the user calls by a name: one of the configuration,
// by its name or its package, else all main packages that match a pattern.
func (p *Project) called(ctx context.Context, name string) ([]*Project, error) {
	if isFile(name) {
		return nil, UsageError{fmt.Errorf("%s: name either packages or .go files, not both", name)}
	}
	if one := p.beside(name); one != nil {
		return []*Project{one}, nil
	}
	for _, cfg := range p.config.Each() {
		if cfg.Name == "" {
			break
		}
		if cfg.Name == name || filepath.Join(p.opts.Dir, name) == filepath.Join(cfg.Dir, cfg.Build.Package) {
			one := p.of(cfg)
			return []*Project{one}, one.settle(ctx)
		}
	}
	if err := p.misspelt(name); err != nil {
		return nil, err
	}
	flags, err := p.flags(p.config)
	if err != nil {
		return nil, err
	}
	ts, err := p.builder.Targets(ctx, p.opts.Dir, []string{name}, flags, p.buildEnv(p.config))
	if err != nil {
		err = p.unknown(name, err)
	}
	if err != nil && Obstacle(err) == nil && len(p.opts.Names) > 1 {
		err = fmt.Errorf("%w (arguments for a program go after --)", err)
	}
	return p.atEach(ts), err
}

// misspelt returns an error with a suggestion if a name is almost that of a program,
// process or task.
func (p *Project) misspelt(name string) error {
	if _, err := os.Stat(filepath.Join(p.opts.Dir, name)); err == nil || strings.ContainsAny(name, `./\`) {
		return nil
	}
	if near := nearest.Of(name, members(p.config)); near != "" {
		return UsageError{fmt.Errorf("no program, process or task is called %q: did you mean %q?", name, near)}
	}
	return nil
}

// unknown extends err, the go command's error for name as a package, by what else a
// single word could have been: the name of a program or a command.
func (p *Project) unknown(name string, err error) error {
	if Obstacle(err) != nil || strings.ContainsAny(name, `./\`) {
		return err
	}
	if all := members(p.config); len(all) > 0 {
		return UsageError{fmt.Errorf("no program, process or task is called %q (there are %s): %w", name, strings.Join(all, ", "), err)}
	}
	return UsageError{fmt.Errorf("%q is neither a command of hotdev (see hotdev --help) nor a package: %w", name, err)}
}

// everywhere returns all main packages of the module, or of the workspace.
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

// distinct removes programs that are named more than once, for example by two patterns.
func distinct(programs []*Project) []*Project {
	var once []*Project
	for _, p := range programs {
		if !slices.ContainsFunc(once, func(q *Project) bool {
			return p.program == q.program && p.process == q.process && p.task == q.task && (p.program != "" || !p.isBuilt() || p.target.ImportPath == q.target.ImportPath)
		}) {
			once = append(once, p)
		}
	}
	return once
}

// nameAll gives each program a unique name: that of the configuration, else the last
// element of its package, else as many elements as are needed.
func nameAll(programs []*Project) {
	if len(programs) == 1 && programs[0].isBuilt() {
		programs[0].name = programs[0].target.Name
		return
	}
	name := func(p *Project, elements int) string {
		if p.program != "" || !p.isBuilt() {
			return cmp.Or(p.program, p.process, p.task)
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
