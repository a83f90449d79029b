// Command fast measures the fast path of package builder against go build: the
// same edit, built by both, interleaved in one run; medians and ratios.
//
//	go run ./bench/fast                a net/http hello
//	go run ./bench/fast -caddy         and caddy, about a thousand packages
//	go run ./bench/fast -fields        caddy, a new field in each of several structs
//	go run ./bench/fast -start         hotdev's own start, and with -caddy its memory
//	go run ./bench/fast -steps 2000    no times: 2000 random edits to real programs,
//	                                   every binary and complaint compared; an hour of
//	                                   one processor, and some GB of the build cache
//
// The go build is the plain command with default flags. Caddy is copied out of
// the module cache, which is filled through the module proxy.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/bench/internal/module"
	"github.com/hotdev/hotdev/builder"
)

const caddyModule = "github.com/caddyserver/caddy/v2@v2.11.9"

// An edit changes a file: mark, which occurs in it once, becomes the text for a number
// that no earlier edit has had.
type edit struct {
	name, file, mark string
	text             func(n int) string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	rounds := flag.Int("rounds", 7, "builds of each edit that count")
	caddy := flag.Bool("caddy", false, "measure caddy too (its first build takes minutes)")
	fields := flag.Bool("fields", false, "measure new fields in caddy's structs, and nothing else")
	steps := flag.Int("steps", 0, "measure nothing; make `n` random edits to real programs, and compare the binaries")
	start := flag.Bool("start", false, "measure hotdev's start against go build and a start, and its memory")
	only := flag.String("only", "", "with -steps: only those of the `module`, to replay them")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "of the random edits")
	flag.Parse()
	if err := run(ctx, *rounds, *caddy, *fields, *start, *steps, *seed, *only); err != nil {
		fmt.Fprintln(os.Stderr, "fast:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, rounds int, caddy, fields, start bool, steps int, seed uint64, only string) error {
	tmp, err := os.MkdirTemp("", "hotdev-fast")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if steps > 0 {
		return differential(ctx, tmp, seed, steps, only)
	}
	fmt.Printf("%-10s %-46s %10s %10s %7s\n", "program", "edit", "go build", "fast", "ratio")
	if start {
		return startAll(ctx, tmp, rounds, caddy)
	}
	if fields {
		return caddyFields(ctx, filepath.Join(tmp, "caddy"), rounds)
	}
	if err := hello(ctx, filepath.Join(tmp, "hello"), rounds); err != nil {
		return err
	}
	if caddy {
		return caddyEdits(ctx, filepath.Join(tmp, "caddy"), rounds)
	}
	return nil
}

func writeHello(dir string) error {
	files := map[string]string{
		"go.mod": "module example.com/hello\n\ngo 1.24\n",
		"main.go": `package main

import (
	"fmt"
	"net/http"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "MARK") })
	http.ListenAndServe("127.0.0.1:0", nil)
}
`}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func hello(ctx context.Context, dir string, rounds int) error {
	if err := writeHello(dir); err != nil {
		return err
	}
	return measure(ctx, "hello", dir, ".", rounds, []edit{
		{"main.go", "main.go", `"MARK"`, func(n int) string { return fmt.Sprintf("%q", fmt.Sprint("hello ", n)) }},
	})
}

func caddyEdits(ctx context.Context, dir string, rounds int) error {
	if err := module.Copy(ctx, caddyModule, dir); err != nil {
		return err
	}
	return measure(ctx, "caddy", dir, "./cmd/caddy", rounds, []edit{
		{"leaf package (main)", "cmd/caddy/main.go", "caddycmd.Main()", func(n int) string { return fmt.Sprintf("println(%d); caddycmd.Main()", n) }},
		{"root package, a function's body, no line moved", "caddy.go", `"stopping apps"`, func(n int) string { return fmt.Sprintf("%q", fmt.Sprint("stopping apps ", n)) }},
		{"root package, lines added in a function", "caddy.go", `"stopping apps"`, func(n int) string {
			return strings.Repeat("\n", n%7+1) + fmt.Sprintf("%q", fmt.Sprint("stopping apps ", n))
		}},
		{"root package, other functions before the others", "caddy.go", "func Run(cfg *Config) error {", func(n int) string {
			text := ""
			for i := range n%3 + 1 {
				text += fmt.Sprintf("func added%d(n int) func() int { return func() int { return n + %d } }\n\n", i, n)
			}
			return text + "func Run(cfg *Config) error {"
		}},
		{"root package, a signature that dependents use", "listeners.go", "func ParseNetworkAddress(addr string)", func(n int) string {
			return fmt.Sprintf("func ParseNetworkAddress(addr string, _ ...[%d]byte)", n)
		}},
		{"root package, a field of a struct that dependents use", "listeners.go", "type NetworkAddress struct {", func(n int) string {
			return fmt.Sprintf("type NetworkAddress struct {\n\t_ [%d]byte\n", n)
		}},
	})
}

// caddyFields measures a new field in structs that seven to thirty packages know.
func caddyFields(ctx context.Context, dir string, rounds int) error {
	if err := module.Copy(ctx, caddyModule, dir); err != nil {
		return err
	}
	var edits []edit
	for _, s := range [][2]string{
		{"caddy.go", "Config"},
		{"listeners.go", "NetworkAddress"},
		{"logging.go", "SinkLog"},
		{"modules/caddytls/tls.go", "TLS"},
		{"modules/caddytls/capools.go", "TLSConfig"},
		{"modules/caddyhttp/errors.go", "HandlerError"},
		{"modules/caddyhttp/responsewriter.go", "ResponseWriterWrapper"},
		{"modules/caddyhttp/routes.go", "Route"},
	} {
		mark := "type " + s[1] + " struct {"
		edits = append(edits, edit{"a field of " + s[1], s[0], mark, func(n int) string { return fmt.Sprintf("%s\n\tAdded%d int\n", mark, n) }})
	}
	return measure(ctx, "caddy", dir, "./cmd/caddy", rounds, edits)
}

func measure(ctx context.Context, program, dir, target string, rounds int, edits []edit) error {
	out := filepath.Join(dir, "..", program+"-out")
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	b := builder.New()
	req := builder.Request{Dir: dir, Target: []string{target}, Fast: true, Scratch: filepath.Join(out, "scratch"), Output: filepath.Join(out, "fast")}
	byHand := func() (time.Duration, error) {
		cmd := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(out, "slow"), target)
		cmd.Dir = dir
		began := time.Now()
		text, err := cmd.CombinedOutput()
		if err != nil {
			err = fmt.Errorf("go build: %w\n%s", err, text)
		}
		return time.Since(began), err
	}
	fast := func() (time.Duration, builder.Result, error) {
		began := time.Now()
		r, err := b.Build(ctx, req, builder.Hooks{})
		took := time.Since(began)
		if err == nil && !r.OK() {
			err = errors.New(r.Diagnostics[0].String())
		}
		if err == nil && r.Artifact.Temp != "" {
			err = b.Publish(r.Artifact)
		}
		return took, r, err
	}
	if _, err := byHand(); err != nil {
		return err
	}
	if _, _, err := fast(); err != nil {
		return err
	}
	began := time.Now()
	if err := b.Plan(ctx, req); err != nil {
		return err
	}
	fmt.Printf("%-10s the plan, and what the linker reads instead, were made in %v\n", program, time.Since(began).Round(time.Millisecond))
	n := 0
	for _, e := range edits {
		file := filepath.Join(dir, filepath.FromSlash(e.file))
		was, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if strings.Count(string(was), e.mark) != 1 {
			return fmt.Errorf("%s has %q %d times", e.file, e.mark, strings.Count(string(was), e.mark))
		}
		var slows, fasts []time.Duration
		for round := range rounds + 1 {
			n++
			if err := os.WriteFile(file, []byte(strings.Replace(string(was), e.mark, e.text(n), 1)), 0o644); err != nil {
				return err
			}
			slow, err := byHand()
			if err != nil {
				return err
			}
			took, r, err := fast()
			if err != nil {
				return err
			}
			if r.Full != "" {
				return fmt.Errorf("%s: %s: not fast: %s", program, e.name, r.Full)
			}
			if round > 0 { // the first round undoes the previous edit
				slows, fasts = append(slows, slow), append(fasts, took)
			}
		}
		if err := os.WriteFile(file, was, 0o644); err != nil {
			return err
		}
		slow, quick := median(slows), median(fasts)
		fmt.Printf("%-10s %-46s %10v %10v %6.2f×\n", program, e.name, slow.Round(time.Millisecond), quick.Round(time.Millisecond), float64(quick)/float64(slow))
	}
	var mem runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&mem)
	runtime.KeepAlive(b)
	fmt.Printf("%-10s memory that the builder keeps: %.1f MB\n", program, float64(mem.HeapAlloc)/(1<<20))
	return nil
}

func median(ds []time.Duration) time.Duration {
	slices.Sort(ds)
	return ds[len(ds)/2]
}
