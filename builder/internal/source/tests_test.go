package source

import (
	"os"
	"path/filepath"
	"testing"
)

// What the main package of a test is made from changes with the tests that there are,
// and not with what they do.
func TestTests(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a_test.go")
	of := func(text string) string {
		t.Helper()
		if err := os.WriteFile(file, []byte("package a\n\nimport \"testing\"\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
		return Read(Graph{Packages: []Package{{ImportPath: "a", Dir: dir, Files: []string{file}, Tests: true}}}, nil)["a"].Tests()
	}
	const before = "func TestA(t *testing.T) {}\nfunc helper() {}\nfunc ExampleA() {\n\t// Output: 1\n}\n"
	was := of(before)
	for text, same := range map[string]bool{
		before: true,
		"func TestA(t *testing.T) { t.Log() }\nfunc other(int) {}\nfunc (x) TestB(t *testing.T) {}\ntype x int\nfunc ExampleA() {\n\t// Output: 1\n}\n": true,
		"func TestA(t *testing.B) {}\nfunc ExampleA() {\n\t// Output: 1\n}\n":                                                                           false,
		"func TestA(t *testing.T) {}\nfunc ExampleA() {\n\t// Output: 2\n}\n":                                                                           false,
		"func TestA(t *testing.T) {}\nfunc ExampleA() {\n\t// Unordered output: 1\n}\n":                                                                 false,
		"func TestA(t *testing.T) {}\nfunc ExampleA() {\n\t// Output: 1\n}\nfunc TestMain(m *testing.M) {}\n":                                           false,
		"func ExampleA() {\n\t// Output: 1\n}\n":                                                                                                        false,
		"func ExampleA() {\n\t// Output: 1\n}\nfunc TestA(t *testing.T) {}\n":                                                                           false,
		"func TestA(t *testing.T) {\n": false,
	} {
		if got := of(text); (got == was) != same {
			t.Errorf("%q: same %v, want %v\n%s", text, got == was, same, got)
		}
	}
}

// A test file that is new to the folder is told from nothing, where tests count.
func TestTestsBeside(t *testing.T) {
	dir := t.TempDir()
	for _, tests := range []bool{true, false} {
		g := Graph{Packages: []Package{{ImportPath: "a", Dir: dir, Tests: tests}}}
		before := Read(g, nil).Shape()
		file := filepath.Join(dir, "new_test.go")
		if err := os.WriteFile(file, []byte("package a\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if now := Read(g, nil).Shape(); (now != before) != tests {
			t.Errorf("with tests %v: another shape %v", tests, now != before)
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
}
