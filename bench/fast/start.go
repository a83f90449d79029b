package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/hotdev/hotdev/bench/internal/module"
	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/internal/procfs"
)

// startAll measures starts, and with caddy also memory.
func startAll(ctx context.Context, tmp string, rounds int, caddy bool) error {
	hotdev := filepath.Join(tmp, "hotdev")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", hotdev, "github.com/hotdev/hotdev/cmd/hotdev").CombinedOutput(); err != nil {
		return fmt.Errorf("build hotdev: %w\n%s", err, out)
	}
	if err := ownCache(ctx, filepath.Join(tmp, "cache")); err != nil {
		return err
	}
	dir := filepath.Join(tmp, "hello")
	if err := writeHello(dir); err != nil {
		return err
	}
	if err := starts(ctx, hotdev, "hello", dir, ".", rounds, replacing(dir, "main.go", "func main() {", `func main() { fmt.Println(%q);`)); err != nil || !caddy {
		return err
	}
	dir = filepath.Join(tmp, "caddy")
	if err := module.Copy(ctx, caddyModule, dir); err != nil {
		return err
	}
	if err := starts(ctx, hotdev, "caddy", dir, "./cmd/caddy", rounds, replacing(dir, "cmd/caddy/main.go", "caddycmd.Main()", `println(%q); caddycmd.Main()`)); err != nil {
		return err
	}
	main := replacing(dir, "cmd/caddy/main.go", "println(", "println(%q, ")
	root := replacing(dir, "caddy.go", `"stopping apps"`, "\n\n%q")
	return memory(ctx, hotdev, "caddy", dir, "./cmd/caddy", []func() error{
		func() error { return main("a") }, func() error { return main("b") }, func() error { return root("c") },
		func() error { return main("d") }, func() error { return root("e") }, func() error { return main("f") },
	})
}

// replacing returns an edit of a file, which replaces mark, which occurs once, by text
// with the version that it is called with.
func replacing(dir, name, mark, text string) func(version string) error {
	file := filepath.Join(dir, filepath.FromSlash(name))
	was, err := os.ReadFile(file)
	return func(version string) error {
		if err != nil {
			return err
		}
		if strings.Count(string(was), mark) != 1 {
			return fmt.Errorf("%s has %q %d times", name, mark, strings.Count(string(was), mark))
		}
		return os.WriteFile(file, []byte(strings.Replace(string(was), mark, fmt.Sprintf(text, version), 1)), 0o644)
	}
}

// ownCache has what hotdev keeps be in a folder of this run; the go command's cache stays.
func ownCache(ctx context.Context, folder string) error {
	out, err := exec.CommandContext(ctx, "go", "env", "GOCACHE").Output()
	if err != nil {
		return err
	}
	return errors.Join(os.Setenv("GOCACHE", strings.TrimSpace(string(out))), os.Setenv("XDG_CACHE_HOME", folder))
}

// plans are the plans that hotdev keeps for its next starts.
func plans() []string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil
	}
	files, _ := filepath.Glob(filepath.Join(cache, "hotdev", "plans", "*.json"))
	return files
}

// starts measures hotdev's own start on a warm cache, from the command to the program's
// first line, against go build and a start by hand, interleaved: after an edit of
// package main, the same when hotdev has run before for long enough to keep its plan,
// and with everything in the cache except the binary, which hotdev does not keep.
func starts(ctx context.Context, hotdev, program, dir, target string, rounds int, main func(version string) error) error {
	app := filepath.Join(dir, "..", program+"-by-hand")
	var hand, ours [3][]time.Duration
	for round := range rounds + 1 {
		for kind, name := range []string{"edited", "cached", "with a plan"} {
			version := fmt.Sprintf("version-%d.", round)
			switch kind {
			case 0:
				for _, f := range plans() {
					os.Remove(f)
				}
			case 2:
				if err := keepPlan(ctx, hotdev, dir, target); err != nil {
					return err
				}
				version = "again-" + version
			}
			if kind != 1 {
				if err := main(version); err != nil {
					return err
				}
			}
			os.Remove(app)
			began := time.Now()
			build := exec.CommandContext(ctx, "go", "build", "-o", app, target)
			build.Dir = dir
			if out, err := build.CombinedOutput(); err != nil {
				return fmt.Errorf("go build: %w\n%s", err, out)
			}
			if err := says(ctx, dir, version, app); err != nil {
				return err
			}
			byHand := time.Since(began)
			began = time.Now()
			if err := says(ctx, dir, version, hotdev, "--plain", target); err != nil {
				return fmt.Errorf("hotdev, %s: %w", name, err)
			}
			if round > 0 { // the first one fills the cache
				hand[kind], ours[kind] = append(hand[kind], byHand), append(ours[kind], time.Since(began))
			}
		}
	}
	for kind, name := range []string{"start after an edit of main", "start, all but the binary in the cache", "start after an edit of main, with a plan"} {
		a, b := median(hand[kind]), median(ours[kind])
		fmt.Printf("%-10s %-46s %10v %10v %6.2f×\n", program, name, a.Round(time.Millisecond), b.Round(time.Millisecond), float64(b)/float64(a))
	}
	return nil
}

// keepPlan runs hotdev until it has kept its plan.
func keepPlan(ctx context.Context, hotdev, dir, target string) error {
	s, err := newSession(ctx, dir, hotdev, "--plain", target)
	if err != nil {
		return err
	}
	defer s.end()
	for began := time.Now(); len(plans()) == 0; time.Sleep(20 * time.Millisecond) {
		if time.Since(began) > time.Minute || ctx.Err() != nil {
			return errors.New("hotdev keeps no plan")
		}
	}
	return nil
}

// says starts a command and waits until it prints the version, then ends it; the time
// to end it is not counted.
func says(ctx context.Context, dir, version string, argv ...string) error {
	s, err := newSession(ctx, dir, argv...)
	if err != nil {
		return err
	}
	defer s.end()
	for s.lines.Scan() {
		if strings.Contains(s.lines.Text(), version) {
			return nil
		}
	}
	return fmt.Errorf("%s ended without %s", filepath.Base(argv[0]), version)
}

// A session is a command whose output is read line by line.
type session struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
}

func newSession(ctx context.Context, dir string, argv ...string) (*session, error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = cmd.Stdout
	s := &session{cmd: cmd, lines: bufio.NewScanner(out)}
	s.lines.Buffer(nil, 16<<20) // a listing is one line
	return s, cmd.Start()
}

func (s *session) end() {
	s.cmd.Process.Signal(os.Interrupt)
	for s.lines.Scan() { // there may be more output
	}
	s.cmd.Wait() // an interrupted program's status has no meaning
}

// pause is a developer's pause between two edits: meanwhile hotdev makes its plan, or
// settles line numbers.
const pause = 15 * time.Second

// memory makes hotdev build a program, make its plan and handle some edits, and prints
// the memory of its own processes, without the go command's and the program's.
func memory(ctx context.Context, hotdev, program, dir, target string, edits []func() error) error {
	s, err := newSession(ctx, dir, hotdev, "--json", target)
	if err != nil {
		return err
	}
	defer s.end()
	fast := 0
	for s.lines.Scan() {
		var e struct {
			Event, Outcome string
			Result         builder.Result
		}
		if err := json.Unmarshal(s.lines.Bytes(), &e); err != nil {
			return fmt.Errorf("hotdev says %s: %w", s.lines.Text(), err)
		}
		if e.Event == "built" {
			if !e.Result.OK() {
				return errors.New(e.Result.Diagnostics[0].String())
			}
			if e.Result.Full == "" {
				fast++
			}
		}
		if e.Event != "cycle" {
			continue
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
		if len(edits) == 0 {
			processes, now, most := resident(hotdev)
			fmt.Printf("%-10s memory of hotdev's %d processes after %d fast builds: %d MB, at most %d MB\n", program, processes, fast, now>>10, most>>10)
			return nil
		}
		if err := edits[0](); err != nil {
			return err
		}
		edits = edits[1:]
	}
	return errors.New("hotdev ended")
}

// resident returns the memory of all processes of a binary, in KB.
func resident(binary string) (processes, now, most int) {
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range all {
		if exe, _ := os.Readlink(filepath.Join(dir, "exe")); exe == binary {
			processes++
			pid, _ := strconv.Atoi(filepath.Base(dir))
			now += procfs.Status(pid, "VmRSS")
			most += procfs.Status(pid, "VmHWM")
		}
	}
	return processes, now, most
}
