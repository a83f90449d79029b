// Command replay checks out the commits of a real repository one after the
// other, as saves, and builds each as hotdev does and by go build: times, roads,
// the reasons for each full build, and whether the binaries are the same.
//
//	go run ./bench/replay -commits 20 ~/src/miniflux .
//	go run ./bench/replay -commits 10 -for 20m github.com/pelletier/go-toml/v2 ./cmd/tomljson
//
// The repository is the folder of a git clone, which is left as it is, or a
// module's path: then its last versions are what is replayed. The go build is the
// plain command with default flags and a build cache of its own.
package main

import (
	"context"
	"debug/buildinfo"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/bench/internal/usage"
	"github.com/hotdev/hotdev/builder"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	commits := flag.Int("commits", 20, "how many of the last commits, or versions, are replayed")
	atMost := flag.Duration("for", 24*time.Hour, "how long it may take; it then says how far it came")
	verbose := flag.Bool("v", false, "print what hotdev compiled for each commit, and what that took")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: replay [flags] repository package")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 2 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(ctx, flag.Arg(0), flag.Arg(1), *commits, time.Now().Add(*atMost), *verbose); err != nil {
		fmt.Fprintln(os.Stderr, "replay:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, repository, target string, commits int, end time.Time, verbose bool) error {
	tmp, err := os.MkdirTemp("", "hotdev-replay")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	defer exec.Command("chmod", "-R", "u+w", tmp).Run() //nolint:errcheck // what it leaves is in the temporary folder
	dir := filepath.Join(tmp, "src")
	h, err := open(ctx, repository, dir, commits)
	if err != nil {
		return err
	}
	r := replay{dir: dir, target: target, out: filepath.Join(tmp, "out"), hotdev: builder.New(), plain: builder.New(), reasons: map[string]int{}, verbose: verbose}
	if err := os.MkdirAll(r.out, 0o755); err != nil {
		return err
	}
	r.req = builder.Request{Dir: dir, Target: []string{target}, Fast: true, Scratch: filepath.Join(r.out, "scratch"), Output: filepath.Join(r.out, "app")}
	r.own = append(os.Environ(), "GOCACHE="+filepath.Join(tmp, "cache"))
	if err := h.checkOut(ctx, 0); err != nil {
		return err
	}
	fmt.Printf("%s %s from %s: the first builds fill both caches\n", repository, target, h.name(0))
	if _, err := r.byHand(ctx); err != nil {
		return err
	}
	if _, _, err := r.build(ctx); err != nil {
		return err
	}
	if r.versions, err = r.modules(); err != nil {
		return err
	}
	fmt.Printf("%-14s %9s %9s %7s %7s  %s\n", "commit", "go build", "hotdev", "ratio", "of cpu", "road")
	for i := 1; i < h.len() && ctx.Err() == nil && time.Now().Before(end); i++ {
		if err := h.checkOut(ctx, i); err != nil {
			return err
		}
		if err := r.step(ctx, h.name(i)); err != nil {
			return fmt.Errorf("%s: %w", h.name(i), err)
		}
	}
	r.summary()
	if r.differ > 0 {
		return fmt.Errorf("%d of the binaries differ from go build's", r.differ)
	}
	return nil
}

// A replay replays one program.
type replay struct {
	dir, target, out string
	req              builder.Request
	own              []string // the environment of the go build to compare with
	hotdev, plain    *builder.Builder
	versions         string // of the modules in the last binary

	steps, broken, differ int
	same, fast            int  // number of steps in which the modules' versions did not change; those on the fast path
	slow, quick           cost // of all steps
	sameSlow, sameQuick   cost // of the steps in same
	reasons               map[string]int
	verbose               bool
}

// A cost is the time of a build, by the clock and of the processors.
type cost struct{ clock, cpu time.Duration }

func (c cost) plus(o cost) cost { return cost{c.clock + o.clock, c.cpu + o.cpu} }

// spent returns the cost since a build began.
func spent(began time.Time, cpu time.Duration) cost {
	return cost{time.Since(began), usage.CPU() - cpu}
}

func (c cost) per(o cost) string {
	return fmt.Sprintf("%9v %9v %6.2f× %6.2f×", o.clock.Round(time.Millisecond), c.clock.Round(time.Millisecond),
		float64(c.clock)/float64(o.clock), float64(c.cpu)/float64(max(1, o.cpu)))
}

// step builds what is checked out both ways, and prints a line.
func (r *replay) step(ctx context.Context, name string) error {
	began := time.Now()
	result, took, err := r.build(ctx)
	if err != nil {
		return err
	}
	slow, err := r.byHand(ctx)
	if err != nil && result.OK() {
		return fmt.Errorf("hotdev built after %v what go build refuses: %w", time.Since(began).Round(time.Second), err)
	}
	if !result.OK() {
		if err == nil {
			return fmt.Errorf("hotdev refuses what go build built: %s", result.Diagnostics[0])
		}
		r.broken++
		fmt.Printf("%-14s broken by both: %s\n", name, result.Diagnostics[0])
		return nil
	}
	versions, err := r.modules()
	if err != nil {
		return err
	}
	kept := versions == r.versions
	r.versions = versions
	road := ""
	switch {
	case result.Full != "":
		road = "full: " + result.Full
	case len(result.Compiled) == 0:
		road = "fast: nothing to compile"
	default:
		road = fmt.Sprintf("fast: %d compiled, link %v", len(result.Compiled), result.Link.Round(time.Millisecond))
	}
	if !kept {
		road += " (other versions)"
	}
	if same, err := r.compare(ctx, result); err != nil {
		return err
	} else if !same {
		r.differ++
		road += ": THE BINARIES DIFFER"
	}
	r.steps++
	r.slow, r.quick = r.slow.plus(slow), r.quick.plus(took)
	if kept {
		r.same++
		r.sameSlow, r.sameQuick = r.sameSlow.plus(slow), r.sameQuick.plus(took)
		if result.Full == "" {
			r.fast++
		} else {
			r.reasons[result.Full]++
		}
	}
	fmt.Printf("%-14s %s  %s\n", name, took.per(slow), road)
	if r.verbose {
		for _, c := range result.Compiled {
			fmt.Printf("  %9v %9v  %s\n", c.Began.Sub(began).Round(time.Millisecond), c.Took.Round(time.Millisecond), c.Package)
		}
	}
	return nil
}

// build builds as hotdev does, until the binary is published; what hotdev does in the
// background afterwards is not counted.
func (r *replay) build(ctx context.Context) (builder.Result, cost, error) {
	began, cpu := time.Now(), usage.CPU()
	result, err := r.hotdev.Build(ctx, r.req, builder.Hooks{})
	if err == nil && result.Artifact.Temp != "" {
		err = r.hotdev.Publish(result.Artifact)
	}
	took := spent(began, cpu)
	if err == nil && result.OK() {
		if plan := r.hotdev.Plan(ctx, r.req); plan != nil {
			fmt.Println("  no fast path:", plan)
		}
	}
	return result, took, err
}

// byHand returns the time of the plain go build, which must make a binary.
func (r *replay) byHand(ctx context.Context) (cost, error) {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(r.out, "byhand"), r.target)
	cmd.Dir, cmd.Env = r.dir, r.own
	began, cpu := time.Now(), usage.CPU()
	text, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("go build: %w\n%s", err, text)
	}
	return spent(began, cpu), err
}

// modules returns the versions in the binary that was built by hand.
func (r *replay) modules() (string, error) {
	info, err := buildinfo.ReadFile(filepath.Join(r.out, "byhand"))
	if err != nil {
		return "", err
	}
	lines := []string{info.GoVersion}
	for _, d := range info.Deps {
		lines = append(lines, fmt.Sprintf("%s %s %v", d.Path, d.Version, d.Replace))
	}
	return strings.Join(lines, "\n"), nil
}

// compare compares the published binary, with its line numbers settled, with that of
// the go command with the flags that hotdev uses.
func (r *replay) compare(ctx context.Context, result builder.Result) (bool, error) {
	if result.Unsettled > 0 {
		if err := r.hotdev.Settle(ctx, r.req); err != nil {
			return false, err
		}
		if result, _, err := r.build(ctx); err != nil || !result.OK() {
			return false, fmt.Errorf("after settling: %v, %w", result.Diagnostics, err)
		}
	}
	slow := r.req
	slow.Fast, slow.Env = false, r.own
	plain, err := r.plain.Build(ctx, slow, builder.Hooks{})
	if err != nil {
		return false, err
	}
	if !plain.OK() {
		return false, fmt.Errorf("go build: %s", plain.Diagnostics[0])
	}
	r.plain.Discard(plain.Artifact)
	return plain.Same, nil
}

func (r *replay) summary() {
	fmt.Printf("\n%d replayed, %d broken by both, %d binaries differ\n", r.steps+r.broken, r.broken, r.differ)
	if r.steps > 0 {
		fmt.Printf("%-14s %s\n", "all", r.quick.per(r.slow))
	}
	if r.same > 0 {
		fmt.Printf("%-14s %s\n", "versions kept", r.sameQuick.per(r.sameSlow))
		fmt.Printf("of %d with the modules' versions from before, on the fast path: %d (%d %%)\n", r.same, r.fast, 100*r.fast/r.same)
	}
	for _, why := range slices.SortedFunc(maps.Keys(r.reasons), func(a, b string) int { return r.reasons[b] - r.reasons[a] }) {
		fmt.Printf("  %3d %s\n", r.reasons[why], why)
	}
}
