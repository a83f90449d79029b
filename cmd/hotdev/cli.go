package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/terminal"
	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/control"
	"github.com/hotdev/hotdev/internal/safe"
	"github.com/hotdev/hotdev/tui"
)

// Exit codes.
const (
	exitOK     = 0
	exitBroken = 1   // the build failed (hotdev build), or hotdev could not do its work
	exitUsage  = 2   // the command line or the configuration is wrong
	exitNone   = 3   // there is no hotdev to ask (hotdev ctl)
	exitKilled = 130 // a second ctrl-C killed the program
)

// errBroken says that a build failed and that its diagnostics were printed.
var errBroken = errors.New("build broken")

// options are the command line's.
type options struct {
	project.Options
	plain   bool
	json    bool
	noColor bool
	output  string // hotdev build -o
	verify  bool   // hotdev build --verify

	args       []string      // all of them
	waitReady  time.Duration // how long to wait for a program in the background; 0 is not to start one
	background bool          // nobody looks on but clients
}

// run is the whole program; its result is the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string) int {
	t := terminal.Terminal{Stdin: stdin, Stdout: stdout, Stderr: stderr, Getenv: getenv}
	args = withWebPort(args)
	cmd := command(t, args)
	cmd.SetArgs(args)
	cmd.SetIn(stdin)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	err := checkFlags(cmd, args)
	if err == nil {
		err = cmd.ExecuteContext(ctx)
	}
	var usage project.UsageError
	var code exitCode
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errBroken):
		return exitBroken
	case errors.Is(err, errKilled):
		return exitKilled
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &usage):
		fmt.Fprint(stderr, safe.Text(fmt.Sprintf("hotdev: %v\n", err)))
		return exitUsage
	default:
		fmt.Fprint(stderr, safe.Text(fmt.Sprintf("hotdev: %v\n", err)))
		return exitBroken
	}
}

// command is hotdev with these arguments.
func command(t terminal.Terminal, args []string) *cobra.Command {
	o := options{Options: project.Options{CheckKeys: checkKeys, OwnFiles: terminal.OwnFiles()}, args: args}
	root := &cobra.Command{
		Use:   "hotdev [flags] [package ... | file.go ...] [-- program arguments]",
		Short: "A development loop for Go programs",
		Long: `hotdev builds and runs a Go program, watches everything that it is made of, and
at every save takes the shortest safe road from source to running program: build
to a temporary file, rename it over the last binary, stop the old process
cleanly, start the new one. A broken build leaves the running program alone.

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
				return waitReady(cmd.Context(), t, o)
			}
			return watch(cmd.Context(), t, o)
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
	f.StringVar(&o.DebugLog, "debug-log", "", "append what happens inside hotdev to `file`")
	root.Flags().StringVar(&o.Mode, "mode", "", "auto, restart or plugin: whether new code may go into the running `program` (see plugin.mode)")
	root.Flags().Var((*webPort)(&o.Web), "web", "serve the program at this `port` of 127.0.0.1, with pages that show what was saved (default: "+strconv.Itoa(config.DefaultWebPort)+")")
	root.Flags().Lookup("web").NoOptDefVal = strconv.Itoa(config.DefaultWebPort)
	root.Flags().DurationVar(&o.waitReady, waitReadyFlag, 0, "run in the background; return once the program listens on a port, with 0, or after this `time` (1m), with 4")
	root.Flags().Lookup(waitReadyFlag).NoOptDefVal = control.DefaultTimeout.String()
	root.Flags().BoolVar(&o.background, backgroundFlag, false, "print nothing; hotdev ctl has it")
	_ = root.Flags().MarkHidden(backgroundFlag)
	root.Flags().BoolVar(&o.plain, "plain", false, "no screen, only lines (the default where stdout is no terminal)")

	build := &cobra.Command{
		Use:   "build [flags] [package ... | file.go ...]",
		Short: "Build once, the way the loop does; print what is wrong",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.positional(cmd, args); err != nil {
				return err
			}
			if o.HasArgs {
				return project.Usage(errors.New("hotdev build runs nothing: leave out -- and what follows"))
			}
			return buildOnce(cmd.Context(), t, o)
		},
	}
	build.Flags().StringVarP(&o.output, "output", "o", "", "put the binary at `file` (default: build.output of the configuration; else it is thrown away)")
	build.Flags().BoolVar(&o.verify, "verify", false, "build both by the fast path and by go build, and compare")
	root.AddCommand(build, &cobra.Command{
		Use:   "version",
		Short: "Print hotdev's version",
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.NoArgs(cmd, args); err != nil {
				return project.Usage(err)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(t.Stdout, version())
			return err
		},
	}, ctlCommand(t, &o), mcpCommand(t, &o), lspCommand(t, &o), initCommand(t, &o))
	return root
}

// positional sorts the arguments into what to build and what to pass on.
func (o *options) positional(cmd *cobra.Command, args []string) error {
	o.Names = args
	if n := cmd.ArgsLenAtDash(); n >= 0 {
		o.Names, o.Args, o.HasArgs = args[:n], args[n:], true
	}
	files := 0
	for _, n := range o.Names {
		if strings.HasSuffix(n, ".go") {
			files++
		}
	}
	if files > 0 && files < len(o.Names) {
		return project.Usage(fmt.Errorf("packages or a list of .go files, not %s (arguments for the program go after --)", strings.Join(o.Names, " ")))
	}
	if o.All && len(o.Names) > 0 {
		return project.Usage(fmt.Errorf("--all is all programs: leave out %s", strings.Join(o.Names, " ")))
	}
	if o.waitReady < 0 || o.waitReady > 0 && (o.plain || o.json) {
		return project.Usage(errors.New("--wait-ready takes a time such as 90s, and prints how it went: leave out --plain and --json"))
	}
	if o.Mode != "" && !slices.Contains(config.Modes(), o.Mode) {
		return project.Usage(fmt.Errorf("--mode %s: want one of %s", o.Mode, strings.Join(config.Modes(), ", ")))
	}
	if o.plain && o.json {
		return project.Usage(errors.New("--plain and --json exclude each other"))
	}
	dir, err := o.folder()
	o.Dir = dir
	return err
}

// folder is where hotdev is to run as if started in.
func (o *options) folder() (string, error) {
	dir, err := filepath.Abs(cmp.Or(o.Dir, "."))
	if err != nil {
		return "", err
	}
	if st, err := os.Stat(dir); err != nil {
		return "", project.Usage(fmt.Errorf("-C: %w", err))
	} else if !st.IsDir() {
		return "", project.Usage(fmt.Errorf("-C: %s is not a folder", o.Dir))
	}
	return dir, nil
}

// checkKeys has the screen look at the keys of a configuration.
func checkKeys(keys map[string][]string) (action, why string) {
	var wrong *tui.KeyError
	if errors.As(tui.CheckKeys(keys), &wrong) {
		return wrong.Action, wrong.Message
	}
	return "", ""
}

// version is what the go command stamped into this binary.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "hotdev (no build information)"
	}
	v := "hotdev " + info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v += " " + s.Value
		}
	}
	return v + " " + info.GoVersion
}
