package source

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What a graph is once its files changed, and where only the go command can say.
func TestRewired(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string // that change; empty ones go
		want  string            // the files, and what they import; empty: the go command has to say
	}{
		{"nothing", nil, "a.go b.go: fmt os"},
		{"a body", map[string]string{"b.go": "package p\n\nimport \"fmt\"\n\nfunc f() {}\n"}, "a.go b.go: fmt os"},
		{"an import more", map[string]string{"b.go": "package p\n\nimport (\n\t\"fmt\"\n\t\"a/b\"\n)\n"}, "a.go b.go: a/b fmt os"},
		{"an import less", map[string]string{"a.go": "package p\n"}, "a.go b.go: fmt"},
		{"a file", map[string]string{"aa.go": "package p\n\nimport \"io\"\n"}, "a.go aa.go b.go: fmt io os"},
		{"a file gone", map[string]string{"a.go": ""}, "b.go: fmt"},
		{"a file renamed", map[string]string{"a.go": "", "z_y.go": "package p\n\nimport \"os\"\n"}, "b.go z_y.go: fmt os"},
		{"one for another system changed", map[string]string{"c_plan9.go": ""}, "a.go b.go: fmt os"},
		{"a test", map[string]string{"a_test.go": "package p\n"}, "a.go b.go: fmt os"},
		{"all gone", map[string]string{"a.go": "", "b.go": ""}, ""},
		{"a constraint", map[string]string{"a.go": "//go:build !x\n\npackage p\n\nimport \"os\"\n"}, ""},
		{"a file with a constraint", map[string]string{"aa.go": "//go:build !x\n\npackage p\n"}, ""},
		{"a file whose name is a constraint", map[string]string{"a_linux.go": "package p\n"}, ""},
		{"a file of another package", map[string]string{"aa.go": "package q\n"}, ""},
		{"another package", map[string]string{"a.go": "package q\n\nimport \"os\"\n"}, ""},
		{"a file that cannot be read", map[string]string{"aa.go": "package p\n\nimport (\n"}, ""},
		{"cgo", map[string]string{"aa.go": "package p\n\nimport \"C\"\n"}, ""},
		{"an embed", map[string]string{"aa.go": "package p\n\nimport _ \"embed\"\n"}, ""},
		{"a setting", map[string]string{"aa.go": "//go:debug x=1\n\npackage p\n"}, ""},
		{"assembly", map[string]string{"aa.s": "TEXT\n"}, ""},
		{"a profile", map[string]string{ProfileFile: "x"}, ""},
		{"names that differ in case", map[string]string{"A.go": "package p\n"}, ""},
		{"a name that the go command does not like", map[string]string{"-a.go": "package p\n"}, ""},
		{"a module of its own", map[string]string{"go.mod": "module q\n"}, ""},
		{"go.mod", map[string]string{"../go.mod": "module x\n"}, ""},
	} {
		root := t.TempDir()
		dir := filepath.Join(root, "p")
		write := func(name, text string) {
			file := filepath.Join(dir, name)
			if text == "" {
				if err := os.Remove(file); err != nil {
					t.Fatal(err)
				}
				return
			}
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write("a.go", "package p\n\nimport \"os\"\n")
		write("b.go", "package p\n\nimport \"fmt\"\n")
		write("c_plan9.go", "package p\n")
		g := Graph{Roots: []string{root}, Files: []string{filepath.Join(root, "go.mod")}, Packages: []Package{{
			ImportPath: "p", Name: "p", Dir: dir, Files: []string{filepath.Join(dir, "a.go"), filepath.Join(dir, "b.go")}, Imports: []string{"fmt", "os"},
		}}}
		was := Read(g, nil)
		if !was["p"].AsListed() {
			t.Error("as it was listed: it is not")
		}
		for name, text := range c.files {
			write(name, text)
		}
		next, ok := g.Rewired(was, Read(g, was))
		if ok != (c.want != "") {
			t.Errorf("%s: %v", c.name, ok)
		}
		if !ok {
			continue
		}
		var files []string
		for _, f := range next.Packages[0].Files {
			files = append(files, filepath.Base(f))
		}
		if got := fmt.Sprintf("%s: %s", strings.Join(files, " "), strings.Join(next.Packages[0].Imports, " ")); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if s := Read(next, was)["p"]; !s.AsListed() {
			t.Errorf("%s: the files do not import what the graph says", c.name)
		}
	}
}

// A vendored package is what modules.txt says, whatever its files are.
func TestRewiredVendored(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.go")
	g := Graph{Packages: []Package{{ImportPath: "p", Name: "p", Dir: dir, Files: []string{file}, Vendored: true}}}
	if err := os.WriteFile(file, []byte("package p\n\nimport \"fmt\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	was := Read(g, nil)
	if err := os.WriteFile(file, []byte("package p\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, ok := g.Rewired(was, Read(g, was)); ok {
		t.Error("a vendored package is rewired")
	}
}
