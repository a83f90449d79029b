package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/terminal"
	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/control"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/safe"
)

// exitCode ends hotdev with a code; what there is to say has been said.
type exitCode int

func (c exitCode) Error() string { return "exit code " + strconv.Itoa(int(c)) }

// listen has clients reach a session by way of its cache folder. Without that hotdev
// does its work all the same, and says so; server is then nil.
func listen(o control.Options, p control.Place, folder string, log *slog.Logger) (serve func(context.Context), server *control.Server) {
	if !control.Supported {
		return nil, nil
	}
	l, err := control.Listen(folder, p)
	if err != nil {
		return func(context.Context) {
			o.Send(0, engine.Noticed{Subject: "control", Text: "hotdev ctl cannot reach this hotdev: " + err.Error()})
		}, nil
	}
	server = control.New(o)
	return func(ctx context.Context) {
		if err := server.Serve(ctx, l); err != nil {
			log.Debug("control", "err", err)
		}
	}, server
}

// ctl is what hotdev ctl was asked for.
type ctl struct {
	request control.Request
	lines   bool // only the places of errors, for editors
	timeout time.Duration
	program string
	pid     int
}

// ctlCommand is hotdev ctl, with a command for each verb.
func ctlCommand(t terminal.Terminal, o *options) *cobra.Command {
	var c ctl
	cmd := &cobra.Command{
		Use:   "ctl",
		Short: "Ask a running hotdev, or tell it what to do",
		Long: `hotdev ctl speaks to the hotdev that runs in this project, whether with a screen or
without: it is found from any folder of the project.

Exit codes: 0 it is as asked, 1 the build is broken or the program does not run as
it should, 2 the request makes no sense, 3 no hotdev runs here, 4 timed out.`,
		Example: `  hotdev ctl await             after saving: exits with 0 once what is saved runs
  hotdev ctl errors --json     what is broken, with places and source lines
  hotdev ctl logs --grep panic --tail 20
  hotdev ctl explain           why the last save did what it did`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	f := cmd.PersistentFlags()
	f.StringVarP(&c.program, "program", "p", "", "the `name` of the program, where there are several")
	f.BoolVar(&o.json, "json", false, "print the answer as one line of JSON")
	f.IntVar(&c.pid, "pid", 0, "the process `id` of the hotdev, where there are several")
	for _, v := range control.Verbs() {
		cmd.AddCommand(verbCommand(t, o, &c, v))
	}
	cmd.AddCommand(openCommand(t, o, &c))
	return cmd
}

func noArgs(cmd *cobra.Command, args []string) error {
	if err := cobra.NoArgs(cmd, args); err != nil {
		return project.Usage(err)
	}
	return nil
}

func verbCommand(t terminal.Terminal, o *options, c *ctl, v control.Verb) *cobra.Command {
	cmd := &cobra.Command{
		Use:   v.Name,
		Short: v.Does,
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			c.request.Verb = v.Name
			if len(args) > 0 { // explain FILE
				dir, err := o.folder()
				if err != nil {
					return err
				}
				if c.request.File = args[0]; !filepath.IsAbs(args[0]) {
					c.request.File = filepath.Join(dir, args[0])
				}
			}
			return c.run(cmd.Context(), t, o)
		},
	}
	f, r := cmd.Flags(), &c.request
	timeout := func() {
		f.DurationVar(&c.timeout, "timeout", control.DefaultTimeout, "give up after this `time`, and exit with 4")
	}
	places := func() {
		f.BoolVar(&c.lines, "lines", false, "only a line file:line:column: message for each error, as editors read them")
	}
	switch v.Name {
	case "await":
		places()
		f.IntVar(&r.Gen, "gen", 0, "wait for this `generation`, or a newer one")
		f.BoolVar(&r.Ready, "ready", false, "wait until the program listens on a port")
		timeout()
	case "reload", "restart", "build":
		f.BoolVar(&r.NoWait, "no-wait", false, "do not wait for the outcome")
		timeout()
	case "errors":
		places()
	case "logs":
		f.IntVar(&r.Since, "since", 0, "only what this `generation` and newer ones printed")
		f.StringVar(&r.Grep, "grep", "", "only lines that match this `regexp` of Go; (?i) ignores case")
		f.IntVar(&r.Tail, "tail", control.DefaultTail, "at most this `number` of lines, the last ones")
	case "explain":
		cmd.Use += " [file]"
		cmd.Args = cobra.MaximumNArgs(1)
		f.IntVar(&r.Gen, "gen", 0, "what this `generation` did, in place of the last save")
	case "pause":
		f.BoolVar(&r.Off, "off", false, "follow saves again")
	case "stop":
		f.BoolVar(&r.NoWait, "no-wait", false, "do not wait for the program's end")
		timeout()
	}
	return cmd
}

// run asks, prints the answer, and ends with its code.
func (c *ctl) run(ctx context.Context, t terminal.Terminal, o *options) error {
	reply, err := c.ask(ctx, o)
	if err != nil {
		return err
	}
	switch {
	case o.json:
		err = json.NewEncoder(t.Stdout).Encode(reply)
	case c.lines && (reply.Code == control.OK || reply.Code == control.Broken):
		_, err = fmt.Fprint(t.Stdout, safe.Text(reply.Report.Lines()))
	case reply.Code == control.Usage, reply.Code == control.None:
		_, err = fmt.Fprint(t.Stderr, safe.Text("hotdev: "+reply.Text))
	default:
		_, err = fmt.Fprint(t.Stdout, safe.Text(reply.Text))
	}
	if err != nil || reply.Code == control.OK {
		return err
	}
	return exitCode(reply.Code)
}

// ask finds the hotdev that is meant and hands it the request.
func (c *ctl) ask(ctx context.Context, o *options) (control.Reply, error) {
	dir, err := o.folder()
	if err != nil {
		return control.Reply{}, err
	}
	place, err := c.find(dir)
	if errors.Is(err, control.ErrNone) {
		return control.Reply{Code: control.None, Text: err.Error() + "; start one with hotdev\n"}, nil
	}
	if err != nil {
		return control.Reply{}, err
	}
	c.request.Dir, c.request.Program, c.request.Timeout = dir, c.program, control.Duration(c.timeout)
	wait := c.timeout
	if wait == 0 {
		wait = control.DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, wait+patienceTime)
	defer cancel()
	reply, err := place.Ask(ctx, c.request)
	switch {
	case errors.Is(err, control.ErrNone):
		return control.Reply{Code: control.None, Text: err.Error() + "\n"}, nil
	case errors.Is(err, context.DeadlineExceeded):
		return control.Reply{Code: control.Timeout, Text: fmt.Sprintf("hotdev (pid %d) does not answer; it may be suspended (fg)\n", place.Pid)}, nil
	}
	return reply, err
}

// patienceTime is what hotdev is given beyond the request's own time.
const patienceTime = 10 * time.Second

func (c *ctl) find(dir string) (control.Place, error) {
	if !control.Supported {
		return control.Place{}, errors.New("hotdev ctl needs a control socket, and there is none on this system yet")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return control.Place{}, err
	}
	places, err := control.Find(builder.Folders(cache), dir)
	if err != nil {
		return control.Place{}, err
	}
	p, err := control.Choose(places, c.program, c.pid)
	if err != nil {
		return p, project.Usage(err)
	}
	return p, nil
}

// openCommand opens the place of an error in the user's editor, which is here, and
// not where hotdev runs.
func openCommand(t terminal.Terminal, o *options, c *ctl) *cobra.Command {
	return &cobra.Command{
		Use:   "open [number]",
		Short: "open the first error in your editor, or the one of that number",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n := 1
			if len(args) > 0 {
				var err error
				if n, err = strconv.Atoi(args[0]); err != nil || n < 1 {
					return project.Usage(fmt.Errorf("%s is not the number of an error", args[0]))
				}
			}
			c.request.Verb = "errors"
			reply, err := c.ask(cmd.Context(), o)
			if err != nil {
				return err
			}
			if reply.Code != control.OK && reply.Code != control.Broken {
				fmt.Fprint(t.Stderr, safe.Text("hotdev: "+reply.Text))
				return exitCode(reply.Code)
			}
			at, ok := reply.Report.Place(n)
			if !ok {
				return fmt.Errorf("there is no error %d with a place to open", n)
			}
			return t.Edit(c.request.Dir, editor(c.request.Dir), at.File, at.Line, at.Column)
		},
	}
}

// editor is the one that the configuration names, if any.
func editor(dir string) string {
	file, _, ok := config.Find(dir)
	if !ok {
		return ""
	}
	cfg, err := config.Load(file)
	if err != nil { // hotdev itself says so
		return ""
	}
	return cfg.Screen.Editor
}
