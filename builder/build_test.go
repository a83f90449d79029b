package builder

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/hotdev/hotdev/builder/internal/disk"
)

const hello = `
-- go.mod --
module ex.com/app
-- lib/lib.go --
package lib

const Word = "hello"
-- main.go --
package main

import "ex.com/app/lib"

func main() { print(lib.Word) }
`

func output(t *testing.T, path string) string {
	t.Helper()
	out, err := exec.Command(path).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", path, err, out)
	}
	return string(out)
}

// From nothing to a binary, to the same binary, to another.
func TestBuildAndPublish(t *testing.T) {
	dir := testModule(t, hello)
	req, b := request(t, dir), New()
	folder := filepath.Dir(req.Output)

	r := mustBuild(t, b, req)
	if filepath.Dir(r.Artifact.Temp) != folder || r.Artifact.Path != req.Output || r.Same || r.Took <= 0 {
		t.Errorf("result %+v", r)
	}
	if left := leftovers(t, folder, filepath.Base(r.Artifact.Temp)); len(left) > 0 {
		t.Errorf("beside the artifact: %v", left)
	}
	if err := b.Publish(r.Artifact); err != nil {
		t.Fatal(err)
	}
	if got := output(t, req.Output); got != "hello" {
		t.Errorf("the program says %q", got)
	}

	if r := mustBuild(t, b, req); !r.Same || r.Artifact != (Artifact{}) {
		t.Errorf("nothing changed: %+v", r)
	}
	if left := leftovers(t, folder, "app"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}

	lib, err := os.ReadFile(filepath.Join(dir, "lib", "lib.go"))
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "lib", "lib.go"), strings.TrimSuffix(string(lib), "\n")+" // a comment\n")
	if r := mustBuild(t, b, req); runtime.GOOS == "linux" && !r.Same {
		t.Errorf("a comment makes another binary: %+v", r)
	} else if !r.Same {
		b.Discard(r.Artifact)
	}

	writeFile(t, filepath.Join(dir, "lib", "lib.go"), "package lib\n\nconst Word = \"hullo\"\n")
	r = mustBuild(t, b, req)
	if r.Same {
		t.Fatal("a change of one letter counts as none")
	}
	if got := output(t, req.Output); got != "hello" {
		t.Errorf("before Publish the program says %q", got)
	}
	b.Discard(r.Artifact)
	if left := leftovers(t, folder, "app"); len(left) > 0 {
		t.Errorf("after Discard: %v", left)
	}
	r = mustBuild(t, b, req)
	if err := b.Publish(r.Artifact); err != nil {
		t.Fatal(err)
	}
	if got := output(t, req.Output); got != "hullo" {
		t.Errorf("after Publish the program says %q", got)
	}
	if err := b.Publish(r.Artifact); err == nil || !strings.Contains(err.Error(), req.Output) {
		t.Errorf("publishing twice: %v", err)
	}
}

// What is compiled is told while it happens, and how long it took afterwards.
func TestProgress(t *testing.T) {
	dir := testModule(t, hello)
	writeFile(t, filepath.Join(dir, "lib", "fresh.go"), "package lib\n"+fresh())
	req, b := request(t, dir), New()
	var begun []string
	r, err := b.Build(t.Context(), req, Hooks{
		Progress:  func(pkg string) { begun = append(begun, pkg) },
		Generated: func() { t.Error("Generated without Before") },
	})
	if err != nil || !r.OK() {
		t.Fatal(r, err)
	}
	// The main package did not change, but what it imports did.
	if want := []string{"ex.com/app/lib", "ex.com/app"}; !slices.Equal(begun, want) {
		t.Errorf("begun %q, want %q", begun, want)
	}
	var compiled []string
	for _, c := range r.Compiled {
		compiled = append(compiled, c.Package)
		if c.Took <= 0 || c.Took > r.Took {
			t.Errorf("%s took %v of %v", c.Package, c.Took, r.Took)
		}
	}
	if !slices.Equal(compiled, begun) {
		t.Errorf("compiled %q, begun %q", compiled, begun)
	}
	if r.Link <= 0 || r.Link > r.Took {
		t.Errorf("link took %v of %v", r.Link, r.Took)
	}
	if r = mustBuild(t, b, req); len(r.Compiled) > 0 {
		t.Errorf("compiled again: %v", r.Compiled)
	}
}

// generator is a Before command; it needs HOTDEV_ROLE=generator.
func generator(t *testing.T, args ...string) []string { return append([]string{self(t)}, args...) }

func TestBefore(t *testing.T) {
	dir := testModule(t, `
-- go.mod --
module ex.com/app
-- main.go --
package main

func main() { print(word) }
-- page.templ --
one
two }
`)
	req, b := request(t, dir), New()
	req.Env = goEnviron("HOTDEV_ROLE=generator")

	t.Run("in order, before the compile", func(t *testing.T) {
		req := req
		req.Before = [][]string{
			generator(t, "write", "word.go", "not", "Go"),
			generator(t, "write", "word.go", "package main; const word = `generated`"),
			{}, // nothing to run
		}
		var events []string
		r, err := b.Build(t.Context(), req, Hooks{
			Generated: func() {
				text, _ := os.ReadFile(filepath.Join(dir, "word.go"))
				events = append(events, string(text))
			},
			Progress: func(string) { events = append(events, "compile") },
		})
		if err != nil || !r.OK() {
			t.Fatal(render(r.Diagnostics, dir), err)
		}
		if len(events) == 0 || !strings.HasPrefix(events[0], "package main") || slices.Contains(events[1:], events[0]) {
			t.Errorf("events %q", events)
		}
		b.Discard(r.Artifact)
	})

	t.Run("fails", func(t *testing.T) {
		req := req
		req.Before = [][]string{generator(t, "fail"), generator(t, "write", "never", "x")}
		r, err := b.Build(t.Context(), req, Hooks{Generated: func() { t.Error("Generated after a failure") }})
		if err != nil || len(r.Diagnostics) != 2 {
			t.Fatalf("%+v, %v", r, err)
		}
		place, whole := r.Diagnostics[0], r.Diagnostics[1]
		if place.File != filepath.Join(dir, "page.templ") || place.Line != 2 || place.Column != 4 ||
			place.Message != "unexpected }" || len(place.Excerpt) != 2 {
			t.Errorf("place %+v", place)
		}
		if want := self(t) + " fail: exit status 3"; whole.Message != want {
			t.Errorf("message %q, want %q", whole.Message, want)
		}
		if n := len(whole.More); n != 20 || whole.More[n-1] != "giving up" || whole.More[0] != "line 11" {
			t.Errorf("its last output: %q", whole.More)
		}
		if disk.Regular(filepath.Join(dir, "never")) {
			t.Error("the next command was run")
		}
	})

	t.Run("not found", func(t *testing.T) {
		req := req
		for _, name := range []string{"no-such-command-anywhere", "./no/such/command"} {
			req.Before = [][]string{{name, "generate"}}
			r, err := b.Build(t.Context(), req, Hooks{})
			if err != nil || len(r.Diagnostics) != 1 || !strings.Contains(r.Diagnostics[0].Message, name+" generate: command not found") {
				t.Errorf("%+v, %v", r, err)
			}
		}
	})

	t.Run("leaves a daemon", func(t *testing.T) {
		l := newLine(t)
		req := req
		req.Env = append(req.Env, l.env())
		req.Before = [][]string{generator(t, "daemon")}
		b.Discard(mustBuild(t, b, req).Artifact) // does not wait for it
		if c := l.accept(); c.who != "child" {
			t.Errorf("%s reported", c.who)
		}
	})

	t.Run("cancelled", func(t *testing.T) {
		l := newLine(t)
		req := req
		req.Env = append(req.Env, l.env())
		req.Before = [][]string{generator(t, "hold")}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { _, err := b.Build(ctx, req, Hooks{}); done <- err }()
		first, second := l.accept(), l.accept()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Build: %v", err)
		}
		l.dead(first)
		l.dead(second)
	})
}

// held starts a build that is held up in the compiler.
func held(ctx context.Context, t *testing.T, b *Builder, req Request, l line) (done chan error, procs []caller) {
	t.Helper()
	writeFile(t, filepath.Join(req.Dir, "fresh.go"), "package main\n"+fresh())
	req.Flags = []string{"-toolexec", self(t)}
	req.Env = goEnviron("HOTDEV_ROLE=tool", l.env())
	done = make(chan error, 1)
	go func() { _, err := b.Build(ctx, req, Hooks{}); done <- err }()
	return done, []caller{l.accept(), l.accept()}
}

// A save during a build: the build's whole tree is gone when Build returns, with
// all its files.
func TestCancelCompile(t *testing.T) {
	dir := testModule(t, hello)
	req, b, l := request(t, dir), New(), newLine(t)
	ctx, cancel := context.WithCancel(t.Context())
	done, procs := held(ctx, t, b, req, l)
	if left := leftovers(t, filepath.Dir(req.Output)); len(left) == 0 {
		t.Fatal("the build works somewhere else; the test proves nothing")
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Build: %v", err)
	}
	for _, p := range procs {
		l.dead(p)
	}
	if left := leftovers(t, filepath.Dir(req.Output)); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := b.Build(ctx, req, Hooks{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before it began: %v", err)
	}
}

// Builds of one program wait for each other, and the wait can be cancelled.
func TestBuildsAreSerial(t *testing.T) {
	dir := testModule(t, hello)
	req, b, l := request(t, dir), New(), newLine(t)
	ctx, cancel := context.WithCancel(t.Context())
	done, procs := held(ctx, t, b, req, l)

	waiting, giveUp := context.WithCancel(t.Context())
	second := make(chan error, 1)
	go func() { _, err := b.Build(waiting, req, Hooks{}); second <- err }()
	giveUp()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("gave up waiting: %v", err)
	}

	third := make(chan Result, 1)
	go func() {
		r, err := b.Build(t.Context(), req, Hooks{Progress: func(string) {
			for _, p := range procs {
				l.dead(p)
			}
		}})
		if err != nil {
			t.Error(err)
		}
		third <- r
	}()
	// A listing does not wait for a build.
	mustList(t, b, req)
	cancel()
	<-done
	r := <-third
	if !r.OK() {
		t.Errorf("%s", render(r.Diagnostics, dir))
	}
	b.Discard(r.Artifact)
}

// A go command that knows neither -json nor the action graph.
func TestOldGo(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a shell script plays the go command")
	}
	real, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	bin := realTemp(t)
	script := `#!/bin/sh
for a; do case "$1 $a" in
"build -json"|"build -debug-actiongraph="*)
	echo "flag provided but not defined: ${a%%=*}" >&2
	echo "usage: go build" >&2
	echo refused >>"` + bin + `/log"
	exit 2;;
esac; done
exec "` + real + `" "$@"
`
	if err := os.WriteFile(filepath.Join(bin, "go"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	dir := testModule(t, hello)
	writeFile(t, filepath.Join(dir, "lib", "fresh.go"), "package lib\n"+fresh())
	req, b := request(t, dir), New()
	req.Env = goEnviron("PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"))
	var begun []string
	r, err := b.Build(t.Context(), req, Hooks{Progress: func(pkg string) { begun = append(begun, pkg) }})
	if err != nil || !r.OK() {
		t.Fatal(render(r.Diagnostics, dir), err)
	}
	b.Discard(r.Artifact)
	if want := []string{"ex.com/app/lib", "ex.com/app"}; !slices.Equal(begun, want) {
		t.Errorf("begun %q, want %q", begun, want)
	}
	writeFile(t, filepath.Join(dir, "main.go"), "package main\n\nfunc main() { undefined1() }\n")
	r, err = b.Build(t.Context(), req, Hooks{})
	want := "[ex.com/app] main.go:3:15: undefined: undefined1\n    1 | package main\n    2 | \n  > 3 | func main() { undefined1() }\n"
	if got := render(r.Diagnostics, dir); err != nil || got != want {
		t.Errorf("got %v\n%s", err, got)
	}
	if log, _ := os.ReadFile(filepath.Join(bin, "log")); strings.Count(string(log), "refused") != 2 {
		t.Errorf("each flag is to be tried once: %q", log)
	}
}

func TestCannotBuild(t *testing.T) {
	dir := testModule(t, hello)
	good := request(t, dir)
	taken := filepath.Join(realTemp(t), "file")
	writeFile(t, taken, "")
	folder := realTemp(t)
	for name, c := range map[string]struct {
		change func(*Request)
		want   string
	}{
		"no go command":          {func(r *Request) { r.Env = []string{"PATH=" + folder} }, "the go command is not in PATH"},
		"no folder":              {func(r *Request) { r.Dir = filepath.Join(dir, "nope") }, filepath.Join(dir, "nope")},
		"output below a file":    {func(r *Request) { r.Output = filepath.Join(taken, "app") }, taken},
		"output is a folder":     {func(r *Request) { r.Output = folder }, folder + " is a folder"},
		"output is not absolute": {func(r *Request) { r.Output = "app" }, "not an absolute path"},
		"a flag of hotdev's":     {func(r *Request) { r.Flags = []string{"-o", "x"} }, "build flag -o cannot be used"},
	} {
		t.Run(name, func(t *testing.T) {
			req := good
			c.change(&req)
			r, err := New().Build(t.Context(), req, Hooks{})
			if err == nil || !strings.HasPrefix(err.Error(), "build .: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%+v, %v", r, err)
			}
			if left := leftovers(t, folder); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// Spaces, letters of other scripts, cgo, assembly: paths reach every tool whole.
func TestDifficultPath(t *testing.T) {
	text := hello
	if _, err := exec.LookPath("gcc"); err == nil {
		text += "-- c.go --\npackage main\n\n// static int f(void) { return 1; }\nimport \"C\"\n\nvar _ = C.f()\n"
	}
	dir := filepath.Join(realTemp(t), "größe 世界 [x]")
	parseArchive(strings.TrimLeft(text, "\n")).write(t, dir)
	req, b := request(t, dir), New()
	req.Output = filepath.Join(dir, "out put", "naïve app")
	r := mustBuild(t, b, req)
	if err := b.Publish(r.Artifact); err != nil {
		t.Fatal(err)
	}
	if got := output(t, req.Output); got != "hello" {
		t.Errorf("the program says %q", got)
	}
	if left := leftovers(t, filepath.Dir(req.Output), "naïve app"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	g := mustList(t, b, req)
	if len(g.Packages) != 2 || g.Packages[0].Dir != filepath.Join(dir, "lib") || len(g.Diagnostics) > 0 {
		t.Errorf("graph %+v", g)
	}
}

// Stamping is off unless the user asks for it.
func TestVersionStamp(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("no git")
	}
	dir := testModule(t, hello)
	for _, args := range [][]string{
		{"init", "-q"}, {"add", "."}, {"-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-q", "-m", "x"},
	} {
		cmd := exec.Command(git, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	for name, c := range map[string]struct {
		flags []string
		env   string
		want  bool
	}{
		"by default": {nil, "GOFLAGS=", false},
		"by flag":    {[]string{"-buildvcs"}, "GOFLAGS=", true},
		"by GOFLAGS": {nil, "GOFLAGS=-buildvcs=true", true},
	} {
		t.Run(name, func(t *testing.T) {
			req, b := request(t, dir), New()
			req.Flags, req.Env = c.flags, goEnviron(c.env)
			r := mustBuild(t, b, req)
			info, err := exec.Command("go", "version", "-m", r.Artifact.Temp).Output()
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(string(info), "vcs.revision"); got != c.want {
				t.Errorf("stamped: %v, want %v", got, c.want)
			}
		})
	}
}
