package project

import (
	"context"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/tester"
	"github.com/hotdev/hotdev/watcher"
)

// Tests are the tests of a project: of its module, or of its workspace. The methods may
// be called on any goroutine.
type Tests struct {
	project *Project
	scratch string
	alone   bool // no program runs beside them
	asked   TestOptions

	mu    sync.Mutex // guards the fields below
	last  tester.Settings
	known bool // last was read
}

// Tests returns the tests that run beside a program.
func (p *Project) Tests() *Tests {
	return &Tests{project: p, scratch: p.place}
}

// TestOptions are the options of the command line for tests without a program.
type TestOptions struct {
	// Packages are the packages to test: import paths or absolute folders, with /... at
	// the end including those below; none means all.
	Packages []string
	// Flags are for go test, after those of the configuration.
	Flags []string
	// Once runs the tests once, without watching.
	Once bool
}

// PrepareTests determines how tests run without a program. The caller closes the
// folder.
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
	if _, err := t.read(); err != nil { // at the start a mistake ends hotdev
		folder.Close()
		return nil, nil, UsageError{err}
	}
	return t, folder, nil
}

// Root returns the folder of the module, or of the workspace.
func (t *Tests) Root() string { return t.project.root }

// Screen returns the user's settings of the screen at the start.
func (t *Tests) Screen() config.Screen { return t.project.Screen() }

// DebugAddr returns the address that debuggers attach to a test at. It stays the same.
func (t *Tests) DebugAddr() (string, error) {
	port, err := t.project.ports.number("debugger of tests", config.Auto)
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), err
}

// Configure reads the configuration; if it has a mistake, the last settings stay in
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
		if t.alone || !t.known { // otherwise the programs report it
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
	if t.alone && s.When == tester.Off { // the user started hotdev test, so tests are wanted
		s.When = tester.OnSave
	}
	s.Watch.Rules = nil
	if len(cfg.Test.Include) > 0 {
		s.Watch.Rules = []watcher.Rule{{Dir: cfg.Dir, Include: cfg.Test.Include}}
	}
	s.Watch.Ignore = append(s.Watch.Ignore, p.ownFiles(cfg, engine.Settings{}, nil)...)
	return s, nil
}
