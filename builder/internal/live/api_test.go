package live

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"
)

// What importers may see of a package differs, or does not.
func TestSameAPI(t *testing.T) {
	const text = `package p

const Size, hidden = 4, 5

var Count, spare int

type T struct{ n [Size]int }

type pair[A any] struct{ a A }

type Alias = pair[int]

func (t *T) Sum(n int) int { return n + hidden }

func (t T) String() string { return "x"[spare:] }

func Pair(n int) pair[int] { return pair[int]{n} }

func helper() int { return 1 }
`
	check := func(text string) *types.Package {
		t.Helper()
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "p.go", text, 0)
		if err != nil {
			t.Fatal(err)
		}
		p, err := (&types.Config{}).Check("p", fset, []*ast.File{f}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	was := check(text)
	for _, c := range []struct {
		old, new string
		same     bool
	}{
		{"return n + hidden", "n++\n\treturn n - hidden", true},
		{"Pair(n int) pair[int] { return pair[int]{n}", "Pair(m int) pair[int] { return pair[int]{m}", true},
		{"hidden = 4, 5", "hidden = 4, 6", true},
		{"func helper() int { return 1 }", "func other(s string) string { return s }", true},
		{"spare int\n", "spare, more int\n", true},
		{"Size, hidden = 4", "Size, hidden = 5", false},
		{"Size, hidden = 4", "Size, hidden = 4.0", false},
		{"Size, hidden =", "Size, hidden int =", false},
		{"var Count, spare int", "var Count, spare int64", false},
		{"var Count,", "var Count, Total,", false},
		{"func helper", "func Helper", false},
		{"Pair(n int) pair[int] {", "Pair(n, m int) pair[int] {", false},
		{"Sum(n int) int {", "Sum(n int, _ ...int) int {", false},
		{"func (t T) String", "func (t *T) String", false},
		{"func (t T) String() string", "func (t T) text() string", false},
		{"func helper", "func (t T) helper", false},
		{"type Alias = pair[int]", "type Alias = pair[int8]", false},
		{"type Alias = pair[int]", "type Alias pair[int]", false},
		{"pair[A any]", "pair[A comparable]", false},
		{"func helper", "type unseen int\n\nfunc helper", false},
	} {
		now := strings.Replace(text, c.old, c.new, 1)
		if got := sameAPI(was, check(now)); got != c.same {
			t.Errorf("%q for %q: same is %v", c.new, c.old, got)
		}
	}
}
