package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/lines"
	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/internal/argv"
	"github.com/hotdev/hotdev/runner"
)

// Exit codes.
const (
	exitOK     = 0
	exitBroken = 1   // the build failed (hotdev build), or hotdev could not do its work
	exitUsage  = 2   // the command line or the configuration is wrong
	exitKilled = 130 // a second ctrl-C killed the program
)

// usageError is a mistake in the command line or the configuration.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// errBroken says that a build failed and that its diagnostics were printed.
var errBroken = errors.New("build broken")

// options are the command line's.
type options struct {
	config     string
	dir        string
	plain      bool
	json       bool
	buildFlags string
	debugLog   string
	noColor    bool
	mode       string
	output     string // hotdev build -o
	once       bool   // hotdev build: nothing runs
	verify     bool   // hotdev build --verify

	names   []string // package or files
	args    []string // the program's
	hasArgs bool     // "--" was given
}

// terminal is where hotdev talks to the user.
type terminal struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	screen         bool // it can show one, whose keys come from stdin
	suspender      *runner.Suspender
}

// run is the whole program; its result is the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string) int {
	t := terminal{stdin: stdin, stdout: stdout, stderr: stderr, getenv: getenv}
	cmd := command(t)
	cmd.SetArgs(args)
	cmd.SetIn(stdin)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	err := checkFlags(cmd, args)
	if err == nil {
		err = cmd.ExecuteContext(ctx)
	}
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errBroken):
		return exitBroken
	case errors.Is(err, errKilled):
		return exitKilled
	case errors.As(err, &usage):
		fmt.Fprint(stderr, lines.Safe(fmt.Sprintf("hotdev: %v\n", err)))
		return exitUsage
	default:
		fmt.Fprint(stderr, lines.Safe(fmt.Sprintf("hotdev: %v\n", err)))
		return exitBroken
	}
}

func command(t terminal) *cobra.Command {
	var o options
	root := &cobra.Command{
		Use:   "hotdev [flags] [package | file.go ...] [-- program arguments]",
		Short: "A development loop for Go programs",
		Long: `hotdev builds and runs a Go program, watches everything that it is made of, and
at every save takes the shortest safe road from source to running program: build
to a temporary file, rename it over the last binary, stop the old process
cleanly, start the new one. A broken build leaves the running program alone.

The package defaults to that of the configuration (.air-like.toml), else to "."
if that is a main package, else to the only main package of the module.`,
		Example: `  hotdev                          the program in this folder
  hotdev ./cmd/api -- -addr :80   a package, with arguments for the program
  hotdev main.go                  a file
  hotdev --json ./cmd/api         no screen; every event as a line of JSON`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.positional(cmd, args); err != nil {
				return err
			}
			return watch(cmd.Context(), t, o)
		},
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w (see hotdev --help)", err)}
	})
	f := root.PersistentFlags()
	f.StringVarP(&o.config, "config", "c", "", "configuration `file` (default: .air-like.toml, searched upward to the module root)")
	f.StringVarP(&o.dir, "dir", "C", "", "run as if started in `folder`")
	f.StringVar(&o.buildFlags, "build-flags", "", "`flags` for go build, quoted as in a shell; replaces build.flags of the configuration")
	f.BoolVar(&o.json, "json", false, "no screen; every event as a line of JSON on stdout")
	f.BoolVar(&o.noColor, "no-color", false, "no colours (also: NO_COLOR)")
	f.StringVar(&o.debugLog, "debug-log", "", "append what happens inside hotdev to `file`")
	root.Flags().StringVar(&o.mode, "mode", "", "auto, restart or plugin: whether new code may go into the running `program` (see plugin.mode)")
	root.Flags().BoolVar(&o.plain, "plain", false, "no screen, only lines (the default where stdout is no terminal)")

	build := &cobra.Command{
		Use:   "build [flags] [package | file.go ...]",
		Short: "Build once, the way the loop does; print what is wrong",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.positional(cmd, args); err != nil {
				return err
			}
			if o.hasArgs {
				return usageError{errors.New("hotdev build runs nothing: leave out -- and what follows")}
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
				return usageError{err}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(t.stdout, version())
			return err
		},
	})
	return root
}

// positional sorts the arguments into what to build and what to pass on.
func (o *options) positional(cmd *cobra.Command, args []string) error {
	o.names = args
	if n := cmd.ArgsLenAtDash(); n >= 0 {
		o.names, o.args, o.hasArgs = args[:n], args[n:], true
	}
	if len(o.names) > 1 {
		for _, n := range o.names {
			if !strings.HasSuffix(n, ".go") {
				return usageError{fmt.Errorf("one package or a list of .go files, not %s (arguments for the program go after --)", strings.Join(o.names, " "))}
			}
		}
	}
	if o.mode != "" && !slices.Contains(config.Modes(), o.mode) {
		return usageError{fmt.Errorf("--mode %s: want one of %s", o.mode, strings.Join(config.Modes(), ", "))}
	}
	if o.plain && o.json {
		return usageError{errors.New("--plain and --json exclude each other")}
	}
	if o.dir == "" {
		o.dir = "."
	}
	dir, err := filepath.Abs(o.dir)
	if err != nil {
		return err
	}
	if st, err := os.Stat(dir); err != nil {
		return usageError{fmt.Errorf("-C: %w", err)}
	} else if !st.IsDir() {
		return usageError{fmt.Errorf("-C: %s is not a folder", o.dir)}
	}
	o.dir = dir
	return nil
}

// flags are the build flags of the command line; ok tells whether there are any.
func (o options) flags() (flags []string, ok bool, err error) {
	if o.buildFlags == "" {
		return nil, false, nil
	}
	flags, err = argv.Split(o.buildFlags, argv.POSIX)
	if err != nil {
		return nil, false, usageError{fmt.Errorf("--build-flags: %w", err)}
	}
	return flags, true, nil
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
