// Package once implements hotdev build: it builds the programs once, as the loop does,
// and prints the result.
package once

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/exit"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/lines"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/terminal"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/safe"
	"github.com/hotdev/hotdev/internal/words"
)

// Options say how to build.
type Options struct {
	Project project.Options
	// Output is the file of the binary, relative to the working directory; if empty,
	// the configuration decides.
	Output string
	// Verify builds both with the fast path and with the go command, and compares.
	Verify bool
	// JSON prints the result of a build as a line of JSON.
	JSON bool
}

// Build builds all programs. The error is [exit.Broken] if a build fails, and
// [exit.Killed] if ctx ended.
func Build(ctx context.Context, t terminal.Terminal, o Options) error {
	b := builder.New()
	o.Project.Once = true
	programs, folder, err := project.Prepare(ctx, o.Project, b, nil)
	lines.Warn(t.Stderr, programs[0].Notices())
	if err != nil {
		return err
	}
	defer folder.Close()
	if o.Output != "" {
		if len(programs) > 1 {
			return project.Usage(errors.New("-o is the place of one binary, and there are several programs"))
		}
		if o.Output, err = filepath.Abs(o.Output); err != nil {
			return err
		}
	}
	var broken error
	for _, p := range programs { // after a failed build, the others are still built
		err := build(ctx, t, o, b, p, len(programs) > 1)
		if err != nil && !errors.Is(err, exit.Broken) {
			return err
		}
		broken = cmp.Or(broken, err)
	}
	return broken
}

// build builds one program; several reports whether there are others.
func build(ctx context.Context, t terminal.Terminal, o Options, b *builder.Builder, p *project.Project, several bool) error {
	s := p.Configure(ctx).Settings
	req := s.Build
	req.Output = cmp.Or(o.Output, req.Output)
	req.Fast = false // the fast path would first need a build by the go command
	if o.Verify {
		req.Scratch = p.Scratch()
		if err := b.Verify(ctx, req); err != nil {
			return err
		}
		fmt.Fprint(t.Stderr, safe.Text(fmt.Sprintf("hotdev: %s: the fast path and go build make the same binary\n", s.Name)))
		return nil
	}
	result, err := b.Build(ctx, req, builder.Hooks{})
	if ctx.Err() != nil {
		return exit.Killed
	}
	if err != nil {
		return err
	}
	if result.OK() && !result.Same {
		if err := b.Publish(result.Artifact); err != nil {
			return err
		}
	}
	whose := ""
	if several {
		whose = p.Name()
	}
	return report(t, o, s.Name, whose, result)
}

// report prints the result of a single build; whose is the program's name if there are
// several, else empty.
func report(t terminal.Terminal, o Options, name, whose string, r builder.Result) error {
	if o.JSON {
		print := lines.NewPrinter()
		v := lines.NewJSON(print, t.Stdout)
		built := engine.Built{Gen: 1, Result: r}
		v.Line(time.Now(), whose, built.Name(), built)
		print.Close()
	} else if !r.OK() {
		s := engine.State{Build: engine.BuildState{Diagnostics: r.Diagnostics}}
		fmt.Fprint(t.Stderr, lines.Diagnostics(s, o.Project.Dir))
	}
	if !r.OK() {
		return exit.Broken
	}
	if !o.JSON {
		fmt.Fprint(t.Stderr, safe.Text(fmt.Sprintf("hotdev: built %s in %s\n", name, words.Took(r.Took))))
	}
	return nil
}
