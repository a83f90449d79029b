package plugin

import (
	"crypto/sha256"
	"slices"
	"strings"
	"testing"

	"github.com/hotdev/hotdev/builder/internal/source"
	"github.com/rogpeppe/go-internal/txtar"
)

// inMemory makes a graph and its sources of a small program's files, without a
// go command: a package's imports are read from its files.
func inMemory(files string) (source.Graph, source.Snapshot) {
	a := txtar.Parse([]byte(files))
	g, s := source.Graph{Main: "ex.com/app"}, source.Snapshot{"": {Files: map[string]*source.File{}}}
	for _, f := range a.Files {
		name := f.Name
		dir, file, ok := strings.Cut(name, "/")
		path := "ex.com/app/" + dir
		if !ok {
			dir, file, path = "", name, "ex.com/app"
		}
		if s[path] == nil {
			s[path] = &source.Source{Pkg: source.Package{ImportPath: path, Name: dir}, Files: map[string]*source.File{}}
			if dir == "" {
				s[path].Pkg.Name = "main"
			}
		}
		text := f.Data
		full := "/app/" + dir + "/" + file
		s[path].Files[full] = &source.File{Text: text, Hash: sha256.Sum256(text)}
		s[path].Pkg.Files = append(s[path].Pkg.Files, full)
		for l := range strings.Lines(string(f.Data)) {
			if l, ok := strings.CutPrefix(l, "import "); ok {
				l = strings.TrimSpace(l)
				s[path].Pkg.Imports = append(s[path].Pkg.Imports, strings.Trim(l[strings.IndexByte(l, '"'):], `"`))
			}
		}
	}
	var add func(path string)
	add = func(path string) {
		if s[path] == nil || slices.ContainsFunc(g.Packages, func(p source.Package) bool { return p.ImportPath == path }) {
			return
		}
		for _, imp := range s[path].Pkg.Imports {
			add(imp)
		}
		g.Packages = append(g.Packages, s[path].Pkg)
	}
	add(g.Main)
	return g, s
}

const gateProgram = `
-- main.go --
package main
import "ex.com/app/rules"
import "ex.com/app/shared"
import "github.com/hotdev/hotdev/reload"
var score = reload.Func(rules.Score)
var other = reload.Func(rules.Other)
func main() { println(score.Get()(rules.Order{}), shared.X, rules.Direct(), rules.Max) /*USES*/ }
-- shared/shared.go --
package shared
const X = 1
-- rules/rules.go --
package rules
import "ex.com/app/inner"
import "ex.com/app/shared"
type Order struct {
	Amount int
	Part   Part
}
type Part struct{ N int }
func (o Order) Total() int { return twice(o.Amount) }
func (p *Part) Set(n int) { p.N = n }
type private struct{ a int }
func Score(o Order) int { return shared.X + inner.One() }
func Other() string { return "other" }
func Direct() int { return direct() }
func direct() int { return 1 }
func twice(n int) int { return n * 2 }
func unrelated() int { return 0 }
const Max = 10
var Table = []int{1}
-- inner/inner.go --
package inner
func One() int { return 1 }
`

// TestGate edits a program and holds the decision to what is safe.
func TestGate(t *testing.T) {
	slots := []string{"ex.com/app/rules.Score", "ex.com/app/rules.Other"}
	for _, c := range []struct {
		name     string
		before   [][2]string // of the program that runs
		edits    [][2]string
		want     string // why a restart; empty: a reload
		packages string // what is reloaded
	}{
		{"a body", nil, [][2]string{{`"other"`, `"another"`}}, "", "rules"},
		{"a comment and layout", nil, [][2]string{{"func Score(o Order) int { return", "// Score.\nfunc Score(o Order) int {\n\n\treturn"}}, "", "rules"},
		{"names of parameters", nil, [][2]string{{"func Score(o Order)", "func Score(order Order)"}}, "", "rules"},
		{"a function more", nil, [][2]string{{"const Max", "func more() {}\nconst Max"}}, "", "rules"},
		{"a type that does not cross", nil, [][2]string{{"private struct{ a int }", "private struct{ a, b int }"}}, "", "rules"},
		{"an unexported helper", nil, [][2]string{{"func unrelated() int { return 0 }", "func unrelated() int { return 7 }"}}, "", "rules"},
		{"a package that only rules use", nil, [][2]string{{"func One() int { return 1 }", "func One() int { return 2 }"}}, "", "inner rules"},
		{"nothing", nil, nil, "", ""},

		{"a slot gone", nil, [][2]string{{"func Other()", "func Others()"}}, "rules.Other is gone", ""},
		{"a signature", nil, [][2]string{{"func Other() string { return \"other\" }", "func Other(n int) (string, error) { return \"\", nil }"}}, "signature of rules.Other changed: func() string → func(int) (string, error)", ""},
		{"a field added", nil, [][2]string{{"Amount int", "Amount int\n\tDiscount int"}}, "type rules.Order changed (field Discount added)", ""},
		{"a field removed", nil, [][2]string{{"\tPart   Part\n", ""}}, "type rules.Order changed (field Part removed)", ""},
		{"a field's type", nil, [][2]string{{"Amount int", "Amount int64"}}, "type rules.Order changed (field Amount is int64)", ""},
		{"fields in another order", nil, [][2]string{{"\tAmount int\n\tPart   Part\n", "\tPart   Part\n\tAmount int\n"}}, "type rules.Order changed (the order of its fields)", ""},
		{"a type within it", nil, [][2]string{{"Part struct{ N int }", "Part struct{ N, M int }"}}, "type rules.Part changed (field M added)", ""},
		{"another kind of type", nil, [][2]string{{"type Part struct{ N int }", "type Part int"}, {"p.N = n", "_ = n"}}, "type rules.Part changed (another definition)", ""},
		{"a method's body", nil, [][2]string{{"p.N = n", "p.N = n + 1"}}, "method rules.Part.Set changed, and the program has values of that type", ""},
		{"what a method calls", nil, [][2]string{{"return n * 2", "return n * 3"}}, "method rules.Order.Total changed, and the program has values of that type", ""},
		{"a method added", nil, [][2]string{{"const Max", "func (Order) New() {}\nconst Max"}}, "type rules.Order changed (method New added)", ""},
		{"a method removed", nil, [][2]string{{"func (p *Part) Set(n int) { p.N = n }\n", ""}}, "type rules.Part changed (method Set removed)", ""},

		{"a shared package", nil, [][2]string{{"const X = 1", "const X = 2"}}, "package shared changed, and package main uses it too", ""},
		{"package main", nil, [][2]string{{"/*USES*/", "; println()"}}, "main.go changed", ""},
		{"what main calls directly", nil, [][2]string{{"func Direct() int { return direct() }", "func Direct() int { return 1 }"}}, "main.go:7 uses rules.Direct directly, and it changed", ""},
		{"what that calls", nil, [][2]string{{"func direct() int { return 1 }", "func direct() int { return 2 }"}}, "main.go:7 uses rules.Direct directly, and it changed", ""},
		{"a constant that main uses", nil, [][2]string{{"const Max = 10", "const Max = 11"}}, "main.go:7 uses constant rules.Max, and it changed", ""},
		{"a variable that main uses", [][2]string{{"/*USES*/", "; println(rules.Table)"}}, [][2]string{{`"other"`, `"x"`}}, "main.go:7 uses variable rules.Table, of which a reload would make another", ""},
		{"an assertion", [][2]string{{"/*USES*/", "; var x any; _ = x.(*rules.Order)"}}, [][2]string{{`"other"`, `"x"`}}, "main.go:7 asserts type rules.Order, which each generation declares anew", ""},
		{"a type switch", [][2]string{{"/*USES*/", "; var x any; switch x.(type) { case []rules.Order: }"}}, [][2]string{{`"other"`, `"x"`}}, "main.go:7 asserts type rules.Order, which each generation declares anew", ""},
		{"a dot import", [][2]string{{`import "ex.com/app/rules"` + "\n", `import . "ex.com/app/rules"` + "\n" + `import rules "ex.com/app/rules"` + "\n"}}, [][2]string{{`"other"`, `"x"`}}, "main.go:2 imports package rules by a dot", ""},
		{"linkname", nil, [][2]string{{"const Max", "//go:linkname unrelated runtime.x\nconst Max"}}, "package rules changed, and rules.go:18 has go:linkname", ""},
		{"cgo", nil, [][2]string{{"const Max", "const Max"}, {"import \"ex.com/app/inner\"", "import \"C\"\nimport \"ex.com/app/inner\""}}, "package rules changed, and rules.go:1 uses cgo", ""},
		{"broken code is the compiler's", nil, [][2]string{{"const Max", "const const Max"}}, "", "rules"},
	} {
		t.Run(c.name, func(t *testing.T) {
			program := replaceAll(t, gateProgram, c.before)
			_, base := inMemory(program)
			h := &Host{base: base}
			g, now := inMemory(replaceAll(t, program, c.edits))
			req := Request{Slots: slots}
			region := regionOf(g, req)
			why := h.changedOutside(now, g, region, req)
			var chosen []string
			if why == "" {
				chosen = h.choose(now, g, region, req)
				why = gate(h, now, g, region, chosen, req)
			}
			if why != c.want {
				t.Errorf("%q, want %q", why, c.want)
			}
			if c.want == "" {
				if got := strings.ReplaceAll(strings.Join(chosen, " "), "ex.com/app/", ""); got != c.packages {
					t.Errorf("reloads %q, want %q", got, c.packages)
				}
			}
		})
	}
}

func replaceAll(t *testing.T, text string, edits [][2]string) string {
	t.Helper()
	for _, e := range edits {
		if !strings.Contains(text, e[0]) {
			t.Fatalf("there is no %q", e[0])
		}
		text = strings.Replace(text, e[0], e[1], 1)
	}
	return text
}

// TestChoose: what was loaded counts, not only what the program was built from.
func TestChoose(t *testing.T) {
	const program = `
-- main.go --
package main
import "ex.com/app/a"
import "ex.com/app/b"
import "ex.com/app/c"
-- a/a.go --
package a
import "ex.com/app/b"
-- b/b.go --
package b
-- c/c.go --
package c
`
	req := Request{Slots: []string{"ex.com/app/a.F", "ex.com/app/b.F", "ex.com/app/c.F"}}
	_, base := inMemory(program)
	h := &Host{base: base, built: map[int]map[string]*source.Source{}}
	step := func(want string, edits ...[2]string) {
		t.Helper()
		g, now := inMemory(replaceAll(t, program, edits))
		chosen := h.choose(now, g, regionOf(g, req), req)
		if got := strings.ReplaceAll(strings.Join(chosen, " "), "ex.com/app/", ""); got != want {
			t.Errorf("after %v: %q, want %q", edits, got, want)
		}
		req.Gen++
		h.built[req.Gen] = map[string]*source.Source{}
		for _, p := range chosen {
			h.built[req.Gen][p] = now[p]
		}
		req.Loaded = append(req.Loaded, req.Gen)
	}
	a, b, c := [2]string{"package a", "package a // 1"}, [2]string{"package b", "package b // 1"}, [2]string{"package c", "package c // 1"}
	step("")
	step("c", c)
	step("c")            // back to what the program was built from
	step("b a", b)       // with what imports it
	step("c", b, c)      // not with what is unrelated
	step("b a", a, b, c) // with what it imports and differs
	req.Loaded = req.Loaded[:len(req.Loaded)-1]
	step("b a", a, b, c) // again: the program has not loaded it
}
