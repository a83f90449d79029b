package gotest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder/complaint"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
)

// A Binary is a test binary, and how go test would run it.
type Binary struct {
	Package string
	File    string // absolute
	Dir     string // that it runs in
	Args    []string
	// Root is GOROOT: go test puts its go command first in the tests' PATH.
	Root string
	// Converter is the file of test2json.
	Converter string
}

// Converter finds the tool that makes the stream of go test of what a test prints. The
// go command compiles it if it was never used.
func Converter(ctx context.Context, req Request) (string, error) {
	var out []string
	var text []string
	err := gocmd.Command{
		Argv: []string{"go", "tool", "-n", "test2json"}, Dir: req.Dir, Env: req.environ(), Nice: req.Nice, Tree: true,
		Stdout: func(l string) { out = append(out, l) }, Stderr: func(l string) { text = append(text, l) },
	}.Run(ctx)
	if err != nil {
		return "", fmt.Errorf("go tool test2json: %w: %s", err, strings.Join(complaint.LastLines(text, 1), ""))
	}
	if len(out) != 1 || !filepath.IsAbs(out[0]) {
		return "", fmt.Errorf("go tool test2json: no file: %q", out)
	}
	return out[0], nil
}

// killAfter is how long after its own time limit a test is killed, as by go test.
const killAfter = time.Minute

var errTooLong = errors.New("the test ran too long")

// Run runs a test binary as go test does, and calls emit as [Do] does. ctx's end kills
// it. An error means that it could not be run, and nothing was emitted, or is ctx's.
func (b Binary) Run(ctx context.Context, req Request, emit func(Event)) error {
	began, ended := time.Now(), false
	s := newStream(req, func(string) string { return b.Dir }, func(e Event) {
		if e.Test == "" && slices.Contains([]string{"pass", "fail", "skip"}, e.Action) {
			ended = true
		}
		e.Output = strings.TrimPrefix(e.Output, "test2json: ") // how a test ended that printed nothing
		emit(e)
	})
	env := req.environ()
	bin := filepath.Join(b.Root, "bin")
	if path := gocmd.Getenv(env, "PATH"); path != "" {
		bin += string(os.PathListSeparator) + path
	}
	within := ctx
	if limit := b.limit(); limit > 0 {
		var stop context.CancelFunc
		within, stop = context.WithTimeoutCause(ctx, limit+killAfter, errTooLong)
		defer stop()
	}
	err := gocmd.Command{
		Argv: slices.Concat([]string{b.Converter, "-t", "-p", b.Package, b.File}, b.Args), Dir: b.Dir,
		Env: gocmd.Setenv(env, "PATH", bin), Nice: req.Nice, Tree: true, Stdout: s.line, Stderr: s.stray.Line,
	}.Run(within)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case ended:
		return nil
	case within.Err() != nil:
		emit(Event{Action: "output", Package: b.Package, Output: "*** Test killed: ran too long\n"})
	case err != nil && !gocmd.Failed(err):
		return err
	}
	emit(Event{Action: "fail", Package: b.Package, Elapsed: time.Since(began).Seconds()})
	return nil
}

// limit is the test's own; 0 is none.
func (b Binary) limit() time.Duration {
	for _, a := range slices.Backward(b.Args) {
		if v, ok := strings.CutPrefix(a, "-test.timeout="); ok {
			d, _ := time.ParseDuration(v)
			return d
		}
	}
	return 0
}

// Vet has go vet look at a package and its tests, with those of its flags that go test
// gives it, and returns what it says. An error is as with [Do].
func Vet(ctx context.Context, req Request, pkg string, flags []string, dirOf func(string) string) ([]complaint.Diagnostic, error) {
	build, _, _ := Direct(req.Flags)
	report := newStream(req, dirOf, nil).report()
	report.Begin(pkg)
	line := func(l string) {
		if !strings.HasPrefix(l, "# ") {
			report.Line(strings.TrimPrefix(l, "vet: "))
		}
	}
	err := gocmd.Command{
		Argv: slices.Concat([]string{"go", "vet"}, build, flags, []string{pkg}), Dir: req.Dir, Env: req.environ(), Nice: req.Nice, Tree: true,
		Stdout: line, Stderr: line,
	}.Run(ctx)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err == nil:
		return nil, nil
	case !gocmd.Failed(err):
		return nil, fmt.Errorf("go vet: %w", err)
	}
	if len(report.Out) == 0 {
		report.Line("go vet: " + err.Error())
	}
	return report.Done(), nil
}
