package builder

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotdev/hotdev/internal/patience"
)

// directModule is a package under test with everything that makes a test binary another
// one: tests in the package and beside it, a package that imports it and is imported by
// these, test data, an embedded file, examples, a file for one system.
const directModule = `
-- go.mod --
module ex.com/d

go 1.26
-- low/low.go --
package low

func Base() int { return 100 }
-- p/p.go --
package p

import (
	_ "embed"

	"ex.com/d/low"
)

//go:embed name.txt
var Name string

func Sum(n int) int { return low.Base() + n }
-- p/name.txt --
one
-- p/never.go --
//go:build never

package p

func init() { panic("never") }
-- p/testdata/want.txt --
103
-- p/p_test.go --
package p

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestSum(t *testing.T) {
	want, err := os.ReadFile("testdata/want.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(Sum(3)); got != strings.TrimSpace(string(want)) {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestName(t *testing.T) {
	for _, n := range []string{"one", "two"} {
		t.Run(n, func(t *testing.T) {
			if strings.TrimSpace(Name) != n {
				t.Skip("named otherwise")
			}
			t.Log("named", n)
		})
	}
}

func ExampleSum() {
	fmt.Println(Sum(1) > 0)
	// Output: true
}
-- p/beside_test.go --
package p_test

import (
	"os"
	"os/exec"
	"testing"

	"ex.com/d/p"
	"ex.com/d/q"
)

func TestMain(m *testing.M) {
	if os.Getenv("PWD") == "" {
		panic("no PWD")
	}
	os.Exit(m.Run())
}

func TestBeside(t *testing.T) {
	if q.Twice(2) != 2*p.Sum(2) {
		t.Error("q and p are of two minds")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Error(err)
	}
}
-- q/q.go --
package q

import "ex.com/d/p"

func Twice(n int) int { return 2 * p.Sum(n) }
`

// A directLab has the tests of p run both ways.
type directLab struct {
	t     *testing.T
	dir   string
	tests *Tests
	req   TestRequest
}

func newDirectLab(t *testing.T) *directLab {
	t.Helper()
	l := &directLab{t: t, dir: moduleOf(t, directModule), tests: NewTests(New())}
	l.req = TestRequest{Dir: l.dir, Scratch: t.TempDir(), Env: append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")}
	if _, _, err := l.tests.List(t.Context(), l.req, nil); err != nil {
		t.Fatal(err)
	}
	return l
}

const directPackage = "ex.com/d/p"

// prepare makes a plan for p.
func (l *directLab) prepare() {
	l.t.Helper()
	err := patience.Until(func() bool {
		l.tests.PrepareDirect(l.t.Context(), l.req, []string{directPackage})
		if why := l.tests.direct.refused[directPackage]; why != "" {
			l.t.Fatal(why)
		}
		return l.tests.direct.plan(directPackage, l.req) != nil // else a file was too young
	})
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *directLab) write(file, text string) {
	l.t.Helper()
	if err := os.WriteFile(filepath.Join(l.dir, filepath.FromSlash(file)), []byte(text), 0o644); err != nil {
		l.t.Fatal(err)
	}
}

func (l *directLab) edit(file, old, text string) {
	l.t.Helper()
	was, err := os.ReadFile(filepath.Join(l.dir, filepath.FromSlash(file)))
	if err != nil {
		l.t.Fatal(err)
	}
	if !strings.Contains(string(was), old) {
		l.t.Fatalf("no %q in %s", old, file)
	}
	l.write(file, strings.Replace(string(was), old, text, 1))
}

var seconds = regexp.MustCompile(`\d+\.\d+s\b|0x[0-9a-f]+\??|goroutine \d+|\+0x[0-9a-f]+`)

// outcomes gathers events: how each test came out, and what it printed.
func outcomes(into map[string]string) func(TestEvent) {
	return func(e TestEvent) {
		switch e.Action {
		case "pass", "fail", "skip":
			into[e.Test+" outcome"] = e.Action
		case "output":
			if e.Test != "" { // the go command says more of the package itself
				into[e.Test+" output"] += seconds.ReplaceAllString(e.Output, "…")
			}
		}
	}
}

// run tests p directly, if it can be. want is what go test says of the same files.
func (l *directLab) run() (direct bool, got, want map[string]string) {
	l.t.Helper()
	got, want = map[string]string{}, map[string]string{}
	rest := l.tests.RunDirect(l.t.Context(), l.req, []string{directPackage}, outcomes(got))
	if _, err := l.tests.Run(l.t.Context(), l.req, TestRun{Packages: []string{directPackage}, NoVet: true}, outcomes(want)); err != nil {
		l.t.Fatal(err)
	}
	return len(rest) == 0, got, want
}

func (l *directLab) compare(step string, got, want map[string]string) {
	l.t.Helper()
	for _, k := range slices.Sorted(maps.Keys(maps.Collect(func(yield func(string, bool) bool) {
		for _, m := range []map[string]string{got, want} {
			for k := range m {
				if !yield(k, true) {
					return
				}
			}
		}
	}))) {
		if got[k] != want[k] {
			l.t.Errorf("%s: %s:\n%s\ngo test:\n%s", step, k, got[k], want[k])
		}
	}
}

// What is run directly comes out as with go test; what changes the binary in a way that
// the plan does not cover is left to go test.
func TestDirect(t *testing.T) {
	t.Parallel()
	l := newDirectLab(t)
	if rest := l.tests.RunDirect(t.Context(), l.req, []string{directPackage}, nil); len(rest) != 1 {
		t.Error("tested without a plan")
	}
	l.prepare()
	for _, step := range []struct {
		name   string
		do     func()
		direct bool
		failed string
	}{
		{"a body below, and a line more", func() { l.edit("low/low.go", "{ return 100 }", "{\n\n\treturn 101\n}") }, true, "TestSum"},
		{"test data", func() { l.write("p/testdata/want.txt", "104\n") }, true, ""},
		{"a new test", func() { l.edit("p/p_test.go", "func TestName", "func TestNew(t *testing.T) {}\n\nfunc TestName") }, false, ""},
		{"a panic in a test beside it", func() { l.edit("p/beside_test.go", "if q.Twice", "panic(1)\n\tif q.Twice") }, true, "TestBeside"},
		{"what does not compile", func() { l.edit("p/p.go", "low.Base() + n", "low.Base() + nothing") }, false, "-"},
	} {
		step.do()
		direct, got, want := l.run()
		if direct != step.direct {
			t.Fatalf("%s: direct %v", step.name, direct)
		}
		if direct {
			l.compare(step.name, got, want)
		} else if len(got) > 0 {
			t.Errorf("%s: left to go test, and %v", step.name, got)
		}
		for test, outcome := range want {
			if name, ok := strings.CutSuffix(test, " outcome"); ok && name != "" && step.failed != "-" && (outcome == "fail") != (name == step.failed) {
				t.Errorf("%s: %s %s", step.name, name, outcome)
			}
		}
		if !direct && step.failed != "-" {
			l.prepare()
		}
	}
	// go vet says what go test's would.
	l.edit("p/p.go", "nothing", "n")
	l.edit("p/p_test.go", `t.Log("named", n)`, `t.Logf("%d", "x")`)
	if direct, _, _ := l.run(); !direct {
		t.Fatal("not tested directly after a mistake")
	}
	var found []Diagnostic
	if err := l.tests.Vet(t.Context(), l.req, []string{directPackage}, func(e TestEvent) { found = append(found, e.Diagnostics...) }); err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 || filepath.Base(found[0].File) != "p_test.go" || !strings.Contains(found[0].Message, "Logf format %d has arg \"x\"") {
		t.Errorf("go vet: %v", found)
	}
	// What was saved elsewhere is compiled before the next save here needs it.
	l.edit("low/low.go", "return 101", "return 100")
	l.tests.PrepareDirect(t.Context(), l.req, nil)
	plan := l.tests.direct.plan(directPackage, l.req)
	if plan == nil {
		t.Fatal("there is no plan any more")
	}
	now, err := plan.Changes()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range plan.Order {
		if n.From != nil && !n.From.Same(now[n.Path]) || n.Stale && n.From != nil {
			t.Errorf("package %s is not compiled yet", n.Path)
		}
	}
}

// What cannot be run directly is not: with tests that embed files, and assembly.
func TestDirectRefused(t *testing.T) {
	t.Parallel()
	l := newDirectLab(t)
	refused := func(file, text, want string) {
		t.Helper()
		l.write(file, text)
		l.tests.direct.forget()
		if err := patience.Until(func() bool {
			l.tests.PrepareDirect(t.Context(), l.req, []string{directPackage})
			return l.tests.direct.refused[directPackage] != ""
		}); err != nil || !strings.Contains(l.tests.direct.refused[directPackage], want) {
			t.Errorf("%s: %q, %v", file, l.tests.direct.refused[directPackage], err)
		}
	}
	refused("low/low.s", "// nothing\n", "not only Go")
	refused("p/e_test.go", "package p\n\nimport _ \"embed\"\n\n//go:embed testdata/want.txt\nvar want string\n", "embed")
	l.req.Flags = []string{"-cover"}
	refused("low/low.s", "// nothing\n", "flags")
}

var directSeed = flag.Uint64("direct.seed", 0, "replay the edits of this seed in TestDirectRandom (0: new ones)")

// Random edits of every kind: whenever p is tested directly, it comes out as with go
// test.
func TestDirectRandom(t *testing.T) {
	if os.Getenv("HOTDEV_LONG") == "" { // .ci/run sets it
		t.Skip("HOTDEV_LONG=1 runs it")
	}
	seed := *directSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("replay with -direct.seed=%d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	l := newDirectLab(t)
	l.prepare()
	n, ran, added := 0, 0, false
	edits := map[string]func(){
		"low body": func() {
			l.write("low/low.go", fmt.Sprintf("package low\n%s\nfunc Base() int { return %d }\n", strings.Repeat("\n", r.IntN(3)), 100+r.IntN(3)))
		},
		"low export": func() {
			l.write("low/low.go", fmt.Sprintf("package low\n\nconst C%d = 1\n\nfunc Base() int { return 100 }\n", n))
		},
		"data":     func() { l.write("p/testdata/want.txt", fmt.Sprint(100+r.IntN(6), "\n")) },
		"embedded": func() { l.write("p/name.txt", []string{"one", "two", "three"}[r.IntN(3)]) },
		"q": func() {
			l.write("q/q.go", fmt.Sprintf("package q\n\nimport \"ex.com/d/p\"\n\nfunc Twice(n int) int { return %d * p.Sum(n) }\n", 2+r.IntN(2)))
		},
		"test body": func() {
			l.write("p/more_test.go", fmt.Sprintf("package p\n\nimport \"testing\"\n\nfunc TestMore(t *testing.T) {\n\tif %d > 2 {\n\t\tt.Error(%d)\n\t}\n}\n", r.IntN(5), n))
		},
		"example": func() {
			l.write("p/example_test.go", fmt.Sprintf("package p_test\n\nimport \"fmt\"\n\nfunc Example() {\n\tfmt.Println(1)\n\t// Output: %d\n}\n", r.IntN(2)))
		},
		"tagged": func() {
			l.write("p/never.go", []string{"//go:build never\n\npackage p\n", "package p\n\nfunc init() { Name += \" \" }\n"}[r.IntN(2)])
		},
		"new file": func() {
			if added = !added; added {
				l.write("p/new.go", "package p\n\nfunc init() { Name = \"two\" }\n")
			} else if err := os.Remove(filepath.Join(l.dir, "p", "new.go")); err != nil {
				t.Fatal(err)
			}
		},
		"broken": func() { l.write("low/low.go", "package low\n\nfunc Base() int { return x }\n") },
		"lines": func() {
			l.write("p/p.go", fmt.Sprintf("package p\n\nimport (\n\t_ \"embed\"\n\n\t\"ex.com/d/low\"\n)\n%s\n//go:embed name.txt\nvar Name string\n\nfunc Sum(n int) int {\n\tif n > 1000 {\n\t\tpanic(n)\n\t}\n\treturn low.Base() + n\n}\n", strings.Repeat("\n", r.IntN(4))))
		},
	}
	kinds := slices.Sorted(maps.Keys(edits))
	for n = range 100 {
		kind := kinds[r.IntN(len(kinds))]
		edits[kind]()
		direct, got, want := l.run()
		if direct {
			ran++
			l.compare(fmt.Sprintf("edit %d, %s", n, kind), got, want)
		} else if want[" outcome"] == "pass" || r.IntN(2) == 0 {
			l.tests.direct.forget()
			l.tests.PrepareDirect(t.Context(), l.req, []string{directPackage})
		}
		if t.Failed() {
			return
		}
	}
	if t.Logf("%d of 100 directly", ran); ran < 10 { // usually about half
		t.Error("too few")
	}
}
