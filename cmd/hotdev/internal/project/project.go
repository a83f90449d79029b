// Package project turns the command line, the configuration and the go command's
// answers into the settings of each program.
//
// Mistakes of the user are a [UsageError]. What is missing on the machine or in the
// module is a [builder.Obstacle], and [Search] looks until it is gone.
package project

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/engine"
)

// Options are those of the command line.
type Options struct {
	Config     string // the file; if empty, it is searched for
	Dir        string // where hotdev was started, absolute
	BuildFlags string // quoted as in a shell
	DebugLog   string
	Mode       string
	Web        int  // the port of the web address; 0: as configured
	LAN        bool // other devices of the local network are answered there, too
	Debug      bool // programs run under the debugger from the start
	Once       bool // build only
	// OwnFiles are absolute paths of files that the screen writes; the last element may
	// be a pattern.
	OwnFiles []string

	Names   []string // packages, files, or programs of the configuration
	All     bool     // all programs
	Args    []string // for the program
	HasArgs bool     // "--" was given

	// CheckKeys returns the first action in a configuration of keys that is invalid,
	// and why; why is empty if all are valid.
	CheckKeys func(keys map[string][]string) (action, why string)
}

// A UsageError is a mistake in the command line or the configuration.
type UsageError struct{ error }

// Usage returns err as a UsageError.
func Usage(err error) UsageError { return UsageError{err} }

func (e UsageError) Unwrap() error { return e.error }

// A Project is what was found at the start of one program: the place of the
// configuration, and what it says about the program. Its methods may be called on any
// goroutine.
type Project struct {
	opts    Options
	environ []string // hotdev's own environment
	root    string   // the module's folder
	builder *builder.Builder
	program string   // its name in the configuration; empty if there is only one program
	process string   // its name in the configuration, if it is a process
	task    string   // its name in the configuration, if it is a task
	name    string   // its name among all that run
	listed  []string // the programs of the configuration at the start
	built   []string // the names of all programs that run, for a task
	ports   *ports
	plugins string // the folder of plugin files; empty if none are loaded
	scratch string // the folder of the builder's own files
	kept    string // the folder of plans for the next start
	place   string // the folder of this hotdev
	cache   string // the folder in place that belongs to this program, with all of these and the binary

	mu     sync.Mutex // guards the fields below
	config config.Config
	target builder.Target
	found  []builder.Target   // the choices of programs at the start
	bare   bool               // target is a plugin, run by hotdev's host
	last   engine.Settings    // the last valid ones
	first  *engine.Configured // those of the start, until they have been asked for
}

// open reads the configuration. Errors are the user's; the project then has only
// notices.
func open(o Options, b *builder.Builder, environ []string) (p *Project, files []string, err error) {
	p = &Project{opts: o, environ: environ, builder: b}
	if o.Config != "" {
		file, err := filepath.Abs(o.Config)
		if err != nil {
			return nil, nil, err
		}
		if _, err := os.Stat(file); err != nil {
			return nil, nil, UsageError{fmt.Errorf("-c: %w", err)}
		}
		p.opts.Config = file
	}
	_, p.root, _ = config.Find(o.Dir)
	p.ports = newPorts(p.root)
	if p.config, files, err = p.load(); err != nil {
		return p, nil, UsageError{err}
	}
	return p, files, nil
}

// Notices returns what the configuration says that has no effect. A project that could
// not be prepared has them too; p may be nil.
func (p *Project) Notices() []string {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.notices(p.config, p.found...)
}

// Name returns the unique name of the program among those that run.
func (p *Project) Name() string { return p.name }

// Scratch returns a folder for the builder's own files, for a program that is only
// built.
func (p *Project) Scratch() string { return filepath.Join(p.cache, ".fast") }

// Root returns the project's folder: the one with go.mod, or with go.work, or the one
// where hotdev was started.
func (p *Project) Root() string { return p.root }

// Screen returns the user's settings of the screen at the start.
func (p *Project) Screen() config.Screen {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.config.Screen
}

// load reads the configuration; if there is none, all settings have defaults. files are
// those whose change requires reading it again, without the env files.
func (p *Project) load() (cfg config.Config, files []string, err error) {
	file := p.opts.Config
	if file == "" {
		found, root, ok := config.Find(p.opts.Dir)
		files = []string{filepath.Join(root, config.Name)} // it may appear
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
		if err = p.checkKeys(cfg); err == nil {
			p.ports.read(cfg)
		}
	}
	return cfg, files, err
}

// checkKeys lets the screen check the keys, and returns an error with the place of a
// mistake.
func (p *Project) checkKeys(cfg config.Config) error {
	if action, why := p.opts.CheckKeys(cfg.Keys); why != "" {
		return config.Errors{cfg.KeysAt[action].Error(": " + why)}
	}
	return nil
}

// ConfigFiles returns the files of the settings in force.
func (p *Project) ConfigFiles() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last.Config
}

// Abs resolves a path of the command line, which is relative to the folder where hotdev
// was started.
func (p *Project) Abs(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(p.opts.Dir, path)
}
