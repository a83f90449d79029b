package project

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/argv"
)

// candidates returns the main packages that the command line, the configuration or the
// module offers. If there are several, the user has to choose.
func (p *Project) candidates(ctx context.Context) ([]builder.Target, error) {
	flags, err := p.flags(p.config)
	if err != nil {
		return nil, err
	}
	dir, names := p.named(p.config)
	if p.mode(p.config) == engine.ModePlugin {
		t, bare, err := p.builder.PluginTarget(ctx, dir, names, flags, p.buildEnv(p.config))
		if err != nil {
			return nil, err
		}
		if p.bare = bare; bare {
			return []builder.Target{t}, nil
		}
	}
	ts, err := p.builder.Targets(ctx, dir, names, flags, p.buildEnv(p.config))
	p.found = ts
	return p.meant(p.config, ts), p.atPackage(p.config, err)
}

// atPackage returns err, which is about the programs that are named, with the place of
// build.package if that names them. An obstacle stays what it is: it is waited for.
func (p *Project) atPackage(cfg config.Config, err error) error {
	if at := cfg.PackageAt; err != nil && at != nil && len(p.opts.Names) == 0 && Obstacle(err) == nil {
		return UsageError{config.Errors{at.Error(": " + err.Error())}}
	}
	return err
}

// meant returns those targets whose program has the name that the configuration gives;
// or all of them, if it gives none or none has that name.
func (p *Project) meant(cfg config.Config, ts []builder.Target) []builder.Target {
	if cfg.Build.Program == "" || len(p.opts.Names) > 0 {
		return ts
	}
	named := slices.DeleteFunc(slices.Clone(ts), func(t builder.Target) bool { return !isCalled(t, cfg.Build.Program) })
	if len(named) == 0 {
		return ts
	}
	return named
}

// notices returns the notices about the configuration, given that one of targets will
// run.
func (p *Project) notices(cfg config.Config, targets ...builder.Target) []string {
	at, name := cfg.Build.ProgramAt, cfg.Build.Program
	called := func(t builder.Target) bool { return isCalled(t, name) }
	if at == nil || len(p.opts.Names) > 0 || len(targets) == 0 || slices.ContainsFunc(targets, called) {
		return slices.Clip(cfg.Notices)
	}
	return append(slices.Clip(cfg.Notices), at.Error(" has no effect: build.cmd builds no program "+name).Error())
}

// isCalled reports whether go build gives a target's program this name.
func isCalled(t builder.Target, name string) bool {
	return strings.TrimSuffix(t.Binary, ".exe") == name
}

// mode returns the mode of the command line, or else of the configuration.
func (p *Project) mode(cfg config.Config) engine.Mode {
	if p.opts.Mode != "" {
		return engine.Mode(p.opts.Mode)
	}
	return engine.Mode(cfg.Plugin.Mode)
}

// named returns what to build, as the user wrote it, and the folder that it is relative
// to.
func (p *Project) named(cfg config.Config) (dir string, names []string) {
	if len(p.opts.Names) == 0 && len(cfg.Build.Names()) > 0 {
		return cmp.Or(cfg.Build.Dir, cfg.Dir), cfg.Build.Names()
	}
	return p.opts.Dir, p.opts.Names
}

// isOther reports whether the command line names another program than the
// configuration. Then the configured arguments are not for it.
func (p *Project) isOther(cfg config.Config) bool {
	names := cfg.Build.Names()
	if name := cfg.Build.Program; name != "" && len(p.opts.Names) > 0 {
		return !isCalled(p.target, name)
	}
	return len(names) > 0 && len(p.opts.Names) > 0 && !slices.EqualFunc(names, p.opts.Names, func(ours, theirs string) bool {
		return filepath.Join(p.opts.Dir, theirs) == filepath.Join(cmp.Or(cfg.Build.Dir, cfg.Dir), ours)
	})
}

func (p *Project) flags(cfg config.Config) ([]string, error) {
	flags := cfg.Build.Flags
	if p.opts.BuildFlags != "" {
		var err error
		if flags, err = argv.Split(p.opts.BuildFlags, argv.POSIX); err != nil {
			return nil, UsageError{fmt.Errorf("--build-flags: %w", err)}
		}
	}
	if err := builder.CheckFlags(flags); err != nil {
		return nil, UsageError{err}
	}
	return flags, nil
}

func (p *Project) buildEnv(cfg config.Config) []string {
	env := append([]string(nil), p.environ...)
	for _, k := range slices.Sorted(maps.Keys(cfg.Build.Env)) { // sorted, so that equal settings make equal requests
		env = append(env, k+"="+cfg.Build.Env[k])
	}
	return env
}

// retarget finds the package that a changed configuration names.
func (p *Project) retarget(ctx context.Context, cfg config.Config) (builder.Target, error) {
	flags, err := p.flags(cfg)
	if err != nil {
		return builder.Target{}, err
	}
	dir, names := p.named(cfg)
	ts, err := p.builder.Targets(ctx, dir, names, flags, p.buildEnv(cfg))
	if err != nil {
		return builder.Target{}, p.atPackage(cfg, err)
	}
	ts = p.meant(cfg, ts)
	if len(ts) != 1 {
		return builder.Target{}, fmt.Errorf("build.package: there are several main packages, name one: %s", strings.Join(targetNames(ts), ", "))
	}
	return ts[0], nil
}

func targetNames(ts []builder.Target) (names []string) {
	for _, t := range ts {
		names = append(names, t.Name)
	}
	return names
}
