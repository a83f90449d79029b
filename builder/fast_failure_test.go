package builder

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hotdev/hotdev/builder/internal/gocmd"
)

// After anything fails that is not the user's mistake, the go command builds, the
// reason is told, and the plan that failed is gone.
func TestFastFailures(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, fastProgram)
	l.build()
	for _, c := range []struct {
		name, why string
		do        func(l *fastLoop, p *plan)
	}{
		{"the changed package's archive is gone", "compile example.com/fast/b: open ", func(l *fastLoop, p *plan) {
			p.Nodes["example.com/fast/b"].Archive = filepath.Join(l.dir, "gone.a")
			l.edit("b/b.go", `"b1`, `"b1+`)
		}},
		{"an archive of another format", "compile example.com/fast/b: not an archive of the Go compiler", func(l *fastLoop, p *plan) {
			p.Nodes["example.com/fast/b"].Archive = filepath.Join(l.dir, "go.mod")
			l.edit("b/b.go", `"b1`, `"b1+`)
		}},
		{"the proof that only lines moved", "compile example.com/fast/b: whether only lines moved: mkdir ", func(l *fastLoop, p *plan) {
			for n := range 9 {
				writeFile(l.t, filepath.Join(p.Folder, strconv.Itoa(n)+".a.new", "in the way"), "")
			}
			l.edit("b/b.go", "//go:noinline", "//\n//go:noinline")
			l.edit("b/b.go", "return", "type t int; return") // so that the text does not tell
		}},
		{"a flag that the compiler does not know", "the compiler says: ", func(l *fastLoop, p *plan) {
			l.nonsense(p, "example.com/fast/b")
			l.edit("b/b.go", `"b1`, `"b1+`)
		}},
		{"no compiler", "compile example.com/fast/b: ", func(l *fastLoop, p *plan) {
			p.Use(filepath.Join(l.dir, "none"))
			l.edit("b/b.go", `"b1`, `"b1+`)
		}},
		{"settling", "line numbers did not settle: ", func(l *fastLoop, p *plan) {
			l.edit("b/b.go", "//go:noinline", "//\n//go:noinline")
			if r := l.build(); r.Unsettled != 1 || r.Full != "" {
				l.t.Fatalf("nothing to settle: %+v", r)
			}
			l.nonsense(p, "example.com/fast/a")
			if err := l.b.Settle(l.t.Context(), l.req); err == nil {
				l.t.Fatal("it settled")
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l.t = t
			p := l.b.program(l.req.Output).plan
			c.do(l, p)
			r := l.build()
			if !strings.HasPrefix(r.Full, c.why) || !r.OK() {
				t.Errorf("full: %q, want %q; %v", r.Full, c.why, r.Diagnostics)
			}
			if l.b.program(l.req.Output).plan == p {
				t.Error("the plan that failed is still in use")
			}
			l.edit("main.go", "main ", "main +")
			l.fast("fast") // and so there is a plan for the next one
		})
	}
}

// What fails because of the user, a save or an end, is no failure: the plan
// stays.
func TestFastSettleInterrupted(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, fastProgram)
	l.build()
	l.edit("b/b.go", "//go:noinline", "//\n//go:noinline")
	if r := l.build(); r.Unsettled != 1 {
		t.Fatalf("nothing to settle: %+v", r)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.b.Settle(ended, l.req); err == nil {
		t.Error("it settled after its end")
	}
	l.edit("a/a.go", "b.Word()", "b.Nothing()")
	if err := l.b.Settle(t.Context(), l.req); err == nil || !strings.Contains(err.Error(), "undefined: b.Nothing") {
		t.Errorf("settled with broken code: %v", err)
	}
	l.edit("a/a.go", "b.Nothing()", "b.Word()")
	l.edit("main.go", "main 1", "main 2")
	l.fast("fast")
}

// Line numbers settle in a package with assembly, too.
func TestFastSettleAssembly(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, fastProgram+`
-- c/c.go --
package c

import "example.com/fast/b"

func Word() string { return b.Inlined(b.Word()) }
-- c/c.s --
// nothing
`)
	l.edit("main.go", "a\"", "a\"; import \"example.com/fast/c\"")
	l.edit("main.go", "a.Word()", "a.Word(), c.Word()")
	l.edit("b/b.go", "package b", "package b\n\nfunc Inlined(s string) string {\n\tif s == \"\" {\n\t\tpanic(s)\n\t}\n\treturn s\n}")
	l.build()
	l.edit("b/b.go", "func Inlined", "\nfunc Inlined")
	l.fast("fast/b") // and then it settles
	l.edit("main.go", "main 1", "main 2")
	l.fast("fast")
}

// nonsense has the compiler given a flag that it does not know, for a package.
func (l *fastLoop) nonsense(p *plan, pkg string) {
	l.t.Helper()
	if runtime.GOOS == "windows" {
		l.t.Skip("there is no shell")
	}
	tools := l.t.TempDir()
	script := fmt.Sprintf("#!/bin/sh\ncase \"$*\" in *'-p %s '*) set -- -nonsense \"$@\" ;; esac\nexec '%s' \"$@\"\n", pkg, filepath.Join(p.Tools.Folder, "compile"))
	if err := os.WriteFile(filepath.Join(tools, "compile"), []byte(script), 0o700); err != nil {
		l.t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(p.Tools.Folder, "link"), filepath.Join(tools, "link")); err != nil {
		l.t.Skip(err)
	}
	p.Use(tools)
}

// linker has the fast path use the test binary as its linker, which does
// what the mode says.
func (l *fastLoop) linker(mode string) {
	l.t.Helper()
	chain, err := l.b.toolchain(l.t.Context(), l.req)
	if err != nil {
		l.t.Fatal(err)
	}
	tools := l.t.TempDir()
	for name, to := range map[string]string{"compile": filepath.Join(chain.Folder, "compile"), "link": self(l.t)} {
		if err := os.Symlink(to, filepath.Join(tools, name)); err != nil {
			l.t.Skip(err)
		}
	}
	l.req.Env = append(gocmd.Environ(l.req.Env), "HOTDEV_ROLE=linker", "HOTDEV_MODE="+mode, "HOTDEV_LINKER="+filepath.Join(chain.Folder, "link"))
	l.b.goenv.Suppose(l.req.Dir, l.req.Env, func(e *gocmd.Env) { e.GOTOOLDIR = tools })
}

func playLinker(argv []string) int {
	if os.Getenv("HOTDEV_MODE") == "refuse" {
		fmt.Println("fingerprint mismatch: no")
		return 1
	}
	cmd := exec.Command(os.Getenv("HOTDEV_LINKER"), argv...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return 1
	}
	f, err := os.OpenFile(argv[slices.Index(argv, "-o")+1], os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	if _, err := f.WriteString("more"); err != nil {
		panic(err)
	}
	return 0
}

// A refused link falls back to go build in the same cycle.
func TestFastLinkRefused(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, fastProgram)
	l.linker("refuse")
	l.build()
	l.edit("b/b.go", `"b1`, `"b1+`)
	if r := l.build(); r.Full != "the linker refused: fingerprint mismatch: no" || !r.OK() {
		t.Errorf("full: %q; %v", r.Full, r.Diagnostics)
	}
	l.equal()
	l.edit("b/b.go", `"b1`, `"b1+`)
	l.fast("fast/b") // with the linker that go env names
}

// A binary that is not go build's is seen: by Verify, and in the trial of a
// toolchain that is not known.
func TestFastOtherBinary(t *testing.T) {
	l := newFastLoop(t, fastProgram)
	l.linker("more")
	if err := l.b.Verify(t.Context(), l.req); err == nil || !strings.Contains(err.Error(), "different binaries") {
		t.Errorf("Verify says %v", err)
	}
	if r := l.build(); r.Full != "the fast path made another binary than go build" {
		t.Errorf("the next build: %q", r.Full)
	}
	l.equal()

	known := testedToolchains
	t.Cleanup(func() { testedToolchains = known })
	testedToolchains = nil
	l = newFastLoop(t, fastProgram)
	l.linker("more")
	if _, err := l.b.Build(t.Context(), l.req, Hooks{}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // tried, and remembered
		if err := l.b.Plan(t.Context(), l.req); err == nil || !strings.HasSuffix(err.Error(), "is not known to the fast path, and a trial build was not the same") {
			t.Errorf("there is a plan: %v", err)
		}
	}
}
