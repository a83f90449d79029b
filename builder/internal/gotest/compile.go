package gotest

import (
	"context"
	"fmt"
	"slices"

	"github.com/hotdev/hotdev/builder/complaint"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
)

// Compile makes the test binary file of a package, with more flags of go test. It returns
// why the package does not build. An error is as with [Do].
func Compile(ctx context.Context, req Request, pkg, file string, flags []string, dirOf func(pkg string) string) ([]complaint.Diagnostic, error) {
	if err := CheckFlags(req.Flags); err != nil {
		return nil, err
	}
	report := newStream(req, dirOf, nil).report()
	report.Begin(pkg)
	err := gocmd.Command{
		Argv: slices.Concat([]string{"go", "test", "-c", "-o", file}, req.Flags, flags, []string{pkg}), Dir: req.Dir, Env: req.environ(), Nice: req.Nice, Tree: true,
		Stdout: report.Line,
	}.Run(ctx)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err == nil:
		return nil, nil
	case !gocmd.Failed(err):
		return nil, fmt.Errorf("go test: %w", err)
	}
	if len(report.Out) == 0 {
		report.Line(pkg + " does not build")
	}
	return report.Done(), nil
}

// BinaryArgs are the arguments with which a test binary does what the flags of go test
// that do not choose or count tests ask for.
func BinaryArgs(flags []string) (args []string) {
	given, _ := parse(flags)
	for _, f := range given {
		if slices.Contains([]string{"short", "parallel", "cpu", "shuffle", "fullpath"}, f.name) {
			args = append(args, "-test."+f.name+"="+f.value)
		}
	}
	return args
}
