//go:build linux && amd64

package builder

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hotdev/hotdev/builder/internal/live"
	"github.com/hotdev/hotdev/internal/patience"
)

const liveProgram = `
-- go.mod --
module example.com/app

go 1.16
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
-- store/note.txt --
a note
-- store/note.go --
package store

import _ "embed"

//go:embed note.txt
var Note string
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
	pid  int
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
	l.pid = c.Process.Pid
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
		// Package main gets new numbers, and is still the go command's.
		{"store/store.go", "func Word", "\n\nfunc Other() {}\n\nfunc Word", "main 1 2 A 1", ""},
		{"store/store.go", `" 1"`, `" 2"`, "main 1 3 A 2", "main.answer store.Word"},
		{"main.go", `"main 1 "`, `"main 2 "`, "main 2 4 A 2", "main.answer"},
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

	// Imports: of the standard library, in the program or not, and of a package of
	// the program; one that goes, and comes back.
	for _, c := range []struct{ file, old, new, old2, new2, want string }{
		{"store/store.go", `import "strings"`, "import (\n\t\"encoding/base32\"\n\t\"strings\"\n)", `" 3"`, `base32.StdEncoding.EncodeToString([]byte("3"))`, "main 2 7 aaaaaaaGM======"},
		{"main.go", `"os"`, "\"os\"\n\t\"path\"\n\t\"unsafe\"", `"main 2 "`, `path.Base("x/main ") + fmt.Sprint(unsafe.Sizeof(asked)/8 + 2, " ")`, "main 3 8 aaaaaaaaGM======"},
		{"store/store.go", "\t\"encoding/base32\"\n", "", `base32.StdEncoding.EncodeToString([]byte("3"))`, `" 3"`, "main 3 9 aaaaaaaaa 3"},
		{"main.go", `"path"`, `"encoding/base32"`, `path.Base("x/main ")`, `base32.StdEncoding.EncodeToString(nil) + "main "`, "main 3 10 aaaaaaaaaa 3"},
	} {
		l.edit(c.file, c.old, c.new)
		l.edit(c.file, c.old2, c.new2)
		r := l.patch()
		if !r.OK() || r.Patched == nil || r.Full != "" {
			t.Fatalf("%s: %+v", c.new, r)
		}
		if got := l.ask("x"); got != c.want {
			t.Errorf("%s: %s, want %s", c.new, got, c.want)
		}
	}
	l.edit("store/store.go", "func Word", "func Word(") // it does not compile
	if r := l.patch(); r.OK() || r.Patched != nil || strings.Contains(fmt.Sprint(r.Diagnostics), "leaking") {
		t.Errorf("a broken package: %+v", r)
	}
	l.edit("store/store.go", "func Word(", "func Word")
	l.edit("store/store.go", "type Item struct{ Name string }", "type Item struct{ N int; Name string }")
	l.edit("store/store.go", "&Item{s}", "&Item{1, s}")
	r := l.patch()
	if !r.OK() || r.Patched != nil || r.Unpatched != "store.go:7: field N added to Item" || r.Artifact.Temp == "" {
		t.Fatalf("%+v", r)
	}
	if r.Full != "" { // the plan had package path, which nothing imports; the link must not
		t.Errorf("the go command built it: %s", r.Full)
	}
	if got := l.ask("x"); got != "main 3 11 aaaaaaaaaaa 3" {
		t.Errorf("the old program says %s", got)
	}
	if err := l.b.Publish(r.Artifact); err != nil {
		t.Fatal(err)
	}
	if err := l.b.Plan(t.Context(), l.req); err != nil {
		t.Fatal(err)
	}
	l.equal()
	l.start()
	if got := l.ask("b"); got != "main 3 1 b 3" {
		t.Errorf("the new program says %s", got)
	}
	l.edit("store/store.go", `" 3"`, `" 4"`)
	r = l.patch()
	if r.Patched == nil {
		t.Fatalf("%+v", r)
	}
	if got := l.ask("b"); got != "main 3 2 bb 4" {
		t.Errorf("the new program, patched, says %s", got)
	}
	l.edit("store/note.txt", "a note", "another note")
	if r := l.patch(); r.Patched != nil || r.Unpatched != "note.txt changed, which the program embeds" {
		t.Errorf("an embedded file: %+v", r)
	} else {
		l.b.Discard(r.Artifact)
	}
	// What is linked now is all of it, and nothing of the agent's is in the module.
	if r := l.build(); r.Artifact.Temp == "" || r.Full != "" {
		t.Errorf("%+v", r)
	}
	if found, _ := filepath.Glob(filepath.Join(l.dir, "*hotdev*")); len(found) > 0 {
		t.Errorf("in the module: %v", found)
	}
	l.profiled()
}

// profiled takes profiles: one at a time, which ends early with its context, and with
// the program.
func (l *liveLoop) profiled() {
	l.t.Helper()
	ctx, cancel := context.WithCancel(l.t.Context())
	profile := func() (done chan error) {
		done = make(chan error, 1)
		go func() {
			_, err := l.live.Profile(ctx, "cpu", time.Hour)
			done <- err
		}()
		if err := patience.Until(func() bool {
			l.live.mu.Lock()
			defer l.live.mu.Unlock()
			return l.live.profiling == "cpu"
		}); err != nil {
			l.t.Fatal(err)
		}
		return done
	}
	ends := func(done chan error, want string) {
		l.t.Helper()
		if err, late := patience.Receive(done); late != nil || err == nil || err.Error() != want {
			l.t.Errorf("%v, want %s; %v", err, want, late)
		}
	}
	done := profile()
	if _, err := l.live.Profile(l.t.Context(), "heap", 0); err == nil || err.Error() != "another profile of the program is being taken: cpu" {
		l.t.Errorf("a second one: %v", err)
	}
	l.edit("store/store.go", `" 4"`, `" 5"`)
	l.edit("store/note.txt", "another note", "a note")
	if r := l.patch(); r.Patched == nil {
		l.t.Errorf("while it is taken: %+v", r)
	}
	cancel()
	ends(done, "context canceled")
	if _, err := l.live.Profile(l.t.Context(), "heap", 0); err != nil {
		l.t.Error(err)
	}
	ctx = l.t.Context()
	done = profile()
	l.live.Close()
	ends(done, "the profile was not finished: the program ended")
	if _, err := l.live.Profile(ctx, "cpu", 0); !errors.Is(err, ErrNotLive) {
		l.t.Errorf("of a program that has ended: %v", err)
	}
}

// A debugger and the agent would fight over the code.
func TestTraced(t *testing.T) {
	l := newLiveLoop(t)
	l.start()
	l.ask("a") // it is past its start
	detach, ok := trace(l.pid)
	if !ok {
		t.Skip("this system does not let a test be a debugger")
	}
	l.edit("main.go", `"main 1 "`, `"main 2 "`)
	r := l.patch()
	if r.Patched != nil || r.Unpatched != "a debugger is attached to the program" {
		t.Errorf("%+v", r)
	}
	l.b.Discard(r.Artifact)
	detach()
	if got := l.ask("a"); got != "main 1 2 A 1" {
		t.Errorf("it says %s", got)
	}
	if r := l.patch(); r.Patched == nil {
		t.Errorf("without the debugger: %+v", r)
	}
	if got := l.ask("a"); got != "main 2 3 A 1" {
		t.Errorf("patched, it says %s", got)
	}
}

// trace is a debugger that looks on.
func trace(pid int) (detach func(), ok bool) {
	const seize, interrupt = 0x4206, 0x4207
	ptrace := func(request, data uintptr) bool {
		_, _, e := syscall.RawSyscall6(syscall.SYS_PTRACE, request, uintptr(pid), 0, data, 0, 0)
		return e == 0
	}
	attached, done, gone := make(chan bool), make(chan bool), make(chan bool)
	go func() {
		runtime.LockOSThread() // only the thread that attached may ask for more
		defer runtime.UnlockOSThread()
		defer close(gone)
		ok := ptrace(seize, 0)
		attached <- ok
		for leaving := false; ok; {
			select {
			case <-done:
				leaving = true
				ptrace(interrupt, 0)
				done = nil
			case <-time.After(time.Millisecond):
			}
			var ws syscall.WaitStatus
			if n, err := syscall.Wait4(pid, &ws, syscall.WNOHANG|syscall.WALL, nil); n != pid || err != nil || !ws.Stopped() {
				continue
			}
			sig := uintptr(ws.StopSignal())
			if ws>>16 != 0 { // a stop of the debugger's own
				sig = 0
			}
			if leaving && ptrace(syscall.PTRACE_DETACH, sig) {
				return
			}
			ptrace(syscall.PTRACE_CONT, sig)
		}
	}()
	return func() { done <- true; <-gone }, <-attached
}

// The agent stays out of what could not be patched anyway, and out of the way of
// what is the user's.
func TestWithoutAgent(t *testing.T) {
	dir := testModule(t, liveProgram)
	main, other := filepath.Join(dir, "main.go"), filepath.Join(dir, "main2.txt")
	writeFile(t, other, strings.Replace(readFile(t, main), "main 1", "main 2", 1))
	overlay := filepath.Join(dir, "overlay.json")
	writeFile(t, overlay, fmt.Sprintf(`{"Replace": {%q: %q}}`, main, other))
	base := Request{Dir: dir, Target: []string{"."}, Fast: true, Live: true, Scratch: t.TempDir(), Output: filepath.Join(t.TempDir(), "app")}
	b := New()
	for _, c := range []struct {
		change func(*Request)
		why    string
	}{
		{func(r *Request) {}, ""},
		{func(r *Request) { r.Target = []string{"example.com/app"} }, ""},
		{func(r *Request) { r.Flags = []string{"-overlay=" + overlay} }, "build flag -overlay"},
		{func(r *Request) { r.Env = append(os.Environ(), "GOFLAGS=-overlay="+overlay) }, "build flag -overlay"},
		{func(r *Request) { r.Flags = []string{"-race"} }, "build flag -race"},
		{func(r *Request) { r.Flags = []string{"-cover"} }, "build flag -cover"},
		{func(r *Request) { r.Target = []string{"main.go"} }, "the program is named by its files"},
	} {
		req := base
		c.change(&req)
		req = b.withAgent(t.Context(), req)
		if req.noAgent != c.why || (req.agent == nil) != (c.why != "") {
			t.Errorf("%v %v: %q, want %q", req.Target, req.Flags, req.noAgent, c.why)
		}
	}
	// The user's overlay is in force.
	req := base
	req.Flags = []string{"-overlay=" + overlay}
	r, err := b.Build(t.Context(), req, Hooks{})
	if err != nil || !r.OK() {
		t.Fatal(r, err)
	}
	if text := readFile(t, r.Artifact.Temp); !strings.Contains(text, "main 2") || strings.Contains(text, live.AgentFolder) {
		t.Error("the program is not made with the user's overlay alone")
	}
	// An old language does not keep the agent out, and embedding everything does.
	writeFile(t, filepath.Join(dir, "go.mod"), "module example.com/app // old\n\ngo 1.16\n")
	r, err = b.Build(t.Context(), base, Hooks{})
	if err != nil || !r.OK() {
		t.Fatal(r, err)
	}
	if !strings.Contains(readFile(t, r.Artifact.Temp), live.AgentFolder) {
		t.Error("the agent is not in a program in Go 1.16")
	}
	writeFile(t, filepath.Join(dir, "all.go"), "package main\n\nimport \"embed\"\n\n//go:embed *.go\nvar all embed.FS\n")
	if req := b.withAgent(t.Context(), base); req.noAgent != "//go:embed *.go would embed the agent as well" {
		t.Errorf("embedding everything: %q", req.noAgent)
	}
	// If it does not compile, it is left out for good.
	if err := os.Remove(filepath.Join(dir, "all.go")); err != nil {
		t.Fatal(err)
	}
	with := b.withAgent(t.Context(), base)
	if _, ok := b.withoutAgent(with, []Diagnostic{{Package: "example.com/app", File: main}}); ok {
		t.Error("a mistake of the user's takes the agent out")
	}
	if without, ok := b.withoutAgent(with, []Diagnostic{{Package: "example.com/app/" + live.AgentFolder, Message: "oops"}}); !ok || without.agent != nil {
		t.Error("what does not compile stays in")
	}
	if req := b.withAgent(t.Context(), base); req.noAgent != "the agent does not compile here: oops" {
		t.Errorf("it comes back: %q", req.noAgent)
	}
}

// The agent stays in a program whose commands the go command has to print anew.
func TestLiveReplan(t *testing.T) {
	l := newLiveLoop(t)
	l.edit("go.mod", "go 1.16", "go 1.18")
	if r := l.build(); !r.OK() || r.Full != "" {
		t.Errorf("%+v", r)
	}
	if !strings.Contains(readFile(t, l.req.Output), live.AgentFolder) {
		t.Error("the agent is not in the program")
	}

	// Nor does a package clause that is wrong for a moment cost it the agent, in whose file
	// the compiler finds the mistake.
	l.edit("main.go", "package main", "package other")
	r := l.build()
	if len(r.Diagnostics) != 1 || r.Diagnostics[0].File != filepath.Join(l.req.Dir, "main.go") || r.Diagnostics[0].Line != 1 {
		t.Errorf("not a main package: %+v", r.Diagnostics)
	}
	l.edit("main.go", "package other", "package main")
	if r := l.build(); !r.OK() || !strings.Contains(readFile(t, l.req.Output), live.AgentFolder) {
		t.Errorf("a main package again: %+v; or the agent is not in it", r.Diagnostics)
	}
}

// Without Live the agent is not there.
func TestWithoutLive(t *testing.T) {
	l := newFastLoop(t, liveProgram)
	l.build()
	text, err := os.ReadFile(l.req.Output)
	if err != nil || strings.Contains(string(text), live.AgentFolder) {
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
	yesterday := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(canaryFile(tools.Version), yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	if err, known := New().tried(tools.Version); known {
		t.Errorf("a failure of yesterday is believed: %v", err)
	}
	if found, _ := filepath.Glob(filepath.Join(l.req.Scratch, "canary-*")); len(found) > 0 {
		t.Errorf("left behind: %v", found)
	}
}
