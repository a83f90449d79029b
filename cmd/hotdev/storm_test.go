package main

import (
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/exit"
	"github.com/hotdev/hotdev/internal/editors"
)

var stormSeed = flag.Uint64("storm.seed", 0, "replay the storm of this seed (0: a new one)")

// TestStorm saves again and again at random moments, in all the ways that editors
// have, broken code now and then, and at the end holds hotdev to its promise:
// what runs was built from the last content, as one process, and nothing is
// left over.
func TestStorm(t *testing.T) {
	t.Parallel()
	seed := *stormSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("replay with -storm.seed=%d", seed)
	saves := 150
	if long {
		saves = 500
	}
	rng := rand.New(rand.NewPCG(seed, 1))

	dir, cache := t.TempDir(), t.TempDir()
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/storm\n\ngo 1.24\n")
	write("main.go", `package main

import (
	"strconv"
	"syscall"
	"time"

	"example.com/storm/a"
	"example.com/storm/a/b"
)

func main() {
	print("now " + a.Version + " " + b.Version + ";\n")
	print("main pid " + strconv.Itoa(syscall.Getpid()) + "\n")
	time.Sleep(time.Hour)
}
`)
	files := map[string]string{"a": "a/a.go", "b": "a/b/b.go"}
	source := func(pkg string, version int) string {
		return fmt.Sprintf("package %s\n\nconst Version = \"%d\"\n", pkg, version)
	}
	for pkg, file := range files {
		write(file, source(pkg, 0))
	}
	write(".air-like.toml", "[live]\nmode = \"off\"\n") // each version is to be a process
	h := &hot{}
	h.launch(t, dir, append(os.Environ(), "GOCACHE="+goCache(t), "XDG_CACHE_HOME="+cache, "GOFLAGS=", "GOPROXY=off"), nil)
	t.Cleanup(h.kill)
	h.wait(t, "wrote", "~now 0 0;")

	version := map[string]int{}
	for n := 1; n <= saves; n++ {
		pkg := []string{"a", "b"}[rng.IntN(2)]
		version[pkg] = n
		text := source(pkg, n)
		last := n > saves-2
		if !last && rng.IntN(8) == 0 {
			text += "oops\n"
		}
		how := editors.Ways[rng.IntN(len(editors.Ways))]
		if err := editors.Save(how, filepath.Join(dir, files[pkg]), []byte(text)); err != nil {
			t.Fatal(err)
		}
		switch rng.IntN(10) {
		case 0: // long enough for a build to end, or nearly
			time.Sleep(time.Duration(rng.IntN(400)) * time.Millisecond)
		default:
			time.Sleep(time.Duration(rng.IntN(20)) * time.Millisecond)
		}
	}
	// The last saves of both packages are whole, whichever they were.
	for _, pkg := range []string{"a", "b"} {
		version[pkg] = 1000 + version[pkg]
		if err := editors.Save("rename", filepath.Join(dir, files[pkg]), []byte(source(pkg, version[pkg]))); err != nil {
			t.Fatal(err)
		}
	}
	final := fmt.Sprintf("now %d %d;", version["a"], version["b"])
	h.wait(t, "wrote", "~"+final)

	// One process is alive, and it is the one that printed last.
	h.mu.Lock()
	var pids []int
	for _, l := range h.lines {
		for _, m := range mainPid.FindAllStringSubmatch(l, -1) {
			pid, _ := strconv.Atoi(m[1])
			pids = append(pids, pid)
		}
	}
	h.mu.Unlock()
	h.wait(t, "cycle", "outcome=started")
	living := slices.DeleteFunc(slices.Clone(pids), func(pid int) bool { return !alive(pid) })
	if len(living) > 1 {
		t.Errorf("%d programs are alive: %v", len(living), living)
	}
	if n := h.matching("started") - h.matching("exited"); n != 1 {
		t.Errorf("%d more started than exited", n)
	}
	if err := h.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	h.end(t, exit.OK)
	for _, pid := range pids {
		if alive(pid) {
			t.Errorf("process %d outlived hotdev", pid)
		}
	}
	want := []string{".air-like.toml", "a/a.go", "a/b/b.go", "go.mod", "main.go"}
	got := slices.DeleteFunc(filesBelow(t, dir), func(f string) bool { return strings.HasSuffix(f, "~") }) // emacs's
	if !slices.Equal(got, want) {
		t.Errorf("left in the project: %v", got)
	}
	if got := slices.DeleteFunc(filesBelow(t, cache), func(f string) bool { return !strings.Contains(f, "storm") }); len(got) > 0 {
		t.Errorf("left in the cache: %v", got)
	}
	t.Logf("%d saves, %d builds, %d starts", saves+2, h.matching("built"), len(pids))
}

func filesBelow(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			files = append(files, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
