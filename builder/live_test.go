//go:build linux && amd64

package builder

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const liveProgram = `
-- go.mod --
module example.com/app

go 1.24
-- main.go --
package main

import (
	"bufio"
	"fmt"
	"os"

	"example.com/app/store"
)

var asked int

func main() {
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		fmt.Println(answer(in.Text()))
	}
}

func answer(s string) string {
	asked++
	return fmt.Sprint("main 1 ", asked, " ", store.Word(s))
}
-- store/store.go --
package store

import "strings"

type Item struct{ Name string }

var items []*Item

func Word(s string) string {
	items = append(items, &Item{s})
	return strings.ToUpper(items[0].Name) + " 1"
}
`

// A liveLoop is a program that is built by the fast path, runs, and is patched.
type liveLoop struct {
	*fastLoop
	live *Live
	in   io.Writer
	out  *bufio.Reader
}

func newLiveLoop(t *testing.T) *liveLoop {
	l := &liveLoop{fastLoop: newFastLoop(t, liveProgram)}
	l.req.Live, l.b.trying = true, true
	if r := l.build(); !r.OK() {
		t.Fatal(r.Diagnostics)
	}
	return l
}

// start runs what is published.
func (l *liveLoop) start() {
	l.t.Helper()
	mine, theirs, err := LiveSocket()
	if err != nil {
		l.t.Fatal(err)
	}
	c := exec.Command(l.req.Output)
	c.Env = append(os.Environ(), LiveVariable+"=3")
	c.ExtraFiles = []*os.File{theirs}
	c.Stderr = os.Stderr
	in, err1 := c.StdinPipe()
	out, err2 := c.StdoutPipe()
	if err := c.Start(); err != nil || err1 != nil || err2 != nil {
		l.t.Fatal(err, err1, err2)
	}
	theirs.Close()
	l.in, l.out = in, bufio.NewReader(out)
	if l.live, err = l.b.OpenLive(l.t.Context(), l.req, mine); err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() {
		l.live.Close()
		mine.Close()
		_ = c.Process.Kill()
		_ = c.Wait()
	})
}

func (l *liveLoop) ask(s string) string {
	l.t.Helper()
	fmt.Fprintln(l.in, s)
	line, err := l.out.ReadString('\n')
	if err != nil {
		l.t.Fatal(err)
	}
	return strings.TrimSuffix(line, "\n")
}

func (l *liveLoop) patch() Result {
	l.t.Helper()
	r, err := l.b.Patch(l.t.Context(), l.req, l.live, Hooks{})
	if err != nil {
		l.t.Fatal(err)
	}
	return r
}

// The whole way: a go build with the agent, patches, an obstacle that links
// from the same archives, and a restart with what it linked.
func TestLive(t *testing.T) {
	l := newLiveLoop(t)
	l.start()
	if got := l.ask("a"); got != "main 1 1 A 1" {
		t.Fatal(got)
	}
	if err := l.b.Warm(t.Context(), l.live); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ file, old, new, want, functions string }{
		{"store/store.go", `" 1"`, `" 2"`, "main 1 2 A 2", "main.answer store.Word"},
		{"main.go", `"main 1 "`, `"main 2 "`, "main 2 3 A 2", "main.answer"},
		{"store/store.go", "func Word", "\n\nfunc Other() {}\n\nfunc Word", "main 2 4 A 2", ""},
		{"store/store.go", `" 2"`, `" 3"`, "main 2 5 A 3", "main.answer store.Word"},
		{"store/store.go", `strings.ToUpper(items[0].Name)`, `strings.Repeat(items[0].Name, len(items))`, "main 2 6 aaaaaa 3", "main.answer store.Word"},
	} {
		l.edit(c.file, c.old, c.new)
		r := l.patch()
		if !r.OK() || r.Patched == nil || r.Artifact.Temp != "" {
			t.Fatalf("%s: %+v", c.new, r)
		}
		t.Logf("%+v", *r.Patched)
		if got := strings.Join(r.Patched.Functions, " "); got != c.functions {
			t.Errorf("%s: patched %s, want %s", c.new, got, c.functions)
		}
		if got := l.ask("x"); got != c.want {
			t.Errorf("%s: %s, want %s", c.new, got, c.want)
		}
	}
	if r := l.patch(); r.Patched == nil || len(r.Patched.Functions) > 0 {
		t.Errorf("nothing changed: %+v", r)
	}

	l.edit("store/store.go", "func Word", "func Word(") // it does not compile
	if r := l.patch(); r.OK() || r.Patched != nil || strings.Contains(fmt.Sprint(r.Diagnostics), "leaking") {
		t.Errorf("a broken package: %+v", r)
	}
	l.edit("store/store.go", "func Word(", "func Word")
	l.edit("store/store.go", "type Item struct{ Name string }", "type Item struct{ N int; Name string }")
	l.edit("store/store.go", "&Item{s}", "&Item{1, s}")
	r := l.patch()
	if !r.OK() || r.Patched != nil || r.Unpatched != "store.go:5: field N added to Item" || r.Artifact.Temp == "" {
		t.Fatalf("%+v", r)
	}
	if r.Full != "" {
		t.Errorf("the go command built it: %s", r.Full)
	}
	if got := l.ask("x"); got != "main 2 7 aaaaaaa 3" {
		t.Errorf("the old program says %s", got)
	}
	if err := l.b.Publish(r.Artifact); err != nil {
		t.Fatal(err)
	}
	l.start()
	if got := l.ask("b"); got != "main 2 1 b 3" {
		t.Errorf("the new program says %s", got)
	}
	l.edit("store/store.go", `" 3"`, `" 4"`)
	if r := l.patch(); r.Patched == nil {
		t.Fatalf("%+v", r)
	}
	if got := l.ask("b"); got != "main 2 2 bb 4" {
		t.Errorf("the new program, patched, says %s", got)
	}
	// What is linked now is all of it, and nothing of the agent's is in the module.
	if r := l.build(); r.Artifact.Temp == "" || r.Full != "" {
		t.Errorf("%+v", r)
	}
	if found, _ := filepath.Glob(filepath.Join(l.dir, "*hotdev*")); len(found) > 0 {
		t.Errorf("in the module: %v", found)
	}
}

// Without Live the agent is not there.
func TestWithoutLive(t *testing.T) {
	l := newFastLoop(t, liveProgram)
	l.build()
	text, err := os.ReadFile(l.req.Output)
	if err != nil || strings.Contains(string(text), agentFolder) {
		t.Errorf("%v; or the agent is in the program", err)
	}
	if _, err := l.b.OpenLive(t.Context(), l.req, nil); err == nil {
		t.Error("it can be patched")
	}
}

// A toolchain is tried once, with a real program, and what came of it is kept.
func TestCanary(t *testing.T) {
	cache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOCACHE", strings.TrimSpace(string(cache)))
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	l := newFastLoop(t, liveProgram)
	l.req.Live = true
	l.build()
	l.req.Live = true
	if _, err := l.b.OpenLive(t.Context(), l.req, nil); err == nil || !strings.HasPrefix(err.Error(), "live code has not been tried with go1.") {
		t.Errorf("before it was tried: %v", err)
	}
	if err := l.b.TryLive(t.Context(), l.req); err != nil {
		t.Fatal(err)
	}
	b := New()
	tools, err := b.toolchain(t.Context(), l.req)
	if err != nil {
		t.Fatal(err)
	}
	if err, known := b.tried(tools.Version); err != nil || !known {
		t.Errorf("another hotdev: %v %v", err, known)
	}
	writeCanary(tools.Version, errors.New("live code does not work"))
	b = New()
	if err := b.TryLive(t.Context(), l.req); err == nil || err.Error() != "live code does not work" {
		t.Errorf("a toolchain that failed: %v", err)
	}
	if found, _ := filepath.Glob(filepath.Join(l.req.Scratch, "canary-*")); len(found) > 0 {
		t.Errorf("left behind: %v", found)
	}
}
