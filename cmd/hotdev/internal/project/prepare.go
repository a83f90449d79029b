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

// located is what there is to begin with.
type located struct {
	files    []string         // of the configuration
	programs []*Project       // one at least
	targets  []builder.Target // that the only one may be; nil if that is settled
	folder   *builder.Folder  // the place for binaries
}

// locate finds the project, the programs in it and a place for binaries. With an
// error, the project is what was found so far.
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

// A Pick asks which of several programs is meant; the answer is an index.
type Pick func(ctx context.Context, p *Project, names []string) (int, error)

// Prepare reads the configuration and settles which programs it is about, and
// how; pick is nil where nobody can be asked. The caller closes the folder, which
// is the place for binaries. With an error, there is one project: what was found so
// far; it may be nil.
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

// prepare settles how the program is built and run.
func (p *Project) prepare(ctx context.Context, o Options, found located, since time.Time) error {
	p.place, p.cache = found.folder.Dir, found.folder.Dir
	if len(found.programs) > 1 {
		p.cache = filepath.Join(p.place, strings.ReplaceAll(p.name, "/", "_"))
	}
	if !o.Once {
		p.plugins = filepath.Join(p.cache, ".plugins") // no binary's name begins with a dot
		p.scratch = filepath.Join(p.cache, ".fast")
		p.kept = filepath.Join(filepath.Dir(filepath.Dir(p.place)), "plans") // of every project
	}
	s, err := p.settings(ctx, p.config, found.files, p.target)
	if err != nil { // at the start a mistake is final
		return UsageError{err}
	}
	// What changes from now on, the watch finds: it asks for all since then.
	p.last, p.first = s, &engine.Configured{Settings: s, Since: since}
	return nil
}
