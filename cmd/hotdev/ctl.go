package main

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/client"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/terminal"
	"github.com/hotdev/hotdev/control"
)

// ctl is the flags of hotdev ctl.
type ctl struct {
	client  client.Client
	request control.Request
	lines   bool
	timeout time.Duration
}

// ctlCommand returns the command hotdev ctl, with a command for each verb.
func ctlCommand(t terminal.Terminal, o *options) *cobra.Command {
	var c ctl
	cmd := &cobra.Command{
		Use:   "ctl",
		Short: "Ask a running hotdev, or tell it what to do",
		Long: `hotdev ctl sends a request to the hotdev that runs in this project, with a screen or
without. It works in any folder of the project.

Exit codes: 0 the requested state is reached, 1 the build is broken or the program is
not running as it should, 2 invalid request, 3 no hotdev is running here, 4 timed out.`,
		Example: `  hotdev ctl await             after saving: exits with 0 once what is saved runs
  hotdev ctl errors --json     what is broken, with places and source lines
  hotdev ctl logs --grep panic --tail 20
  hotdev ctl explain           why the last save did what it did`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	f := cmd.PersistentFlags()
	f.StringVarP(&c.client.Program, "program", "p", "", "the `name` of the program, if there are several")
	f.BoolVar(&o.json, "json", false, "print the answer as one line of JSON")
	f.IntVar(&c.client.Pid, "pid", 0, "the process `id` of the hotdev, if there are several")
	for _, v := range control.Verbs() {
		cmd.AddCommand(verbCommand(t, o, &c, v))
	}
	cmd.AddCommand(openCommand(t, o, &c))
	return cmd
}

func verbCommand(t terminal.Terminal, o *options, c *ctl, v control.Verb) *cobra.Command {
	cmd := &cobra.Command{
		Use:   v.Name,
		Short: v.Does,
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if c.client.Dir, err = o.folder(); err != nil {
				return err
			}
			c.request.Verb, c.request.Timeout = v.Name, control.Duration(c.timeout)
			switch {
			case v.Name == "test":
				c.request.Packages = packages(c.client.Dir, args)
			case v.Name == "profile":
				c.request.Kind, c.request.Timeout = args[0], control.ProfileTime(c.request.Seconds)
			case len(args) > 0: // explain FILE
				if c.request.File = args[0]; !filepath.IsAbs(args[0]) {
					c.request.File = filepath.Join(c.client.Dir, args[0])
				}
			}
			reply, err := c.client.Ask(cmd.Context(), c.request)
			if err != nil {
				return err
			}
			return client.Print(t.Stdout, t.Stderr, reply, c.format(o))
		},
	}
	f, r := cmd.Flags(), &c.request
	timeout := func() {
		f.DurationVar(&c.timeout, "timeout", control.DefaultTimeout, "give up after this `time`, and exit with 4")
	}
	places := func() {
		f.BoolVar(&c.lines, "lines", false, "print only a line file:line:column: message for each error, for editors")
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
	case "test":
		places()
		cmd.Use += " [package ...]"
		cmd.Args = cobra.ArbitraryArgs
		f.BoolVar(&r.All, "all", false, "all tests")
		f.BoolVar(&r.Only, "failed", false, "only those that failed")
		f.StringVar(&r.Pattern, "run", "", "of the packages, only tests whose names match this `regexp`, as for go test -run")
		f.BoolVar(&r.Cover, "cover", false, "those that can run the lines changed since the last commit; show which of these they do not cover")
		f.BoolVar(&r.NoWait, "no-wait", false, "do not wait for the outcome")
		f.DurationVar(&c.timeout, "timeout", testTimeout, "give up after this `time`, and exit with 4; the tests keep running")
	case "logs":
		f.IntVar(&r.Since, "since", 0, "only what this `generation` and newer ones printed")
		f.StringVar(&r.Grep, "grep", "", "only lines that match this `regexp` of Go; (?i) ignores case")
		f.IntVar(&r.Tail, "tail", control.DefaultTail, "at most this `number` of lines, the last ones")
	case "profile":
		cmd.Use += " kind"
		cmd.Args, cmd.ValidArgs = cobra.ExactArgs(1), control.ProfileKinds()
		f.IntVar(&r.Seconds, "seconds", 0, "observe the program for this `number` of seconds: without it 10 for cpu, block and mutex, 3 for trace")
	case "explain":
		cmd.Use += " [file]"
		cmd.Args = cobra.MaximumNArgs(1)
		f.IntVar(&r.Gen, "gen", 0, "explain this `generation` instead of the last save")
	case "pause":
		f.BoolVar(&r.Off, "off", false, "follow saves again")
	case "stop":
		f.BoolVar(&r.NoWait, "no-wait", false, "do not wait for the program's end")
		timeout()
	}
	return cmd
}

// testTimeout is how long a client waits for tests: as long as go test allows for those
// of a package.
const testTimeout = 10 * time.Minute

// packages returns packages that a user in dir names, in the form for a request.
func packages(dir string, names []string) (all []string) {
	for _, name := range names {
		if strings.HasPrefix(name, ".") {
			name = filepath.Join(dir, filepath.FromSlash(name))
		}
		all = append(all, name)
	}
	return all
}

// format returns the format of the answer.
func (c *ctl) format(o *options) client.Format {
	switch {
	case o.json:
		return client.JSON
	case c.lines:
		return client.Lines
	}
	return client.Text
}

func openCommand(t terminal.Terminal, o *options, c *ctl) *cobra.Command {
	return &cobra.Command{
		Use:   "open [number]",
		Short: "open the first error in your editor, or the one with that number",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			n := 1
			if len(args) > 0 {
				if n, err = strconv.Atoi(args[0]); err != nil || n < 1 {
					return project.Usage(fmt.Errorf("%s is not the number of an error", args[0]))
				}
			}
			if c.client.Dir, err = o.folder(); err != nil {
				return err
			}
			return c.client.Open(cmd.Context(), t, n)
		},
	}
}
