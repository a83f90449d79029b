package project

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/config"
)

// Check returns a [UsageError] if options contradict each other, or if a value is not
// one of the allowed ones.
func (o Options) Check() error {
	files := 0
	for _, n := range o.Names {
		if strings.HasSuffix(n, ".go") {
			files++
		}
	}
	if files > 0 && files < len(o.Names) {
		return Usage(fmt.Errorf("packages or a list of .go files, not %s (arguments for the program go after --)", strings.Join(o.Names, " ")))
	}
	if o.All && len(o.Names) > 0 {
		return Usage(fmt.Errorf("--all is all programs: leave out %s", strings.Join(o.Names, " ")))
	}
	if o.Mode != "" && !slices.Contains(config.Modes(), o.Mode) {
		return Usage(fmt.Errorf("--mode %s: want one of %s", o.Mode, strings.Join(config.Modes(), ", ")))
	}
	return nil
}

// CommandLine returns the options as arguments for another hotdev, except those that do
// not affect what is built and where.
func (o Options) CommandLine() []string {
	args := []string{"-C", o.Dir}
	if o.Config != "" {
		args = append(args, "-c", o.Config)
	}
	if o.BuildFlags != "" {
		args = append(args, "--build-flags", o.BuildFlags)
	}
	args = append(args, o.Names...)
	if o.HasArgs {
		args = append(append(args, "--"), o.Args...)
	}
	return args
}
