package config

import (
	"path/filepath"
	"testing"
)

func TestFind(t *testing.T) {
	for _, test := range []struct {
		name, start  string
		files        []string
		config, root string
	}{
		{"in the module's root", "m", []string{"m/go.mod", "m/" + Name}, "m/" + Name, "m"},
		{"from below", "m/a/b", []string{"m/go.mod", "m/" + Name, "m/a/b/x.go"}, "m/" + Name, "m"},
		{"the nearest", "m/a/b", []string{"m/go.mod", "m/" + Name, "m/a/" + Name, "m/a/b/x.go"}, "m/a/" + Name, "m"},
		{"not above the module", "m/a", []string{Name, "m/go.mod", "m/a/x.go"}, "", "m"},
		{"not of the outer module", "m/sub", []string{"m/go.mod", "m/" + Name, "m/sub/go.mod"}, "", "m/sub"},
		{"above the module in a workspace", "w/m/a", []string{"w/go.work", "w/" + Name, "w/m/go.mod", "w/m/a/x.go"}, "w/" + Name, "w/m"},
		{"in a workspace without a module", "w/a", []string{"w/go.work", "w/" + Name, "w/a/x"}, "w/" + Name, "w"},
		{"go.work in the module", "m/a", []string{"m/go.mod", "m/go.work", "m/" + Name, "m/a/x", Name}, "m/" + Name, "m"},
		{"go.work below the module", "m/a/b", []string{"m/go.mod", "m/a/go.work", "m/" + Name, "m/a/b/x"}, "m/" + Name, "m"},
		{"no module: only here", "x/y", []string{"x/" + Name, "x/y/main.go"}, "", "x/y"},
		{"no module", "x", []string{"x/" + Name}, "x/" + Name, "x"},
		{"air's", "m/a", []string{"m/go.mod", "m/.air.toml", "m/a/x"}, "m/.air.toml", "m"},
		{"air's, nearer", "m/a", []string{"m/go.mod", "m/" + Name, "m/a/.air.toml"}, "m/" + Name, "m"},
		{"none", "m", []string{"m/go.mod"}, "", "m"},
		{"a folder of that name, for Load to complain", "m", []string{"m/go.mod", "m/" + Name + "/x"}, "m/" + Name, "m"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, file := range test.files {
				write(t, dir, file, "")
			}
			in := func(path string) string {
				if path == "" {
					return ""
				}
				return filepath.Join(dir, filepath.FromSlash(path))
			}
			path, root, ok := Find(in(test.start))
			if path != in(test.config) || root != in(test.root) || ok != (test.config != "") {
				t.Errorf("have %q, %q, %v\nwant %q, %q", path, root, ok, in(test.config), in(test.root))
			}
		})
	}
}

func TestFindFromWorkingDirectory(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "go.mod", "")
	want := write(t, dir, Name, "")
	write(t, dir, "a/x", "")
	t.Chdir(filepath.Join(dir, "a"))
	if path, root, ok := Find("."); path != want || root != dir || !ok {
		t.Errorf("have %q, %q, %v", path, root, ok)
	}
}
