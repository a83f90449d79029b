package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/terminal"
	"github.com/hotdev/hotdev/control"
	"github.com/hotdev/hotdev/control/mcp"
	"github.com/hotdev/hotdev/internal/safe"
)

// mcpCommand is hotdev mcp.
func mcpCommand(t terminal.Terminal, o *options) *cobra.Command {
	start := false
	cmd := &cobra.Command{
		Use:   "mcp [--start] [package | file.go ...] [-- program arguments]",
		Short: "Serve an agent over the Model Context Protocol, on stdin and stdout",
		Long: `hotdev mcp gives an agent the verbs of hotdev ctl as tools, await_ready first of
all, and the errors and logs as resources. It speaks to the hotdev that runs in
this project. With --start it starts one in the background where none runs, with
the given package and arguments; that one ends with hotdev mcp.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.positional(cmd, args); err != nil {
				return err
			}
			a := agent{dir: o.Dir}
			if start {
				a.start = startArgs(o, args, cmd.ArgsLenAtDash())
			}
			return a.serve(cmd.Context(), t)
		},
	}
	cmd.Flags().BoolVar(&start, "start", false, "start a hotdev in the background where none runs")
	return cmd
}

// startArgs are the arguments of a hotdev that is started for an agent.
func startArgs(o *options, args []string, dash int) []string {
	list := []string{"-C", o.Dir}
	if o.Config != "" {
		list = append(list, "-c", o.Config)
	}
	if o.BuildFlags != "" {
		list = append(list, "--build-flags", o.BuildFlags)
	}
	if dash < 0 {
		return append(list, args...)
	}
	return append(append(append(list, args[:dash]...), "--"), args[dash:]...)
}

// An agent is one that hotdev mcp serves.
type agent struct {
	dir   string
	start []string // of the hotdev to start; nil is none

	mu      sync.Mutex // guards what follows
	started control.Place
	own     bool // started is one that was started here
}

func (a *agent) serve(ctx context.Context, t terminal.Terminal) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	in, ok := t.Stdin.(io.ReadCloser)
	if !ok {
		in = io.NopCloser(t.Stdin)
	}
	err := mcp.Serve(ctx, mcp.Options{Version: strings.TrimPrefix(version(), "hotdev "), Ask: a.ask}, in, output{t.Stdout})
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.own { // nobody else has asked for it
		ctx, cancel := context.WithTimeout(context.Background(), control.DefaultTimeout)
		defer cancel()
		_, _ = a.started.Ask(ctx, control.Request{Verb: "stop"}) // it may have ended by itself
	}
	return err
}

// output is stdout, whose end is the process's.
type output struct{ io.Writer }

func (output) Close() error { return nil }

// ask finds a hotdev, or starts one, and hands it the request.
func (a *agent) ask(ctx context.Context, q control.Request) (control.Reply, error) {
	q.Dir = a.dir
	if q.File != "" && !filepath.IsAbs(q.File) {
		q.File = filepath.Join(a.dir, q.File)
	}
	c := ctl{program: q.Program, request: q}
	place, err := c.find(a.dir)
	if errors.Is(err, control.ErrNone) && a.start != nil && q.Verb != "stop" {
		place, err = a.startOne(ctx)
	}
	switch {
	case errors.Is(err, control.ErrNone):
		return control.Reply{}, errors.New("no hotdev runs in this project; start one in a shell with: hotdev --wait-ready")
	case err != nil:
		return control.Reply{}, err
	}
	reply, err := place.Ask(ctx, q)
	reply.Text = safe.Text(reply.Text)
	return reply, err
}

func (a *agent) startOne(ctx context.Context) (control.Place, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var said bytes.Buffer
	place, fresh, err := background(ctx, &said, a.dir, a.start)
	if err != nil {
		return place, fmt.Errorf("hotdev could not start: %s", strings.TrimPrefix(strings.TrimSpace(said.String()+"\n"+sentence(err)), "hotdev: "))
	}
	a.started, a.own = place, fresh || a.own && a.started.Pid == place.Pid
	return place, nil
}

// sentence is what an error has to say; of an exit code that is nothing.
func sentence(err error) string {
	if code := exitCode(0); errors.As(err, &code) {
		return ""
	}
	return err.Error()
}
