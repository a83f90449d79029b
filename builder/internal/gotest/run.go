package gotest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hotdev/hotdev/builder/complaint"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
)

// A Run is one go test command.
type Run struct {
	// Packages are import paths, in the order in which to test them.
	Packages []string
	// Filter is a -run pattern; empty is all tests, or those of the request's flags.
	Filter string
	// NoVet skips go vet, which go test otherwise runs before the tests of a package.
	NoVet bool
	// Cover are the packages whose coverage is written to the file Profile (absolute).
	Cover   []string
	Profile string
}

// Do runs tests and calls emit for each line of the stream, one call at a time. dirOf
// returns the folder of a package, or "". Do returns when nothing of the run is left;
// when ctx ends, the run is killed.
//
// It returns, as diagnostics, the complaints of the go command that belong to no
// package. An error means that the go command could not be run, or is ctx's.
func Do(ctx context.Context, req Request, run Run, dirOf func(pkg string) string, emit func(Event)) ([]complaint.Diagnostic, error) {
	if err := CheckFlags(req.Flags); err != nil {
		return nil, err
	}
	s := newStream(req, dirOf, emit)
	err := gocmd.Command{
		Argv: argv(req, run), Dir: req.Dir, Env: req.environ(), Nice: req.Nice, Tree: true,
		Stdout: s.line, Stderr: s.stray.Line,
	}.Run(ctx)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case gocmd.Failed(err):
		return s.stray.Done(), nil
	case err != nil:
		return nil, fmt.Errorf("go test: %w", err)
	}
	return nil, nil
}

// environ is the environment of go test.
func (r Request) environ() []string {
	env := gocmd.Environ(r.Env)
	if r.Scratch != "" {
		env = gocmd.Setenv(env, "GOTMPDIR", r.Scratch)
	}
	return env
}

// argv is the command. With full paths, a line that a helper in another package prints
// leads to its file.
func argv(req Request, run Run) []string {
	args := append([]string{"go", "test", "-json", "-fullpath"}, req.Flags...)
	if run.Filter != "" {
		args = append(args, "-run="+run.Filter)
	}
	if run.NoVet && !Given(req.Flags, "vet") {
		args = append(args, "-vet=off")
	}
	if len(run.Cover) > 0 {
		args = append(args, "-coverprofile="+run.Profile, "-coverpkg="+strings.Join(run.Cover, ","))
	}
	return append(args, run.Packages...) // after a "--" they would be arguments of a test
}

// A stream reads the output of go test while it runs.
type stream struct {
	req     Request
	dirOf   func(string) string
	emit    func(Event)
	reports map[string]*complaint.Report // by the package that does not build
	stray   *complaint.Report            // of lines that belong to no package
}

func newStream(req Request, dirOf func(string) string, emit func(Event)) *stream {
	s := &stream{req: req, dirOf: dirOf, emit: emit, reports: map[string]*complaint.Report{}}
	s.stray = s.report()
	return s
}

func (s *stream) report() *complaint.Report {
	return &complaint.Report{Dir: s.req.Dir, DirOf: s.dirOf}
}

// line reads one line of the standard output.
func (s *stream) line(text string) {
	var e struct {
		Event
		ImportPath, FailedBuild string
	}
	if !strings.HasPrefix(text, "{") || json.Unmarshal([]byte(text), &e) != nil {
		s.stray.Line(text)
		return
	}
	switch e.Action {
	case "build-output":
		r := s.reports[e.ImportPath]
		if r == nil {
			r = s.report()
			r.Begin(e.ImportPath)
			s.reports[e.ImportPath] = r
		}
		for l := range strings.Lines(e.Output) {
			if l = strings.TrimRight(l, "\r\n"); !strings.HasPrefix(l, "# [") { // the second of two titles
				r.Line(strings.TrimPrefix(l, "vet: "))
			}
		}
	case "build-fail": // the packages that need it report it
	default:
		if e.FailedBuild != "" {
			e.Diagnostics = s.broken(e.FailedBuild)
		}
		s.emit(e.Event)
	}
}

// broken returns why a package did not build.
func (s *stream) broken(what string) []complaint.Diagnostic {
	name, _, _ := strings.Cut(what, " ")
	r := s.reports[what]
	if r == nil {
		return []complaint.Diagnostic{{Package: name, Message: name + " does not build"}}
	}
	if len(r.Out) == 0 {
		r.Line(name + " does not build")
	}
	return r.Done()
}
