// Command hotdev is a development loop for Go programs: it watches what a program is
// made of, and takes the shortest safe road from source to running program on every
// save. See the README.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/exit"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/terminal"
	"github.com/hotdev/hotdev/internal/safe"
	"github.com/hotdev/hotdev/runner"
)

// memoryLimit is for the garbage collector, which by default would let the memory grow
// to twice of what is in use: with a full log of 90 MB to nearly 200. Marking the log
// is fast, because it contains almost no pointers.
const memoryLimit = 118 << 20

func main() {
	runner.Main() // does not return if this process is a program's supervisor
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}

// run is the whole program; it returns the exit code.
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
	var code exit.Code
	var usage project.UsageError
	switch {
	case err == nil:
		return int(exit.OK)
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &usage):
		code = exit.Usage
	default:
		code = exit.Broken
	}
	fmt.Fprint(stderr, safe.Text(fmt.Sprintf("hotdev: %v\n", err)))
	return int(code)
}
