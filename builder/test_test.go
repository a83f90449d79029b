package builder

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/internal/patience"
)

// moduleOf lays out files for tests, and gives the folder.
func moduleOf(t *testing.T, text string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := txtar.Write(txtar.Parse([]byte(text)), dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// The graph of tests has the user's own packages, of all modules that they can edit, with
// what they and their tests are made of and import; nothing of the go command's own.
func TestTestGraph(t *testing.T) {
	t.Parallel()
	dir := moduleOf(t, `
-- go.mod --
module ex.com/shop

go 1.26

require ex.com/money v0.0.0

replace ex.com/money => ./libs/money
-- libs/money/go.mod --
module ex.com/money

go 1.26
-- libs/money/money.go --
package money
-- libs/money/money_test.go --
package money
-- cart/cart.go --
package cart

import (
	_ "embed"
	_ "strings"

	_ "ex.com/money"
)

//go:embed all.txt
var all string
-- cart/all.txt --
x
-- cart/cart_test.go --
package cart

import (
	_ "embed"
	"testing"
)

//go:embed testdata/in.txt
var in string

func TestX(t *testing.T) {}
-- cart/testdata/in.txt --
y
-- cart/outside_test.go --
package cart_test

import (
	_ "ex.com/shop/cart"
	_ "ex.com/shop/fake"
)
-- cart/tagged_test.go --
//go:build integration

package cart
-- fake/fake.go --
package fake
`)
	tests := NewTests(New())
	req := TestRequest{Dir: dir, Env: append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")}
	list := func(paths ...string) (TestGraph, bool) {
		t.Helper()
		for i := range paths {
			paths[i] = filepath.Join(dir, filepath.FromSlash(paths[i]))
		}
		g, same, err := tests.List(t.Context(), req, paths)
		if err != nil {
			t.Fatal(err)
		}
		return g, same
	}
	g, _ := list()
	var got strings.Builder
	for _, p := range g.Packages {
		got.WriteString(p.ImportPath)
		if p.Tested {
			got.WriteString(" tested")
		}
		for _, f := range slices.Concat(p.Files, []string{"|"}, p.TestFiles) {
			got.WriteString(" " + strings.TrimPrefix(filepath.ToSlash(f), filepath.ToSlash(dir)+"/"))
		}
		got.WriteString(" imports " + strings.Join(p.Imports, " ") + " | " + strings.Join(p.TestImports, " ") + "\n")
	}
	const want = `ex.com/money libs/money/money.go | libs/money/money_test.go imports  | 
ex.com/shop/cart tested cart/cart.go cart/all.txt | cart/cart_test.go cart/outside_test.go cart/testdata/in.txt imports ex.com/money | ex.com/shop/cart ex.com/shop/fake
ex.com/shop/fake fake/fake.go | imports  | 
`
	if got.String() != want || len(g.Diagnostics) > 0 {
		t.Errorf("got\n%s\nwant\n%s\n%v", got.String(), want, g.Diagnostics)
	}
	if want := []string{dir, filepath.Join(dir, "libs", "money")}; !slices.Equal(g.Roots, want) {
		t.Errorf("roots %v, want %v", g.Roots, want)
	}

	// What cannot change the graph is answered from memory.
	old := time.Now().Add(-time.Hour)
	for _, f := range []string{"cart/cart.go", "cart/cart_test.go", "cart/outside_test.go", "fake/fake.go"} {
		if err := os.Chtimes(filepath.Join(dir, filepath.FromSlash(f)), old, old); err != nil {
			t.Fatal(err)
		}
	}
	list()
	write := func(file, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(file)), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("fake/fake.go", "package fake\n\nfunc F() {}\n")
	write("cart/testdata/in.txt", "z")
	if _, same := list("fake/fake.go", "cart/testdata/in.txt"); !same {
		t.Error("a body and the content of an embedded file made another graph")
	}
	write("fake/fake.go", "package fake\n\nimport _ \"ex.com/money\"\n")
	g, same := list("fake/fake.go")
	if p, _ := g.Package("ex.com/shop/fake"); same || !slices.Equal(p.Imports, []string{"ex.com/money"}) {
		t.Errorf("a new import: same %v, %v", same, p.Imports)
	}
	// Broken, it keeps what it knew, and says why.
	write("fake/fake.go", "pakcage fake\n")
	g, _ = list("fake/fake.go")
	if p, ok := g.Package("ex.com/shop/fake"); !ok || len(p.Files) == 0 || len(g.Diagnostics) == 0 {
		t.Errorf("broken: %v, %v", p, g.Diagnostics)
	}
	write("fake/fake_test.go", "package fake\n")
	write("fake/fake.go", "package fake\n")
	g, _ = list("fake/fake.go", "fake/fake_test.go")
	if p, _ := g.Package("ex.com/shop/fake"); !p.Tested || len(g.Diagnostics) > 0 {
		t.Errorf("a new test: %v, %v", p, g.Diagnostics)
	}
	// Without a go.mod that parses there are no modules; what was watched still is.
	before := g
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	write("go.mod", "requir x\n")
	g, _ = list("go.mod")
	if !slices.Equal(g.Roots, before.Roots) || !slices.Equal(g.Files, before.Files) || len(g.Packages) != len(before.Packages) || len(g.Diagnostics) == 0 {
		t.Errorf("a broken go.mod: roots %v, files %v, %d packages, %v", g.Roots, g.Files, len(g.Packages), g.Diagnostics)
	}
	fresh, _, err := NewTests(New()).List(t.Context(), req, nil)
	if err != nil || !slices.Equal(fresh.Roots, []string{dir}) || !slices.Contains(fresh.Files, filepath.Join(dir, "go.mod")) {
		t.Errorf("a broken go.mod at the start: roots %v, files %v, %v", fresh.Roots, fresh.Files, err)
	}
	write("go.mod", string(mod))
	if g, _ = list("go.mod"); len(g.Diagnostics) > 0 || len(g.Packages) != len(before.Packages) {
		t.Errorf("the go.mod is back: %d packages, %v", len(g.Packages), g.Diagnostics)
	}
}

// A go.work that appears is noticed: it has the tests of other modules run as well.
func TestTestGraphOfNewWorkspace(t *testing.T) {
	t.Parallel()
	dir := moduleOf(t, `
-- go.mod --
module ex.com/a

go 1.26
-- a_test.go --
package a
-- sub/go.mod --
module ex.com/sub

go 1.26
-- sub/sub_test.go --
package sub
`)
	tests, work := NewTests(New()), filepath.Join(dir, "go.work")
	req := TestRequest{Dir: dir, Env: append(os.Environ(), "GOFLAGS=", "GOPROXY=off", "GOWORK=")}
	g, _, err := tests.List(t.Context(), req, nil)
	if err != nil || len(g.Packages) != 1 || !slices.Contains(g.Files, work) {
		t.Fatalf("one module: files %v, %v, %v", g.Files, g.Packages, err)
	}
	if err := os.WriteFile(work, []byte("go 1.26\n\nuse (\n\t.\n\t./sub\n)\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	g, same, err := tests.List(t.Context(), req, []string{work})
	if _, ok := g.Package("ex.com/sub"); err != nil || same || !ok || len(g.Diagnostics) > 0 {
		t.Errorf("a workspace: same %v, %v, %v, %v", same, g.Packages, g.Diagnostics, err)
	}
}

// A run that is cut off leaves no process behind, and nothing in its folder.
func TestTestRunIsCutOff(t *testing.T) {
	t.Parallel()
	dir := moduleOf(t, `
-- go.mod --
module ex.com/slow

go 1.26
-- slow_test.go --
package slow

import (
	"os"
	"strconv"
	"testing"
)

func TestSlow(t *testing.T) {
	if err := os.WriteFile("pid", []byte(strconv.Itoa(os.Getpid())), 0o644); err != nil {
		t.Fatal(err)
	}
	select {}
}
`)
	scratch := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	tests, done := NewTests(New()), make(chan error, 1)
	go func() {
		_, err := tests.Run(ctx, TestRequest{Dir: dir, Scratch: scratch, Nice: true}, TestRun{Packages: []string{"ex.com/slow"}}, func(TestEvent) {})
		done <- err
	}()
	var pid []byte
	if err := patience.Until(func() bool {
		pid, _ = os.ReadFile(filepath.Join(dir, "pid"))
		return len(pid) > 0
	}); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; err == nil {
		t.Error("a run that was cut off has ended well")
	}
	if n, err := strconv.Atoi(string(pid)); err != nil || gocmd.Alive(n) {
		t.Errorf("the test, pid %s, runs on (%v)", pid, err)
	}
	if left, _ := os.ReadDir(scratch); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// What does not build, and what go vet says, are diagnostics of the packages that it
// breaks, at their places.
func TestTestsThatDoNotBuild(t *testing.T) {
	t.Parallel()
	dir := moduleOf(t, `
-- go.mod --
module ex.com/broken

go 1.26
-- lib/lib.go --
package lib

var X = nothing
-- a/a_test.go --
package a

import (
	"testing"

	_ "ex.com/broken/lib"
)

func TestA(t *testing.T) {}
-- vet/vet_test.go --
package vet

import "testing"

func TestVet(t *testing.T) { t.Logf("%d", "x") }
`)
	found := map[string]Diagnostic{}
	stray, err := NewTests(New()).Run(t.Context(), TestRequest{Dir: dir}, TestRun{Packages: []string{"ex.com/broken/a", "ex.com/broken/vet"}}, func(e TestEvent) {
		if len(e.Diagnostics) > 0 {
			found[e.Package] = e.Diagnostics[0]
		}
	})
	if err != nil || len(stray) > 0 {
		t.Error(stray, err)
	}
	for pkg, want := range map[string]string{
		"ex.com/broken/a":   "lib/lib.go:3:9: undefined: nothing",
		"ex.com/broken/vet": "vet/vet_test.go:5:38: (*testing.common).Logf format %d has arg \"x\" of wrong type string",
	} {
		if got := strings.TrimPrefix(filepath.ToSlash(found[pkg].String()), filepath.ToSlash(dir)+"/"); got != want {
			t.Errorf("%s: %s, want %s", pkg, got, want)
		}
		if len(found[pkg].Excerpt) == 0 {
			t.Errorf("%s: no source", pkg)
		}
	}
	stray, err = NewTests(New()).Run(t.Context(), TestRequest{Dir: dir, Flags: []string{"-mod=nonsense"}}, TestRun{Packages: []string{"ex.com/broken/a"}}, func(TestEvent) {})
	if err != nil || len(stray) == 0 {
		t.Errorf("a flag that makes no sense: %v, %v", stray, err)
	}
}
