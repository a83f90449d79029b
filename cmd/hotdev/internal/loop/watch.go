package loop

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/lines"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/terminal"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/world"
	"github.com/hotdev/hotdev/control"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/profiler"
	"github.com/hotdev/hotdev/proxy"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/session"
	"github.com/hotdev/hotdev/tester"
	"github.com/hotdev/hotdev/tui"
	"github.com/hotdev/hotdev/watcher"
)

// Options say how to watch.
type Options struct {
	Project project.Options
	Form    Form
	NoColor bool
	// Args are hotdev's own arguments, to show to clients.
	Args []string
}

// A Form is the kind of view.
type Form int

// The forms.
const (
	Auto       Form = iota // the screen if there can be one, else lines
	Plain                  // lines
	JSON                   // every event as a line of JSON
	Background             // no view; clients ask for the state
)

// Watch is hotdev's main job: it builds, runs and watches the programs until the user
// quits. views are additional to the screen or the lines. The error [exit.Killed] means
// that the user ended it by force.
func Watch(ctx context.Context, t terminal.Terminal, o Options, views ...session.View) error {
	b, dir := builder.New(), o.Project.Dir
	t.NoColor = o.NoColor || t.Getenv("NO_COLOR") != ""
	why := "" // why there is no screen, if one is wanted
	if o.Form == Auto {
		var release func()
		release, why = t.TakeScreen()
		defer release()
	}
	programs, folder, err := prepare(ctx, t, o.Project, b)
	if err != nil {
		lines.Warn(t.Stderr, programs[0].Notices())
		return err
	}
	defer folder.Close()
	log, closeLog, err := lines.OpenLog(o.Project.DebugLog)
	if err != nil {
		return project.Usage(fmt.Errorf("--debug-log: %w", err))
	}
	defer closeLog()

	l := loop{session: session.New(watcher.New()), suspend: t.Suspender.Asked(), views: views}
	l.session.Generated = builder.Generated
	room := func() {}
	if !t.Screen && o.Form != Background {
		l.print = lines.NewPrinter()
		room = l.print.Room
	}
	var worlds []*world.World
	var webs []*proxy.Proxy
	routes := new(proxy.Routes) // between the programs' web addresses
	var names []string
	for i, p := range programs {
		program := l.session.Add(p.Name())
		open := func(file string, line, column int) error { return t.EditInWindow(dir, p.Screen(), file, line, column) }
		web := proxy.New(proxy.Options{Send: program.Send, Name: p.Name(), Routes: routes, Dir: dir, Token: proxy.Token(), Cache: proxy.Cache(), Open: open, Holder: holder, Log: log})
		w := world.New(world.Options{Project: p, Files: program, Builder: b, Log: log, Send: program.Send, Room: room, Drain: web.Drain})
		defer w.Close()
		program.World, program.Task = w, p.Task()
		l.views, l.servers = append(l.views, web.In(i)), append(l.servers, web.Run)
		webs = append(webs, web)
		worlds, names = append(worlds, w), append(names, p.Name())
	}
	addTests(&l, programs[0].Tests(), b, log)
	profile := func(ctx context.Context, program int, k profiler.Kind, addrs []string) (profiler.Profile, error) {
		return profiler.Take(ctx, k, profiler.Program{Addrs: addrs, Live: direct(worlds[program])}, profilesFolder(folder.Dir))
	}
	l.views = append(l.views, lines.Log{Logger: log})
	switch {
	case o.Form == Background:
	case t.Screen:
		options := t.ScreenOptions(dir, programs[0].Screen(), l.session.Send)
		save := options.Save
		options.Save = func(name string, write func(io.Writer) error) (string, error) {
			for i, w := range worlds {
				w.Skip(programs[i].Abs(name)) // it is not a change
			}
			return save(name, write)
		}
		options.Requests = func(program int) (all []tui.Request) {
			for _, r := range webs[program].Requests() {
				all = append(all, tui.Request(r))
			}
			return all
		}
		options.Profile = func(asked context.Context, program int, k profiler.Kind, addrs []string) (profiler.Profile, error) {
			asked, stop := context.WithCancel(asked)
			defer context.AfterFunc(ctx, stop)()
			return profile(asked, program, k, addrs)
		}
		pprof := &pprofViews{dir: dir, browse: options.Browse}
		options.ShowProfile, l.servers = pprof.show, append(l.servers, pprof.serve)
		l.screen = tui.New(options)
		for i, w := range worlds {
			w.Terminal = l.screen.Terminal(i)
		}
		l.views = append(l.views, l.screen)
	case o.Form == JSON:
		l.views = append(l.views, lines.NewJSON(l.print, t.Stdout))
	default:
		plain := lines.NewPlain(l.print, out(t.Stdout, !t.NoColor), out(t.Stderr, !t.NoColor), dir)
		if why != "" {
			plain.Say("lines instead of the screen: %s", why)
		}
		l.views = append(l.views, plain)
	}
	place := control.Place{Root: programs[0].Root(), Dir: dir, Args: o.Args, Programs: names, Pid: os.Getpid()}
	listen(&l, place, folder.Dir, profile, log)
	return l.run(ctx)
}

// listen lets clients reach the session through its cache folder. If that fails, hotdev
// still works, and prints why.
func listen(l *loop, p control.Place, folder string, profile takeProfile, log *slog.Logger) {
	if !control.Supported {
		return
	}
	at, err := control.Listen(folder, p)
	if err != nil {
		why := "hotdev ctl cannot reach this hotdev: " + err.Error()
		if len(p.Programs) > 0 {
			l.session.Send(0, engine.Noticed{Subject: "control", Text: why})
		} else {
			l.session.Send(0, tester.Noticed{Text: why})
		}
		return
	}
	server := control.New(control.Options{Programs: p.Programs, Pid: p.Pid, Dir: p.Dir, Send: l.session.Send, Look: l.session.Look, Profile: profile})
	l.views = append(l.views, server)
	l.servers = append(l.servers, func(ctx context.Context) {
		if err := server.Serve(ctx, at); err != nil {
			log.Debug("control", "err", err)
		}
	})
}

func out(w io.Writer, colour bool) lines.Out {
	terminal := tui.IsTerminal(w)
	return lines.Out{Writer: w, Terminal: terminal, Colour: terminal && colour}
}

// holder returns the process that listens at an address, or "".
func holder(addr string) string {
	h, ok := runner.FindHolder(addr)
	if !ok {
		return ""
	}
	return fmt.Sprintf("pid %d (%s)", h.Pid, h.Command)
}
