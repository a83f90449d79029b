package project

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/wire"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/watcher"
)

// Configure returns settings: at first those that [Prepare] found; afterwards it reads
// the configuration again, and returns the new ones, or the last valid ones and the
// mistake.
func (p *Project) Configure(ctx context.Context) engine.Configured {
	since := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if first := p.first; first != nil {
		p.first = nil
		return *first
	}
	cfg, files, err := p.load()
	if err == nil {
		cfg, err = p.own(cfg)
	}
	target := p.target
	if err == nil && (!slices.Equal(cfg.Build.Names(), p.config.Build.Names()) || cfg.Build.Program != p.config.Build.Program || cfg.Build.Dir != p.config.Build.Dir) && len(p.opts.Names) == 0 {
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

// settings resolves everything to absolute paths and whole environments.
func (p *Project) settings(ctx context.Context, cfg config.Config, files []string, target builder.Target) (engine.Settings, error) {
	if p.process != "" {
		return p.processSettings(cfg, files)
	}
	if p.task != "" {
		return p.taskSettings(cfg, files)
	}
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
		// The tag would require cgo, and break a program that does not use it.
		reload.Mode = engine.ModeRestart
	} else if reload.Mode != engine.ModeRestart && !p.bare {
		if flags, err = p.builder.WithTag(ctx, dir, p.buildEnv(cfg), flags, reloadTag); err != nil {
			return engine.Settings{}, err
		}
	}
	// go env -w changes a build just as the configuration does.
	goenv, err := p.builder.EnvFile(ctx, dir, p.buildEnv(cfg))
	if err != nil {
		return engine.Settings{}, err
	}
	var goSettings [sha256.Size]byte
	if goenv != "" {
		files = append(slices.Clip(files), goenv)
		text, _ := os.ReadFile(goenv) // if there is none, it has no settings
		goSettings = sha256.Sum256(text)
	}
	env, notices, err := p.runEnv(cfg)
	if err != nil {
		return engine.Settings{}, err
	}
	s := engine.Settings{
		Name: cmp.Or(p.program, target.Name),
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
			Keep:      p.kept,
			Output:    cfg.Build.Output,
		},
		Run: runner.Spec{
			Args:        cfg.Run.Args,
			Wrapper:     cfg.Run.Wrapper,
			Env:         env,
			Dir:         cfg.Run.Dir,
			TTY:         cfg.Run.TTY,
			Input:       cfg.Run.Stdin == "lines",
			Listen:      cfg.Run.Socket,
			StopSignal:  cfg.Run.StopSignal,
			StopTimeout: cfg.Run.StopTimeout,
		},
		Reload:  reload,
		Watch:   p.watchSettings(cfg),
		Debug:   p.debugging(cfg),
		Screen:  screenSettings(cfg),
		Web:     p.webSettings(cfg),
		After:   after(cfg.Run.After),
		Ready:   readiness(cfg.Run.Ready),
		Swap:    cfg.Run.Swap == "ready",
		OnCrash: engine.CrashWaits,
		Config:  append(files, cfg.Run.EnvFiles...),
		Notices: append(p.notices(cfg, target), notices...),
	}
	if runtime.GOOS == "windows" && len(s.Run.Listen) > 0 {
		s.Run.Listen, s.Swap = nil, false
		s.Notices = append(s.Notices, "run.socket: on Windows a program cannot be given a socket, so it listens itself")
	}
	if s.Swap && runtime.GOOS != "linux" && s.Ready.Log == "" {
		return engine.Settings{}, errors.New("run.swap: only Linux shows when a program waits for connections: set run.ready = { log = \"…\" }, with what the program prints then")
	}
	if reload.Mode != engine.ModeRestart {
		s.Run.Sockets = append(s.Run.Sockets, wire.Variable)
	}
	if why, able := builder.CanPatch(); cfg.Live.Mode == "auto" && !p.bare && p.scratch != "" {
		switch {
		case !able:
			s.NoLive = why
		case !s.Build.Fast:
			s.NoLive = "live code needs the fast path, and build.fast is off"
		default:
			s.Build.Live = true
			s.Run.Sockets = append(s.Run.Sockets, builder.LiveVariable)
			s.RestartOn = watcher.Rule{Dir: cfg.Dir, Include: cfg.Live.RestartOn}
		}
	}
	if cfg.Build.Append && !p.bare {
		if why := wholeLinks(cfg, s.Build); why != "" {
			s.Notices = append(s.Notices, "build.append has no effect: "+why)
		} else {
			s.Build.Append = true
		}
	}
	if noCompiler != "" {
		s.Notices = append(s.Notices, "restart mode: "+noCompiler)
	}
	if s.Build.Output == "" {
		s.Build.Output = filepath.Join(p.cache, target.Binary)
	}
	caches, err := p.builder.Caches(ctx, dir, p.buildEnv(cfg))
	if err != nil {
		return engine.Settings{}, err
	}
	s.Watch.Ignore = append(s.Watch.Ignore, p.ownFiles(cfg, s, caches)...)
	switch {
	case p.opts.HasArgs:
		s.Run.Args = p.opts.Args
	case p.isOther(cfg):
		s.Run.Args = nil
	}
	if s.Run.Dir == "" {
		s.Run.Dir = p.opts.Dir
	}
	if at := cfg.Run.WrapperAt; at != nil {
		if err := s.Run.CheckWrapper(); err != nil {
			s.Notices = append(s.Notices, at.Error(" is followed without what starts the program: "+err.Error()).Error())
			s.Run.Wrapper = nil
		}
	}
	if cfg.Run.RestartOnCrash {
		s.OnCrash = engine.CrashRestarts
	}
	return s, nil
}

// runEnv returns the program's environment, and notices about the env files, which are
// named relative to the user's folder.
func (p *Project) runEnv(cfg config.Config) (env, notices []string, err error) {
	return p.environment(cfg.Run.EnvFiles, cfg.Run.Env, cfg.Run.Port, cfg.Run.After)
}

// environment returns the environment of something that has a port and comes after
// others.
func (p *Project) environment(files []string, table map[string]string, port config.Port, after []string) (env, notices []string, err error) {
	if table, err = p.withPorts(table, port, after); err != nil {
		return nil, nil, err
	}
	env, notices, err = config.Environ(p.environ, files, table)
	here := func(file string) string {
		if rel, err := filepath.Rel(p.opts.Dir, file); err == nil && filepath.IsLocal(rel) {
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
		for _, file := range files {
			notices[i] = strings.Replace(notices[i], file, here(file), 1)
		}
	}
	return env, notices, err
}

// beforeDir returns the folder for commands that run before a build in dir; empty means
// dir.
func beforeDir(cfg config.Config, dir string) string {
	if cfg.Build.Dir != "" && dir == cfg.Build.Dir {
		return cfg.Dir
	}
	return ""
}

// screenSettings returns the user's settings of the screen.
func screenSettings(cfg config.Config) engine.Screen {
	return engine.Screen{Theme: cfg.Screen.Theme, Keys: cfg.Keys, Bell: cfg.Screen.Bell, Notify: cfg.Screen.Notify}
}

// debugging is how the program runs under the debugger.
func (p *Project) debugging(cfg config.Config) engine.Debugging {
	d := engine.Debugging{AtStart: cfg.Debug.StopAtStart, Flags: cfg.Debug.Flags}
	if cfg.Debug.On || p.opts.Debug {
		d.From = engine.Debugged
	}
	return d
}

// DebugAddr is the address that debuggers attach to the program at. It stays the same.
func (p *Project) DebugAddr() (string, error) {
	p.mu.Lock()
	port := p.config.Debug.Port
	p.mu.Unlock()
	if port == 0 {
		var err error
		if port, err = p.ports.number("debugger of "+p.name, config.Auto); err != nil {
			return "", err
		}
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), nil
}

// webSettings returns how a browser reaches the program.
func (p *Project) webSettings(cfg config.Config) engine.Web {
	w := engine.Web{Port: cfg.Web.Port, Wait: cfg.Web.Wait, Reload: cfg.Web.Update == "reload", Quiet: !cfg.Web.Errors, Hosts: cfg.Web.Hosts, Routes: cfg.Web.Routes, TLS: cfg.Web.TLS}
	if p.opts.Web > 0 {
		w.Port = p.opts.Web
	}
	if w.LAN = p.opts.LAN && w.Port > 0; w.LAN {
		if name, err := os.Hostname(); err == nil {
			w.Hosts = append(slices.Clip(w.Hosts), name, name+".local") // the latter by mDNS
		}
	}
	if w.Port == 0 && !cfg.Web.Declined && len(w.Routes) == 0 {
		w.Offer = config.DefaultWebPort
	}
	if w.Port == 0 && w.Offer == 0 && len(w.Routes) == 0 {
		return engine.Web{}
	}
	if cfg.Web.Target != "" {
		w.Target, _ = config.TargetURL(cfg.Web.Target) // it has been checked
	}
	if len(cfg.Web.Assets) > 0 {
		w.Assets = []watcher.Rule{{Dir: cfg.Dir, Include: cfg.Web.Assets}}
	}
	return w
}

// pluginPackages returns the plugins that the program opens itself, as arguments for
// the go command in dir.
func (p *Project) pluginPackages(cfg config.Config, dir string, target builder.Target) []string {
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

// reloadTag is the build tag that enables loading in package reload.
const reloadTag = "hotdev"

func (p *Project) reloading(cfg config.Config) engine.Reloading {
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

// wholeLinks returns why links of a program cannot be appended; empty if they can.
func wholeLinks(cfg config.Config, req builder.Request) string {
	why, able := builder.CanAppend()
	switch {
	case !able:
		return why
	case !req.Fast:
		return "it needs the fast path, and build.fast is off"
	case req.Live:
		return "live code needs whole links; set live.mode = \"off\""
	case len(req.Plugins) > 0:
		return "plugins need whole links"
	case req.Debug:
		return "build.debug needs whole links"
	case cfg.Build.Output != "":
		return "build.output is to have whole links"
	}
	return ""
}
