package project

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/watcher"
)

// Obstacle returns the obstacle in err, or nil if err is a mistake in the command line.
func Obstacle(err error) *builder.Obstacle {
	var o *builder.Obstacle
	errors.As(err, &o)
	return o
}

// A Search looks for a program to build until no obstacle prevents that.
type Search struct {
	options Options
	builder *builder.Builder
	screen  engine.Screen
	err     error
}

// NewSearch returns a Search for a project that [Prepare] returned with err.
func NewSearch(p *Project, err error) *Search {
	return &Search{options: p.opts, builder: p.builder, screen: screenSettings(p.config), err: err}
}

// Err returns the obstacle that the last look found; nil once there is none.
func (s *Search) Err() error { return s.err }

// Look reports whether there is a program now: the event is an engine.Cleared or an
// engine.Hindered; nil if ctx ended first. It must not be called twice at a time.
func (s *Search) Look(ctx context.Context) engine.Event {
	_, found, err := locate(ctx, s.options, s.builder)
	if err == nil {
		found.folder.Close()
	}
	if ctx.Err() != nil {
		return nil
	}
	if s.err = err; err == nil {
		return engine.Cleared{}
	}
	return s.Hindered()
}

// Hindered returns the event for Err.
func (s *Search) Hindered() engine.Hindered {
	o := Obstacle(s.err)
	if o == nil { // a module that is being repaired may have any mistake
		o = &builder.Obstacle{Text: s.err.Error(), Dir: s.options.Dir}
	}
	h := engine.Hindered{Obstacle: *o, Settings: engine.Settings{Screen: s.screen, Watch: signs(s.options.Dir, *o)}}
	switch o.Kind {
	case builder.NoGo, builder.Unwritable, builder.NoPlace, "":
		h.Poll = true
	}
	return h
}

// signs are the files whose appearance or change may remove the obstacle.
func signs(dir string, o builder.Obstacle) watcher.Set {
	_, root, _ := config.Find(dir)
	set := watcher.Set{
		Rules: []watcher.Rule{{Dir: dir, Include: []string{"*.go"}}},
		Files: []string{filepath.Join(root, config.Name)},
	}
	if o.File != "" {
		set.Files = append(set.Files, o.File)
	}
	if o.Kind == builder.NoProgram {
		// A main package may appear anywhere in the module.
		set.Roots = []string{root}
		set.Rules = append(set.Rules, watcher.Rule{Dir: root, Include: []string{"**/*.go"}})
	}
	for at := dir; ; at = filepath.Dir(at) {
		set.Files = append(set.Files, filepath.Join(at, "go.mod"), filepath.Join(at, "go.work"))
		if at == filepath.Dir(at) {
			return set
		}
	}
}
