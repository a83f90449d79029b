package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/client"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/loop"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/once"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/terminal"
	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/control"
)

// command returns the command hotdev, for these arguments.
func command(t terminal.Terminal, args []string) *cobra.Command {
	o := options{Options: project.Options{CheckKeys: terminal.CheckKeys, OwnFiles: terminal.OwnFiles()}, args: args}
	root := &cobra.Command{
		Use:   "hotdev [flags] [package ... | file.go ...] [-- program arguments]",
		Short: "A development loop for Go programs",
		Long: `hotdev builds and runs a Go program, watches everything that it is made of, and
takes the shortest safe road from source to running program on every save: it puts
changed functions into the running program, or builds to a temporary file, renames
it over the last binary, stops the old process cleanly and starts the new one. A
broken build leaves the running program alone.

The package defaults to that of the configuration (.air-like.toml), else to "."
if that is a main package, else to the only main package of the module. Several
programs run side by side: those that are named, those of [[program]] in the
configuration, or --all.`,
		Example: `  hotdev                          the program in this folder
  hotdev ./cmd/api -- -addr :80   a package, with arguments for the program
  hotdev main.go                  a file
  hotdev ./cmd/api ./cmd/worker   several programs; so do ./cmd/... and --all
  hotdev --json ./cmd/api         no screen; every event as a line of JSON`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.positional(cmd, args); err != nil {
				return err
			}
			if o.waitReady > 0 {
				ctx, stop := interruptible(cmd)
				defer stop()
				return client.WaitReady(ctx, t.Stdout, t.Stderr, o.Dir, o.args, o.waitReady)
			}
			return loop.Watch(cmd.Context(), t, loop.Options{Project: o.Options, Form: o.form(), NoColor: o.noColor, Args: o.args})
		},
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return project.Usage(fmt.Errorf("%w (see hotdev --help)", err))
	})
	f := root.PersistentFlags()
	f.StringVarP(&o.Config, "config", "c", "", "configuration `file` (default: .air-like.toml, searched upward to the module root)")
	f.StringVarP(&o.Dir, "dir", "C", "", "run as if started in `folder`")
	f.StringVar(&o.BuildFlags, "build-flags", "", "`flags` for go build, quoted as in a shell; replaces build.flags of the configuration")
	f.BoolVar(&o.All, "all", false, "all programs of the configuration, else all main packages of the module")
	f.BoolVar(&o.json, "json", false, "no screen; every event as a line of JSON on stdout")
	f.BoolVar(&o.noColor, "no-color", false, "no colours (also: NO_COLOR)")
	f.StringVar(&o.DebugLog, "debug-log", "", "append a log of hotdev's own work to `file`")
	f = root.Flags()
	f.StringVar(&o.Mode, "mode", "", "whether new code may go into the running program: `auto|restart|plugin` (see plugin.mode)")
	f.Var((*webPort)(&o.Web), "web", "serve the program at this `port` of 127.0.0.1, with pages that show what was saved (default: "+strconv.Itoa(config.DefaultWebPort)+")")
	f.Lookup("web").NoOptDefVal = strconv.Itoa(config.DefaultWebPort)
	f.BoolVar(&o.LAN, "lan", false, "serve the web address to other devices of the local network, too, and show it as a QR code; without web.port, at the default port")
	f.BoolVar(&o.Debug, "debug", false, "run the program under the debugger (Delve), which editors attach to (see debug.port)")
	f.DurationVar(&o.waitReady, client.WaitReadyFlag, 0, "run in the background; return once the program listens on a port, with 0, or after this `time` (1m), with 4")
	f.Lookup(client.WaitReadyFlag).NoOptDefVal = control.DefaultTimeout.String()
	f.BoolVar(&o.background, client.BackgroundFlag, false, "print nothing; for hotdev ctl only")
	_ = f.MarkHidden(client.BackgroundFlag)
	f.BoolVar(&o.plain, "plain", false, "no screen, only lines (the default where stdout is no terminal)")

	root.AddCommand(buildCommand(t, &o), &cobra.Command{
		Use:   "version",
		Short: "Print hotdev's version",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(t.Stdout, "hotdev "+version())
			return err
		},
	}, testCommand(t, &o), ctlCommand(t, &o), mcpCommand(t, &o), lspCommand(t, &o), initCommand(t, &o), doctorCommand(t, &o))
	return root
}

// buildCommand returns the command hotdev build.
func buildCommand(t terminal.Terminal, o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "build [flags] [package ... | file.go ...]",
		Short: "Build once, the way the loop does, and print the errors",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.positional(cmd, args); err != nil {
				return err
			}
			if o.HasArgs {
				return project.Usage(errors.New("hotdev build runs nothing: leave out -- and everything after it"))
			}
			ctx, stop := interruptible(cmd)
			defer stop()
			return once.Build(ctx, t, once.Options{Project: o.Options, Output: o.output, Verify: o.verify, JSON: o.json})
		},
	}
	cmd.Flags().StringVarP(&o.output, "output", "o", "", "put the binary at `file` (default: build.output of the configuration; else it is discarded)")
	cmd.Flags().BoolVar(&o.verify, "verify", false, "build with the fast path and with go build, and compare")
	return cmd
}

// interruptible returns the context of a command that ends at the first signal.
func interruptible(cmd *cobra.Command) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
}

// version returns the version that the go command recorded in this binary.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(no build information)"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v += " " + s.Value
		}
	}
	return v + " " + info.GoVersion
}
