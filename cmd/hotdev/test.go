package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/loop"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/terminal"
)

// testCommand returns the command hotdev test.
func testCommand(t terminal.Terminal, o *options) *cobra.Command {
	var asked project.TestOptions
	cmd := &cobra.Command{
		Use:   "test [flags] [package ...] [-- go test flags]",
		Short: "Run the tests that a save can affect, without a program",
		Long: `hotdev test runs all tests, then watches what they depend on. Each save runs the
tests that it can affect: those that failed first, then those nearest to the change.
A save interrupts a run.

With --once it runs all tests once, and exits with 0 if they pass and with 1 if not.`,
		Example: `  hotdev test                     all tests, then those that each save affects
  hotdev test ./internal/...      only these
  hotdev test -- -race -short     with flags of go test
  hotdev test --once --json       for CI`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			asked.Packages = args
			if n := cmd.ArgsLenAtDash(); n >= 0 {
				asked.Packages, asked.Flags = args[:n], args[n:]
			}
			for _, name := range asked.Packages {
				if strings.HasSuffix(name, ".go") {
					return project.Usage(errors.New(name + ": name packages, not files"))
				}
			}
			if o.Dir, err = o.folder(); err != nil {
				return err
			}
			asked.Packages = packages(o.Dir, asked.Packages)
			return loop.Test(cmd.Context(), t, loop.Options{Project: o.Options, Form: o.form(), NoColor: o.noColor, Args: o.args}, asked)
		},
	}
	cmd.Flags().BoolVar(&asked.Once, "once", false, "run the tests once, and exit with 0 if they pass, with 1 if not")
	return cmd
}
