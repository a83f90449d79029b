//go:build !(cgo && (linux || darwin || freebsd))

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "plugins need cgo, a C compiler, and Linux, macOS or FreeBSD")
	os.Exit(2)
}
