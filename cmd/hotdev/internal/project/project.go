// Package project turns what the user wrote, on the command line and in the
// configuration, and what the go command says of it into settings of one
// program.
//
// Mistakes in what the user wrote are a [UsageError]; what is missing on the
// machine or in the module is a [builder.Obstacle], and [Search] looks until it
// is gone.
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

// Options are the command line's.
type Options struct {
	Config     string // the file; empty: found
	Dir        string // where hotdev was started, absolute
	BuildFlags string // as in a shell
	DebugLog   string
	Mode       string
	Web        int  // the port of the browser's side; 0: as configured
	Once       bool // nothing runs
	// OwnFiles are absolute paths of what the screen writes; the last element may
	// be a pattern.
	OwnFiles []string

	Names   []string // packages, files, or programs of the configuration
	All     bool     // all programs
	Args    []string // the program's
	HasArgs bool     // "--" was given

	// CheckKeys says which action of the keys in a configuration is wrong, and why;
	// why is empty if all are well.
	CheckKeys func(keys map[string][]string) (action, why string)
}

// A UsageError is a mistake in the command line or the configuration.
type UsageError struct{ error }

// Usage is err as a UsageError.
func Usage(err error) UsageError { return UsageError{err} }

func (e UsageError) Unwrap() error { return e.error }

// A Project is what was found at the start of one program: where the configuration
// is, and what it says of the program. Its methods may be called on any goroutine.
type Project struct {
	opts    Options
	environ []string // hotdev's own
	root    string   // the module's folder
	builder *builder.Builder
	program string   // its name in the configuration; empty: that is not about several
	process string   // it is this process of the configuration, and no program
	task    string   // it is this task of the configuration, and no program
	name    string   // its name among all that run
	listed  []string // the programs of the configuration at the start
	built   []string // the names of all programs that run, for a task
	ports   *ports
	plugins string // the folder of plugin files; empty where nothing is loaded
	scratch string // the folder of the builder's own files
	kept    string // the folder of what it keeps for the next start
	place   string // the folder that is this hotdev's alone
	cache   string // the folder in it that is this program's, for all of these and the binary

	mu     sync.Mutex // guards what follows
	config config.Config
	target builder.Target
	found  []builder.Target   // the programs that there were at the start
	bare   bool               // target is run as a plugin, by a host
	last   engine.Settings    // the last good ones
	first  *engine.Configured // those of the start, until they have been asked for
}

// open reads the configuration. Errors are the user's; the project then knows no
// more than the notices.
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

// Notices are what the configuration says that is not followed. They are known
// of a project that could not be prepared, too; that may be nil.
func (p *Project) Notices() []string {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.notices(p.config, p.found...)
}

// Name tells the program from the others that run.
func (p *Project) Name() string { return p.name }

// Scratch is a folder for the builder's own files, of a program that is only built.
func (p *Project) Scratch() string { return filepath.Join(p.cache, ".fast") }

// Root is the project's folder: the one with go.mod, or with go.work, or where hotdev
// was started.
func (p *Project) Root() string { return p.root }

// Screen is how the user wants the screen to be at the start.
func (p *Project) Screen() config.Screen {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.config.Screen
}

// load reads the configuration; a missing one is all defaults. files are those
// whose change is reason to read it again, the env files aside.
func (p *Project) load() (cfg config.Config, files []string, err error) {
	file := p.opts.Config
	if file == "" {
		found, root, ok := config.Find(p.opts.Dir)
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
		if err = p.checkKeys(cfg); err == nil {
			p.ports.read(cfg)
		}
	}
	return cfg, files, err
}

// checkKeys has the screen look at the keys, and says where a mistake is.
func (p *Project) checkKeys(cfg config.Config) error {
	if action, why := p.opts.CheckKeys(cfg.Keys); why != "" {
		return config.Errors{cfg.KeysAt[action].Error(": " + why)}
	}
	return nil
}

// ConfigFiles are the files of the settings in force.
func (p *Project) ConfigFiles() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last.Config
}

// Abs is a path of the command line, which is relative to where hotdev was started.
func (p *Project) Abs(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(p.opts.Dir, path)
}
