package builder

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// A package whose code cannot depend on a changed type is not compiled, although it has a
// copy of the type: its archive still is what the compiler would make of it. Every other
// package is compiled, whichever way it depends on the type.
func TestFastSpare(t *testing.T) {
	t.Parallel()
	needsRelinking(t)
	l := newFastLoop(t, `
-- go.mod --
module example.com/fast

go 1.24
-- main.go --
package main

import (
	_ "example.com/fast/aliased"
	_ "example.com/fast/bodies"
	_ "example.com/fast/chain"
	_ "example.com/fast/constant"
	_ "example.com/fast/deref"
	_ "example.com/fast/embeds"
	_ "example.com/fast/folded"
	_ "example.com/fast/generic"
	_ "example.com/fast/inferred"
	_ "example.com/fast/iterates"
	_ "example.com/fast/key"
	_ "example.com/fast/method"
	_ "example.com/fast/pointer"
	_ "example.com/fast/promotes"
	_ "example.com/fast/through"
	_ "example.com/fast/unnamed"
	_ "example.com/fast/wraps"
)

func main() { println("spare") }
-- a/a.go --
package a

import "unsafe"

type T struct{ A int }

type Holder struct { P *T; V int }

type Value struct{ T T }

type Promotes struct { *T; Word string }

type List []T

var Unnamed struct { N int; In struct { X [2]T } }

const Size = unsafe.Sizeof(T{})

func New() *Holder { return &Holder{P: &T{A: 1}} }

func All() List { return List{{A: 1}, {A: 2}} }

func Make() Value { return Value{T{A: 3}} }

func Inlined(h *Holder) int { return h.P.A }

func Folded() uintptr { return unsafe.Sizeof(*New().P) }

func Count[E any](e E) uintptr { return unsafe.Sizeof(e) + unsafe.Sizeof(Value{}) }

func (h *Holder) Sum() int { return h.P.A + h.V }

func (h *Holder) Plain() int { return h.V }

type Config struct { Holder *Holder; Name string }
-- pointer/pointer.go --
package pointer

import "example.com/fast/a"

type Type struct { Config *a.Config; Name string }

func Plain(h *a.Holder, c a.Config) int { return h.Plain() + h.V + len(c.Name) }

func Copy(h *a.Holder) a.Holder { return *h }
-- chain/chain.go --
package chain

import "example.com/fast/pointer"

type Type struct { pointer.Type; More []pointer.Type }

func Name(t Type) string { return t.Name + t.Config.Name }
-- deref/deref.go --
package deref

import "example.com/fast/a"

var Same = *a.New().P == *a.New().P
-- embeds/embeds.go --
package embeds

import "example.com/fast/a"

type E struct { a.Value; N int }
-- promotes/promotes.go --
package promotes

import "example.com/fast/a"

func Word(p *a.Promotes) string { return p.Word }
-- folded/folded.go --
package folded

import "example.com/fast/a"

var Size = a.Folded()
-- alias/alias.go --
package alias

import "example.com/fast/a"

type Alias = a.Holder
-- aliased/aliased.go --
package aliased

import "example.com/fast/alias"

type Wraps struct { *alias.Alias }

var Any any = Wraps{}
-- bodies/bodies.go --
package bodies

import "example.com/fast/a"

func Twice(h *a.Holder) int { return 2 * a.Inlined(h) }
-- through/through.go --
package through

import (
	"example.com/fast/a"
	"example.com/fast/bodies"
)

func Through(c *a.Config) int { return bodies.Twice(c.Holder) }
-- generic/generic.go --
package generic

import "example.com/fast/a"

var Size = a.Count(1)
-- inferred/inferred.go --
package inferred

import "example.com/fast/a"

func Any() any { v := a.Make(); return v }
-- iterates/iterates.go --
package iterates

import "example.com/fast/a"

func Count() (n int) {
	for range a.All() {
		n++
	}
	return n
}
-- key/key.go --
package key

import "example.com/fast/a"

type Map map[a.Value]string
-- constant/constant.go --
package constant

import "example.com/fast/a"

var Bytes [a.Size]byte
-- method/method.go --
package method

import "example.com/fast/a"

func Sum(c *a.Config) int { return c.Holder.Sum() }
-- unnamed/unnamed.go --
package unnamed

import "example.com/fast/a"

func Copy() any { return a.Unnamed.In }
-- wraps/wraps.go --
package wraps

import "example.com/fast/a"

type Wraps struct { *a.Holder }

var Any any = Wraps{}
`)
	if r := l.build(); !r.OK() {
		t.Fatal(r.Diagnostics)
	}
	const every = "a alias aliased bodies constant deref embeds folded generic inferred iterates key method promotes through unnamed wraps"
	for _, c := range []struct{ name, file, old, new, want, spared string }{
		{"a field", "a/a.go", "struct{ A int }", "struct{ A int; B string }", every, "chain pointer"},
		{"a method", "a/a.go", "B string }", "B string }; func (*T) Method() {}", "a generic", "alias aliased bodies chain constant deref embeds folded inferred iterates key method pointer promotes through unnamed wraps"},
	} {
		l.edit(c.file, c.old, c.new)
		r := l.build()
		if !r.OK() {
			t.Fatal(r.Diagnostics)
		}
		if list := compiledBy(r); list != c.want || r.Full != "" {
			t.Errorf("%s: compiled %s, want %s (full: %q)", c.name, list, c.want, r.Full)
		}
		p, _, _ := l.b.program(l.req.Output).now()
		for _, name := range strings.Fields(c.spared) {
			if same, err := p.Remade(t.Context(), "example.com/fast/"+name); err != nil || !same {
				t.Errorf("%s: %s is not what the compiler makes (%v)", c.name, name, err)
			}
		}
		l.equal()
	}
}

// TestFastSpareRandom edits declarations of a program at random, without moving lines.
// After each edit every archive is what the compiler makes of its source and imports.
func TestFastSpareRandom(t *testing.T) {
	t.Parallel()
	needsRelinking(t)
	seed := *fastSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	steps := max(2, steps()/4)
	t.Logf("replay with -fast.seed=%d -fast.steps=%d", seed, 4*steps)
	rng := rand.New(rand.NewPCG(seed, 2))
	const packages = 8
	var program [packages]map[string]string
	for i := range program {
		program[i] = map[string]string{}
		for _, kind := range slices.Sorted(maps.Keys(spareDeclarations)) {
			program[i][kind] = spareDeclaration(rng, kind, i)
		}
	}
	text := "-- go.mod --\nmodule example.com/spare\n\ngo 1.24\n-- main.go --\npackage main\n\nimport (\n"
	use := ""
	for i := range program {
		text += fmt.Sprintf("\t\"example.com/spare/p%d\"\n", i)
		use += fmt.Sprintf("p%d.Use(new(p%d.S)), ", i, i)
	}
	text += ")\n\nfunc main() { println(" + strings.TrimSuffix(use, ", ") + ") }\n"
	for i := range program {
		text += fmt.Sprintf("-- p%d/p.go --\n%s", i, sparePackage(program[i], i))
	}
	l := newFastLoop(t, text)
	if r := l.build(); !r.OK() {
		t.Fatal(r.Diagnostics)
	}
	compiled, all := 0, 0
	for step := range steps {
		what := fmt.Sprintf("step %d:", step)
		for range 1 + rng.IntN(2) { // edits in one save
			i := rng.IntN(packages)
			kind := slices.Sorted(maps.Keys(spareDeclarations))[rng.IntN(len(spareDeclarations))]
			was := program[i][kind]
			program[i][kind] = spareDeclaration(rng, kind, i)
			if strings.Contains(was, "struct {") && rng.IntN(2) == 0 {
				program[i][kind] = strings.Replace(was, "struct {", fmt.Sprintf("struct { F%d [%d]%s;", step, rng.IntN(3), []string{"int", "string", "*byte"}[rng.IntN(3)]), 1)
			}
			l.write(fmt.Sprintf("p%d/p.go", i), sparePackage(program[i], i))
			what += fmt.Sprintf(" in p%d %s, before: %s;", i, program[i][kind], was)
		}
		r := l.build()
		if r.Full != "" || !r.OK() {
			t.Fatalf("%s: %+v", what, r)
		}
		compiled, all = compiled+len(r.Compiled), all+packages+1
		l.remade(what)
		if r.Unsettled > 0 {
			l.settle()
		}
	}
	l.equal()
	t.Logf("%d of %d packages were compiled", compiled, all)
}

// spareDeclarations are forms of declarations that use a lower package, D.
var spareDeclarations = map[string][]string{
	"S":       {"type S struct { A int }", "type S struct { A int; P *D.S }", "type S struct { A int; V D.B }", "type S struct { A int; L []D.S; C *D.E }", "type S struct { A int; F func(D.S) *D.S; I D.I }"},
	"B":       {"type B struct { V S }", "type B struct { V *D.S }", "type B struct { V [2]D.B; N D.Z }", "type B []D.S", "type B map[D.Z]*D.S"},
	"E":       {"type E struct { *S; Word string }", "type E struct { D.S; Word string }", "type E struct { *D.E; More int }", "type E struct { D.W }", "type E struct { D.Ptr[D.S]; More int }", "type E struct { D.Box[*D.S] }", "type E struct { D.Box[struct { *D.E }] }"},
	"Anon":    {"func Anon() any { return struct { N int; *S }{} }", "func Anon() any { return struct { D.E }{} }", "func Anon() any { return D.Anon() }", "func Anon() any { return E{} }"},
	"Get":     {"func Get() *S { return new(S) }", "func Get() *D.S { return new(D.S) }"},
	"Default": {"var Default = *Get()", "var Default D.S", "var Default = D.Default"},
	"List":    {"var List []S", "var List []D.B", "var List map[string]*D.S", "var List [3]*D.E"},
	"Use":     {"func Use(s *S) int { return s.A }", "func Use(s *S) int { return len(D.List) + D.Use(new(D.S)) }", "func Use(s *S) int { return D.Get().A }", "func Use(s *S) int { return int(unsafe.Sizeof(*D.Get())) }", "func Use(s *S) int { return D.Default.Mid() + int(D.K) }", "func Use(s *S) (n int) { for range D.List { n++ }; return D.Gen(n) }", "func Use(s *S) int { return D.Take(s) + Take(D.Get()) }", "func Use(s *S) int { var m D.Mider = D.Get(); return Take(m) }", "func Use(s *S) int { m := []D.Mider{s, &D.Default}; return len(m) }", "func Use(s *S) int { return D.Fold() + Fold() }", "func Use(s *S) int { return int(Named(s) + D.Named(D.Get())) }"},
	"Gen":     {"func Gen[X any](x X) X { return x }", "func Gen[X any](x X) X { _ = D.Default; return D.Gen(x) }", "func Gen[X any](x X) X { var b D.B; _ = b; return x }"},
	"Mid":     {"func (s *S) Mid() int { return s.A }", "func (s *S) Mid() int { return D.Get().A }", "func (s *S) Mid() int { return int(unsafe.Sizeof(D.Default)) }", "func (s S) Mid() int { return D.Use(nil) }"},
	"Extra":   {"func (s *S) Extra() {}", "func (s S) Extra() {}", "func (s *S) Extra(n int) *D.S { return nil }", "func (s *S) Extra() int { return D.Get().Mid() }", "type Extra int"},
	"Mider":   {"type Mider interface { Mid() int }", "type Mider interface { D.Mider }", "type Mider = D.Mider"},
	"Take":    {"func Take(m Mider) int { return m.Mid() }", "func Take(m D.Mider) int { return D.Take(m) }", "func Take(m interface { Mid() int }) int { _, ok := m.(interface { Extra() }); if ok { return 1 }; return 0 }"},
	"I":       {"type I interface { M_(D.S) }", "type I interface { M_(*D.S); D.I }", "type I interface { M_(int) *D.E }"},
	"W":       {"type W struct { D.I }", "type W struct { *D.S }", "type W struct { I; n *D.W }", "type W struct { *D.E }", "type W struct { D.Box[D.I] }"},
	"Any":     {"var Any any = W{}", "var Any any = map[D.Z]*S{}", "var Any any = func(*D.B) *D.W { return nil }", "var Any = D.Any", "var Any = D.Anon()"},
	"Kind":    {"type Kind int", "type Kind uint8", "type Kind [2]byte", "type Kind = D.Kind"},
	"Low":     {"var Low Kind", "var Low D.Kind", "var Low = D.Low"},
	"Level":   {"type Level int", "type Level uint8"},
	"High":    {"const High Level = 1", "const High D.Level = 2", "const High = D.High"},
	"Is":      {"var Is = High", "var Is = D.High", "var Is any = D.Is"},
	"k":       {"const k = 1", "const k = 2", "const k = int(D.High)", "const k = int(unsafe.Sizeof(D.Low))"},
	"hidden":  {"type hidden struct { v D.S }", "type hidden [3]D.B"},
	"Fold":    {"func Fold() int { return k }", "func Fold() int { return k + D.Fold() }", "func Fold() int { return int(unsafe.Sizeof(hidden{})) }", "func Fold() int { return int(unsafe.Sizeof(D.Is)) }"},
	"Key":     {"type Key = string", "type Key = int", "type Key = D.Key"},
	"Keys":    {"type Keys struct { K []Key; S *S }", "type Keys map[Key]D.Keys", "type Keys []D.Key"},
	"Back":    {"func (s *S) Back() *S { return s }", "func (s *S) Back() (x B) { return x }", "func (s *S) Back() (x D.S) { return x }", "func (s *S) Back() (x Keys) { return x }"},
	"Named":   {"func Named[X any](x interface { Back() X }) uintptr { var e X; return unsafe.Sizeof(e) }", "func Named[X any](x interface { Back() X }) uintptr { return D.Named(x) }"},
	"K":       {"const K = D.K + 1", "const K = unsafe.Sizeof(D.S{})", "const K = 3"},
}

// spareDeclaration chooses a form of a declaration for a package. The lowest one has
// nothing below it.
func spareDeclaration(rng *rand.Rand, kind string, i int) string {
	forms := spareDeclarations[kind]
	if i == 0 {
		return map[string]string{"hidden": "type hidden [3]int", "I": "type I interface { M(int) }", "W": "type W struct { I }", "K": forms[len(forms)-1]}[kind] + map[string]string{
			"S": forms[0], "B": forms[0], "E": forms[0], "Get": forms[0], "Default": forms[0], "List": forms[0], "Use": forms[0], "Gen": forms[0], "Kind": forms[0], "Low": forms[0], "Level": forms[0], "High": forms[0], "Is": forms[0], "k": forms[0], "Fold": forms[0], "Key": forms[0], "Keys": forms[0], "Back": forms[0], "Named": forms[0], "Extra": forms[0], "Anon": forms[0], "Mider": forms[0], "Take": forms[0], "Mid": forms[0], "Any": forms[0],
		}[kind]
	}
	below := max(0, i-1-rng.IntN(3))
	return strings.NewReplacer("D.", fmt.Sprintf("p%d.", below), "M_", fmt.Sprintf("M%d", i)).Replace(forms[rng.IntN(len(forms))])
}

func sparePackage(declarations map[string]string, i int) string {
	body := "type Z int\n\ntype Box[X any] struct { First X }\n\ntype Ptr[X any] = *X\n\nvar _ = unsafe.Sizeof(0)\n\n"
	for _, kind := range slices.Sorted(maps.Keys(declarations)) {
		body += declarations[kind] + "\n\n"
	}
	imports := "import \"unsafe\"\n"
	for j := max(0, i-3); j < i; j++ { // the same ones, whatever is used, so that no lines move
		imports += fmt.Sprintf("import \"example.com/spare/p%d\"\n", j)
		body += fmt.Sprintf("var _ p%d.Z\n", j)
	}
	return fmt.Sprintf("package p%d\n\n%s\n%s", i, imports, body)
}

// needsRelinking skips a test of packages that are not compiled although they can see a
// change.
func needsRelinking(t *testing.T) {
	t.Helper()
	if !strings.HasPrefix(runtime.Version(), "go1.26") {
		t.Skip("export data of other versions are not put together")
	}
}

// compiledBy returns the packages that a build compiled, sorted and without the module's
// path.
func compiledBy(r Result) string {
	var got []string
	for _, p := range r.Compiled {
		got = append(got, strings.TrimPrefix(p.Package, "example.com/fast/"))
	}
	slices.Sort(got)
	return strings.Join(got, " ")
}

// remade holds the archive of each of the program's own packages to what the compiler
// makes of its source and its imports now.
func (l *fastLoop) remade(what string) {
	l.t.Helper()
	p, _, _ := l.b.program(l.req.Output).now()
	for _, n := range p.Order {
		if n.From == nil {
			continue
		}
		if same, err := p.Remade(l.t.Context(), n.Path); err != nil || !same {
			l.t.Fatalf("%s: %s is not what the compiler makes (%v)", what, n.Path, err)
		}
	}
}
