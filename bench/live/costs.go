package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/internal/procfs"
)

// workMain is hello with waiting goroutines, and with work that it measures.
const workMain = `package main

import (
	"crypto/sha256"
	"fmt"
	"net"
	"net/http"
	"os"
	"sort"
	"strconv"
	"syscall"
	"time"

	"example.com/hello/store"
)

func main() {
	n, _ := strconv.Atoi(os.Getenv("GOROUTINES"))
	for i := range n {
		go func() {
			if i%10 == 0 {
				for {
					time.Sleep(time.Second)
				}
			}
			select {}
		}()
	}
	l, err := net.Listen("tcp", os.Getenv("ADDR"))
	if err != nil {
		panic(err)
	}
	http.HandleFunc("/", answer)
	http.HandleFunc("/work", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, work()) })
	http.Serve(l, nil)
}

func answer(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintln(w, "main 0", store.Word(r.URL.Path))
}

// work is the processor time that some work takes, in microseconds.
func work() int64 {
	cpu := func() int64 {
		var u syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
		return (u.Utime.Nano() + u.Stime.Nano()) / 1000
	}
	began := cpu()
	m := map[string]int{}
	var keys []string
	sum := sha256.Sum256(nil)
	for i := range 40000 {
		k := store.Other(strconv.Itoa(i))
		m[k] += len(fmt.Sprint(i, k))
		keys = append(keys, k)
		sum = sha256.Sum256(append(sum[:], k...))
	}
	sort.Strings(keys)
	return cpu() - began
}
`

// costs measures what live code costs the program: at its start, while it works, and at
// each patch.
func (b *bench) costs(ctx context.Context) error {
	with, without := filepath.Join(b.tmp, "with"), filepath.Join(b.tmp, "without")
	if err := copyFile(b.req.Output, with); err != nil {
		return err
	}
	build := exec.CommandContext(ctx, "go", "build", "-ldflags=-w", "-o", without, b.target)
	build.Dir = b.dir
	if said, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w: %s", err, said)
	}
	// In turn: with the agent and its socket, with the agent alone, without.
	var starts, works [3][]float64
	for range 5 * b.rounds {
		for i, program := range []string{with, with, without} {
			r, err := b.run(ctx, program, i == 0)
			if err != nil {
				return err
			}
			starts[i] = append(starts[i], float64(r.answered.Microseconds())/1000)
			works[i] = append(works[i], r.work/1000)
		}
	}
	fmt.Printf("start to first answer: %.2f ms with the agent, %.2f with it and not asked, %.2f without: %.3f×, %.3f×\n",
		median(starts[0]), median(starts[1]), median(starts[2]), median(starts[0])/median(starts[2]), median(starts[1])/median(starts[2]))
	fmt.Printf("work, processor time:  %.2f ms with the agent, %.2f with it and not asked, %.2f without: %.3f×, %.3f×\n",
		median(works[0]), median(works[1]), median(works[2]), median(works[0])/median(works[2]), median(works[1])/median(works[2]))

	pid := b.program.Process.Pid
	var stopped []time.Duration
	bytes, before := 0, 0
	const patches = 500
	path := filepath.Join(b.dir, "store/store.go")
	for i := range patches {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		n := b.number["store/store.go"]
		b.number["store/store.go"]++
		if err := os.WriteFile(path, []byte(strings.Replace(string(text), fmt.Sprintf(`"store %d `, n), fmt.Sprintf(`"store %d `, n+1), 1)), 0o600); err != nil {
			return err
		}
		r, err := b.b.Patch(ctx, b.req, b.live, builder.Hooks{})
		if err != nil {
			return err
		}
		if r.Patched == nil {
			return fmt.Errorf("not patched: %s %s", r.Unpatched, r.Full)
		}
		stopped = append(stopped, r.Patched.Stopped)
		b.live.Rest()
		bytes += r.Patched.Bytes
		if i == patches/10 {
			before = procfs.Status(pid, "VmRSS")
		}
	}
	after := procfs.Status(pid, "VmRSS")
	slices.Sort(stopped)
	fmt.Printf("%d patches amid %s goroutines: stop of the world %v, p99 %v, longest %v\n", patches, os.Getenv("GOROUTINES"),
		stopped[patches/2].Round(time.Microsecond), stopped[patches*99/100].Round(time.Microsecond), stopped[patches-1].Round(time.Microsecond))
	fmt.Printf("memory a generation: %d kB of patches, %d kB of the process's\n", bytes/patches>>10, (after-before)/(patches-patches/10))
	return nil
}

// A ran is the result of a run of the program.
type ran struct {
	answered time.Duration
	work     float64 // µs
}

func (b *bench) run(ctx context.Context, program string, socket bool) (r ran, err error) {
	addr := freeAddr()
	c := exec.CommandContext(ctx, program)
	c.Env = append(os.Environ(), "ADDR="+addr, "GOROUTINES=0", "GOGC=off")
	if socket {
		mine, theirs, err := builder.LiveSocket()
		if err != nil {
			return r, err
		}
		defer mine.Close()
		defer theirs.Close()
		c.Env = append(c.Env, builder.LiveVariable+"=3")
		c.ExtraFiles = []*os.File{theirs}
	}
	began := time.Now()
	if err := c.Start(); err != nil {
		return r, err
	}
	defer func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	}()
	if err := get(ctx, addr, "main"); err != nil {
		return r, err
	}
	r.answered = time.Since(began)
	answer, err := http.Get("http://" + addr + "/work")
	if err != nil {
		return r, err
	}
	defer answer.Body.Close()
	var text [32]byte
	n, _ := answer.Body.Read(text[:])
	r.work, err = strconv.ParseFloat(string(text[:n]), 64)
	return r, err
}

func median(list []float64) float64 {
	s := slices.Sorted(slices.Values(list))
	return s[len(s)/2]
}

func copyFile(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o755)
}
