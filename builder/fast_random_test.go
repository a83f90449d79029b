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
)

var (
	fastSeed  = flag.Uint64("fast.seed", 0, "replay the edits of this seed (0: new ones)")
	fastSteps = flag.Int("fast.steps", 60, "random edits")
)

// TestFastRandom edits a program at random, and after every edit holds the fast
// path to go build: the same binary, or the same complaints.
func TestFastRandom(t *testing.T) {
	seed := *fastSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("replay with -fast.seed=%d -fast.steps=%d", seed, *fastSteps)
	e := &editor{rng: rand.New(rand.NewPCG(seed, 1)), broken: -1}
	l := newFastLoop(t, "-- go.mod --\nmodule example.com/random\n\ngo 1.24\n-- text.txt --\ntext\n")
	e.write(t, l.dir)
	fast, lines, full := 0, 0, map[string]int{}
	for step := range *fastSteps {
		if step > 0 {
			e.edit()
			e.write(t, l.dir)
		}
		r := l.build()
		if r.Full == "" {
			fast++
		} else {
			full[r.Full]++
		}
		switch {
		case e.broken >= 0 && r.OK():
			t.Fatalf("step %d, %s: broken code was built", step, e.last)
		case e.broken >= 0:
			l.sameComplaints(r)
		case !r.OK():
			t.Fatalf("step %d, %s: %v", step, e.last, r.Diagnostics)
		case r.Unsettled > 0 && e.rng.IntN(2) == 0:
			l.behaves()
			lines++
		case r.Unsettled > 0:
			lines++
			l.settle()
			l.equal()
		default:
			l.equal()
		}
		if t.Failed() {
			t.Fatalf("step %d, after: %s", step, e.last)
		}
	}
	t.Logf("%d fast builds, %d of them before line numbers settled, full ones: %v", fast, lines, full)
	if fast < *fastSteps/2 {
		t.Errorf("only %d of %d builds were fast: %v", fast, *fastSteps, full)
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

// An editor keeps the text of a program of several packages, each of which uses
// those below it in every way that matters, and changes something at random.
type editor struct {
	rng  *rand.Rand
	mods [randomPackages]randomPackage
	// broken is the package that does not compile; -1 is none.
	broken int
	last   string
}

const randomPackages = 7

type randomPackage struct {
	constant, body, inline, generic, field, method, initial, lines, embed, funcs, sig, files int
}

func (e *editor) edit() {
	i := e.rng.IntN(randomPackages)
	p := &e.mods[i]
	if e.broken >= 0 {
		e.last = "mended"
		e.broken = -1
		return
	}
	edits := []struct {
		name string
		n    *int
	}{
		{"constant", &p.constant}, {"body", &p.body}, {"body", &p.body}, {"inlinable body", &p.inline}, {"generic body", &p.generic}, {"struct field", &p.field},
		{"method", &p.method}, {"init order", &p.initial}, {"lines moved", &p.lines}, {"lines moved", &p.lines}, {"lines moved", &p.lines}, {"embedded file", &p.embed}, {"function added", &p.funcs}, {"signature", &p.sig}, {"file", &p.files},
	}
	if e.rng.IntN(10) == 0 {
		e.last, e.broken = fmt.Sprintf("package %d broken", i), i
		return
	}
	if e.rng.IntN(15) == 0 {
		e.last = "nothing"
		return
	}
	c := edits[e.rng.IntN(len(edits))]
	switch {
	case c.name == "function added" || c.name == "struct field" || c.name == "file":
		*c.n = (*c.n + 1) % 4 // and removed
	default:
		*c.n++
	}
	e.last = fmt.Sprintf("%s of package %d", c.name, i)
}

// write writes what differs.
func (e *editor) write(t *testing.T, dir string) {
	t.Helper()
	put := func(name, text string) {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if old, err := os.ReadFile(file); err == nil && string(old) == text {
			return
		}
		writeFile(t, file, text)
	}
	main := "package main\n\nimport (\n\t\"fmt\"\n"
	body := ""
	for i := range e.mods {
		put(fmt.Sprintf("p%d/p.go", i), e.source(i))
		put(fmt.Sprintf("p%d/data/text.txt", i), fmt.Sprintf("text %d\n", e.mods[i].embed))
		extra := filepath.Join(dir, fmt.Sprintf("p%d", i), "extra.go")
		if e.mods[i].files%2 == 1 {
			put(fmt.Sprintf("p%d/extra.go", i), fmt.Sprintf("package p%d\n\nfunc init() { Order += %d }\n", i, e.mods[i].files))
		} else {
			_ = os.Remove(extra)
		}
		main += fmt.Sprintf("\t\"example.com/random/p%d\"\n", i)
		body += fmt.Sprintf("\tfmt.Println(p%d.Use(), p%d.Order, p%d.Max[int](1, 2), p%d.C)\n", i, i, i, i)
	}
	put("main.go", main+")\n\nfunc main() {\n"+body+"}\n")
}

func (e *editor) source(i int) string {
	p := e.mods[i]
	var b strings.Builder
	fmt.Fprintf(&b, "package p%d\n\nimport (\n\t_ \"embed\"\n\t\"fmt\"\n", i)
	var below []int
	for j := range i {
		if (i*7+j*3)%4 != 0 || j == i-1 {
			below = append(below, j)
			fmt.Fprintf(&b, "\t\"example.com/random/p%d\"\n", j)
		}
	}
	b.WriteString(")\n\n//go:embed data/text.txt\nvar text string\n\n")
	for range p.lines % 5 {
		b.WriteString("// A line.\n")
	}
	fmt.Fprintf(&b, "\nconst C = %d\n\n", 10+p.constant)
	fmt.Fprintf(&b, "var Order = start(%d)\n\nfunc start(n int) int { return n + C }\n\n", p.initial)
	fmt.Fprintf(&b, "type T struct {\n\tA int\n%s\tB string\n}\n\n", []string{"", "\tX int64\n", "\tX, Y byte\n", "\tX any\n"}[p.field%4])
	fmt.Fprintf(&b, "func (t T) String() string { return fmt.Sprint(t.A, %d) }\n\n", p.method)
	b.WriteString("type I interface {\n\tString() string\n")
	if p.sig%2 == 1 {
		b.WriteString("\tMore() int\n")
	}
	fmt.Fprintf(&b, "}\n\nfunc (t *T) More() int { return %d }\n\nvar _ I = (*T)(nil)\n\n", p.method*2)
	fmt.Fprintf(&b, "func Inline() int { return %d }\n\n", p.inline)
	fmt.Fprintf(&b, "func Max[E ~int | ~string](a, b E) E {\n\tif a > b || %d < 0 {\n\t\treturn a\n\t}\n\treturn b\n}\n\n", p.generic)
	for k := range p.funcs % 4 {
		fmt.Fprintf(&b, "func extra%d() int { return %d }\n\n", k, k)
	}
	if p.sig%3 == 2 {
		b.WriteString("func Add(a, b int, more ...int) int { return a + b + len(more) }\n\n")
	} else {
		b.WriteString("func Add(a, b int) int { return a + b }\n\n")
	}
	fmt.Fprintf(&b, "//go:noinline\nfunc Use() string {\n\ts := fmt.Sprint(text, \"body %d\")\n", p.body)
	for _, j := range below {
		fmt.Fprintf(&b, "\ts += fmt.Sprint(p%d.T{A: p%d.C}, p%d.Inline(), p%d.Max(1, p%d.Add(2, 3)), p%d.Order, p%d.I(&p%d.T{}).String())\n", j, j, j, j, j, j, j, j)
	}
	b.WriteString("\treturn s\n}\n")
	if e.broken == i {
		b.WriteString("\nfunc broken() int { return missing }\n\nfunc unused() { x := \"\"; return 1 }\n")
	}
	return b.String()
}
