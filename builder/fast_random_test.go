package builder

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotdev/hotdev/internal/mutate"
)

var (
	fastSeed  = flag.Uint64("fast.seed", 0, "replay the edits of this seed (0: new ones)")
	fastSteps = flag.Int("fast.steps", 0, "random edits (0: a few, or many if HOTDEV_LONG is set)")
)

// TestFastRandom edits a program at random, and after every edit holds the fast
// path to go build: the same binary, or the same complaints.
func TestFastRandom(t *testing.T) {
	t.Parallel()
	fastRandom(t, randomProgram(), steps())
}

// TestFastRandomVendored does the same where some of the packages are vendored.
func TestFastRandomVendored(t *testing.T) {
	t.Parallel()
	fastRandom(t, vendored(randomProgram()), max(4, steps()/3))
}

// steps is how many edits are made.
func steps() int {
	switch {
	case *fastSteps > 0:
		return *fastSteps
	case os.Getenv("HOTDEV_LONG") != "": // .ci/run sets it
		return 200
	}
	return 8
}

func fastRandom(t *testing.T, text string, steps int) {
	seed := *fastSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("replay with -fast.seed=%d -fast.steps=%d", seed, steps)
	l := newFastLoop(t, text)
	l.complain = true
	if seed%3 == 0 {
		l.req.Flags = []string{"-trimpath"}
	}
	l.build()
	var files, texts []string
	for _, p := range l.b.known[requestKey(l.req)].graph.Packages {
		files, texts = append(files, p.Files...), append(texts, p.EmbedFiles...)
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	program := mutate.New(rng, files, texts)
	fast, kinds, full := 0, map[string]int{}, map[string]int{}
	for step := range steps {
		e, err := program.Edit()
		if err != nil {
			t.Fatal(err)
		}
		l.touched = append(l.touched, e.Files()...)
		r := l.build()
		if r.Full == "" {
			fast++
		} else {
			full[r.Full]++
		}
		kinds[e.What]++
		switch {
		case !r.OK():
			kinds["broken, by both"]++
			l.sameComplaints(r)
			if err := e.Undo(); err != nil {
				t.Fatal(err)
			}
		case r.Unsettled > 0 && rng.IntN(2) == 0:
			l.behaves() // and settles later, with what comes next, or never
		case r.Unsettled > 0:
			l.settleOrRebuild()
			l.equal()
		default:
			l.equalUnlessFull(r)
		}
		if t.Failed() {
			t.Fatalf("step %d, after: %s\n%s", step, e.What, e.Diff())
		}
	}
	t.Logf("%v; %d fast builds, full ones: %v", kinds, fast, full)
	if fast < steps/3 {
		t.Errorf("only %d of %d builds were fast: %v", fast, steps, full)
	}
}

// settleOrRebuild settles lines. Where that takes more than the compiler, the next
// build is the go command's, as [Builder.Settle] promises.
func (l *fastLoop) settleOrRebuild() {
	l.t.Helper()
	err := l.b.Settle(l.t.Context(), l.req)
	if err != nil && !strings.HasPrefix(err.Error(), "cgo in package ") {
		l.t.Fatal(err)
	}
	if r := l.build(); (r.Full != "") != (err != nil) || r.Unsettled > 0 || !r.OK() {
		l.t.Errorf("after settling (%v): %+v", err, r)
	}
}

// sameComplaints holds the diagnostics to those of go build.
func (l *fastLoop) sameComplaints(fast Result) {
	l.t.Helper()
	slow := l.req
	slow.Fast, slow.Output = false, filepath.Join(filepath.Dir(l.req.Output), "slow")
	r, err := l.slow.Build(l.t.Context(), slow, Hooks{})
	if err != nil {
		l.t.Fatal(err)
	}
	tell := func(ds []Diagnostic) (lines []string) {
		for _, d := range ds {
			lines = append(lines, fmt.Sprintf("%s %s %q", d.Package, d, d.More))
		}
		slices.Sort(lines)
		return lines
	}
	if got, want := tell(fast.Diagnostics), tell(r.Diagnostics); !slices.Equal(got, want) {
		l.t.Errorf("the fast path (full: %q) complains\n%s\ngo build\n%s", fast.Full, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// vendored is a program whose lowest packages are of another module, and stand
// in the vendor folder. One has files for other systems, and a go version of its
// own.
func vendored(text string) string {
	for i := range 3 {
		path := fmt.Sprintf("example.com/dep/p%d", i)
		text = strings.ReplaceAll(text, fmt.Sprintf("example.com/random/p%d", i), path)
		text = strings.ReplaceAll(text, fmt.Sprintf("-- p%d/", i), "-- vendor/"+path+"/")
	}
	text = strings.Replace(text, "go 1.24\n", "go 1.24\n\nrequire example.com/dep v1.2.3\n", 1)
	return text + `-- vendor/modules.txt --
# example.com/dep v1.2.3
## explicit; go 1.22
example.com/dep/p0
example.com/dep/p1
example.com/dep/p2
-- vendor/example.com/dep/p1/other_plan9.go --
package p1

func Other() {}
`
}

const randomPackages = 7

// randomProgram is one of several packages, each of which uses those below it in
// every way that matters.
func randomProgram() string {
	var b strings.Builder
	b.WriteString("-- go.mod --\nmodule example.com/random\n\ngo 1.24\n-- main.go --\npackage main\n\nimport (\n\t\"fmt\"\n")
	for i := range randomPackages {
		fmt.Fprintf(&b, "\t\"example.com/random/p%d\"\n", i)
	}
	b.WriteString(")\n\nfunc main() {\n")
	for i := range randomPackages {
		fmt.Fprintf(&b, "\tfmt.Println(p%d.Use(), p%d.Order, p%d.Max[int](1, 2), p%d.C)\n", i, i, i, i)
	}
	b.WriteString("}\n")
	for i := range randomPackages {
		fmt.Fprintf(&b, "-- p%d/data/text.txt --\ntext\n-- p%d/more.go --\n%s-- p%d/p.go --\n%s", i, i, randomMore(i), i, randomSource(i))
	}
	return b.String()
}

// randomMore is a file that the package does without, and one that it needs in
// the last of them.
func randomMore(i int) string {
	s := fmt.Sprintf("package p%d\n\nfunc init() { Order++ }\n\nfunc Spare(n int) int { return n + C }\n", i)
	if i == randomPackages-1 {
		s += "\nvar _ = Needed\n"
	}
	return s
}

func randomSource(i int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "package p%d\n\nimport (\n\t_ \"embed\"\n\t\"fmt\"\n\t_ \"unsafe\"\n", i)
	var below []int
	for j := range i {
		if (i*7+j*3)%4 != 0 || j == i-1 {
			below = append(below, j)
			fmt.Fprintf(&b, "\t\"example.com/random/p%d\"\n", j)
		}
	}
	b.WriteString(`)

//go:embed data/text.txt
var text string

const C = 10

var Order = start(1)

func start(n int) int { return n + C }

type T struct {
	A int
	B string
}

func (t T) String() string { return fmt.Sprint(t.A, 1) }

type I interface{ String() string }

type J interface {
	I
	More() int
}

func (t *T) More() int { return t.A * 2 }

var _ J = (*T)(nil)

func Inline() int { return 1 }

func Max[E ~int | ~string](a, b E) E {
	if a > b {
		return a
	}
	return b
}

func Add(a, b int) int { return a + b }

func Needed() {}

//go:noinline
func secret(n int) string { return fmt.Sprint("secret ", n) }

`)
	for _, j := range below {
		fmt.Fprintf(&b, "type Outer%d struct {\n\tp%d.T\n\tp%d.J\n}\n\n", j, j, j)
		fmt.Fprintf(&b, "//go:linkname secret%d example.com/random/p%d.secret\nfunc secret%d(n int) string\n\n", j, j, j)
	}
	b.WriteString("//go:noinline\nfunc Use() string {\n\ts := text + \"body\"\n")
	for _, j := range below {
		fmt.Fprintf(&b, "\ts += fmt.Sprint(p%d.T{A: p%d.C}, p%d.Inline(), p%d.Max(1, p%d.Add(2, 3)), p%d.Order, p%d.J(&p%d.T{}).More())\n", j, j, j, j, j, j, j, j)
		fmt.Fprintf(&b, "\ts += fmt.Sprint(Outer%d{}.T.String(), secret%d(1))\n", j, j)
	}
	b.WriteString("\treturn s\n}\n")
	return b.String()
}
