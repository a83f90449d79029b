package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/tui"
	"github.com/hotdev/hotdev/watcher"
)

// project is what was found at the start: where the configuration is, and
// which program it is about. It turns what the user wrote into settings.
type project struct {
	opts    options
	environ []string // hotdev's own
	root    string   // the module's folder
	builder *builder.Builder
	output  func(name string) string // the default place of a binary
	plugins string                   // the folder of plugin files; empty where nothing is loaded
	scratch string                   // the folder of the builder's own files
	cache   string                   // the folder that is this hotdev's alone, for both and the default place

	mu     sync.Mutex // guards what follows
	config config.Config
	target builder.Target
	bare   bool            // target is run as a plugin, by a host
	last   engine.Settings // the last good ones
}

// openProject reads the configuration for the first time. Errors are the user's;
// the project then knows no more than the notices.
func openProject(o options, b *builder.Builder, environ []string) (*project, error) {
	p := &project{opts: o, environ: environ, builder: b}
	if o.config != "" {
		file, err := filepath.Abs(o.config)
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(file); err != nil {
			return nil, usageError{fmt.Errorf("-c: %w", err)}
		}
		p.opts.config = file
	}
	_, p.root, _ = config.Find(o.dir)
	cfg, _, err := p.load()
	p.config = cfg
	if err != nil {
		return p, usageError{err}
	}
	return p, nil
}

// load reads the configuration; a missing one is all defaults. files are those
// whose change is reason to read it again, the env files aside.
func (p *project) load() (cfg config.Config, files []string, err error) {
	file := p.opts.config
	if file == "" {
		found, root, ok := config.Find(p.opts.dir)
		files = []string{filepath.Join(root, config.Name)} // it may come
		if !ok {
			cfg = config.Default()
			cfg.Dir = root
			return cfg, files, nil
		}
		file = found
	}
	if !slices.Contains(files, file) {
		files = append(files, file)
	}
	if cfg, err = config.Load(file); err == nil {
		err = checkKeys(cfg)
	}
	return cfg, files, err
}

// checkKeys has the screen look at the keys, and says where a mistake stands.
func checkKeys(cfg config.Config) error {
	err := tui.CheckKeys(cfg.Keys)
	var wrong *tui.KeyError
	if !errors.As(err, &wrong) {
		return err
	}
	at := cfg.KeysAt[wrong.Action]
	at.Message = wrong.Error()
	return config.Errors{&at}
}

// configFiles are the files of the settings in force.
func (p *project) configFiles() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last.Config
}

// candidates are the main packages that the command line, the configuration or
// the module offers; more than one means that the user has to pick.
func (p *project) candidates(ctx context.Context) ([]builder.Target, error) {
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
	return p.builder.Targets(ctx, dir, names, flags, p.buildEnv(p.config))
}

// mode is the command line's or the configuration's.
func (p *project) mode(cfg config.Config) engine.Mode {
	if p.opts.mode != "" {
		return engine.Mode(p.opts.mode)
	}
	return engine.Mode(cfg.Plugin.Mode)
}

// named is what to build, as the user put it, and what that is relative to.
func (p *project) named(cfg config.Config) (dir string, names []string) {
	if len(p.opts.names) == 0 && len(cfg.Build.Names()) > 0 {
		return cmp.Or(cfg.Build.Dir, cfg.Dir), cfg.Build.Names()
	}
	return p.opts.dir, p.opts.names
}

// isOther tells whether the command line names another program than the
// configuration does: the configured arguments are then not meant for it.
func (p *project) isOther(cfg config.Config) bool {
	names := cfg.Build.Names()
	return len(names) > 0 && len(p.opts.names) > 0 && !slices.EqualFunc(names, p.opts.names, func(ours, theirs string) bool {
		return filepath.Join(p.opts.dir, theirs) == filepath.Join(cmp.Or(cfg.Build.Dir, cfg.Dir), ours)
	})
}

// choose settles what is built.
func (p *project) choose(t builder.Target) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = t
}

func (p *project) flags(cfg config.Config) ([]string, error) {
	flags, ok, err := p.opts.flags()
	if err != nil {
		return nil, err
	}
	if !ok {
		flags = cfg.Build.Flags
	}
	if err := builder.CheckFlags(flags); err != nil {
		return nil, usageError{err}
	}
	return flags, nil
}

func (p *project) buildEnv(cfg config.Config) []string {
	env := append([]string(nil), p.environ...)
	for _, k := range slices.Sorted(maps.Keys(cfg.Build.Env)) { // the same settings are the same request
		env = append(env, k+"="+cfg.Build.Env[k])
	}
	return env
}

// configure reads the configuration again and answers with settings: the new
// ones, or the last good ones and what is wrong.
func (p *project) configure(ctx context.Context) engine.Configured {
	since := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	cfg, files, err := p.load()
	target := p.target
	if err == nil && (!slices.Equal(cfg.Build.Names(), p.config.Build.Names()) || cfg.Build.Dir != p.config.Build.Dir) && len(p.opts.names) == 0 {
		target, err = p.retarget(ctx, cfg)
	}
	var s engine.Settings
	if err == nil {
		s, err = p.settings(ctx, cfg, files, target)
	}
	if err != nil {
		return engine.Configured{Settings: p.last, Since: since, Err: err.Error()}
	}
	p.config, p.target, p.last = cfg, target, s
	return engine.Configured{Settings: s, Since: since}
}

// retarget finds the package that a changed configuration names.
func (p *project) retarget(ctx context.Context, cfg config.Config) (builder.Target, error) {
	flags, err := p.flags(cfg)
	if err != nil {
		return builder.Target{}, err
	}
	dir, names := p.named(cfg)
	ts, err := p.builder.Targets(ctx, dir, names, flags, p.buildEnv(cfg))
	if err != nil {
		return builder.Target{}, err
	}
	if len(ts) != 1 {
		return builder.Target{}, fmt.Errorf("build.package: there are several main packages, name one: %s", targetNames(ts))
	}
	return ts[0], nil
}

func targetNames(ts []builder.Target) string {
	var names []string
	for _, t := range ts {
		names = append(names, t.Name)
	}
	return strings.Join(names, ", ")
}

// settings resolves everything to absolute paths and whole environments.
func (p *project) settings(ctx context.Context, cfg config.Config, files []string, target builder.Target) (engine.Settings, error) {
	flags, err := p.flags(cfg)
	if err != nil {
		return engine.Settings{}, err
	}
	reload := p.reloading(cfg)
	dir, _ := p.named(cfg)
	noCompiler := ""
	if reload.Mode != engine.ModeRestart && !p.bare {
		if noCompiler, err = p.builder.NoCompiler(ctx, dir, p.buildEnv(cfg)); err != nil {
			return engine.Settings{}, err
		}
	}
	if noCompiler != "" {
		// The tag brings cgo along, and so would break a program without.
		reload.Mode = engine.ModeRestart
	} else if reload.Mode != engine.ModeRestart && !p.bare {
		if flags, err = p.builder.WithTag(ctx, dir, p.buildEnv(cfg), flags, reloadTag); err != nil {
			return engine.Settings{}, err
		}
	}
	// go env -w changes what a build is, as the configuration does.
	goenv, err := p.builder.EnvFile(ctx, dir, p.buildEnv(cfg))
	if err != nil {
		return engine.Settings{}, err
	}
	var goSettings [sha256.Size]byte
	if goenv != "" {
		files = append(slices.Clip(files), goenv)
		text, _ := os.ReadFile(goenv) // a missing one has no settings
		goSettings = sha256.Sum256(text)
	}
	env, notices, err := p.runEnv(cfg)
	if err != nil {
		return engine.Settings{}, err
	}
	s := engine.Settings{
		Name: target.Name,
		Build: builder.Request{
			Dir:       dir,
			Target:    target.Args,
			Plugins:   p.pluginPackages(cfg, dir, target),
			Flags:     flags,
			Before:    cfg.Build.Before,
			BeforeDir: beforeDir(cfg, dir),
			Env:       p.buildEnv(cfg),
			GoEnv:     fmt.Sprintf("%x", goSettings),
			Fast:      cfg.Build.Fast && !p.bare,
			Debug:     cfg.Build.Debug,
			Scratch:   p.scratch,
			Output:    cfg.Build.Output,
		},
		Run: runner.Spec{
			Args:        cfg.Run.Args,
			Wrapper:     cfg.Run.Wrapper,
			Env:         env,
			Dir:         cfg.Run.Dir,
			TTY:         cfg.Run.TTY,
			StopSignal:  cfg.Run.StopSignal,
			StopTimeout: cfg.Run.StopTimeout,
			Control:     reload.Mode != engine.ModeRestart,
		},
		Reload:  reload,
		Watch:   p.watchSettings(cfg),
		Screen:  screenSettings(cfg),
		OnCrash: engine.CrashWaits,
		Config:  append(files, cfg.Run.EnvFiles...),
		Notices: append(slices.Clip(cfg.Notices), notices...),
	}
	if noCompiler != "" {
		s.Notices = append(s.Notices, "restart mode: "+noCompiler)
	}
	if s.Build.Output == "" {
		s.Build.Output = p.output(target.Binary)
	}
	s.Watch.Ignore = append(s.Watch.Ignore, p.ownFiles(s)...)
	switch {
	case p.opts.hasArgs:
		s.Run.Args = p.opts.args
	case p.isOther(cfg):
		s.Run.Args = nil
	}
	if s.Run.Dir == "" {
		s.Run.Dir = p.opts.dir
	}
	if cfg.Run.WrapperAt != "" {
		if err := s.Run.CheckWrapper(); err != nil {
			s.Notices = append(s.Notices, fmt.Sprintf("%s is followed without what starts the program: %v", cfg.Run.WrapperAt, err))
			s.Run.Wrapper = nil
		}
	}
	if cfg.Run.RestartOnCrash {
		s.OnCrash = engine.CrashRestarts
	}
	return s, nil
}

// runEnv is the program's environment, with what there is to say about the env
// files, which are named as seen from where the user is.
func (p *project) runEnv(cfg config.Config) (env, notices []string, err error) {
	env, notices, err = config.Environ(p.environ, cfg.Run.EnvFiles, cfg.Run.Env)
	here := func(file string) string {
		if rel, err := filepath.Rel(p.opts.dir, file); err == nil && filepath.IsLocal(rel) {
			return rel
		}
		return file
	}
	var wrong config.Errors
	if errors.As(err, &wrong) {
		for _, one := range wrong {
			one.File = here(one.File)
		}
	}
	for i := range notices {
		for _, file := range cfg.Run.EnvFiles {
			notices[i] = strings.Replace(notices[i], file, here(file), 1)
		}
	}
	return env, notices, err
}

// beforeDir is where commands run before a build in dir; empty is there.
func beforeDir(cfg config.Config, dir string) string {
	if cfg.Build.Dir != "" && dir == cfg.Build.Dir {
		return cfg.Dir
	}
	return ""
}

// screenSettings is how the user wants the screen to be.
func screenSettings(cfg config.Config) engine.Screen {
	return engine.Screen{Theme: cfg.Screen.Theme, Keys: cfg.Keys, Bell: cfg.Screen.Bell, Notify: cfg.Screen.Notify}
}

// pluginPackages are those that the program opens itself, as the go command in
// dir is to be asked for them.
func (p *project) pluginPackages(cfg config.Config, dir string, target builder.Target) []string {
	if p.plugins == "" || p.mode(cfg) == engine.ModeRestart || p.bare || strings.HasSuffix(target.Args[0], ".go") {
		return nil
	}
	var packages []string
	for _, name := range cfg.Plugin.Packages {
		if strings.HasPrefix(name, ".") { // relative to the configuration's folder
			if rel, err := filepath.Rel(dir, filepath.Join(cfg.Dir, filepath.FromSlash(name))); err == nil {
				name = filepath.ToSlash(rel)
				if !strings.HasPrefix(name, ".") {
					name = "./" + name
				}
			}
		}
		packages = append(packages, name)
	}
	return packages
}

// reloadTag builds package reload with the part that takes new code in.
const reloadTag = "hotdev"

func (p *project) reloading(cfg config.Config) engine.Reloading {
	if p.plugins == "" {
		return engine.Reloading{Mode: engine.ModeRestart}
	}
	return engine.Reloading{
		Mode:           p.mode(cfg),
		Bare:           p.bare,
		Symbol:         cfg.Plugin.Symbol,
		Only:           cfg.Plugin.ReloadOnly,
		NotifyFile:     cfg.Plugin.NotifyFile,
		NotifySignal:   cfg.Plugin.NotifySignal,
		Folder:         p.plugins,
		MaxGenerations: cfg.Plugin.MaxGenerations,
		MaxMemory:      uint64(cfg.Plugin.MaxMemory) << 20,
	}
}

func (p *project) watchSettings(cfg config.Config) watcher.Set {
	set := watcher.Set{
		Roots:        []string{p.root},
		Quiet:        cfg.Watch.Quiet,
		Max:          cfg.Watch.Max,
		Poll:         watcher.Poll(cfg.Watch.Poll),
		PollInterval: cfg.Watch.PollInterval,
	}
	if len(cfg.Watch.Include) > 0 {
		set.Rules = []watcher.Rule{{Dir: cfg.Dir, Include: cfg.Watch.Include}}
	}
	if len(cfg.Watch.Exclude) > 0 {
		set.Ignore = []watcher.Rule{{Dir: cfg.Dir, Include: cfg.Watch.Exclude}}
	}
	if lock := gitLock(p.root); lock != "" {
		set.Hold = []string{lock}
	}
	return set
}

// gitLock is the file that git holds while it rewrites the work tree that dir
// belongs to; empty if dir is in none.
func gitLock(dir string) string {
	for {
		git := filepath.Join(dir, ".git")
		st, err := os.Stat(git)
		if err == nil && st.IsDir() {
			return filepath.Join(git, "index.lock")
		}
		if err == nil { // a linked work tree: the file says where
			text, err := os.ReadFile(git)
			at, ok := strings.CutPrefix(strings.TrimSpace(string(text)), "gitdir: ")
			if err != nil || !ok {
				return ""
			}
			if !filepath.IsAbs(at) {
				at = filepath.Join(dir, at)
			}
			return filepath.Join(at, "index.lock")
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}
