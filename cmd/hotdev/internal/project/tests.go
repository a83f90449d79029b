package project

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/tester"
	"github.com/hotdev/hotdev/watcher"
)

// Tests are those of a project: of its module, or of its workspace. Its methods may be
// called on any goroutine.
type Tests struct {
	project *Project
	scratch string
	alone   bool // no program runs beside them
	asked   TestOptions

	mu    sync.Mutex // guards what follows
	last  tester.Settings
	known bool // last was read
}

// Tests are those beside a program.
func (p *Project) Tests() *Tests {
	return &Tests{project: p, scratch: p.place}
}

// TestOptions are the command line's, of tests without a program.
type TestOptions struct {
	// Packages are those whose tests run: import paths or absolute folders, with /... at
	// the end also what is below; none are all.
	Packages []string
	// Flags are go test's, after those of the configuration.
	Flags []string
	// Once runs the tests, and watches nothing.
	Once bool
}

// PrepareTests settles how tests run without a program. The caller closes the folder.
func PrepareTests(o Options, b *builder.Builder, asked TestOptions) (*Tests, *builder.Folder, error) {
	p, _, err := open(o, b, os.Environ())
	if err != nil {
		return nil, nil, err
	}
	if err := builder.CheckTestFlags(asked.Flags); err != nil {
		return nil, nil, UsageError{err}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, nil, fmt.Errorf("a place for tests: %w", err)
	}
	folder, err := builder.Place(cache, p.root)
	if err != nil {
		return nil, nil, fmt.Errorf("a place for tests: %w", err)
	}
	p.place = folder.Dir
	t := &Tests{project: p, scratch: folder.Dir, alone: true, asked: asked}
	if _, err := t.read(); err != nil { // at the start a mistake is final
		folder.Close()
		return nil, nil, UsageError{err}
	}
	return t, folder, nil
}

// Root is the folder of the module, or of the workspace.
func (t *Tests) Root() string { return t.project.root }

// Screen is how the user wants the screen to be at the start.
func (t *Tests) Screen() config.Screen { return t.project.Screen() }

// Configure reads the configuration; with a mistake in it, the last settings stay in
// force.
func (t *Tests) Configure(context.Context) tester.Configured {
	since := time.Now()
	s, err := t.read()
	t.mu.Lock()
	defer t.mu.Unlock()
	c := tester.Configured{Settings: s, Since: since}
	switch {
	case err != nil:
		c.Settings = t.last
		if t.alone || !t.known { // else it is said of the programs
			c.Err = err.Error()
		}
		if !t.known {
			c.Settings.When = tester.Off
		}
	default:
		t.last, t.known = s, true
	}
	return c
}

func (t *Tests) read() (tester.Settings, error) {
	p := t.project
	cfg, files, err := p.load()
	if err != nil {
		return tester.Settings{}, err
	}
	flags, err := p.flags(cfg)
	if err != nil {
		return tester.Settings{}, err
	}
	flags = slices.Concat(flags, cfg.Test.Flags, t.asked.Flags)
	if err := builder.CheckTestFlags(flags); err != nil {
		return tester.Settings{}, fmt.Errorf("test.flags: %w", err)
	}
	env := p.buildEnv(cfg)
	for _, k := range slices.Sorted(maps.Keys(cfg.Test.Env)) {
		env = append(env, k+"="+cfg.Test.Env[k])
	}
	s := tester.Settings{
		When:    tester.When(cfg.Test.On),
		Request: builder.TestRequest{Dir: p.root, Flags: flags, Env: env, Scratch: t.scratch, Nice: !t.alone},
		AtStart: t.alone,
		Once:    t.asked.Once,
		Only:    t.asked.Packages,
		Watch:   p.watchSettings(cfg),
		Config:  files,
	}
	if t.alone && s.When == tester.Off { // else nobody would have started it
		s.When = tester.OnSave
	}
	s.Watch.Rules = nil
	if len(cfg.Test.Include) > 0 {
		s.Watch.Rules = []watcher.Rule{{Dir: cfg.Dir, Include: cfg.Test.Include}}
	}
	s.Watch.Ignore = append(s.Watch.Ignore, p.ownFiles(cfg, engine.Settings{}, nil)...)
	return s, nil
}
