// Command hotdev is a development loop for Go programs: it watches what a
// program is made of, and at every save takes the shortest safe road from
// source to running program. See the README.
package main

import (
	"context"
	"os"
	"runtime/debug"

	"github.com/hotdev/hotdev/runner"
)

// memoryLimit is for the garbage collector, which by itself would let the memory
// grow to twice of what is in use: a full log of 90 MB to nearly 200. Marking the
// log is quick, for it holds next to no pointers.
const memoryLimit = 118 << 20

func main() {
	runner.Main() // does not return if this process is a program's supervisor
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}
