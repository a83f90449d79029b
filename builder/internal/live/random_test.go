//go:build linux && amd64

package live

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A model is a package that is made up, and changes at random.
type model struct {
	r      *rand.Rand
	funcs  []modelFunc
	types  []modelType
	consts []int
	blank  int
	name   int // of what comes next
}

type modelFunc struct {
	name     string
	kind     int
	n        int   // a number in its body
	calls    []int // functions before it
	extra    bool  // it has one more parameter
	noinline bool
}

type modelType struct {
	name    string
	methods []int // a number in the body of each
}

func newModel(seed uint64) *model {
	m := &model{r: rand.New(rand.NewPCG(seed, 1))}
	m.consts = []int{3, 5, 7}
	for range 3 {
		m.addType()
	}
	for range 8 {
		m.addFunc()
	}
	return m
}

func (m *model) addFunc() {
	f := modelFunc{name: fmt.Sprint("f", m.name), kind: m.r.IntN(kinds), n: m.r.IntN(100), noinline: m.r.IntN(2) == 0}
	m.name++
	for i := range m.funcs {
		if m.r.IntN(3) == 0 && len(f.calls) < 3 {
			f.calls = append(f.calls, i)
		}
	}
	m.funcs = append(m.funcs, f)
}

func (m *model) addType() {
	m.types = append(m.types, modelType{name: fmt.Sprint("t", m.name), methods: []int{m.r.IntN(50)}})
	m.name++
}

// change changes one thing or two.
func (m *model) change() (what string) {
	for range 1 + m.r.IntN(2) {
		f := &m.funcs[m.r.IntN(len(m.funcs))]
		switch m.r.IntN(10) {
		case 0, 1:
			f.n = m.r.IntN(100)
			what += "body of " + f.name + "; "
		case 2:
			f.kind = m.r.IntN(kinds)
			what += "another " + f.name + "; "
		case 3:
			f.extra = !f.extra
			what += "signature of " + f.name + "; "
		case 4:
			f.noinline = !f.noinline
			what += "inlining of " + f.name + "; "
		case 5:
			m.addFunc()
			what += "new function; "
		case 6:
			m.consts[m.r.IntN(len(m.consts))] = m.r.IntN(30) + 1
			what += "constant; "
		case 7:
			t := &m.types[m.r.IntN(len(m.types))]
			t.methods[m.r.IntN(len(t.methods))] = m.r.IntN(50)
			what += "method of " + t.name + "; "
		case 8:
			if m.r.IntN(2) == 0 {
				m.addType()
				what += "new type; "
				break
			}
			t := &m.types[m.r.IntN(len(m.types))]
			t.methods = append(t.methods, m.r.IntN(50))
			what += "new method of " + t.name + "; "
		case 9:
			m.blank = m.r.IntN(9)
			what += "lines; "
		}
	}
	return what
}

// kinds is the number of kinds of bodies.
const kinds = 14

// text is the package's source.
func (m *model) text() string {
	var b strings.Builder
	b.WriteString("package part\n\nimport (\n\t\"errors\"\n\t\"fmt\"\n\t\"sort\"\n\t\"strings\"\n)\n" + strings.Repeat("\n", m.blank))
	for i, c := range m.consts {
		fmt.Fprintf(&b, "const c%d = %d\n", i, c)
	}
	b.WriteString("\ntype adder interface{ m0(int) int }\n\ntype twice interface{ m1(int) int }\n\nvar errX = errors.New(\"x\")\n\nvar names = []string{\"b\", \"a\"}\n\nfunc init() { sort.Strings(names) }\n\nfunc pick[T any](list []T, n int) T { return list[n%len(list)] }\n\nfunc each(n int, f func(int) int) (s int) {\n\tfor i := range n {\n\t\ts += f(i)\n\t}\n\treturn s\n}\n")
	for _, t := range m.types {
		fmt.Fprintf(&b, "\ntype %s struct {\n\tn int\n\ts string\n}\n", t.name)
		for i, n := range t.methods {
			fmt.Fprintf(&b, "\nfunc (x *%s) m%d(n int) int { return x.n*%d + n + len(x.s) }\n", t.name, i, n)
		}
	}
	for i := range m.funcs {
		m.function(&b, &m.funcs[i])
	}
	b.WriteString("\n// All is what every function answers.\nfunc All() string {\n\tvar b strings.Builder\n")
	for _, f := range m.funcs {
		fmt.Fprintf(&b, "\tfmt.Fprint(&b, %q, \" \", %s, \" \")\n", f.name, f.call("11"))
	}
	b.WriteString("\treturn b.String()\n}\n")
	return b.String()
}

func (f *modelFunc) call(arg string) string {
	if f.extra {
		return f.name + "(" + arg + ", 2)"
	}
	return f.name + "(" + arg + ")"
}

func (m *model) function(b *strings.Builder, f *modelFunc) {
	t := m.types[f.n%len(m.types)]
	params := "n int"
	sum := fmt.Sprint("n + c", f.n%len(m.consts))
	if f.extra {
		params += ", more int"
		sum += " + more"
	}
	for _, c := range f.calls {
		sum += " + " + m.funcs[c].call("n%7")
	}
	if f.noinline {
		b.WriteString("\n//go:noinline")
	}
	fmt.Fprintf(b, "\nfunc %s(%s) int {\n", f.name, params)
	switch f.kind {
	case 0, 1:
		fmt.Fprintf(b, "\treturn (%s) * %d %% 10007\n", sum, f.n)
	case 2:
		fmt.Fprintf(b, "\tx := %s\n\treturn each(4, func(i int) int { return x%%%d + i })\n", sum, f.n+1)
	case 3:
		fmt.Fprintf(b, "\tvar a adder = &%s{n: %d, s: fmt.Sprint(n)}\n\treturn a.m0(%s) %% 10007\n", t.name, f.n, sum)
	case 4:
		fmt.Fprintf(b, "\tvar a any = &%s{n: %d}\n\tif x, ok := a.(twice); ok {\n\t\treturn x.m1(n)\n\t}\n\treturn (%s) %% 10007\n", t.name, f.n, sum)
	case 5:
		fmt.Fprintf(b, "\treturn pick([]int{1, %d, %s}, n) %% 10007\n", f.n, sum)
	case 6:
		fmt.Fprintf(b, "\treturn len(pick([]string{\"a\", \"%s\", fmt.Sprint(%s)}, n))\n", strings.Repeat("b", f.n%9), sum)
	case 7:
		fmt.Fprintf(b, "\tm := map[string]*%s{}\n\tfor i := range 5 {\n\t\tm[fmt.Sprint(i)] = &%s{n: i * %d}\n\t}\n\tvar keys []string\n\tfor k := range m {\n\t\tkeys = append(keys, k)\n\t}\n\tsort.Strings(keys)\n\treturn m[keys[n%%len(keys)]].n + (%s)%%10007\n", t.name, t.name, f.n, sum)
	case 8:
		fmt.Fprintf(b, "\tr := 0\n\tfunc() {\n\t\tdefer func() {\n\t\t\tif e := recover(); e != nil {\n\t\t\t\tr = len(fmt.Sprint(e)) + %d\n\t\t\t}\n\t\t}()\n\t\tif n >= 0 {\n\t\t\tpanic(errX)\n\t\t}\n\t}()\n\treturn r + (%s)%%10007\n", f.n, sum)
	case 9:
		fmt.Fprintf(b, "\tc := make(chan int)\n\tgo func() {\n\t\tdefer close(c)\n\t\tfor i := range 3 {\n\t\t\tc <- i * %d\n\t\t}\n\t}()\n\tr := 0\n\tfor x := range c {\n\t\tr += x\n\t}\n\treturn r + (%s)%%10007\n", f.n, sum)
	case 10:
		fmt.Fprintf(b, "\tswitch n %% 6 {\n\tcase 0:\n\t\treturn %d\n\tcase 1:\n\t\treturn n\n\tcase 2:\n\t\treturn 2\n\tcase 3:\n\t\treturn len(\"%s\")\n\tcase 4:\n\t\treturn 9\n\tcase 5:\n\t\treturn (%s) %% 10007\n\t}\n\treturn 0\n", f.n, strings.Repeat("x", f.n%5), sum)
	case 11:
		fmt.Fprintf(b, "\ttype key struct {\n\t\ta int\n\t\tb string\n\t}\n\tm := map[key]int{{n, \"a\"}: %d, {n + 1, \"b\"}: %s}\n\treturn (m[key{n, \"a\"}] + m[key{n + 1, \"b\"}]) %% 10007\n", f.n, sum)
	case 12:
		fmt.Fprintf(b, "\tx := &%s{n: %d}\n\tf := x.m0\n\treturn f(%s) %% 10007\n", t.name, f.n, sum)
	case 13:
		fmt.Fprintf(b, "\tif n <= 0 {\n\t\treturn %d\n\t}\n\tvar a [64]int\n\ta[n%%64] = n\n\treturn %s + a[n%%64] + (%s)%%10007\n", f.n, f.call("n-1"), sum)
	}
	b.WriteString("}\n")
}

var (
	liveSeed  = flag.Uint64("live.seed", 1, "which edits TestRandom makes")
	liveEdits = flag.Int("live.edits", 0, "how many; a long run has 1,000 (0: a few, or more if HOTDEV_LONG is set)")
)

// Edits at random: after each the running program answers what one answers that
// was built from the same source, or it was refused.
func TestRandom(t *testing.T) {
	edits := 8
	switch {
	case *liveEdits > 0:
		edits = *liveEdits
	case os.Getenv("HOTDEV_LONG") != "": // .ci/run sets it
		edits = 60
	}
	t.Logf("replay with -live.seed=%d -live.edits=%d", *liveSeed, edits)
	m := newModel(*liveSeed)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/random")); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "part/part.go"), m.text())
	l := newLab(t, dir)
	r := l.start(t)
	patched, refused := 0, map[string]int{}
	for i := range edits {
		what := m.change()
		before := string(r.now[module+"/part"].Files[0].Text)
		after := m.text()
		if before == after {
			continue
		}
		_, o := r.apply(edit{"part/part.go", before, after})
		if o != nil {
			if o.Kind == Internal || o.Kind == Symbol {
				t.Errorf("edit %d, %s: %v", i, what, o)
			}
			refused[string(o.Kind)]++
			// A restart: the new program is the host of what follows.
			l.base = r.next
			l.link(t, l.base, l.program+".new")
			if err := os.Rename(l.program+".new", l.program); err != nil {
				t.Fatal(err)
			}
			r = l.start(t)
			continue
		}
		patched++
		if got, want := r.ask("all"), r.fresh(); got != want {
			t.Fatalf("edit %d, %s:\n%s, want\n%s\nbefore:\n%s\nafter:\n%s", i, what, got, want, before, after)
		}
	}
	t.Logf("%d patched, refused %v", patched, refused)
	if patched == 0 {
		t.Error("nothing was patched")
	}
}

// fresh is what a program answers that is built anew from what was compiled last.
func (r *running) fresh() string {
	r.t.Helper()
	fresh := filepath.Join(r.lab.work, "fresh")
	r.lab.link(r.t, r.next, fresh)
	c := exec.Command(fresh)
	c.Stdin = strings.NewReader("all\n")
	out, err := c.Output()
	if err != nil {
		r.t.Fatal(err)
	}
	return strings.TrimSuffix(string(out), "\n")
}

// A patch that lacks one of its jumps is found out by the same comparison.
func TestWrongPatch(t *testing.T) {
	m := newModel(7)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/random")); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "part/part.go"), m.text())
	l := newLab(t, dir)
	r := l.start(t)
	dropped := 0
	r.tamper = func(p *Patch) {
		i := slices.IndexFunc(p.image.writes, func(w write) bool { return len(w.new) == jumpSize && w.new[0] == 0xe9 })
		if i >= 0 {
			p.image.writes = slices.Delete(p.image.writes, i, i+1)
			dropped++
		}
	}
	found := 0
	for i := range m.funcs {
		before := string(r.now[module+"/part"].Files[0].Text)
		m.funcs[i].n += 37
		answered := r.ask("all")
		if _, o := r.apply(edit{"part/part.go", before, m.text()}); o != nil {
			t.Fatal(o)
		}
		want := r.fresh()
		switch got := r.ask("all"); {
		case got != want:
			found++
			r = l.start(t) // of the first version
			r.tamper = nil
			if _, o := r.apply(edit{"part/part.go", string(l.base[module+"/part"].Files[0].Text), m.text()}); o != nil {
				t.Fatal(o)
			}
			if got := r.ask("all"); got != want {
				t.Fatalf("a whole patch answers %s, want %s", got, want)
			}
			if found == 2 {
				return
			}
		case want != answered && dropped > found:
			t.Errorf("function %d: the patch lacked a jump, and nothing was seen of it", i)
		}
	}
	if found == 0 {
		t.Errorf("%d patches lacked a jump, and nothing was seen of it", dropped)
	}
}
