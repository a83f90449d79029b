package source

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestImported(t *testing.T) {
	dir := t.TempDir()
	read := func(texts ...string) Snapshot {
		g := Graph{Packages: []Package{{ImportPath: "p", Dir: dir}}}
		for i, text := range texts {
			file := filepath.Join(dir, fmt.Sprint("f", i, ".go"))
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			g.Packages[0].Files = append(g.Packages[0].Files, file)
		}
		return Read(g, nil)
	}
	before := func() Snapshot {
		return read("//go:build !never\n\npackage p\n\nimport (\n\t\"fmt\"\n\tx \"os\"\n)\n", "package p\n\nimport \"fmt\"\n")
	}
	for _, c := range []struct {
		name, first, second string
		want                string
	}{
		{"nothing", "//go:build !never\n\npackage p\n\nimport \"fmt\"\nimport `os`\n", "package p\n\nimport \"fmt\"\n", "map[] [] true"},
		{"one more", "//go:build !never\n\npackage p\n\nimport (\n\t\"fmt\"\n\t\"io\"\n\t\"os\"\n)\n", "package p\n\nimport \"fmt\"\n", "map[p:[io]] [] true"},
		{"one in the other file", "//go:build !never\n\npackage p\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n", "package p\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n", "map[] [] true"},
		{"one less", "//go:build !never\n\npackage p\n\nimport \"fmt\"\n", "package p\n", "map[] [os] true"},
		{"all gone, one new", "//go:build !never\n\npackage p\n", "package p\n\nimport \"a/b\"\n", "map[p:[a/b]] [fmt os] true"},
		{"cgo", "//go:build !never\n\npackage p\n\nimport (\n\t\"C\"\n\t\"fmt\"\n\t\"os\"\n)\n", "package p\n\nimport \"fmt\"\n", "map[] [] false"},
		{"embed", "//go:build !never\n\npackage p\n\nimport (\n\t_ \"embed\"\n\t\"fmt\"\n\t\"os\"\n)\n", "package p\n\nimport \"fmt\"\n", "map[] [] false"},
		{"a constraint", "//go:build !ever\n\npackage p\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n", "package p\n\nimport \"fmt\"\n", "map[] [] false"},
		{"the package's name", "//go:build !never\n\npackage q\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n", "package p\n\nimport \"fmt\"\n", "map[] [] false"},
		{"broken", "//go:build !never\n\npackage p\n\nimport (\n", "package p\n\nimport \"fmt\"\n", "map[] [] false"},
	} {
		old := before()
		added, gone, ok := old.Imported(read(c.first, c.second))
		if got := fmt.Sprint(added, gone, ok); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
