package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/bench/internal/module"
	"github.com/hotdev/hotdev/bench/internal/usage"
	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/internal/mutate"
)

// A program is a real program of several packages, to be edited at random. Its weight
// is its share of all steps, and is small if a go build of it takes a minute.
type program struct {
	module, target string
	weight         int
	// args and input are for a run of the program that shows its behaviour.
	args  []string
	input string
}

var programs = []program{
	{"github.com/pelletier/go-toml/v2@v2.4.3", "./cmd/tomljson", 50, nil, "a = 1\n[b]\nc = [1979-05-27, \"x\", 2.5]\n"},
	{"github.com/jstemmer/go-junit-report/v2@v2.1.0", ".", 50, nil, "=== RUN   TestA\n--- FAIL: TestA (0.10s)\n\ta.go:1: no\nFAIL\nexit status 1\nFAIL\texample.com/a\t0.2s\n"},
	{"github.com/rogpeppe/go-internal@v1.16.0", "./cmd/testscript", 45, []string{"-h"}, ""},
	{"gotest.tools/gotestsum@v1.13.0", ".", 35, []string{"--help"}, ""},
	{"mvdan.cc/sh/v3@v3.14.1", "./cmd/shfmt", 8, nil, "if true;then echo   1;fi\nfoo() { case $1 in a) b;; esac; }\n"},
	{"github.com/google/go-jsonnet@v0.22.0", "./cmd/jsonnet", 8, []string{"-e", "local f(x) = x * 2; { a: std.map(f, [1, 2, 3]), b: std.format('%05d', 7) }"}, ""},
	{"golang.org/x/tools@v0.49.0", "./cmd/callgraph", 3, []string{"-h"}, ""},
	{caddyModule, "./cmd/caddy", 1, []string{"list-modules"}, ""},
}

// differential edits real programs at random, in turn, and after every edit compares
// the fast path with go build with the same flags. They must make the same binary, byte
// for byte, apart from build IDs; if line numbers are out of date, the binary must be
// the same once they have settled, and its behaviour before; or they must make the same
// complaints. An interrupt ends it early, and the results so far are printed.
func differential(ctx context.Context, tmp string, seed uint64, steps int, only string) error {
	fmt.Printf("seed %d\n", seed)
	all := map[string]*subject{}
	var order []*subject
	var err error
	began := time.Now()
	for step := 0; step < steps && err == nil; step++ {
		i := turn(step)
		p := programs[i]
		if only != "" && !strings.Contains(p.module, only) {
			continue
		}
		s := all[p.module]
		if s == nil { // the slow programs begin late
			if s, err = newSubject(ctx, p, filepath.Join(tmp, fmt.Sprint("random", i)), rand.New(rand.NewPCG(seed, uint64(i)))); err != nil {
				err = fmt.Errorf("%s: %w", p.module, err)
				break
			}
			all[p.module], order = s, append(order, s)
		}
		if err = s.step(ctx); err != nil {
			err = fmt.Errorf("%s: step %d: %w\n%s(replay with -seed %d -steps %d -only %s)", p.module, step, err, s.last.Diff(), seed, step+1, p.module)
			break
		}
		if step%25 == 24 {
			fmt.Printf("%d steps in %v\n", step+1, time.Since(began).Round(time.Second))
		}
	}
	total := map[string]int{}
	for _, s := range order {
		s.tell()
		for k, n := range s.counts {
			total[k] += n
		}
	}
	tell("all", total)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// turn returns the program of a step.
func turn(step int) int {
	sum, done := 0, make([]int, len(programs))
	for _, p := range programs {
		sum += p.weight
	}
	chosen := 0
	for s := range step%sum + 1 {
		chosen = 0
		for i, p := range programs { // the one that is most behind
			if (s+1)*p.weight-done[i]*sum > (s+1)*programs[chosen].weight-done[chosen]*sum {
				chosen = i
			}
		}
		done[chosen]++
	}
	return chosen
}

// A subject is a program under test.
type subject struct {
	program
	fast, plain *builder.Builder
	req         builder.Request
	sources     *mutate.Program
	last        mutate.Edit
	counts      map[string]int
	took        [parts]time.Duration
}

func newSubject(ctx context.Context, p program, dir string, rng *rand.Rand) (*subject, error) {
	if err := module.Copy(ctx, p.module, dir); err != nil {
		return nil, err
	}
	out := dir + "-out"
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, err
	}
	s := &subject{program: p, fast: builder.New(), plain: builder.New(), counts: map[string]int{}}
	s.req = builder.Request{Dir: dir, Target: []string{p.target}, Fast: true, Scratch: filepath.Join(out, "scratch"), Output: filepath.Join(out, "app")}
	if r, err := s.build(ctx); err != nil || !r.OK() {
		return nil, fmt.Errorf("first build: %v, %w", r.Diagnostics, err)
	}
	graph, _, err := s.plain.List(ctx, s.req, nil)
	if err != nil {
		return nil, err
	}
	var files, texts []string
	for _, p := range graph.Packages {
		texts = append(texts, p.EmbedFiles...)
		for _, f := range p.Files {
			if filepath.Ext(f) == ".go" {
				files = append(files, f)
			}
		}
	}
	s.sources = mutate.New(rng, files, slices.DeleteFunc(texts, func(f string) bool { return filepath.Ext(f) == ".go" }))
	return s, nil
}

func (s *subject) build(ctx context.Context) (builder.Result, error) {
	r, err := s.fast.Build(ctx, s.req, builder.Hooks{})
	if err == nil && r.Artifact.Temp != "" {
		err = s.fast.Publish(r.Artifact)
	}
	if err == nil && r.OK() {
		err = s.fast.Plan(ctx, s.req)
	}
	return r, err
}

// step makes one edit and compares the results. An edit that does not compile is
// undone.
func (s *subject) step(ctx context.Context) error {
	e, err := s.sources.Edit()
	if err != nil {
		return err
	}
	s.last = e
	began := usage.CPU()
	r, err := s.build(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", e.What, err)
	}
	s.spent(byFast, began)
	if r.OK() && r.Unsettled > 0 {
		if err := s.settle(ctx); err != nil {
			return fmt.Errorf("%s: %w", e.What, err)
		}
	}
	began = usage.CPU()
	slow := s.req
	slow.Fast = false
	plain, err := s.plain.Build(ctx, slow, builder.Hooks{})
	if err != nil {
		return err
	}
	s.plain.Discard(plain.Artifact)
	s.spent(byGo, began)
	if got, want := complaints(r), complaints(plain); got != want {
		return fmt.Errorf("%s: the fast path (full: %q) says\n%s\ngo build\n%s", e.What, r.Full, got, want)
	}
	how := "fast"
	if r.Full != "" {
		how = "full"
	}
	if !r.OK() {
		s.counts[how+", broken by both: "+e.What]++
		return e.Undo()
	}
	if !plain.Same {
		return fmt.Errorf("%s: the binaries differ (full: %q, compiled: %v)", e.What, r.Full, r.Compiled)
	}
	s.counts[how+": "+e.What]++
	return nil
}

// settle brings line numbers up to date, and compares the program's behaviour before
// and after.
func (s *subject) settle(ctx context.Context) error {
	before := s.behaviour(ctx)
	began := usage.CPU()
	if err := s.fast.Settle(ctx, s.req); err != nil {
		return err
	}
	r, err := s.build(ctx)
	if err != nil {
		return err
	}
	s.spent(bySettling, began)
	if !r.OK() || r.Full != "" || r.Unsettled > 0 {
		return fmt.Errorf("after settling: %+v", r)
	}
	if after := s.behaviour(ctx); before != after {
		return fmt.Errorf("before line numbers settled the program said\n%s\nafter\n%s", before, after)
	}
	s.counts["line numbers settled"]++
	return nil
}

// clock matches what differs between runs.
var clock = regexp.MustCompile(`\d\d:\d\d:\d\d`)

// behaviour returns the output of the program, without the trace of a crash.
func (s *subject) behaviour(ctx context.Context) string {
	defer s.spent(byRunning, usage.CPU())
	// An edit may have made it run for ever.
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.req.Output, s.args...)
	cmd.Stdin = strings.NewReader(s.input)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if ctx.Err() != nil {
		return "no end"
	}
	text, _, _ := strings.Cut(out.String(), "\ngoroutine ")
	return fmt.Sprintf("%s%v", clock.ReplaceAllString(text, "time"), err)
}

// The parts of a step, and what they take of one processor.
const (
	byFast = iota
	bySettling
	byRunning
	byGo
	parts
)

// spent adds the processor time since an earlier amount to a part.
func (s *subject) spent(part int, before time.Duration) { s.took[part] += usage.CPU() - before }

func complaints(r builder.Result) string {
	var lines []string
	for _, d := range r.Diagnostics {
		lines = append(lines, fmt.Sprintf("%s %q", d, d.More))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func (s *subject) tell() {
	tell(s.module, s.counts)
	fmt.Print("  of one processor:")
	for part, name := range []string{byFast: "fast path", bySettling: "settling", byRunning: "running it", byGo: "go build"} {
		fmt.Printf(" %s %v", name, s.took[part].Round(time.Second))
	}
	fmt.Println()
}

func tell(name string, counts map[string]int) {
	edits := 0
	for k, n := range counts {
		if k != "line numbers settled" {
			edits += n
		}
	}
	fmt.Printf("%s: %d edits compared\n", name, edits)
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		fmt.Printf("  %4d %s\n", counts[k], k)
	}
}
