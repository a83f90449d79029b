// Command live measures live code against go build and a restart: the same edit
// by both, interleaved in one run; medians and ratios.
//
//	go run ./bench/live                          a net/http hello of two packages
//	go run ./bench/live -dir D -target ./cmd/x \
//	    -file F -mark TEXT                       another program: TEXT, once in F inside a
//	                                             string, gets a number
//	go run ./bench/live -costs                   what the agent and the patches cost hello
//	go run ./bench/live -caddy                   a body in caddy's root package, of 1,000
//	go run ./bench/live -random 1000             no figures: edits at random of programs
//	                                             that serve, each held to a fresh build
//	go run ./bench/live -append                  builds with whole links and appended ones;
//	                                             also with -dir or -caddy
//	go run ./bench/live -append -random 1000     the same with appended links
//
// What is measured is from the save to an answer of the new code over HTTP; for
// another program to the applied patch, and without a comparison.
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
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/bench/internal/module"
	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/internal/procfs"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var o options
	flag.IntVar(&o.rounds, "rounds", 9, "edits of each kind that count")
	flag.StringVar(&o.dir, "dir", "", "the folder of another program's module")
	flag.StringVar(&o.target, "target", ".", "its main package")
	flag.StringVar(&o.file, "file", "", "the file of it to edit, relative to the folder")
	flag.StringVar(&o.mark, "mark", "", "the text in it to change")
	flag.BoolVar(&o.costs, "costs", false, "what live code costs the program, amid 10,000 goroutines")
	flag.BoolVar(&o.caddy, "caddy", false, "caddy, as the module proxy has it")
	flag.IntVar(&o.random, "random", 0, "edits at random to make instead, of real programs while they serve")
	flag.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "which ones; a run says its `number`")
	flag.StringVar(&o.only, "only", "", "of the programs whose module path contains this")
	flag.BoolVar(&o.appends, "append", false, "programs that are linked by appending, instead of patched")
	flag.Parse()
	if err := run(ctx, o, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "live:", err)
		os.Exit(1)
	}
}

type options struct {
	rounds                  int
	dir, target, file, mark string
	random                  int
	seed                    uint64
	only                    string
	costs, caddy, appends   bool
}

func run(ctx context.Context, o options, args []string) error {
	tmp, err := os.MkdirTemp("", "hotdev-live")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if o.random > 0 {
		return differential(ctx, tmp, o.seed, o.random, o.only, o.appends)
	}
	b := &bench{options: o, tmp: tmp, args: args}
	if o.dir == "" {
		b.dir = filepath.Join(tmp, "hello")
		if err := writeHello(b.dir); err != nil {
			return err
		}
	}
	if o.caddy {
		b.dir, b.target, b.file, b.mark = filepath.Join(tmp, "caddy"), "./cmd/caddy", "caddy.go", "stopping apps"
		if err := module.Copy(ctx, "github.com/caddyserver/caddy/v2@v2.11.9", b.dir); err != nil {
			return err
		}
		config := filepath.Join(tmp, "caddy.json")
		if err := os.WriteFile(config, []byte(`{"admin": {"disabled": true}}`), 0o600); err != nil {
			return err
		}
		b.args = []string{"run", "--config", config}
		o = b.options
	}
	if o.costs { // for the costs
		if err := os.WriteFile(filepath.Join(b.dir, "main.go"), []byte(workMain), 0o600); err != nil {
			return err
		}
		if err := os.Setenv("GOROUTINES", "10000"); err != nil {
			return err
		}
	}
	if o.appends {
		return b.appending(ctx)
	}
	if err := b.prepare(ctx); err != nil {
		return err
	}
	defer b.end()
	if o.costs {
		return b.costs(ctx)
	}
	if o.dir != "" {
		return b.one(ctx, o.file, func(n int) (string, string) { return o.mark, fmt.Sprint(o.mark, n) }, nil)
	}
	fmt.Printf("%-34s %9s %9s %6s %9s %9s %9s %9s\n", "edit", "by hand", "patch", "ratio", "compile", "rest", "apply", "stopped")
	for _, e := range []struct {
		name, file, old, new string
	}{
		{"body in the package", "store/store.go", `"store %d `, `"store %d `},
		{"body in main", "main.go", `"main %d"`, `"main %d"`},
		{"body in the package, a line more", "store/store.go", `"store %d `, `"store %d `},
	} {
		lines := strings.HasSuffix(e.name, "more")
		fmt.Printf("%-34s", e.name)
		if err := b.one(ctx, e.file, func(n int) (string, string) {
			return fmt.Sprintf(e.old, n-1), fmt.Sprintf(e.new, n)
		}, &want{fmt.Sprintf(strings.Trim(e.old, `"`), -1), lines}); err != nil {
			return err
		}
	}
	return nil
}

// A want is how an edit is recognised.
type want struct {
	text  string // with -1 for its number
	lines bool   // the edit also adds a line
}

type bench struct {
	options
	tmp     string
	args    []string
	req     builder.Request
	b       *builder.Builder
	live    *builder.Live
	program *exec.Cmd
	socket  *os.File
	addr    string
	number  map[string]int
}

func (b *bench) prepare(ctx context.Context) error {
	b.b, b.number = builder.New(), map[string]int{}
	b.req = builder.Request{
		Dir: b.dir, Target: []string{b.target}, Fast: true, Live: true,
		Scratch: filepath.Join(b.tmp, "scratch"), Output: filepath.Join(b.tmp, "program"),
	}
	r, err := b.b.Build(ctx, b.req, builder.Hooks{})
	if err != nil {
		return err
	}
	if !r.OK() {
		return errors.New(r.Diagnostics[0].String())
	}
	if err := b.b.Publish(r.Artifact); err != nil {
		return err
	}
	if err := b.b.Plan(ctx, b.req); err != nil {
		return err
	}
	began := time.Now()
	if err := b.b.TryLive(ctx, b.req); err != nil {
		return err
	}
	fmt.Printf("canary %v\n", time.Since(began).Round(time.Millisecond))
	return b.start(ctx)
}

// start runs the published program.
func (b *bench) start(ctx context.Context) error {
	mine, theirs, err := builder.LiveSocket()
	if err != nil {
		return err
	}
	b.socket = mine
	b.addr = freeAddr()
	b.program = exec.Command(b.req.Output, b.args...)
	b.program.Env = append(os.Environ(), builder.LiveVariable+"=3", "ADDR="+b.addr)
	b.program.ExtraFiles = []*os.File{theirs}
	err = b.program.Start()
	theirs.Close()
	if err != nil {
		return err
	}
	runtime.GC()
	began, spent, memory := time.Now(), cpu(), procfs.Status(os.Getpid(), "VmRSS")
	if b.live, err = b.b.OpenLive(ctx, b.req, mine); err != nil {
		return err
	}
	now := procfs.Status(os.Getpid(), "VmRSS")
	fmt.Printf("getting ready: %v, %v of one processor, %d MB more, %d MB\n", time.Since(began).Round(time.Millisecond), (cpu() - spent).Round(time.Millisecond), (now-memory)>>10, now>>10)
	return b.b.Warm(ctx, b.live)
}

func (b *bench) end() {
	if b.live != nil {
		b.live.Close()
	}
	if b.program != nil {
		_ = b.program.Process.Kill()
		_ = b.program.Wait()
		b.socket.Close()
	}
}

func freeAddr() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "127.0.0.1:0"
	}
	defer l.Close()
	return l.Addr().String()
}

// get waits for an answer of the program that contains text.
func get(ctx context.Context, addr, text string) error {
	for ctx.Err() == nil {
		r, err := http.Get("http://" + addr + "/")
		if err != nil {
			time.Sleep(time.Millisecond)
			continue
		}
		body, _ := io.ReadAll(r.Body)
		r.Body.Close()
		if strings.Contains(string(body), text) {
			return nil
		}
		return fmt.Errorf("the program answers %q, want %q", body, text)
	}
	return ctx.Err()
}

// one measures one kind of edit.
func (b *bench) one(ctx context.Context, file string, change func(int) (old, new string), w *want) error {
	var hand, patch, compile, rest, apply, stopped []time.Duration
	path := filepath.Join(b.dir, file)
	for round := range b.rounds {
		n := b.number[file] + 1
		b.number[file] = n
		old, new := change(n)
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if b.options.dir != "" && w == nil && round > 0 {
			_, old = change(n - 1)
		}
		after := strings.Replace(string(text), old, new, 1)
		if after == string(text) {
			return fmt.Errorf("%s has no %q", file, old)
		}
		if w != nil && w.lines {
			after = strings.Replace(after, "// PAD\n", "// PAD\n\n", 1)
		}
		if err := os.WriteFile(path, []byte(after), 0o600); err != nil {
			return err
		}
		began := time.Now()
		r, err := b.b.Patch(ctx, b.req, b.live, builder.Hooks{})
		if err != nil {
			return err
		}
		if r.Patched == nil {
			return fmt.Errorf("not patched: %s %s", r.Unpatched, r.Full)
		}
		applied := time.Since(began)
		if w != nil {
			if err := get(ctx, b.addr, strings.Replace(w.text, "-1", fmt.Sprint(n), 1)); err != nil {
				return err
			}
		}
		patch = append(patch, time.Since(began))
		b.live.Rest()
		c := compiling(r.Compiled)
		compile, rest = append(compile, c), append(rest, applied-c)
		apply, stopped = append(apply, r.Patched.Apply), append(stopped, r.Patched.Stopped)
		if w == nil && round < 3 {
			took, err := b.goBuild(ctx)
			if err != nil {
				return err
			}
			hand = append(hand, took)
		}
		if w != nil {
			took, err := b.byHand(ctx, strings.Replace(w.text, "-1", fmt.Sprint(n), 1))
			if err != nil {
				return err
			}
			hand = append(hand, took)
		}
	}
	ms := func(d []time.Duration) float64 {
		slices.Sort(d)
		return float64(d[len(d)/2].Microseconds()) / 1000
	}
	if w == nil {
		fmt.Printf("go build %.1f ms; patch %.2f× of it, %.1f ms: compile %.1f, rest %.1f, of which apply %.1f, stopped %.3f\n", ms(hand), ms(patch)/ms(hand), ms(patch), ms(compile), ms(rest), ms(apply), ms(stopped))
		memory := func(pid int, what string) int { return procfs.Status(pid, what) >> 10 }
		me, it := os.Getpid(), b.program.Process.Pid
		fmt.Printf("memory of the builder's process %d MB, %d at most, of the program %d MB\n", memory(me, "VmRSS"), memory(me, "VmHWM"), memory(it, "VmRSS"))
		return nil
	}
	fmt.Printf(" %9.1f %9.1f %6.2f %9.1f %9.1f %9.2f %9.3f\n", ms(hand), ms(patch), ms(patch)/ms(hand), ms(compile), ms(rest), ms(apply), ms(stopped))
	return nil
}

// compiling returns how long at least one compiler was working.
func compiling(list []builder.Compile) (sum time.Duration) {
	slices.SortFunc(list, func(a, b builder.Compile) int { return a.Began.Compare(b.Began) })
	var end time.Time
	for _, c := range list {
		if over := end.Sub(c.Began); over > 0 { // it overlaps with an earlier one
			c.Began, c.Took = end, max(0, c.Took-over)
		}
		sum, end = sum+c.Took, c.Began.Add(c.Took)
	}
	return sum
}

// goBuild returns how long the go command takes for the same edit.
func (b *bench) goBuild(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	build := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(b.tmp, "by-hand"), b.target)
	build.Dir = b.dir
	if said, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("go build: %w: %s", err, said)
	}
	return time.Since(began), nil
}

// byHand builds with the go command, restarts the program and waits for its answer, all
// without hotdev.
func (b *bench) byHand(ctx context.Context, text string) (time.Duration, error) {
	out := filepath.Join(b.tmp, "by-hand")
	addr := freeAddr()
	began := time.Now()
	build := exec.CommandContext(ctx, "go", "build", "-o", out, b.target)
	build.Dir = b.dir
	if said, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("go build: %w: %s", err, said)
	}
	c := exec.CommandContext(ctx, out)
	c.Env = append(os.Environ(), "ADDR="+addr)
	if err := c.Start(); err != nil {
		return 0, err
	}
	err := get(ctx, addr, text)
	took := time.Since(began)
	_ = c.Process.Kill()
	_ = c.Wait()
	return took, err
}
