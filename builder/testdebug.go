package builder

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/builder/internal/gotest"
)

// A DebugBinary is a test binary for a debugger, and how it is run.
type DebugBinary struct {
	File string
	Args []string
	Env  []string // the whole environment
	Dir  string   // that it runs in
}

// BuildForDebugger builds the tests of a package of the last listing for a debugger, into
// the absolute folder. The binary runs those tests that pattern matches; empty is all. It
// returns why they do not build. An error means that the go command could not be run, or
// is ctx's.
func (t *Tests) BuildForDebugger(ctx context.Context, req TestRequest, pkg, pattern, folder string) (DebugBinary, []Diagnostic, error) {
	b := DebugBinary{File: filepath.Join(folder, "debug.test"), Env: gocmd.Environ(req.Env), Dir: t.DirOf(pkg)}
	if b.Dir == "" {
		return b, nil, fmt.Errorf("package %s is no longer there", pkg)
	}
	tool, err := t.builder.askTool(ctx, req.Dir, req.Env)
	if err != nil {
		return b, nil, err
	}
	b.File += tool.GOEXE
	flags := gocmd.ForDebugger(gocmd.FlagsInForce(req.Flags, tool))
	d, err := gotest.Compile(ctx, req, pkg, b.File, flags, t.DirOf)
	if err != nil || len(d) > 0 {
		return b, d, unlessGo(err)
	}
	if _, err := os.Stat(b.File); err != nil {
		return b, nil, fmt.Errorf("package %s has no tests any more", pkg)
	}
	b.Args = slices.Concat(gotest.BinaryArgs(req.Flags), []string{"-test.run=" + pattern, "-test.count=1", "-test.timeout=0", "-test.v"})
	return b, nil, nil
}
