package loop

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/exit"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/lines"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/terminal"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/world"
	"github.com/hotdev/hotdev/control"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/session"
	"github.com/hotdev/hotdev/tester"
	"github.com/hotdev/hotdev/watcher"
)

// addTests adds tests to the session of a loop.
func addTests(l *loop, p *project.Tests, b *builder.Builder, log *slog.Logger) {
	tests := l.session.AddTests()
	tests.World = world.NewTests(world.TestOptions{Project: p, Files: tests, Builder: b, Log: log, Send: tests.Send})
}

// Test runs tests without a program: those that each save can have changed, until the
// user quits, or all of them once. Then the error [exit.Broken] means that they failed.
func Test(ctx context.Context, t terminal.Terminal, o Options, asked project.TestOptions) error {
	b, dir := builder.New(), o.Project.Dir
	t.NoColor = o.NoColor || t.Getenv("NO_COLOR") != ""
	p, folder, err := project.PrepareTests(o.Project, b, asked)
	if err != nil {
		return err
	}
	defer folder.Close()
	log, closeLog, err := lines.OpenLog(o.Project.DebugLog)
	if err != nil {
		return project.Usage(fmt.Errorf("--debug-log: %w", err))
	}
	defer closeLog()

	l := loop{session: session.New(watcher.New()), print: lines.NewPrinter()}
	addTests(&l, p, b, log)
	first := &verdict{once: asked.Once, over: make(chan struct{})}
	l.views = append(l.views, lines.Log{Logger: log}, first)
	if o.Form == JSON {
		l.views = append(l.views, lines.NewJSON(l.print, t.Stdout))
	} else {
		all := out(t.Stdout, !t.NoColor)
		l.views = append(l.views, lines.NewPlain(l.print, all, all, dir))
	}
	if !asked.Once {
		listen(&l, control.Place{Root: p.Root(), Dir: dir, Args: o.Args, Pid: os.Getpid()}, folder.Dir, nil, log)
	} else {
		l.servers = append(l.servers, func(ctx context.Context) {
			select {
			case <-first.over:
				l.session.Quit()
			case <-ctx.Done():
			}
		})
	}
	if err := l.run(ctx); err != nil {
		return err
	}
	if asked.Once && (!first.known || first.failed) {
		return exit.Broken
	}
	return nil
}

// A verdict is a view that records the result of the first run.
type verdict struct {
	once          bool
	known, failed bool
	over          chan struct{} // closed when the result is known
}

func (*verdict) Show(session.State, int, engine.Event) {}

// ShowTests implements [session.TestView].
func (v *verdict) ShowTests(s session.State, e tester.Event) {
	if !v.once || v.known {
		return
	}
	switch e.(type) {
	case tester.Ended, tester.Listed:
		if s.Tests.Settled() {
			v.failed = s.Tests.Phase() == tester.Failed || len(s.Tests.Graph.Diagnostics) > 0
			v.known = true
			close(v.over)
		}
	}
}
