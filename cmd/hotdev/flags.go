package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/foreign"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/loop"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
)

// options are those of the command line.
type options struct {
	project.Options
	plain   bool
	json    bool
	noColor bool
	output  string // hotdev build -o
	verify  bool   // hotdev build --verify

	args       []string      // all arguments
	waitReady  time.Duration // how long to wait for a program in the background; 0: start none
	background bool          // clients are the only views
}

// positional separates the arguments into what to build and what to pass on.
func (o *options) positional(cmd *cobra.Command, args []string) error {
	o.Names = args
	if n := cmd.ArgsLenAtDash(); n >= 0 {
		o.Names, o.Args, o.HasArgs = args[:n], args[n:], true
	}
	if o.waitReady < 0 || o.waitReady > 0 && (o.plain || o.json) {
		return project.Usage(errors.New("--wait-ready takes a time such as 90s, and prints the result: leave out --plain and --json"))
	}
	if o.plain && o.json {
		return project.Usage(errors.New("--plain and --json exclude each other"))
	}
	dir, err := o.folder()
	o.Dir = dir
	return cmp.Or(o.Check(), err)
}

// form returns the kind of view.
func (o *options) form() loop.Form {
	switch {
	case o.background:
		return loop.Background
	case o.json:
		return loop.JSON
	case o.plain:
		return loop.Plain
	}
	return loop.Auto
}

// folder returns the folder that hotdev runs in, as if it had been started there.
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

func noArgs(cmd *cobra.Command, args []string) error {
	if err := cobra.NoArgs(cmd, args); err != nil {
		return project.Usage(err)
	}
	return nil
}

// checkFlags returns an error if an argument looks like a flag but is not one of
// hotdev's.
func checkFlags(root *cobra.Command, args []string) error {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd(args...)
	cmd, rest, err := root.Find(args)
	if err != nil || len(args) > 0 && strings.HasPrefix(args[0], "__complete") { // a shell asks cobra for completions
		return nil
	}
	cmd.InitDefaultHelpFlag() // also adds the flags that its parents pass on
	c := foreign.Command{Path: cmd.CommandPath(), Runs: !cmd.HasParent(), Tests: cmd.Name() == "test"}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		c.Flags = append(c.Flags, foreign.Flag{Name: f.Name, Letter: f.Shorthand, Value: f.NoOptDefVal == ""})
	})
	if err := foreign.Check(c, rest); err != nil {
		return project.Usage(err)
	}
	return nil
}

// withWebPort turns "--web 8080" into one argument: the port is optional, and an
// optional value must be part of the flag.
func withWebPort(args []string) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		if args[i] == "--" {
			return append(out, args[i:]...)
		}
		if args[i] == "--web" && i+1 < len(args) {
			if _, err := strconv.ParseUint(args[i+1], 10, 16); err == nil {
				out = append(out, "--web="+args[i+1])
				i++
				continue
			}
		}
		out = append(out, args[i])
	}
	return out
}

// webPort is the value of the flag --web.
type webPort int

func (p *webPort) String() string { return strconv.Itoa(int(*p)) }
func (p *webPort) Type() string   { return "port" }

func (p *webPort) Set(s string) error {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return fmt.Errorf("%q is not a port: want a number from 1 to 65535", s)
	}
	*p = webPort(n)
	return nil
}
