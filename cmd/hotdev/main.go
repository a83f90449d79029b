// Command hotdev is a development loop for Go programs: it watches what a
// program is made of, and at every save takes the shortest safe road from
// source to running program. See the README.
package main

import (
	"context"
	"os"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/runner"
)

func main() {
	builder.LinkerMain() // does not return if this process stands in for the C compiler
	runner.Main()        // does not return if this process is a program's supervisor
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}
