// Command latency measures what a developer waits for: from the save of a
// source file until the program's new version answers over HTTP. It measures
// hotdev, the same steps done by hand (go build, stop, start), and any other
// watcher that is given by its command line, interleaved in one run, and prints
// medians and ratios.
//
//	go run ./bench/latency
//	go run ./bench/latency -rounds 40 -other 'wgo=wgo run .' -other 'air=air'
//
// Each contender works on its own copy of the same little net/http module; its
// commands run in that folder, with BENCH_ADDR set to where the program is to
// listen.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// source is the program, with its version at %q.
const source = `package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, %q)
	})
	if err := http.ListenAndServe(os.Getenv("BENCH_ADDR"), nil); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
`

// A contender gets a saved source into a running program.
type contender struct {
	name  string
	dir   string
	addr  string
	argv  []string // the watcher; nil for by hand
	cmd   *exec.Cmd
	took  []time.Duration
	build []time.Duration // by hand: the time of go build alone
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	rounds := flag.Int("rounds", 20, "saves per contender that count")
	var others []string
	flag.Func("other", "another watcher, as `name=command line` (split at blanks)", func(s string) error {
		if name, line, ok := strings.Cut(s, "="); !ok || name == "" || line == "" {
			return errors.New("want name=command line")
		}
		others = append(others, s)
		return nil
	})
	hotdev := flag.String("hotdev", "", "hotdev `binary` (default: built from this module)")
	flag.Parse()
	if err := run(ctx, *rounds, *hotdev, others); err != nil {
		fmt.Fprintln(os.Stderr, "latency:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, rounds int, hotdev string, others []string) (err error) {
	tmp, err := os.MkdirTemp("", "hotdev-latency")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if hotdev == "" {
		hotdev = filepath.Join(tmp, "hotdev")
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", hotdev, "github.com/hotdev/hotdev/cmd/hotdev").CombinedOutput(); err != nil {
			return fmt.Errorf("build hotdev: %w\n%s", err, out)
		}
	}
	cs := []*contender{
		{name: "by hand"},
		{name: "hotdev", argv: []string{hotdev, "--plain"}},
	}
	for _, o := range others {
		name, line, _ := strings.Cut(o, "=")
		cs = append(cs, &contender{name: name, argv: strings.Fields(line)})
	}
	defer func() {
		for _, c := range cs {
			c.end()
		}
	}()
	for i, c := range cs {
		c.dir = filepath.Join(tmp, fmt.Sprintf("c%d", i))
		if err := c.begin(ctx); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	const warm = 2 // rounds that fill caches and are not counted
	for round := range rounds + warm {
		for _, c := range cs {
			if err := c.round(ctx, round+1); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
		}
		if round < warm {
			for _, c := range cs {
				c.took, c.build = nil, nil
			}
		}
	}
	hand := median(cs[0].took)
	fmt.Printf("save → new version answers, median of %d, interleaved\n\n", rounds)
	fmt.Printf("%-12s %10s %8s %12s\n", "", "median", "ratio", "over by hand")
	for _, c := range cs {
		m := median(c.took)
		fmt.Printf("%-12s %10s %7.2fx %12s\n", c.name, m.Round(100*time.Microsecond), float64(m)/float64(hand), (m - hand).Round(100*time.Microsecond))
	}
	fmt.Printf("\ngo build alone, by hand: %s\n", median(cs[0].build).Round(100*time.Microsecond))
	return nil
}

func median(ds []time.Duration) time.Duration {
	ds = slices.Sorted(slices.Values(ds))
	return ds[len(ds)/2]
}

func (c *contender) version(n int) string {
	return fmt.Sprintf("%s %d", strings.ReplaceAll(c.name, " ", "-"), n)
}

func (c *contender) save(n int) error {
	return os.WriteFile(filepath.Join(c.dir, "main.go"), fmt.Appendf(nil, source, c.version(n)), 0o644)
}

// begin writes the module and starts version 0.
func (c *contender) begin(ctx context.Context) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	c.addr = l.Addr().String()
	l.Close()
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return err
	}
	// This compares a build and a restart; bench/live measures live code.
	if err := os.WriteFile(filepath.Join(c.dir, ".air-like.toml"), []byte("[live]\nmode = \"off\"\n"), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.dir, "go.mod"), []byte("module example.com/bench\n\ngo 1.24\n"), 0o644); err != nil {
		return err
	}
	if err := c.save(0); err != nil {
		return err
	}
	if c.argv == nil {
		if err := c.byHand(ctx); err != nil {
			return err
		}
	} else if err := c.start(ctx, c.argv...); err != nil {
		return err
	}
	return c.answers(ctx, 0)
}

func (c *contender) round(ctx context.Context, n int) error {
	began := time.Now()
	if err := c.save(n); err != nil {
		return err
	}
	if c.argv == nil {
		if err := c.byHand(ctx); err != nil {
			return err
		}
	}
	if err := c.answers(ctx, n); err != nil {
		return err
	}
	c.took = append(c.took, time.Since(began))
	return nil
}

// byHand does what one would type: go build, ctrl-C, start.
func (c *contender) byHand(ctx context.Context) error {
	began := time.Now()
	build := exec.CommandContext(ctx, "go", "build", "-o", "app", ".")
	build.Dir = c.dir
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	c.build = append(c.build, time.Since(began))
	c.end()
	return c.start(ctx, filepath.Join(c.dir, "app"))
}

func (c *contender) start(ctx context.Context, argv ...string) error {
	c.cmd = exec.CommandContext(ctx, argv[0], argv[1:]...)
	c.cmd.Dir = c.dir
	c.cmd.Env = append(os.Environ(), "BENCH_ADDR="+c.addr)
	c.cmd.Cancel = func() error { return c.cmd.Process.Signal(os.Interrupt) }
	c.cmd.WaitDelay = 10 * time.Second
	return c.cmd.Start()
}

// end interrupts the running command and waits for it.
func (c *contender) end() {
	if c.cmd == nil {
		return
	}
	c.cmd.Process.Signal(os.Interrupt)
	c.cmd.Wait() // an interrupted program's status has no meaning
	c.cmd = nil
}

// poll is how often the program is asked: rarely enough that the requests do not slow
// down the build, because nobody would ask while building by hand.
const poll = 5 * time.Millisecond

// answers waits until the program answers with version n.
func (c *contender) answers(ctx context.Context, n int) error {
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.addr, nil)
		if err != nil {
			return err
		}
		if resp, err := client.Do(req); err == nil {
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if string(body) == c.version(n) {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no answer of version %d: %w", n, ctx.Err())
		case <-time.After(poll):
		}
	}
}
