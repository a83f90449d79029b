// Command torture puts a real hotdev through what a year of daily use brings:
// thousands of saves in every way that editors have, kills at random moments,
// programs that behave badly, disks that are full. It prints what it counted,
// and exits 1 if a promise was broken.
//
//	go run ./bench/torture                    all trials, in full: about half an hour
//	go run ./bench/torture -short             the form that the tests run
//	go run ./bench/torture -seed 7 saves      one trial, replayed
//
// A run prints its seed. The seed determines what is done and when, but the machine's
// timing varies, so a replay may need a few tries. Some trials need Linux, and some of
// those root: elsewhere they are skipped with a message.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "what happens when; a run says its `number`")
	short := flag.Bool("short", false, "the form that the tests run: about a hundredth of everything")
	atMost := flag.Duration("for", 24*time.Hour, "how long each trial may go on; it then says how far it came")
	hotdev := flag.String("hotdev", "", "hotdev `binary` (default: built from this module)")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: torture [flags] [trial ...]")
		flag.PrintDefaults()
		for _, t := range trials {
			fmt.Fprintf(flag.CommandLine.Output(), "  %-9s %s\n", t.name, t.what)
		}
	}
	flag.Parse()
	if err := run(ctx, os.Stdout, *hotdev, *seed, *short, *atMost, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		os.Exit(1)
	}
}

// A trial is one kind of mishap.
type trial struct {
	name, what string
	run        func(ctx context.Context, a *arena) error
}

var trials = []trial{
	{"saves", "saves at random moments, in every way; folders that come, move and go; git checkouts", saves},
	{"kills", "hotdev killed, told to end and stopped at random moments", kills},
	{"children", "programs that do not want to end, fork, flood, or end at once", children},
	{"session", "a program and nine processes beside it, ended in every way at any moment", together},
	{"restarts", "many restarts, and what they cost hotdev", restarts},
	{"system", "full disks, odd paths, no permission, no go command, no watches left", system},
	{"live", "code changed hundreds of times in programs that work, serve and hold connections", patches},
	{"scale", "a program of many packages amid very many other files", scale},
}

// errSkip means that a trial is not possible here, and why.
var errSkip = errors.New("skipped")

// An arena is the environment of a trial.
type arena struct {
	dir    string // empty; it belongs to the trial
	hotdev string
	gocach string // the build cache that all trials share
	rng    *rand.Rand
	short  bool
	end    time.Time // when the trial should end
	out    io.Writer
}

// over reports whether the trial's time is up.
func (a *arena) over() bool { return time.Now().After(a.end) }

// times returns how often something is done.
func (a *arena) times(full int) int {
	if a.short {
		return max(1, full/100)
	}
	return full
}

// either returns a number for the full form or for the short one.
func (a *arena) either(full, short int) int {
	if a.short {
		return short
	}
	return full
}

// count prints a figure that was counted or measured.
func (a *arena) count(what string, format string, args ...any) {
	fmt.Fprintf(a.out, "  %-46s %s\n", what, fmt.Sprintf(format, args...))
}

// within returns a random duration below d.
func (a *arena) within(d time.Duration) time.Duration {
	return time.Duration(a.rng.Int64N(int64(d) + 1))
}

func run(ctx context.Context, out io.Writer, hotdev string, seed uint64, short bool, atMost time.Duration, names []string) error {
	for _, n := range names {
		if !slices.ContainsFunc(trials, func(t trial) bool { return t.name == n }) {
			return fmt.Errorf("no trial is called %s", n)
		}
	}
	if signal.Ignored(syscall.SIGHUP) { // ignored because of nohup; hotdev must not inherit that
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	tmp, err := os.MkdirTemp("", "hotdev-torture")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	own := filepath.Join(tmp, "hotdev") // where any user may run it
	if hotdev == "" {
		if text, err := exec.CommandContext(ctx, "go", "build", "-o", own, "github.com/hotdev/hotdev/cmd/hotdev").CombinedOutput(); err != nil {
			return fmt.Errorf("build hotdev: %w\n%s", err, text)
		}
	} else if binary, err := os.ReadFile(hotdev); err != nil {
		return err
	} else if err := os.WriteFile(own, binary, 0o755); err != nil {
		return err
	}
	cache, err := exec.CommandContext(ctx, "go", "env", "GOCACHE").Output()
	if err != nil {
		return fmt.Errorf("go env: %w", err)
	}
	fmt.Fprintf(out, "seed %d\n", seed)
	var failed []string
	for i, t := range trials {
		if len(names) > 0 && !slices.Contains(names, t.name) {
			continue
		}
		fmt.Fprintf(out, "%s: %s\n", t.name, t.what)
		a := &arena{
			dir: filepath.Join(tmp, t.name), hotdev: own, gocach: strings.TrimSpace(string(cache)),
			rng: rand.New(rand.NewPCG(seed, uint64(i))), short: short, end: time.Now().Add(atMost), out: out,
		}
		if err := os.Mkdir(a.dir, 0o755); err != nil {
			return err
		}
		began := time.Now()
		err := t.run(ctx, a)
		switch took := time.Since(began).Round(time.Second); {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errSkip):
			fmt.Fprintf(out, "  %v\n", err)
		case err != nil:
			fmt.Fprintf(out, "  FAILED after %v: %v\n", took, err)
			failed = append(failed, t.name)
		default:
			fmt.Fprintf(out, "  held, %v\n", took)
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("failed: %s (replay with -seed %d)", strings.Join(failed, ", "), seed)
	}
	return nil
}
