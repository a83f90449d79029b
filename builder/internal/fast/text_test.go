package fast

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/hotdev/hotdev/builder/internal/source"
)

const textBefore = `package p

import "fmt"

const (
	A = iota
	B
)

const Size = A + 2

type T struct {
	// N is a field.
	N int
}

type Holder struct{ t *T }

func (t *T) Get() int { return t.N }

func (t T) Put(n int) {}

type List[E any] []E

func (l List[E]) Len() int { return len(l) }

var V = helper(1)

func helper(n int) int { return n + Size }

func Map[E any](e E) E { return e }

func Plain() string { return fmt.Sprint(V) }

func nested() any {
	type local int
	return local(1)
}

//go:noinline
func Directed() {}
`

// What the text says may differ after an edit; "?" is that it does not tell.
func TestCompareText(t *testing.T) {
	for _, c := range []struct{ name, old, new, declared, bodies string }{
		{"nothing", "", "", "", ""},
		{"comments and lines", "// N is a field.\n", "// N is\n\n\t// a field.\n", "", ""},
		{"gofmt", "func (t T) Put(n int) {}", "func (t T)  Put ( n int )  {\n}", "", ""},
		{"a body", "return fmt.Sprint(V)", "return fmt.Sprintln(V)", "", "Plain"},
		{"a body of a method", "return t.N }", "return -t.N }", "", "(*T).Get"},
		{"a body of a method by value", "Put(n int) {}", "Put(n int) { t.N = n }", "", "T.Put"},
		{"a generic body", "E { return e }", "E { return *new(E) }", "Map", ""},
		{"a body of a generic type's", "return len(l)", "return len(l) + 1", "List", ""},
		{"a field", "	N int\n", "	N int\n	M int\n", "Holder T", ""},
		{"a tag", "	N int\n", "	N int `x:\"y\"`\n", "Holder T", ""},
		{"a constant, and what is made of it", "A = iota", "A = iota + 1", "A B Size", "helper"},
		{"a signature, and what is inferred from it", "func helper(n int) int { return n", "func helper(n int) int64 { return int64(n)", "V helper", "Plain"},
		{"a parameter's name", "helper(n int) int { return n ", "helper(m int) int { return m ", "V helper", "Plain"},
		{"a method more", "type List", "func (t *T) More() {}\n\ntype List", "Holder T", ""},
		{"a method less", "func (t T) Put(n int) {}\n", "", "Holder T", ""},
		{"a method of an embedded one's name", "func (t T) Put(n int) {}", "func (t T) Set(n int) {}", "Holder T", ""},
		{"a function more", "func helper", "func more() {}\n\nfunc helper", "more", ""},
		{"a function less", "func Plain() string { return fmt.Sprint(V) }", "var _ = fmt.Sprint", "Plain", ""},
		{"init", "func helper", "func init() { V++ }\n\nfunc helper", "", ""},
		{"order", "func helper(n int) int { return n + Size }\n\nfunc Map[E any](e E) E { return e }", "func Map[E any](e E) E { return e }\n\nfunc helper(n int) int { return n + Size }", "", ""},
		{"order of methods", "func (t *T) Get() int { return t.N }\n\nfunc (t T) Put(n int) {}", "func (t T) Put(n int) {}\n\nfunc (t *T) Get() int { return t.N }", "?", ""},
		{"a type in a function", "type local int", "type local int8", "?", ""},
		{"beside a type in a function", "type local int", "type local int; type other int", "?", ""},
		{"a directive", "//go:noinline\n", "", "?", ""},
		{"an import's name", "import \"fmt\"", "import f \"fmt\"", "", "Plain"},
		{"a package of the same name", "import \"fmt\"", "import \"x/fmt\"", "", "Plain"},
		{"an import", "import \"fmt\"", "import (\n\t\"fmt\"\n\t\"os\"\n)", "", ""},
		{"an import of a name that means something else", "import \"fmt\"", "import (\n\t\"fmt\"\n\tSize \"os\"\n)", "Size", "helper"},
		{"an import for what it does", "import \"fmt\"", "import (\n\t\"fmt\"\n\t_ \"os\"\n)", "", ""},
		{"an import without a name", "import \"fmt\"", "import . \"fmt\"", "?", ""},
		{"an import of an unknown name", "import \"fmt\"", "import (\n\t\"fmt\"\n\t\"unknown\"\n)", "?", ""},
		{"a line directive", "func helper", "//line x.go:1\nfunc helper", "?", ""},
		{"an alias with methods", "func (t T) Put(n int) {}", "func (u U) Put(n int) {}\n\ntype U = T", "?", ""},
		{"no Go", "package p", "package", "?", ""},
	} {
		after := strings.Replace(textBefore, c.old, c.new, 1)
		if c.old != "" && after == textBefore {
			t.Fatalf("%s: %q is not there", c.name, c.old)
		}
		of := func(text string) *source.Source {
			return &source.Source{Pkg: source.Package{Files: []string{"p.go"}}, Files: map[string]*source.File{"p.go": {Text: []byte(text)}}}
		}
		called := func(p string) string { return strings.TrimSuffix(path.Base(p), "unknown") }
		e, ok := compareText(&Node{}, of(textBefore), of(after), called)
		slices.Sort(e.declared)
		slices.Sort(e.bodies)
		declared, bodies := strings.Join(e.declared, " "), strings.Join(e.bodies, " ")
		if !ok {
			declared = "?"
		}
		if declared != c.declared || bodies != c.bodies {
			t.Errorf("%s: declared %q, want %q; bodies %q, want %q", c.name, declared, c.declared, bodies, c.bodies)
		}
	}
}

// Files may come, go and exchange declarations.
func TestCompareFiles(t *testing.T) {
	of := func(files ...string) *source.Source {
		s := &source.Source{Files: map[string]*source.File{}}
		for i := 0; i < len(files); i += 2 {
			s.Pkg.Files = append(s.Pkg.Files, files[i])
			s.Files[files[i]] = &source.File{Text: []byte("package p\n" + files[i+1])}
		}
		return s
	}
	before := of("a.go", "func A() {}", "b.go", "type B int", "c.go", "func C() { A() }")
	for name, c := range map[string]struct {
		now      *source.Source
		declared string
		bodies   string
	}{
		"a file more":         {of("a.go", "func A() {}", "aa.go", "var V B", "b.go", "type B int", "c.go", "func C() { A() }"), "V", ""},
		"a file less":         {of("b.go", "type B int", "c.go", "func C() { A() }"), "A", "C"},
		"a declaration moved": {of("a.go", "func A() {}\ntype B int", "c.go", "func C() { A() }"), "B", ""},
	} {
		e, ok := compareText(&Node{}, before, c.now, nil)
		slices.Sort(e.declared)
		if declared, bodies := strings.Join(e.declared, " "), strings.Join(e.bodies, " "); !ok || declared != c.declared || bodies != c.bodies {
			t.Errorf("%s: declared %q, want %q; bodies %q, want %q (%v)", name, declared, c.declared, bodies, c.bodies, ok)
		}
	}
}
