package project

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/watcher"
)

// TestOwnFiles: whatever the set covers, hotdev's own files are not among it, also
// where their names look like patterns.
func TestOwnFiles(t *testing.T) {
	p := &Project{root: "/p", place: "/p/cache/hotdev/p/1", opts: Options{
		Dir: "/p", DebugLog: "/p/[x] debug.log", OwnFiles: []string{"/p/tmp/hotdev-output-*", "/p/home/.config/hotdev"},
	}}
	s := engine.Settings{
		Build:  builder.Request{Output: "/p/bin/a{b}*", Scratch: "/p/cache/hotdev/p/1/.fast"},
		Run:    runner.Spec{},
		Reload: engine.Reloading{Folder: "/p/cache/hotdev/p/1/.plugins", NotifyFile: "/p/plugins.txt"},
	}
	set := watcher.Set{Rules: []watcher.Rule{{Dir: "/p", Include: []string{"**", "home/.config/**"}}}, Ignore: p.ownFiles(config.Config{Dir: "/p"}, s, []string{"/p/cache/go-build"})}
	own := []string{
		"/p/bin/a{b}*", "/p/bin/a{b}*.good", "/p/bin/.a{b}*.hotdev-12-3", "/p/x/y/.other.hotdev-1-1",
		"/p/cache/hotdev/p/1/app", "/p/plugins.txt", "/p/plugins.txt.hotdev", "/p/[x] debug.log",
		"/p/cache/hotdev/p/2/app", "/p/cache/hotdev/p/2.lock", "/p/cache/hotdev/live/go1.26.json", "/p/cache/go-build/00/00-d",
		"/p/tmp/hotdev-output-12/output.log", "/p/home/.config/hotdev/layout.json", "/p/home/.config/hotdev/.layout-1",
	}
	if got := set.Covered(own); len(got) > 0 {
		t.Errorf("would be saves: %q", got)
	}
	users := []string{"/p/bin/ab", "/p/bin/a{b}x", "/p/x debug.log", "/p/plugins.txt.bak", "/p/x/app", "/p/cache/x",
		"/p/tmp/output.log", "/p/home/.config/x"}
	if got := set.Covered(users); !slices.Equal(got, users) {
		t.Errorf("of %q only %q would be saves", users, got)
	}
}

// TestProducts: a build of the program itself is none of the files that it reads;
// another program is one where a pattern means it. This test and the go command
// serve as the two.
func TestProducts(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	if tool, err = filepath.EvalSymlinks(tool); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, file := range map[string]string{"bin/app": self, "plugins/tool": tool} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(file, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "text"), []byte("text"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		include, file string
		want          bool
	}{
		{"**", "bin/app", true},
		{"bin/app", "bin/app", true},
		{"**", "plugins/tool", true},
		{"./*/*", "plugins/tool", true},
		{"plugins/**", "plugins/tool", false},
		{"**/tool", "plugins/tool", false},
		{"**", "text", false},
		{"**", "nothing", false},
		{"**", ".", false},
	} {
		p := &Project{config: config.Config{Dir: dir, Watch: config.Watch{Include: []string{c.include}}}}
		p.last.Build.Output = self
		if got := p.IsProduct(filepath.Join(dir, c.file)); got != c.want {
			t.Errorf("include %s: %s: %t, want %t", c.include, c.file, got, c.want)
		}
	}
}
