package project

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
)

// located is what a start begins with.
type located struct {
	files    []string         // of the configuration
	programs []*Project       // at least one
	targets  []builder.Target // choices for an only program; nil if it is settled
	folder   *builder.Folder  // for binaries
}

// locate finds the project, its programs and a folder for binaries. It returns the
// project even with an error, with what was found so far.
func locate(ctx context.Context, o Options, b *builder.Builder) (*Project, located, error) {
	p, files, err := open(o, b, os.Environ())
	if err != nil {
		return p, located{}, err
	}
	programs, targets, err := p.programs(ctx)
	if err != nil {
		return p, located{}, err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return p, located{}, fmt.Errorf("a place for the binary: %w (or set build.output)", err)
	}
	folder, err := builder.Place(cache, p.root)
	if err != nil {
		return p, located{}, fmt.Errorf("a place for the binary: %w (or set build.output)", err)
	}
	return p, located{files, programs, targets, folder}, nil
}

// A Pick asks the user which of several programs to run, and returns its index.
type Pick func(ctx context.Context, p *Project, names []string) (int, error)

// Prepare reads the configuration and determines the programs and their settings; pick
// is nil if no user can be asked. The caller closes the folder, which is for binaries.
// With an error, there is one project, with what was found so far; it may be nil.
func Prepare(ctx context.Context, o Options, b *builder.Builder, pick Pick) (_ []*Project, _ *builder.Folder, err error) {
	since := time.Now()
	p, found, err := locate(ctx, o, b)
	if err != nil {
		return []*Project{p}, nil, err
	}
	defer func() {
		if err != nil {
			found.folder.Close()
		}
	}()
	if names := targetNames(found.targets); len(names) > 1 {
		if pick == nil {
			return found.programs[:1], nil, UsageError{fmt.Errorf("there are several main packages; name one, or say --all: %s", strings.Join(names, ", "))}
		}
		i, err := pick(ctx, p, names)
		if err != nil {
			return found.programs[:1], nil, err
		}
		found.programs[0].target = found.targets[i]
	}
	nameAll(found.programs)
	var built []string
	for _, one := range found.programs {
		if one.isBuilt() {
			built = append(built, one.name)
		}
	}
	for i, one := range found.programs {
		one.built = built
		if slices.ContainsFunc(found.programs[:i], func(other *Project) bool { return other.name == one.name }) {
			return []*Project{p}, nil, UsageError{fmt.Errorf("two of the programs, processes and tasks are called %s: give one another name", one.name)}
		}
	}
	for _, one := range found.programs {
		if err := one.prepare(ctx, o, found, since); err != nil {
			return []*Project{p}, nil, err
		}
	}
	return found.programs, found.folder, nil
}

// prepare determines how the program is built and run.
func (p *Project) prepare(ctx context.Context, o Options, found located, since time.Time) error {
	p.place, p.cache = found.folder.Dir, found.folder.Dir
	if len(found.programs) > 1 {
		p.cache = filepath.Join(p.place, strings.ReplaceAll(p.name, "/", "_"))
	}
	if !o.Once {
		p.plugins = filepath.Join(p.cache, ".plugins") // no binary's name begins with a dot
		p.scratch = filepath.Join(p.cache, ".fast")
		p.kept = filepath.Join(filepath.Dir(filepath.Dir(p.place)), "plans") // for all projects
	}
	s, err := p.settings(ctx, p.config, found.files, p.target)
	if err != nil { // at the start a mistake ends hotdev
		return UsageError{err}
	}
	// The watch reports what changes from now on: it starts with all changes since
	// then.
	p.last, p.first = s, &engine.Configured{Settings: s, Since: since}
	return nil
}
