package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/lines"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/world"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/tui"
)

var errKilled = errors.New("killed")

// watch is hotdev's main job. It returns when the user quits. The views look on
// beside the screen or the lines.
func watch(ctx context.Context, t terminal, o options, views ...engine.View) error {
	b := builder.New()
	why := "" // there is no screen, although it is wanted
	if !o.json && !o.plain && tui.IsTerminal(t.stdout) {
		keys, done, none := t.keyboard()
		if why = none; why == "" {
			defer done()
			t.screen, t.stdin, t.suspender = true, keys, runner.NewSuspender()
			defer t.suspender.Close()
		}
	}
	var pick project.Pick
	if t.screen {
		pick = func(ctx context.Context, p *project.Project, names []string) (int, error) {
			return tui.Pick(ctx, screenOptions(t, o, p, nil), "Which program?", names)
		}
	}
	p, folder, err := project.Prepare(ctx, o.Options, b, pick)
	for t.screen && project.Obstacle(err) != nil {
		if err = overcome(ctx, t, o, p, err); err != nil {
			break // the user has left
		}
		p, folder, err = project.Prepare(ctx, o.Options, b, pick)
	}
	if err != nil {
		t.explain(p)
		return err
	}
	defer folder.Close()
	log, closeLog, err := debugLog(o.DebugLog)
	if err != nil {
		return err
	}
	defer closeLog()

	in := newInbox()
	screen, print, room := (*tui.Screen)(nil), (*lines.Printer)(nil), func() {}
	if !t.screen {
		print = lines.NewPrinter()
		room = print.Room
	}
	w := world.New(world.Options{Project: p, Builder: b, Log: log, Send: in.send, Room: room})
	defer w.Close()
	views = append(views, logView{log})
	switch {
	case !t.screen:
		if o.json {
			views = append(views, lines.NewJSON(print, t.stdout))
		} else {
			plain := lines.NewPlain(print, out(t.stdout), out(t.stderr), o.Dir)
			if why != "" {
				plain.Say("lines instead of the screen: %s", why)
			}
			views = append(views, plain)
		}
	default:
		options := screenOptions(t, o, p, in.send)
		save := options.Save
		options.Save = func(name string, write func(io.Writer) error) (string, error) {
			w.Skip(p.Abs(name)) // it is no change
			return save(name, write)
		}
		screen = tui.New(options)
		views = append(views, screen)
	}

	return loop{inbox: in, world: w, screen: screen, suspend: t.suspender.Asked(), print: print, views: views}.run(ctx)
}

// explain prints what the configuration says that is not followed. A view does
// it too, so this is for where there is none.
func (t terminal) explain(p *project.Project) {
	for _, n := range p.Notices() {
		fmt.Fprint(t.stderr, lines.Safe(fmt.Sprintf("hotdev: %s\n", n)))
	}
}

// signals turns the system's requests to end into the engine's, until ctx ends:
// the first asks politely, the second kills, the third ends hotdev by all means.
func signals(ctx context.Context, cancel context.CancelFunc, send func(engine.Event)) {
	c := make(chan os.Signal, 4)
	// SIGPIPE is taken so that a write to a closed pipe fails instead of ending
	// the process; the printer reports it.
	signal.Notify(c, os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE)
	if !signal.Ignored(syscall.SIGHUP) { // it is under nohup
		signal.Notify(c, syscall.SIGHUP)
	}
	defer signal.Stop(c)
	n := 0
	for {
		select {
		case s := <-c:
			if s == syscall.SIGPIPE {
				continue
			}
			if n++; n > 2 {
				cancel()
				return
			}
			send(engine.Quit{})
		case <-ctx.Done():
			return
		}
	}
}

// debugLog opens the log that --debug-log names; without one it goes nowhere.
func debugLog(file string) (*slog.Logger, func(), error) {
	if file == "" {
		return slog.New(slog.DiscardHandler), func() {}, nil
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, project.Usage(fmt.Errorf("--debug-log: %w", err))
	}
	h := slog.NewTextHandler(f, &slog.HandlerOptions{Level: slog.LevelDebug})
	return slog.New(h), func() { f.Close() }, nil
}

// logView writes every event to the debug log.
type logView struct{ log *slog.Logger }

func (v logView) Show(s engine.State, e engine.Event) {
	if w, ok := e.(engine.Wrote); ok {
		v.log.Debug("event", "kind", w.Name(), "gen", w.Gen, "lines", len(w.Lines))
		return
	}
	v.log.Debug("event", "kind", e.Name(), "what", e, "build", s.Build.Phase, "process", s.Process.Phase)
}

func out(w io.Writer) lines.Out { return lines.Out{Writer: w, Terminal: tui.IsTerminal(w)} }

// buildOnce is hotdev build.
func buildOnce(ctx context.Context, t terminal, o options) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	b := builder.New()
	o.Once = true
	p, folder, err := project.Prepare(ctx, o.Options, b, nil)
	t.explain(p)
	if err != nil {
		return err
	}
	defer folder.Close()
	s := p.Configure(ctx).Settings
	req := s.Build
	if o.output != "" {
		if req.Output, err = filepath.Abs(o.output); err != nil {
			return err
		}
	}
	req.Fast = false // it would first need a build by the go command
	if o.verify {
		req.Scratch = filepath.Join(folder.Dir, ".fast")
		if err := b.Verify(ctx, req); err != nil {
			return err
		}
		fmt.Fprint(t.stderr, lines.Safe(fmt.Sprintf("hotdev: %s: the fast path and go build make the same binary\n", s.Name)))
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
	return report(t, o, s.Name, result)
}

// report prints how a single build ended.
func report(t terminal, o options, name string, r builder.Result) error {
	if o.json {
		print := lines.NewPrinter()
		v := lines.NewJSON(print, t.stdout)
		built := engine.Built{Gen: 1, Result: r}
		v.Line(time.Now(), built.Name(), built)
		print.Close()
	} else if !r.OK() {
		s := engine.State{Build: engine.BuildState{Diagnostics: r.Diagnostics}}
		fmt.Fprint(t.stderr, lines.Diagnostics(s, o.Dir))
	}
	if !r.OK() {
		return errBroken
	}
	if !o.json {
		fmt.Fprint(t.stderr, lines.Safe(fmt.Sprintf("hotdev: built %s in %s\n", name, words.Took(r.Took))))
	}
	return nil
}
