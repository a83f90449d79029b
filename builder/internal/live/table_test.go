//go:build linux && amd64

package live

import (
	"strings"
	"testing"
)

// appLab is the program of testdata/app, built once.
var appLab *lab

func theApp(t testing.TB) *lab {
	t.Helper()
	if appLab == nil {
		appLab = newLab(t, "testdata/app")
	}
	return appLab
}

const main_, store = "main.go", "store/store.go"

// A story is an edit, and what becomes of it.
type story struct {
	name string
	// edits are applied one after the other.
	edits [][]edit
	// asks are lines and the program's answers after the last edit.
	asks [][2]string
	// refused is the obstacle that the last edit must meet.
	refused string
	// notes are parts of what is said besides, and of nothing else.
	notes []string
	// patched are functions that must be among the replaced ones.
	patched []string
	// before are asked before anything is edited.
	before []string
}

func one(e ...edit) [][]edit { return [][]edit{e} }

var stories = []story{
	{name: "body", edits: one(edit{store, `"v1 %s=%d"`, `"v2 %s=%d"`}), before: []string{"store add x"},
		asks: [][2]string{{"store add x", "v2 x=2"}, {"gc", "collected"}, {"store add x", "v2 x=3"}}, patched: []string{"(*Store).add"}},
	{name: "body of main", edits: one(edit{main_, `"route 1 "`, `"route 2 "`}), asks: [][2]string{{"main x", "route 2 x"}}, patched: []string{"main.answer"}}, // route is inlined there
	{name: "twice", edits: [][]edit{{{store, `"v1 %s=%d"`, `"v2 %s=%d"`}}, {{store, `"v2 %s=%d"`, `"v3 %s=%d"`}}}, asks: [][2]string{{"store add x", "v3 x=1"}}},
	{name: "there and back", edits: [][]edit{{{store, `"v1 %s=%d"`, `"v2 %s=%d"`}}, {{store, `"v2 %s=%d"`, `"v1 %s=%d"`}}}, asks: [][2]string{{"store add x", "v1 x=1"}}},
	{name: "leaf", edits: [][]edit{{{store, "return n + 1 }", "return n + 2 }"}}, {{store, "return n + 2 }", "return n + 3 }"}}}, asks: [][2]string{{"store leaf ab", "5"}}, patched: []string{"store.leaf"}},
	{name: "constant", edits: one(edit{store, "const limit = 10", "const limit = 3"}), asks: [][2]string{{"store limit four", "3 false"}}},
	{name: "jump table", edits: one(edit{store, `"kind e"`, `"sort e"`}), asks: [][2]string{{"store kind e", "sort e"}, {"store kind h", "kind h"}}},
	{name: "method behind an interface", edits: one(edit{store, "return s.side * s.side", "return s.side * s.side * 2"}), asks: [][2]string{{"store area", "18"}}},
	{name: "generic function", edits: one(edit{store, "keys[i] < keys[j]", "keys[i] > keys[j]"}), asks: [][2]string{{"store sorted", "[b a]"}}, notes: []string{"the functions that store.sortedKeys has made so far keep their old code"}},
	{name: "closure in main", before: []string{"closure a"}, edits: one(edit{main_, `"closure 1 "`, `"closure 2 "`}), asks: [][2]string{{"closure b", "closure 2 b 2"}}},
	{name: "closure in main whose parameter escapes now", before: []string{"closure a"}, edits: one(edit{main_, "seen++\n", "seen++\n\t\tkept = append(kept, &arg)\n"}, edit{main_, "var answered int", "var answered int\n\nvar kept []*string"}),
		asks: [][2]string{{"closure b", "closure 1 b 2"}, {"gc", "collected"}, {"closure c", "closure 1 c 3"}}},
	{name: "closure of a variable", edits: one(edit{store, `"hook 1 "`, `"hook 2 "`}), asks: [][2]string{{"store hook x", "hook 2 x"}}},
	{name: "another closure before that of a variable", edits: one(edit{store, "var hook =", "var first = func(s string) string { return \"first \" + s }\n\nvar hook ="}, edit{store, `"hook 1 "`, `"hook 2 "`}),
		asks: [][2]string{{"store hook x", "hook 1 x"}}, notes: []string{"keep their old code"}},
	{name: "method value", edits: one(edit{store, `"describe 1 "`, `"describe 2 "`}), asks: [][2]string{{"method x", "describe 2 shopx"}}},
	{name: "new function", edits: one(edit{store, `return fmt.Sprint(leaf(len(arg)))`, `return fresh(arg)`}, edit{store, "func where()", "func fresh(s string) string { return \"fresh \" + s }\n\nfunc where()"}), asks: [][2]string{{"store leaf x", "fresh x"}}},
	{name: "new method", edits: one(edit{store, "case \"list\":\n\t\treturn s.list()", "case \"list\":\n\t\treturn s.newer()"}, edit{store, "func where()", "func (s *Store) newer() string { return \"newer \" + s.name }\n\nfunc where()"}), asks: [][2]string{{"store list", "newer shop"}}},
	{name: "new method for a dynamic assertion", edits: one(edit{store, "func where()", "func (s *Store) Name() string { return s.name }\n\nfunc where()"}), asks: [][2]string{{"store any bob", "named bob"}}},
	{name: "new method after a failed assertion", before: []string{"store any bob"}, edits: one(edit{store, "func where()", "func (s *Store) Name() string { return s.name }\n\nfunc where()"}), refused: "a type has got a method that the program has looked for in vain already"},
	{name: "new type as a map key", edits: one(edit{store, `return fmt.Sprint(leaf(len(arg)))`, `return fmt.Sprint(len(map[point]string{{1, 2}: arg, {2, 3}: arg}), any(point{5, 6}), any(&point{}) == nil)`}, edit{store, "func where()", "type point struct{ x, y int }\n\nfunc (p point) String() string { return fmt.Sprint(\"point \", p.x) }\n\nfunc where()"}),
		asks: [][2]string{{"store leaf x", "2 point 5 false"}, {"gc", "collected"}, {"store leaf x", "2 point 5 false"}}},
	{name: "new instance of a generic function", edits: one(edit{store, `return fmt.Sprint(leaf(len(arg)))`, `return fmt.Sprint(sortedKeys(map[string][3]byte{arg: {}, "a": {}}))`}), asks: [][2]string{{"store leaf x", "[a x]"}}},
	{name: "new variable", edits: one(edit{store, `return fmt.Sprint(leaf(len(arg)))`, `calls++; return fmt.Sprint(calls)`}, edit{store, "var total = 100", "var total = 100\n\nvar calls = 40"}), asks: [][2]string{{"store leaf x", "41"}, {"store leaf x", "42"}, {"store total", "101"}}},
	{name: "new variable with a dynamic initialiser", edits: one(edit{store, `return fmt.Sprint(leaf(len(arg)))`, `return fmt.Sprint(ages[arg], when)`}, edit{store, "var total = 100", "var total = 100\n\nvar ages = map[string]int{\"x\": leaf(40), \"y\": 2}\n\nvar when = strings.Repeat(\"ab\", len(table))"}),
		asks: [][2]string{{"store leaf x", "41ababab"}, {"gc", "collected"}, {"store leaf y", "2ababab"}}},
	{name: "another assertion that cannot fail", edits: one(edit{store, `return fmt.Sprint(leaf(len(arg)))`, `return fmt.Sprint(func(r any) string { return r.(interface{ list() string }).list() }(s))`}), asks: [][2]string{{"store leaf x", "0 []"}}},
	{name: "another type switch", edits: one(edit{store, `	if n, ok := x.(namer); ok {`, `	switch x := x.(type) {
	case interface{ list() string }:
		return x.list()
	case fmt.Stringer:
		return x.String()
	}
	if n, ok := x.(namer); ok {`}), asks: [][2]string{{"store any x", "0 []"}}},
	{name: "new variables like old ones", edits: one(edit{store, `return fmt.Sprint(leaf(len(arg)))`, `another[2] = arg; bytes[0]++; return another[2] + table[2] + string(bytes) + string(letters)`}, edit{store, `var table = `, "var another = []string{\"zero\", \"one\", \"two\"}\n\nvar bytes = []byte(\"abc\")\n\nvar table = "}), asks: [][2]string{{"store leaf x", "xtwobbcabc"}}},
	{name: "new variables, one after the other", edits: [][]edit{
		{{store, `return fmt.Sprint(leaf(len(arg)))`, `return fmt.Sprint(ages[arg])`}, {store, "var total = 100", "var total = 100\n\nvar ages = map[string]int{\"x\": leaf(40)}"}},
		{{store, `return fmt.Sprint(ages[arg])`, `return fmt.Sprint(ages[arg], sizes[arg])`}, {store, "var total = 100", "var total = 100\n\nvar sizes = map[string]int{\"x\": leaf(6)}"}}}, asks: [][2]string{{"store leaf x", "41 7"}}},
	{name: "new variables of two packages", edits: one(edit{store, "var total = 100", "var total = 100\n\nvar Ages = map[string]int{\"x\": leaf(40)}"}, edit{main_, "var answered int", "var answered int\n\nvar age = fmt.Sprint(store.Ages[\"x\"])"}, edit{main_, `return "route 1 " + arg`, `return age + arg`}), asks: [][2]string{{"main x", "41x"}}},
	{name: "pointer in a new variable", edits: one(edit{store, `return fmt.Sprint(leaf(len(arg)))`, `last = append(last, &item{name: arg}); return last[0].name`}, edit{store, "var total = 100", "var total = 100\n\nvar last []*item"}),
		asks: [][2]string{{"store leaf x", "x"}, {"gc", "collected"}, {"gc", "collected"}, {"store leaf y", "x"}}},
	{name: "initial value of a variable", edits: one(edit{store, "var total = 100", "var total = 200"}), asks: [][2]string{{"store total", "101"}}, notes: []string{"store.go:35: the initial value of total changed: the variable keeps its value; R applies it"}},
	{name: "initial value of a table", edits: one(edit{store, `"zero", "one", "two"`, `"zero", "one", "zwei"`}), asks: [][2]string{{"store table", "two"}}, notes: []string{"the initial value of table changed"}},
	{name: "type of a method", edits: one(edit{store, "func (s *Store) list() string {", "func (s *Store) list(n int) string {"}, edit{store, "return s.list()", "return s.list(1)"}, edit{store, "fmt.Sprint(len(names), names)", "fmt.Sprint(len(names), names, n)"}),
		refused: "store.go:99: method list of Store has another type"},
	{name: "signature of a plain function, twice", edits: [][]edit{
		{{store, "func leaf(n int) int { return n + 1 }", "func leaf(n, m int) int { return n + m + 10 }"}, {store, "leaf(len(arg))", "leaf(len(arg), 1)"}},
		{{store, "return n + m + 10", "return n + m + 20"}}}, asks: [][2]string{{"store leaf ab", "23"}}},
	{name: "parameter escapes now", edits: one(edit{store, "//go:noinline\nfunc retain(it *item) string { return it.name }", "var held []*item\n\n//go:noinline\nfunc retain(it *item) string { held = append(held, it); return held[0].name }"}),
		asks: [][2]string{{"store retain a", "a"}, {"gc", "collected"}, {"store retain b", "a"}, {"gc", "collected"}, {"store retain c", "a"}}},
	{name: "goroutine, defer and panic", edits: one(edit{store, "\tpanic(errBad)", "\tc := make(chan string)\n\tgo func() { defer close(c); c <- arg }()\n\tpanic(<-c)"}), asks: [][2]string{{"store panic x", "recovered x"}}},
	{name: "lines move", edits: one(edit{store, "const limit = 10", "\n\n\n\nconst limit = 10"}, edit{store, "_, file, line, _ := runtime.Caller(0)", "\n\t_, file, line, _ := runtime.Caller(0)"}), asks: [][2]string{{"store where", "store.go:148"}}},
	{name: "both packages, with a new exported function", edits: one(edit{store, "func where()", "func Greet(s string) string { return \"greet \" + s + where() }\n\nfunc where()"}, edit{main_, `return "route 1 " + arg`, `return store.Greet(arg)`}), asks: [][2]string{{"main x", "greet xstore.go:148"}}},
	{name: "pulled function", edits: one(edit{store, `return fmt.Sprint(leaf(len(arg)))`, `return strings.ToTitle(strings.Replace(arg, "a", "b", 2)) + strings.Repeat("-", 3)`}), asks: [][2]string{{"store leaf xax", "XBX---"}}},
	{name: "main's own body", edits: one(edit{main_, "seen := 0", "seen := 0\n\tanswered = 7"}), asks: [][2]string{{"count", "1"}}, notes: []string{"main() keeps running its old code; R restarts with the new"}},
	{name: "what main calls keeps its parameter now", edits: one(edit{main_, "{ *n = 0 }", "{ begun = n }\n\nvar begun *int"}), asks: [][2]string{{"count", "1"}}, notes: []string{"main() keeps running its old code; R restarts with the new"}},
	{name: "new init", edits: one(edit{main_, "func route(", "func init() { answered = 70 }\n\nfunc route("}), asks: [][2]string{{"count", "1"}}, notes: []string{": init() is new and does not run"}},
	{name: "type that was in no interface before", edits: one(edit{store, "fmt.Sprint(h.n, len(in.in), in.in[0].n)", "fmt.Sprint(*h)"}), asks: [][2]string{{"store hidden abc", "hidden 3"}, {"gc", "collected"}, {"store hidden abcd", "hidden 4"}}},
	{name: "pointer that was in no interface before", edits: one(edit{store, "fmt.Sprint(h.n, len(in.in), in.in[0].n)", "describe(h) + fmt.Sprint(h)"}), asks: [][2]string{{"store hidden abc", "named hidden namehidden 3"}}},
	{name: "part of what was in no interface before", edits: one(edit{store, "fmt.Sprint(h.n, len(in.in), in.in[0].n)", "fmt.Sprint(in.in, reflect.ValueOf(in).Field(0).Len())"}), asks: [][2]string{{"store hidden abc", "[hidden 3] 1"}}},
	{name: "nothing", edits: one(edit{store, "// Handle answers a request.", "// Handle answers requests."}), asks: [][2]string{{"store leaf ab", "3"}}},

	{name: "field added", edits: one(edit{store, "type item struct {", "type item struct {\n\tPrice int"}), refused: "store.go:21: field Price added to item"},
	{name: "field added to what has no descriptor", edits: one(edit{store, "type small struct{ a, b int }", "type small struct{ a, b, c int }"}, edit{store, "small{1, 2}", "small{1, 2, 3}"}), refused: "store.go:25: field c added to small"},
	{name: "field's type", edits: one(edit{store, "n    int\n}", "n    int64\n}"}, edit{store, "it.name, it.n)", "it.name, int(it.n))"}), refused: "store.go:22: field n of item is int64, and was int"},
	{name: "fields in another order", edits: one(edit{store, "\tname string\n\tn    int\n", "\tn    int\n\tname string\n"}), refused: "store.go:20: the fields of item are in another order"},
	{name: "array length by a constant", edits: [][]edit{
		{{store, "type small struct{ a, b int }", "const width = 4\n\ntype small struct{ a, b int }\n\ntype wide struct{ x [width]int }\n\nfunc (w wide) sum() int { return w.x[0] }"}},
		{{store, "const width = 4", "const width = 5"}}}, refused: "store.go:29: field x of wide is [5]int, and was [4]int"},
	{name: "array length by a constant of another package", edits: [][]edit{
		{{store, "const limit = 10", "const limit, Width = 10, 4"}, {main_, "var answered int", "var answered int\n\ntype wide struct{ x [store.Width]int }\n\nfunc (w wide) size() int { return len(w.x) }"}, {main_, `return "route 1 " + arg`, `return fmt.Sprint("route ", wide{}.size())`}},
		{{main_, `"route "`, `"road "`}},
		{{store, "Width = 10, 4", "Width = 10, 5"}}}, refused: "main.go:25: field x of wide is [5]int, and was [4]int"},
	{name: "underlying type", edits: one(edit{store, "type weekday int", "type weekday int32"}), refused: "store.go:33: type weekday is int32, and was int"},
	{name: "interface", edits: one(edit{store, "type shape interface{ area() int }", "type shape interface{ area() int; String() string }"}, edit{store, "func (s square) area()", "func (s square) String() string { return \"\" }\n\nfunc (s square) area()"}), refused: "store.go:27: method String added to interface shape"},
	{name: "type of a variable", edits: one(edit{store, "var total = 100", "var total int64 = 100"}), refused: "store.go:35: the type of variable store.total changed"},
	{name: "directive", edits: one(edit{store, "func within(", "//go:nosplit\nfunc within("}), refused: "store.go:110: directive //go:nosplit is new"},
	{name: "method removed", edits: one(edit{store, "func (s *Store) add(name", "func (s *Store) insert(name"}, edit{store, "s.add(arg)", "s.insert(arg)"}), refused: "store.go:89: method add of Store removed"},
	{name: "initial value that depends on what changed too", edits: one(edit{store, "return n + 1 }", "return n + 2 }"}, edit{store, "var total = 100", "var total = 100\n\nvar base = leaf(5)"}, edit{store, "fmt.Sprint(total)", "fmt.Sprint(total, base)"}), refused: "store.leaf changed, and a new variable's initial value depends on it"},
	{name: "initial value that panics", edits: one(edit{store, "var total = 100", "var total = 100\n\nvar base = table[leaf(5)]"}, edit{store, "fmt.Sprint(total)", "fmt.Sprint(total, base)"}), refused: "panic while new variables were initialised: runtime error: index out of range [6] with length 3"},
	{name: "alias", edits: one(edit{store, "= square", "square"}), refused: "store.go:242: type renamed is an alias now, or no longer one"},
	{name: "type parameter", edits: one(edit{store, "[A any]", "[A comparable]"}), refused: "store.go:243: the type parameters of pair changed"},
	{name: "method of an interface removed", edits: one(edit{store, "\t\tdraw() int\n", ""}), refused: "store.go:244: method draw of interface drawer removed"},
	{name: "type of a method of an interface", edits: one(edit{store, "Draw(n int) string", "Draw(n int) int"}), refused: "store.go:244: method Draw of interface drawer has another type"},
	{name: "field removed", edits: one(edit{store, "\t\ttwo int\n", ""}), refused: "store.go:248: field two of parts removed"},
	{name: "field's tag", edits: one(edit{store, `json:"one"`, `json:"uno"`}), refused: "store.go:248: field one of parts has another tag"},
	{name: "receiver of a method", edits: one(edit{store, "func (s square) area()", "func (s *square) area()"}, edit{store, "measure(square{3})", "measure(&square{3})"}), refused: "store.go:31: method area of square has another type"},
	{name: "function with a directive", edits: one(edit{store, "return n * 2", "return n * 3"}), refused: "store.go:258: store.double has the directive //go:nosplit"},
	{name: "directive removed", edits: one(edit{store, "//go:nosplit\n", ""}), refused: "store.go:256: directive //go:nosplit is gone"},
	{name: "new variable that is initialised with an old one", edits: one(edit{store, "single = double(1)", "single, second = two()"}, edit{store, "double(single))", "double(single+second))"}), refused: "store.go:254: single, second are initialised together, and not all are new"},
	{name: "new variable that is large", edits: one(edit{store, "single = double(1)", "single = double(1)\n\nvar huge [1 << 20]*int"}, edit{store, "double(single))", "double(single), huge[single])"}), refused: "new variable store.huge is too large"},
	{name: "import that is in the program", edits: one(edit{store, `	"errors"`, `	"bytes"
	"errors"`}, edit{store, `return fmt.Sprint(leaf(len(arg)))`, `return string(bytes.Title([]byte(arg)))`}), asks: [][2]string{{"store leaf x y", "X Y"}}},
	{name: "import that is not in the program", edits: one(edit{store, `	"errors"`, `	"encoding/csv"
	"errors"`}, edit{store, `return fmt.Sprint(leaf(len(arg)))`, `r, err := csv.NewReader(strings.NewReader(arg)).ReadAll(); return fmt.Sprint(r, err, csv.ErrQuote)`}), asks: [][2]string{{"store leaf x,y", "[[x y]] <nil> extraneous or missing \" in quoted-field"}, {"gc", "collected"}, {"store leaf a\"b", "[] parse error on line 1, column 2: bare \" in non-quoted-field extraneous or missing \" in quoted-field"}}},
	{name: "imports that import others and are initialised", edits: [][]edit{
		{{store, `	"errors"`, "\t\"encoding/base32\"\n\t\"errors\"\n\t\"hash/crc32\"\n\t\"html\""}, {store, `return fmt.Sprint(leaf(len(arg)))`, `return base32.StdEncoding.EncodeToString([]byte(arg)) + fmt.Sprint(crc32.ChecksumIEEE([]byte(arg))) + html.UnescapeString("&eacute;")`}},
		{{store, `	"reflect"`, "\t\"reflect\"\n\t\"regexp\""}, {store, ` + html.UnescapeString("&eacute;")`, ` + html.EscapeString("<") + regexp.MustCompile("[[:upper:]]+").FindString("abCDe") + fmt.Sprint(crc32.NewIEEE().Size())`}}}, asks: [][2]string{{"store leaf a b", "MEQGE===2154585299&lt;CD4"}, {"gc", "collected"}}},
	{name: "unused method of an interface that the program did not know", edits: one(edit{store, `return fmt.Sprint(leaf(len(arg)))`, `return fmt.Sprint(weighs(shelf), weighs(s))`}, edit{store, "func where()", "type weighed interface{ Weight(float64) complex64 }\n\nvar kept weighed\n\nfunc weighs(x any) bool {\n\tkept = &crate{1}\n\t_, ok := x.(weighed)\n\treturn ok\n}\n\nfunc where()"}), asks: [][2]string{{"store leaf x", "true false"}}},
	{name: "method that the linker left out, by an interface", edits: one(edit{store, `return fmt.Sprint(leaf(len(arg)))`, `return fmt.Sprint(func(r any) string { return r.(interface{ Label(int) string }).Label(3) }(any(shelf)))`}), asks: [][2]string{{"store leaf x", "label 3"}, {"gc", "collected"}, {"store leaf x", "label 3"}}},
	{name: "method that the linker left out, by an interface that is in use", edits: one(edit{store, `return fmt.Sprint(leaf(len(arg)))`, `return shelf.Label(len(arg)) + fmt.Sprint(shelf.Load())`}), asks: [][2]string{{"store leaf x", "label 15"}}},
	{name: "method that the linker left out, by a table that the program made", before: []string{"shelf x"}, edits: one(edit{store, `return fmt.Sprint(leaf(len(arg)))`, `return lastShelf.Label(len(arg))`}), refused: "a table of methods that the program made itself lacks one that the linker left out"},
	{name: "method that the linker left out, by its name", edits: one(edit{store, `return fmt.Sprint(leaf(len(arg)))`, `return reflect.ValueOf(shelf).MethodByName("Label").Call([]reflect.Value{reflect.ValueOf(4)})[0].String()`}), asks: [][2]string{{"store leaf x", "label 4"}}},
	{name: "import that looks up methods by reflection", edits: one(edit{store, `	"errors"`, "\t\"errors\"\n\t\"text/template\""}, edit{store, `return fmt.Sprint(leaf(len(arg)))`, `return fmt.Sprint(template.New("x").Parse(arg))`}), refused: "(*state).evalField looks up methods by reflection, and the linker left some out"},
	{name: "methods that the linker left out, by reflection", edits: one(edit{store, `return fmt.Sprint(leaf(len(arg)))`, `return reflect.ValueOf(shelf).MethodByName("La" + arg).Call([]reflect.Value{reflect.ValueOf(4)})[0].String()`}), refused: "(*Store).Handle looks up methods by reflection, and the linker left some out"},
	{name: "method of an interface that was not used before", edits: one(edit{store, `return fmt.Sprint(leaf(len(arg)))`, `return fmt.Sprint(func(r interface{ Area() int }) int { return r.Area() }(tri{4}))`}, edit{store, "func where()", "type tri struct{ x int }\n\nfunc (t tri) Area() int { return t.x }\n\nfunc where()"}), asks: [][2]string{{"store leaf x", "4"}}},
}

// unlinked reports whether an obstacle is that reflection does not find the types
// of patches, as it is since Go 1.27.
func (l *lab) unlinked(o *Obstacle) bool {
	return l.tc.modules.sizes["typelinks"] == 0 && strings.HasSuffix(o.Reason, "reflection would have another one")
}

func TestStories(t *testing.T) {
	l := theApp(t)
	unharmed := l.start(t) // an obstacle leaves it as it was, for the next one
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			r := unharmed
			if s.refused == "" || len(s.edits) > 1 || s.before != nil {
				r = l.start(t)
			}
			r.t = t
			for _, b := range s.before {
				r.ask(b)
			}
			var a Applied
			var o *Obstacle
			for i, es := range s.edits {
				if a, o = r.apply(es...); o != nil && i < len(s.edits)-1 {
					if l.unlinked(o) {
						break
					}
					t.Fatal(o)
				}
			}
			switch {
			case o != nil && l.unlinked(o):
				t.Skipf("the program makes types by reflection, which does not find those of patches with %s: %v", l.tc.Version, o)
			case o != nil && s.refused == "":
				t.Fatalf("refused: %v", o)
			case o == nil && s.refused != "":
				t.Fatalf("patched %v, want %q", a.Functions, s.refused)
			case o != nil && !strings.HasSuffix(o.Error(), s.refused):
				t.Fatalf("refused: %v, want %q", o, s.refused)
			}
			t.Logf("%v %v; compile %v, rest %v, %d bytes", a.Functions, a.Notes, r.compiled, r.patched, a.Bytes)
			for _, q := range s.asks {
				if got := r.ask(q[0]); got != q[1] {
					t.Errorf("%s: %q, want %q", q[0], got, q[1])
				}
			}
			for _, f := range s.patched {
				if !strings.Contains(strings.Join(a.Functions, "\n"), f) {
					t.Errorf("replaced %v, want %s", a.Functions, f)
				}
			}
			if len(a.Notes) != len(s.notes) {
				t.Errorf("notes %q, want %q", a.Notes, s.notes)
			}
			for _, n := range s.notes {
				if !strings.Contains(strings.Join(a.Notes, "\n"), n) {
					t.Errorf("notes %q, want %q", a.Notes, n)
				}
			}
			if r.text.Len() > 0 {
				t.Errorf("the program says %s", r.text)
			}
		})
	}
}
