//go:build linux && amd64

package live

import (
	"path/filepath"
	"strings"
	"testing"
)

// What the table in docs/reloading.md says may happen.
const (
	isPatched = "patched"
	isSaid    = "patched; a sentence says what keeps its old code or value"
	isRestart = "restarts"
	isLimited = "patched, if it is in the standard library or already in the program; else restarts"
)

// rows are those of the table, and the stories that show each. Where another
// package shows it, that is a test of it.
var rows = []struct {
	edit, what string
	stories    []string
	test       string
}{
	{"the body of a function or method, also inlined, generic, with a directive such as `//go:noinline`", isPatched, []string{"body", "body of main", "twice", "there and back", "leaf", "jump table", "method behind an interface", "method value", "goroutine, defer and panic", "lines move", "nothing", "another assertion that cannot fail", "another type switch", "signature of a plain function, twice", "pulled function"}, ""},
	{"a constant, wherever it is used", isPatched, []string{"constant"}, ""},
	{"a closure, even one that is already registered; it keeps what it has captured", isPatched, []string{"closure in main", "closure in main whose parameter escapes now", "closure of a variable"}, ""},
	{"existing closures, if the function that makes them changed as well", isSaid, []string{"generic function", "another closure before that of a variable"}, ""},
	{"new functions, methods, types, instances of generic functions", isPatched, []string{"new function", "new method", "new method for a dynamic assertion", "new type as a map key", "new instance of a generic function", "both packages, with a new exported function"}, ""},
	{"new variables, which are initialised", isPatched, []string{"new variable", "new variable with a dynamic initialiser", "new variables like old ones", "new variables, one after the other", "new variables of two packages", "pointer in a new variable"}, ""},
	{"types and methods that were not used through an interface before, so that the linker had left methods out", isPatched, []string{"type that was in no interface before", "pointer that was in no interface before", "part of what was in no interface before", "unused method of an interface that the program did not know", "method of an interface that was not used before", "method that the linker left out, by an interface", "method that the linker left out, by an interface that is in use", "method that the linker left out, by its name"}, ""},
	{"an import", isLimited, []string{"import that is in the program", "import that is not in the program", "imports that import others and are initialised"}, "TestLive"},
	{"a parameter that escapes or is written now and did not before", isPatched + "; what is running at that moment stays in the old function", []string{"parameter escapes now"}, ""},
	{"`main`, `init`, an initial value, the body of a loop that never returns", isSaid, []string{"main's own body", "what main calls keeps its parameter now", "new init", "initial value of a variable", "initial value of a table"}, ""},
	{"a field, its type, tag or place; an underlying type, an alias, a type parameter, an interface", isRestart, []string{"field added", "field added to what has no descriptor", "field's type", "fields in another order", "field removed", "field's tag", "array length by a constant", "array length by a constant of another package", "underlying type", "alias", "type parameter", "interface", "method of an interface removed", "type of a method of an interface"}, ""},
	{"a method's type or receiver, the removal of a method", isRestart, []string{"type of a method", "receiver of a method", "method removed"}, ""},
	{"a new method for which a type assertion has already failed", isRestart, []string{"new method after a failed assertion"}, ""},
	{"a variable's type", isRestart, []string{"type of a variable"}, ""},
	{"a new variable whose initial value calls changed functions, panics, or is set together with an old one; a very large one", isRestart, []string{"initial value that depends on what changed too", "initial value that panics", "new variable that is initialised with an old one", "new variable that is large"}, ""},
	{"directives such as `//go:nosplit` and `//go:linkname`, and functions that have one", isRestart, []string{"directive", "directive removed", "function with a directive"}, ""},
	{"code that finds methods by names it computes (`reflect`, `text/template`), if nothing in the program did", isRestart, []string{"methods that the linker left out, by reflection", "import that looks up methods by reflection", "method that the linker left out, by a table that the program made"}, ""},
	{"cgo, assembly, embedded files; added and removed files; `go.mod`, build flags, the environment, the toolchain", isRestart, nil, "TestFastReasons"},
	{"anything, while a debugger is attached, or in a program that is built with `-race`, `-msan`, `-asan` or `-cover`, or without a symbol table", isRestart, nil, "TestOdd"},
	{"files that match `live.restart_on = [\"internal/db/**\"]`", isRestart + ": `restarted: live.restart_on names internal/db`", nil, "TestLive"},
}

// The table in the documents, and what comes of edits, are the same.
func TestDocs(t *testing.T) {
	text := string(readFileOf(t, "../../../docs/reloading.md"))
	_, text, ok := strings.Cut(text, "## Live code")
	if !ok {
		t.Fatal("the document has no such part")
	}
	_, text, _ = strings.Cut(text, "| --- | --- |\n")
	text, _, _ = strings.Cut(text, "\n\n")
	tests := ""
	for _, pattern := range []string{"*_test.go", "../../*_test.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			tests += string(readFileOf(t, f))
		}
	}
	var want []string
	seen := map[string]bool{}
	byName := map[string]story{}
	for _, s := range stories {
		byName[s.name] = s
	}
	for _, r := range rows {
		want = append(want, "| "+r.edit+" | "+r.what+" |")
		for _, name := range r.stories {
			s, ok := byName[name]
			switch {
			case !ok:
				t.Errorf("%s: no story %q", r.edit, name)
			case seen[name]:
				t.Errorf("%s: story %q is in two rows", r.edit, name)
			case (r.what == isRestart) != (s.refused != ""):
				t.Errorf("%s: the document says %q, story %q has the obstacle %q", r.edit, r.what, name, s.refused)
			case (r.what == isSaid) != (len(s.notes) > 0):
				t.Errorf("%s: the document says %q, story %q has the notes %q", r.edit, r.what, name, s.notes)
			}
			seen[name] = true
		}
		if r.test != "" && !strings.Contains(tests, "func "+r.test+"(") {
			t.Errorf("%s: there is no %s", r.edit, r.test)
		}
	}
	for _, s := range stories {
		if !seen[s.name] {
			t.Errorf("story %q is in no row", s.name)
		}
	}
	if got := strings.TrimSuffix(text, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("docs/reloading.md has\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}
