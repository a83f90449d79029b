package project

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
)

// located is what there is to begin with.
type located struct {
	files   []string         // of the configuration
	targets []builder.Target // one at least
	folder  *builder.Folder  // the place for a binary
}

// locate finds the project, the programs in it and a place for a binary. With an
// error, the project is what was found so far.
func locate(ctx context.Context, o Options, b *builder.Builder) (*Project, located, error) {
	p, files, err := open(o, b, os.Environ())
	if err != nil {
		return p, located{}, err
	}
	targets, err := p.candidates(ctx)
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
	return p, located{files, targets, folder}, nil
}

// A Pick asks which of several programs is meant; the answer is an index.
type Pick func(ctx context.Context, p *Project, names []string) (int, error)

// Prepare reads the configuration and settles which program it is about, and
// how; pick is nil where nobody can be asked. The caller closes the folder, which
// is the place for a binary. With an error, the project is what was found so far.
func Prepare(ctx context.Context, o Options, b *builder.Builder, pick Pick) (_ *Project, _ *builder.Folder, err error) {
	since := time.Now()
	p, found, err := locate(ctx, o, b)
	if err != nil {
		return p, nil, err
	}
	defer func() {
		if err != nil {
			found.folder.Close()
		}
	}()
	p.target = found.targets[0]
	if names := targetNames(found.targets); len(names) > 1 {
		if pick == nil {
			return p, nil, UsageError{fmt.Errorf("there are several main packages; name one: %s", strings.Join(names, ", "))}
		}
		i, err := pick(ctx, p, names)
		if err != nil {
			return p, nil, err
		}
		p.target = found.targets[i]
	}
	p.cache = found.folder.Dir
	p.output = func(name string) string { return filepath.Join(p.cache, name) }
	if !o.Once {
		p.plugins = filepath.Join(p.cache, ".plugins") // no binary's name begins with a dot
		p.scratch = filepath.Join(p.cache, ".fast")
	}
	s, err := p.settings(ctx, p.config, found.files, p.target)
	if err != nil { // at the start a mistake is final
		return p, nil, UsageError{err}
	}
	// What changes from now on, the watch finds: it asks for all since then.
	p.last, p.first = s, &engine.Configured{Settings: s, Since: since}
	return p, found.folder, nil
}
