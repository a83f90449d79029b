package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/watcher"
)

var (
	embedSteps = flag.Int("embed.steps", 0, "how many changes TestEmbedsAreWatched makes (0: a few, or more if HOTDEV_LONG is set)")
	embedSeed  = flag.Uint64("embed.seed", 0, "its seed; 0 is a fixed one for each of its parts")
)

// Files and folders come, go, move and are rewritten below random go:embed
// patterns. At each quiet moment go list says what a build would embed now: if that
// is not what the last build did, the watcher has told of a change, else of none.
func TestEmbedsAreWatched(t *testing.T) {
	steps := 12
	switch {
	case *embedSteps > 0:
		steps = *embedSteps
	case long:
		steps = 30
	}
	for i, patterns := range [][]string{
		{"all:static"},
		{"static"},
		{"static/*", "all:static/_app"},
		{"*/s", "st?tic/.d/[!x]"},
		{`"a b/*" ` + "`static`"},
		{"all:a*"},
	} {
		t.Run(strings.Join(patterns, " "), func(t *testing.T) {
			t.Parallel()
			seed := *embedSeed
			if seed == 0 {
				seed = uint64(i + 11)
			}
			t.Logf("replay with -embed.seed=%d -embed.steps=%d", seed, steps)
			e := newEmbedding(t, patterns, rand.New(rand.NewPCG(seed, 0)))
			e.odd = oddNames()[2*i%len(oddNames()):][:2]
			for n := 0; n < steps || n < 30 && (e.rebuilt == 0 || e.left == 0); n++ {
				e.step()
			}
			if e.rebuilt == 0 || e.left == 0 {
				t.Errorf("%d builds, %d changes without: this tries nothing", e.rebuilt, e.left)
			}
		})
	}
}

// oddNames are names that a module may contain and others that it cannot: letters of
// other scripts, a decomposed one, signs, digits, what is no UTF-8 at all.
func oddNames() []string {
	return []string{"日本", "🎉", "e\u0301", "ünter", "a;b", "٣", "x🎉y", "a,b=c~", "b\xff", "x\x01", "con.d", "end."}
}

// An embedding is a program that embeds, what is watched of it, and what its last
// build embedded.
type embedding struct {
	t             *testing.T
	dir           string
	req           builder.Request
	builder       *builder.Builder
	watcher       *watcher.Watcher
	batches       chan watcher.Batch
	state         engine.State
	random        *rand.Rand
	built         string // what go list said at the last build
	rebuilt, left int
	log           []string
	odd           []string // names that are made besides the usual ones
}

func newEmbedding(t *testing.T, patterns []string, random *rand.Rand) *embedding {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	e := &embedding{t: t, dir: filepath.Join(dir, "w"), builder: builder.New(), watcher: watcher.New(), batches: make(chan watcher.Batch, 100), random: random,
		state: engine.State{Phase: engine.Running, Attention: engine.Following}}
	e.write("go.mod", "module example.com/e\n\ngo 1.24\n")
	e.write("main.go", "package main\n\nimport \"embed\"\n\n//go:embed "+strings.Join(patterns, " ")+"\nvar FS embed.FS\n\nfunc main() { _ = FS }\n")
	for _, f := range []string{"static/s", "static/_app/s", "static/.d/s", "a b/s", "away/static/s"} {
		e.write(f, "1")
	}
	e.req = builder.Request{Dir: e.dir, Target: []string{"."}, Env: append(os.Environ(), "GOFLAGS=", "GOWORK=off"), Output: filepath.Join(dir, "out")}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- e.watcher.Run(ctx, func(b watcher.Batch) { e.batches <- b }) }()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	e.send(engine.Configured{Settings: engine.Settings{
		Build: e.req,
		// Max is long, so that a slow machine does not cut a step in two.
		Watch: watcher.Set{Roots: []string{e.dir}, Files: []string{e.path("end")}, Max: 10 * time.Second},
	}})
	e.quiet() // what was just written counts as changed
	e.built = e.embeds()
	return e
}

func (e *embedding) path(name string) string { return filepath.Join(e.dir, filepath.FromSlash(name)) }

func (e *embedding) write(name, text string) {
	if err := os.MkdirAll(filepath.Dir(e.path(name)), 0o777); err != nil {
		return // a file is in the way
	}
	_ = os.WriteFile(e.path(name), []byte(text), 0o666)
}

// send gives the engine an event and carries out what is about the graph and the
// watch.
func (e *embedding) send(event engine.Event) {
	e.t.Helper()
	s, effects := engine.Step(e.state, event)
	e.state = s
	for _, fx := range effects {
		switch fx := fx.(type) {
		case engine.List:
			since := time.Now()
			graph, same, err := e.builder.List(e.t.Context(), fx.Request, fx.Paths)
			if err != nil {
				e.t.Fatal(err)
			}
			e.send(engine.Listed{ID: fx.ID, Since: since, Graph: graph, Same: same})
		case engine.Watch:
			if _, err := e.watcher.Watch(e.t.Context(), fx.Set, fx.Since); err != nil {
				e.t.Fatal(err)
			}
		}
	}
}

// embeds is what go list says that a build would embed, with the content; or that
// it cannot.
func (e *embedding) embeds() string {
	e.t.Helper()
	cmd := exec.CommandContext(e.t.Context(), "go", "list", "-e", "-json=EmbedFiles,Error", ".")
	cmd.Dir, cmd.Env = e.dir, e.req.Env
	out, err := cmd.Output()
	if err != nil {
		e.t.Fatal(err)
	}
	var p struct {
		EmbedFiles []string
		Error      *struct{ Err string }
	}
	if err := json.Unmarshal(out, &p); err != nil {
		e.t.Fatal(err)
	}
	if p.Error != nil {
		return "error: " + p.Error.Err
	}
	var b strings.Builder
	for _, f := range p.EmbedFiles {
		text, err := os.ReadFile(e.path(f))
		if err != nil {
			e.t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s=%s ", f, text)
	}
	return b.String()
}

// quiet is what the watcher has told of by the next quiet moment.
func (e *embedding) quiet() (told []string) {
	e.write("end", fmt.Sprint(len(e.log)))
	for !slices.Contains(told, e.path("end")) {
		told = append(told, (<-e.batches).Paths...)
	}
	return slices.DeleteFunc(told, func(p string) bool { return p == e.path("end") })
}

// step changes something, waits for quiet, and compares.
func (e *embedding) step() {
	e.t.Helper()
	for range 1 + e.random.IntN(2) {
		e.log = append(e.log, e.change())
	}
	told := e.quiet()
	now := e.embeds()
	failed := strings.HasPrefix(now, "error: ") || strings.HasPrefix(e.built, "error: ")
	switch {
	case now != e.built && len(told) == 0:
		e.t.Fatalf("no build, but go list now embeds\n%s\nwhere it did\n%s\nafter\n%s", now, e.built, strings.Join(e.log, "\n"))
	case now == e.built && len(told) > 0 && !failed:
		e.t.Fatalf("a build for %q, but go list embeds what it did\n%s\nafter\n%s", told, now, strings.Join(e.log, "\n"))
	case len(told) == 0:
		e.left++
		return
	}
	e.rebuilt++
	e.built = now
	e.send(engine.Changed{Batch: watcher.Batch{Paths: told}})
	e.send(engine.Built{Gen: e.state.Gen, Result: builder.Result{Same: true}})
	e.log = append(e.log, "-- built")
}

// linkName returns a name for a link: one of a bad name is an error, and not looked at.
func (e *embedding) linkName(name string) string {
	if base := path.Base(name); base == "aux" || base == "a'b" || slices.Contains(e.odd, base) {
		return path.Dir(name) + "/link"
	}
	return name
}

// change does one thing to the files, and says what.
func (e *embedding) change() string {
	name := func() string {
		tops := []string{"static", "static", "a b", "away", "ünter", "away/static"}
		kids := []string{"s", "x", "_app", ".d", "_y", ".z", "sub", "node_modules", "ü ö", ".git", "aux", "a'b"}
		kids = slices.Concat(kids, e.odd, e.odd, e.odd) // often enough to matter
		n := tops[e.random.IntN(len(tops))]
		for range 1 + e.random.IntN(3) {
			n += "/" + kids[e.random.IntN(len(kids))]
		}
		return n
	}
	any := func(files, folders bool) string {
		var all []string
		_ = filepath.WalkDir(e.dir, func(path string, d os.DirEntry, err error) error {
			rel, _ := filepath.Rel(e.dir, path)
			if err == nil && strings.Contains(rel, string(filepath.Separator)) && (d.IsDir() && folders || !d.IsDir() && files) {
				all = append(all, filepath.ToSlash(rel))
			}
			return nil
		})
		if len(all) == 0 {
			return "away/x"
		}
		return all[e.random.IntN(len(all))]
	}
	n := name()
	switch e.random.IntN(11) {
	case 0, 1, 2:
		e.write(n, "1")
		return "write " + n
	case 3, 4:
		n = any(true, false)
		if st, err := os.Lstat(e.path(n)); err == nil && st.Mode().IsRegular() && filepath.Base(n) != "go.mod" {
			e.write(n, fmt.Sprint(e.random.IntN(1000)))
		}
		return "rewrite " + n
	case 5:
		n = any(true, e.random.IntN(3) == 0)
		_ = os.RemoveAll(e.path(n))
		return "remove " + n
	case 6, 7:
		from := any(true, true)
		if st, err := os.Lstat(e.path(from)); err == nil && st.Mode()&os.ModeSymlink != 0 {
			n = e.linkName(n)
		}
		_ = os.MkdirAll(filepath.Dir(e.path(n)), 0o777)
		_ = os.Rename(e.path(from), e.path(n))
		return "move " + from + " to " + n
	case 8:
		n = any(false, true) + "/go.mod"
		if _, err := os.Stat(e.path(n)); err == nil || e.random.IntN(4) > 0 {
			_ = os.Remove(e.path(n))
			return "remove " + n
		}
		e.write(n, "module m\n")
		return "write " + n
	case 9:
		n = e.linkName(n)
		to := any(true, true)
		_ = os.MkdirAll(filepath.Dir(e.path(n)), 0o777)
		_ = os.Symlink(e.path(to), e.path(n))
		return "link " + n + " to " + to
	}
	n = any(true, false)
	if text, err := os.ReadFile(e.path(n)); err == nil {
		if st, _ := os.Lstat(e.path(n)); st.Mode().IsRegular() {
			e.write(n, string(text))
		}
	}
	return "touch " + n
}
