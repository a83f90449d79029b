package builder

import (
	"path/filepath"
	"testing"
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
