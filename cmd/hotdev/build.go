package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/lines"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/terminal"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/safe"
	"github.com/hotdev/hotdev/internal/words"
)

// buildOnce is hotdev build.
func buildOnce(ctx context.Context, t terminal.Terminal, o options) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	b := builder.New()
	o.Once = true
	programs, folder, err := project.Prepare(ctx, o.Options, b, nil)
	explain(t, programs[0])
	if err != nil {
		return err
	}
	defer folder.Close()
	if o.output != "" {
		if len(programs) > 1 {
			return project.Usage(errors.New("-o is the place of one binary, and there are several programs"))
		}
		if o.output, err = filepath.Abs(o.output); err != nil {
			return err
		}
	}
	var broken error
	for _, p := range programs { // a broken one does not keep the others from being built
		err := buildProgram(ctx, t, o, b, p, len(programs) > 1)
		if err != nil && !errors.Is(err, errBroken) {
			return err
		}
		broken = cmp.Or(broken, err)
	}
	return broken
}

// buildProgram builds one, of several or the only one.
func buildProgram(ctx context.Context, t terminal.Terminal, o options, b *builder.Builder, p *project.Project, several bool) error {
	s := p.Configure(ctx).Settings
	req := s.Build
	req.Output = cmp.Or(o.output, req.Output)
	req.Fast = false // it would first need a build by the go command
	if o.verify {
		req.Scratch = p.Scratch()
		if err := b.Verify(ctx, req); err != nil {
			return err
		}
		fmt.Fprint(t.Stderr, safe.Text(fmt.Sprintf("hotdev: %s: the fast path and go build make the same binary\n", s.Name)))
		return nil
	}
	result, err := b.Build(ctx, req, builder.Hooks{})
	if ctx.Err() != nil {
		return errKilled
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

// report prints how a single build ended; whose is the program's name, where there
// are several.
func report(t terminal.Terminal, o options, name, whose string, r builder.Result) error {
	if o.json {
		print := lines.NewPrinter()
		v := lines.NewJSON(print, t.Stdout)
		built := engine.Built{Gen: 1, Result: r}
		v.Line(time.Now(), whose, built.Name(), built)
		print.Close()
	} else if !r.OK() {
		s := engine.State{Build: engine.BuildState{Diagnostics: r.Diagnostics}}
		fmt.Fprint(t.Stderr, lines.Diagnostics(s, o.Dir))
	}
	if !r.OK() {
		return errBroken
	}
	if !o.json {
		fmt.Fprint(t.Stderr, safe.Text(fmt.Sprintf("hotdev: built %s in %s\n", name, words.Took(r.Took))))
	}
	return nil
}
