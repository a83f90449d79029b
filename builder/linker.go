package builder

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The linker of a plugin is called by this name, and finds there what it is to
// call in turn.
const (
	linkerName     = "hotdev-ld"
	linkerVariable = "HOTDEV_LD"
)

// LinkerMain turns this process into the C compiler, and never returns, if the
// Go linker started it for a plugin; else it does nothing. It belongs at the
// beginning of main, and of TestMain in a package whose tests use
// [Builder.Reload].
//
// The Go linker first runs the C compiler several times on an empty program, to
// see which flags it knows. Those flags are of no use to a plugin that is loaded
// once, and the answers take as long as the linking itself; so they are no.
func LinkerMain() {
	if filepath.Base(os.Args[0]) != linkerName {
		return
	}
	for _, a := range os.Args[1:] {
		if strings.HasSuffix(a, "trivial.c") {
			os.Exit(1)
		}
	}
	var argv []string
	if err := json.Unmarshal([]byte(os.Getenv(linkerVariable)), &argv); err != nil || len(argv) == 0 {
		fmt.Fprintf(os.Stderr, "%s: %s does not name a C compiler\n", linkerName, linkerVariable)
		os.Exit(1)
	}
	if err := become(append(argv, os.Args[1:]...)); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", linkerName, err)
	}
	os.Exit(1)
}
