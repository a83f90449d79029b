package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/lines"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/terminal"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/world"
	"github.com/hotdev/hotdev/control"
	"github.com/hotdev/hotdev/internal/safe"
	"github.com/hotdev/hotdev/proxy"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/session"
	"github.com/hotdev/hotdev/tui"
	"github.com/hotdev/hotdev/watcher"
)

var errKilled = errors.New("killed")

// watch is hotdev's main job. It returns when the user quits. The views look on
// beside the screen or the lines.
func watch(ctx context.Context, t terminal.Terminal, o options, views ...session.View) error {
	b := builder.New()
	t.NoColor = o.noColor || t.Getenv("NO_COLOR") != ""
	why := "" // there is no screen, although it is wanted
	if !o.json && !o.plain && !o.background && tui.IsTerminal(t.Stdout) {
		keys, done, none := t.Keyboard()
		if why = none; why == "" {
			defer done()
			t.Screen, t.Stdin, t.Suspender = true, keys, runner.NewSuspender()
			defer t.Suspender.Close()
		}
	}
	var pick project.Pick
	if t.Screen {
		pick = func(ctx context.Context, p *project.Project, names []string) (int, error) {
			return tui.Pick(ctx, t.ScreenOptions(o.Dir, p.Screen(), nil), "Which program?", names)
		}
	}
	programs, folder, err := project.Prepare(ctx, o.Options, b, pick)
	for t.Screen && project.Obstacle(err) != nil {
		if err = overcome(ctx, t, o, programs[0], err); err != nil {
			break // the user has left
		}
		programs, folder, err = project.Prepare(ctx, o.Options, b, pick)
	}
	if err != nil {
		explain(t, programs[0])
		return err
	}
	defer folder.Close()
	log, closeLog, err := debugLog(o.DebugLog)
	if err != nil {
		return err
	}
	defer closeLog()

	run := session.New(watcher.New())
	screen, print, room := (*tui.Screen)(nil), (*lines.Printer)(nil), func() {}
	if !t.Screen && !o.background {
		print = lines.NewPrinter()
		room = print.Room
	}
	var worlds []*world.World
	var names []string
	var webs []*proxy.Proxy
	for _, p := range programs {
		program := run.Add(p.Name())
		web := proxy.New(proxy.Options{Send: program.Send, Dir: o.Dir, Token: webToken(), Open: webOpen(t, o.Dir, p), Log: log})
		w := world.New(world.Options{Project: p, Files: program, Builder: b, Log: log, Send: program.Send, Room: room, Drain: web.Drain})
		defer w.Close()
		program.World = w
		views = append(views, webView{web, len(worlds)})
		worlds, webs, names = append(worlds, w), append(webs, web), append(names, p.Name())
	}
	views = append(views, logView{log})
	switch {
	case o.background:
	case !t.Screen:
		if o.json {
			views = append(views, lines.NewJSON(print, t.Stdout))
		} else {
			plain := lines.NewPlain(print, out(t.Stdout, !t.NoColor), out(t.Stderr, !t.NoColor), o.Dir)
			if why != "" {
				plain.Say("lines instead of the screen: %s", why)
			}
			views = append(views, plain)
		}
	default:
		options := t.ScreenOptions(o.Dir, programs[0].Screen(), run.Send)
		save := options.Save
		options.Save = func(name string, write func(io.Writer) error) (string, error) {
			for i, w := range worlds {
				w.Skip(programs[i].Abs(name)) // it is no change
			}
			return save(name, write)
		}
		screen = tui.New(options)
		views = append(views, screen)
	}

	answer, server := listen(control.Options{
		Programs: names,
		Pid:      os.Getpid(),
		Dir:      o.Dir,
		Send:     run.Send,
		Look:     run.Look,
	}, control.Place{Root: programs[0].Root(), Dir: o.Dir, Args: o.args, Programs: names, Pid: os.Getpid()}, folder.Dir, log)
	if server != nil {
		views = append(views, server)
	}
	return loop{session: run, webs: webs, screen: screen, suspend: t.Suspender.Asked(), print: print, views: views, control: answer}.run(ctx)
}

// explain prints what the configuration says that is not followed. A view does
// it too, so this is for where there is none.
func explain(t terminal.Terminal, p *project.Project) {
	for _, n := range p.Notices() {
		fmt.Fprint(t.Stderr, safe.Text(fmt.Sprintf("hotdev: %s\n", n)))
	}
}

// signals turns the system's requests to end into the engine's, until ctx ends:
// the first asks politely, the second kills, the third ends hotdev by all means.
func signals(ctx context.Context, cancel context.CancelFunc, quit func()) {
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
			quit()
		case <-ctx.Done():
			return
		}
	}
}

func out(w io.Writer, colour bool) lines.Out {
	terminal := tui.IsTerminal(w)
	return lines.Out{Writer: w, Terminal: terminal, Colour: terminal && colour}
}
