// Command programs measures a save in a package that several programs share: all are
// built by package builder, side by side, against go builds of each, one after the
// other; interleaved in one run; medians and ratios.
//
//	go run ./bench/programs          ten programs with net/http
//	go run ./bench/programs -n 3     three
//
// The go builds are the plain command with default flags.
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
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hotdev/hotdev/builder"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	n := flag.Int("n", 10, "programs")
	rounds := flag.Int("rounds", 7, "saves of each kind that count")
	flag.Parse()
	if err := run(ctx, *n, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "programs:", err)
		os.Exit(1)
	}
}

const program = `package main

import (
	"fmt"
	"net/http"

	"example.com/shop/shared"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "NAME ", shared.Greeting(), shared.Rate) })
	http.ListenAndServe("127.0.0.1:0", nil)
}
`

const shared = `package shared

const Rate = 1000000

//go:noinline
func Greeting() string { return "hello 1000000" }
`

func run(ctx context.Context, n, rounds int) error {
	tmp, err := os.MkdirTemp("", "hotdev-programs")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if tmp, err = filepath.EvalSymlinks(tmp); err != nil {
		return err
	}
	dir := filepath.Join(tmp, "src")
	files := map[string]string{"go.mod": "module example.com/shop\n\ngo 1.24\n", "shared/shared.go": shared}
	b, scratch := builder.New(), filepath.Join(tmp, "scratch")
	var reqs []builder.Request
	for i := range n {
		name := fmt.Sprintf("p%02d", i)
		files["cmd/"+name+"/main.go"] = strings.Replace(program, "NAME", name, 1)
		reqs = append(reqs, builder.Request{Dir: dir, Target: []string{"./cmd/" + name}, Fast: true, Scratch: scratch, Output: filepath.Join(tmp, "bin", name)})
	}
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return err
		}
	}
	began := time.Now()
	if err := byHand(ctx, dir, tmp, reqs); err != nil {
		return err
	}
	slow := time.Since(began)
	began = time.Now()
	if err := all(reqs, func(r builder.Request) error { return build(ctx, b, r, false) }); err != nil {
		return err
	}
	fmt.Printf("%d programs, the first builds: go build %v, hotdev %v\n", n, slow.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
	for _, r := range reqs {
		if err := b.Plan(ctx, r); err != nil {
			return err
		}
	}
	fmt.Printf("%-34s %10s %10s %7s\n", "a save in the shared package", "go builds", "hotdev", "ratio")
	number := 1000000
	for _, kind := range []struct{ name, mark string }{
		{"the body of a function", "hello "},
		{"a constant that all programs use", "Rate = "},
	} {
		var slows, quicks []time.Duration
		for round := range rounds + 1 {
			number++
			text := strings.Replace(shared, kind.mark+"1000000", fmt.Sprint(kind.mark, number), 1)
			if err := os.WriteFile(filepath.Join(dir, "shared", "shared.go"), []byte(text), 0o644); err != nil {
				return err
			}
			began := time.Now()
			if err := byHand(ctx, dir, tmp, reqs); err != nil {
				return err
			}
			slow := time.Since(began)
			began = time.Now()
			if err := all(reqs, func(r builder.Request) error { return build(ctx, b, r, true) }); err != nil {
				return err
			}
			if round > 0 { // the first round undoes the previous kind
				slows, quicks = append(slows, slow), append(quicks, time.Since(began))
			}
		}
		slow, quick := median(slows), median(quicks)
		fmt.Printf("%-34s %10v %10v %6.2f×\n", kind.name, slow.Round(time.Millisecond), quick.Round(time.Millisecond), float64(quick)/float64(slow))
	}
	return nil
}

// byHand builds all programs as one does in a shell.
func byHand(ctx context.Context, dir, tmp string, reqs []builder.Request) error {
	for _, r := range reqs {
		cmd := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(tmp, "by-hand", filepath.Base(r.Output)), r.Target[0])
		cmd.Dir = dir
		if text, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("go build: %w\n%s", err, text)
		}
	}
	return nil
}

// all calls do for all programs at once.
func all(reqs []builder.Request, do func(builder.Request) error) error {
	errs := make([]error, len(reqs))
	var wg sync.WaitGroup
	for i, r := range reqs {
		wg.Go(func() { errs[i] = do(r) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func build(ctx context.Context, b *builder.Builder, req builder.Request, fast bool) error {
	r, err := b.Build(ctx, req, builder.Hooks{})
	switch {
	case err != nil:
		return err
	case !r.OK():
		return errors.New(r.Diagnostics[0].String())
	case fast && r.Full != "":
		return fmt.Errorf("not fast: %s", r.Full)
	case r.Artifact.Temp == "":
		return nil
	}
	return b.Publish(r.Artifact)
}

func median(ds []time.Duration) time.Duration {
	slices.Sort(ds)
	return ds[len(ds)/2]
}
