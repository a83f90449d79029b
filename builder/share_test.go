package builder

import (
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hotdev/hotdev/builder/internal/compiler"
)

const twoPrograms = `
-- go.mod --
module example.com/two

go 1.24
-- cmd/a/main.go --
package main

import "example.com/two/common"

func main() { println("a", common.Word()) }
-- cmd/b/main.go --
package main

import "example.com/two/common"

func main() { println("b", common.Word()) }
-- common/common.go --
package common

import "example.com/two/deep"

func Word() string { return "common 1 " + deep.Word() }
-- deep/deep.go --
package deep

//go:noinline
func Word() string { return "deep 1" }
`

// Two programs of a module compile a package that both have once, whichever is
// built first, and each is what go build makes of it.
func TestShare(t *testing.T) {
	t.Parallel()
	a := newFastLoop(t, twoPrograms)
	b := *a
	a.req.Target, b.req.Target = []string{"./cmd/a"}, []string{"./cmd/b"}
	b.req.Scratch, b.req.Output = filepath.Join(t.TempDir(), "fast"), filepath.Join(t.TempDir(), "b")
	a.build()
	b.build()

	a.edit("deep/deep.go", "deep 1", "deep 2") // its export data stay
	a.fast("two/deep")
	b.fast()
	a.edit("common/common.go", "common 1", "common 2") // it is inlined in both
	b.fast("two/common", "two/cmd/b")
	a.fast("two/cmd/a")
	a.edit("deep/deep.go", "deep 2", "deep 3") // a's alone
	a.fast("two/deep")
	a.edit("deep/deep.go", "//go:noinline", "//\n//go:noinline") // lines, which settle
	a.fast("two/deep")
	b.fast()
	a.edit("deep/deep.go", "func Word() string", "func Word() (s string)")
	a.edit("common/common.go", "common 2", "common 3")
	b.fast("two/deep", "two/common", "two/cmd/b")
	a.fast("two/cmd/a")

	// A binary that is suspected is compiled for itself, all of it.
	if err := a.b.Verify(t.Context(), a.req); err != nil {
		t.Error(err)
	}
}

// What one program cannot compile, the other does not take; what was compiled once
// is there again when a change is undone.
func TestShareBroken(t *testing.T) {
	t.Parallel()
	a := newFastLoop(t, twoPrograms)
	b := *a
	a.req.Target, b.req.Target = []string{"./cmd/a"}, []string{"./cmd/b"}
	b.req.Output = filepath.Join(t.TempDir(), "b")
	a.build()
	b.build()
	a.edit("deep/deep.go", `"deep 1"`, `1`)
	for _, l := range []*fastLoop{a, &b} {
		if r := l.build(); r.OK() || r.Full != "" {
			t.Errorf("broken: %+v", r)
		}
	}
	a.edit("deep/deep.go", `return 1`, `return "deep 2"`)
	a.fast("two/deep")
	b.fast()
	// Nor is what was undone compiled again.
	a.edit("deep/deep.go", "deep 2", "deep 3")
	a.fast("two/deep")
	a.edit("deep/deep.go", "deep 3", "deep 2")
	a.fast()
}

// Programs that are built at the same moment compile what they have in common once,
// and each is what go build makes of it.
func TestSideBySide(t *testing.T) {
	t.Parallel()
	main := twoPrograms[strings.Index(twoPrograms, "-- cmd/a"):strings.Index(twoPrograms, "-- cmd/b")]
	first := newFastLoop(t, twoPrograms+strings.NewReplacer("cmd/a", "cmd/c", `"a"`, `"c"`).Replace(main))
	first.b.queue, first.b.workers = newQueue(3), compiler.NewWorkers(2)
	first.req.Live = true // the agents of programs are not the same
	var loops []*fastLoop
	for _, name := range []string{"a", "b", "c"} {
		l := *first
		l.req.Target, l.req.Output = []string{"./cmd/" + name}, filepath.Join(t.TempDir(), name)
		loops = append(loops, &l)
	}
	build := func(want ...string) {
		t.Helper()
		results := make([]Result, len(loops))
		errs := make([]error, len(loops))
		var wg sync.WaitGroup
		for i, l := range loops {
			wg.Go(func() {
				if results[i], errs[i] = l.b.Build(t.Context(), l.req, Hooks{}); errs[i] != nil || results[i].Artifact.Temp == "" {
					return
				}
				if errs[i] = l.b.Publish(results[i].Artifact); errs[i] == nil {
					errs[i] = l.b.Plan(t.Context(), l.req)
				}
			})
		}
		wg.Wait()
		var compiled []string
		for i, l := range loops {
			if errs[i] != nil || !results[i].OK() {
				t.Fatalf("%s: %v, %v", l.req.Target, results[i].Diagnostics, errs[i])
			}
			if results[i].Full == "" {
				for _, c := range results[i].Compiled {
					compiled = append(compiled, strings.TrimPrefix(c.Package, "example.com/two/"))
				}
			}
		}
		slices.Sort(compiled)
		if !slices.Equal(compiled, want) {
			t.Errorf("compiled %v, want %v", compiled, want)
		}
		for _, l := range loops {
			if results[0].Unsettled > 0 {
				l.settle()
			}
			l.equal()
		}
	}
	build() // by the go command, all at once
	first.edit("deep/deep.go", "deep 1", "deep 2")
	build("deep")
	first.edit("common/common.go", "common 1", "common 2") // it is inlined in all
	build("cmd/a", "cmd/b", "cmd/c", "common")
	first.edit("deep/deep.go", "package deep\n", "package deep\n\n// More.\n")
	build("deep")
}
