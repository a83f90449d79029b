// Command test measures what a developer waits for when tests run on save: from the
// save of a source file until the first result, and until all results. For comparison
// it measures go test of the whole module (with a warm cache) and of the affected
// packages by hand.
//
//	go run ./bench/test
//	go run ./bench/test -rounds 10 -packages 50
//
// hotdev and the go command each work on a copy of the same generated module of a few
// layers, in which each package imports two of the layer below; edits are interleaved,
// and each is new, so that no cache knows it.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	rounds := flag.Int("rounds", 5, "saves of each kind that count")
	packages := flag.Int("packages", 50, "packages of the module, in layers of ten")
	hotdev := flag.String("hotdev", "", "hotdev `binary` (default: built from this module)")
	flag.Parse()
	if err := run(ctx, *rounds, *packages, *hotdev); err != nil {
		fmt.Fprintln(os.Stderr, "test:", err)
		os.Exit(1)
	}
}

// layer is the number of packages in a layer.
const layer = 10

// An edit is a kind of change: of the body of a function in a package.
type edit struct {
	what string
	pkg  int
	// affected are the packages whose tests it can change.
	affected []string

	first, all, everything, byHand []time.Duration
}

func run(ctx context.Context, rounds, packages int, hotdev string) error {
	root, err := os.MkdirTemp("", "bench-test-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(root)
	if hotdev == "" {
		hotdev = filepath.Join(root, "hotdev")
		if out, err := command(ctx, ".", "go", "build", "-o", hotdev, "./cmd/hotdev").CombinedOutput(); err != nil {
			return fmt.Errorf("%w\n%s", err, out)
		}
	}
	ours, theirs := filepath.Join(root, "ours"), filepath.Join(root, "theirs")
	for _, dir := range []string{ours, theirs} {
		if err := generate(dir, packages); err != nil {
			return err
		}
		if out, err := command(ctx, dir, "go", "test", "./...").CombinedOutput(); err != nil { // fills the caches
			return fmt.Errorf("%w\n%s", err, out)
		}
	}
	w, err := watch(ctx, hotdev, ours)
	if err != nil {
		return err
	}
	defer w.stop()
	edits := []*edit{
		{what: "a leaf, which nobody imports", pkg: packages - 1, affected: []string{name(packages - 1)}},
		{what: "in the middle", pkg: packages/layer/2*layer + 3},
		{what: "deep down, below all", pkg: 0},
	}
	for _, e := range edits[1:] {
		e.affected = dependents(e.pkg, packages)
	}
	n := 0
	for range rounds {
		for _, e := range edits {
			n++
			first, all, err := w.save(ours, e.pkg, n)
			if err != nil {
				return err
			}
			e.first, e.all = append(e.first, first), append(e.all, all)
			for _, way := range []struct {
				args []string
				took *[]time.Duration
			}{{[]string{"./..."}, &e.everything}, {relative(e.affected), &e.byHand}} {
				n++
				if err := write(theirs, e.pkg, n); err != nil {
					return err
				}
				began := time.Now()
				if out, err := command(ctx, theirs, "go", append([]string{"test"}, way.args...)...).CombinedOutput(); err != nil {
					return fmt.Errorf("%w\n%s", err, out)
				}
				*way.took = append(*way.took, time.Since(began))
			}
		}
	}
	fmt.Printf("%-30s %9s %15s %15s %13s %13s %18s\n", "edit", "affected", "go test ./...", "go test those", "first result", "all results", "first: ×all ×those")
	for _, e := range edits {
		first, all, everything, byHand := median(e.first), median(e.all), median(e.everything), median(e.byHand)
		fmt.Printf("%-30s %9d %15v %15v %13v %13v %8.2f %8.2f\n", e.what, len(e.affected), round(everything), round(byHand), round(first), round(all),
			float64(first)/float64(everything), float64(first)/float64(byHand))
	}
	return nil
}

func command(ctx context.Context, dir, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	return cmd
}

func name(i int) string { return fmt.Sprintf("l%dp%d", i/layer, i%layer) }

// imports returns the packages that package i imports: two of the layer below.
func imports(i int) []int {
	if i < layer {
		return nil
	}
	below := (i/layer - 1) * layer
	return []int{below + i%layer, below + (i+1)%layer}
}

// dependents returns pkg and the packages that import it, directly or not.
func dependents(pkg, packages int) (all []string) {
	reached := map[int]bool{pkg: true}
	for i := range packages {
		if slices.ContainsFunc(imports(i), func(j int) bool { return reached[j] }) {
			reached[i] = true
		}
		if reached[i] {
			all = append(all, name(i))
		}
	}
	return all
}

func relative(packages []string) (all []string) {
	for _, p := range packages {
		all = append(all, "./"+p)
	}
	return all
}

func generate(dir string, packages int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module ex.com/bench\n\ngo 1.26\n"), 0o644); err != nil {
		return err
	}
	for i := range packages {
		if err := os.MkdirAll(filepath.Join(dir, name(i)), 0o755); err != nil {
			return err
		}
		test := fmt.Sprintf("package %s\n\nimport (\n\t\"net/http/httptest\"\n\t\"testing\"\n)\n\nfunc TestSum(t *testing.T) {\n\tif Sum(1) == 0 {\n\t\tt.Fatal(\"nothing\")\n\t}\n}\n\nfunc TestServed(t *testing.T) {\n\tif httptest.NewRecorder() == nil {\n\t\tt.Fatal(\"nothing\")\n\t}\n}\n", name(i))
		if err := os.WriteFile(filepath.Join(dir, name(i), "sum_test.go"), []byte(test), 0o644); err != nil {
			return err
		}
		if err := write(dir, i, 0); err != nil {
			return err
		}
	}
	return nil
}

// write writes version n of a package.
func write(dir string, i, n int) error {
	var b strings.Builder
	fmt.Fprintf(&b, "package %s\n\n", name(i))
	for _, j := range imports(i) {
		fmt.Fprintf(&b, "import \"ex.com/bench/%s\"\n", name(j))
	}
	fmt.Fprintf(&b, "\nfunc Sum(n int) int {\n\tm := n + %d\n", 1000+n)
	for _, j := range imports(i) {
		fmt.Fprintf(&b, "\tm += %s.Sum(n)\n", name(j))
	}
	b.WriteString("\treturn m\n}\n")
	return os.WriteFile(filepath.Join(dir, name(i), "sum.go"), []byte(b.String()), 0o644)
}

// A watching is a running hotdev test --json.
type watching struct {
	cmd    *exec.Cmd
	events chan event
}

type event struct {
	Event   string `json:"event"`
	Outcome string `json:"outcome"`
	Gen     int    `json:"gen"`
	at      time.Time
}

func watch(ctx context.Context, hotdev, dir string) (*watching, error) {
	w := &watching{cmd: command(ctx, dir, hotdev, "test", "--json"), events: make(chan event, 1024)}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w.cmd.Stderr = os.Stderr
	if err := w.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(w.events)
		s := bufio.NewScanner(out)
		s.Buffer(nil, 64<<20)
		for s.Scan() {
			var e event
			if json.Unmarshal(s.Bytes(), &e) == nil {
				e.at = time.Now()
				w.events <- e
			}
		}
	}()
	watched, ran := false, false
	for e := range w.events {
		watched, ran = watched || e.Event == "tests_watching", ran || e.Event == "tests"
		if watched && ran {
			return w, nil
		}
	}
	return nil, fmt.Errorf("hotdev test has ended: %w", w.cmd.Wait())
}

// save saves a package, and waits for the first result and for all results.
func (w *watching) save(dir string, pkg, n int) (first, all time.Duration, err error) {
	time.Sleep(200 * time.Millisecond) // let the last run end
	began := time.Now()
	if err := write(dir, pkg, n); err != nil {
		return 0, 0, err
	}
	for e := range w.events {
		switch {
		case e.Event == "tested" && first == 0:
			first = e.at.Sub(began)
		case e.Event == "tests":
			return first, e.at.Sub(began), nil
		}
	}
	return 0, 0, fmt.Errorf("hotdev test has ended")
}

func (w *watching) stop() {
	_ = w.cmd.Process.Signal(os.Interrupt)
	go func() {
		for range w.events { // drain the channel
		}
	}()
	_ = w.cmd.Wait()
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

func round(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
