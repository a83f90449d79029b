package project

import (
	"slices"
	"testing"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/watcher"
)

// TestOwnFiles: whatever the set covers, hotdev's own files are not among it, also
// where their names look like patterns.
func TestOwnFiles(t *testing.T) {
	p := &Project{root: "/p", cache: "/p/cache/hotdev/p/1", opts: Options{Dir: "/p", DebugLog: "/p/[x] debug.log"}}
	s := engine.Settings{
		Build:  builder.Request{Output: "/p/bin/a{b}*", Scratch: "/p/cache/hotdev/p/1/.fast"},
		Run:    runner.Spec{},
		Reload: engine.Reloading{Folder: "/p/cache/hotdev/p/1/.plugins", NotifyFile: "/p/plugins.txt"},
	}
	set := watcher.Set{Rules: []watcher.Rule{{Dir: "/p", Include: []string{"**"}}}, Ignore: p.ownFiles(s)}
	own := []string{
		"/p/bin/a{b}*", "/p/bin/a{b}*.good", "/p/bin/.a{b}*.hotdev-12-3", "/p/x/y/.other.hotdev-1-1",
		"/p/cache/hotdev/p/1/app", "/p/plugins.txt", "/p/plugins.txt.hotdev", "/p/[x] debug.log",
	}
	if got := set.Covered(own); len(got) > 0 {
		t.Errorf("would be saves: %q", got)
	}
	users := []string{"/p/bin/ab", "/p/bin/a{b}x", "/p/x debug.log", "/p/plugins.txt.bak", "/p/x/app", "/p/cache/x"}
	if got := set.Covered(users); !slices.Equal(got, users) {
		t.Errorf("of %q only %q would be saves", users, got)
	}
}
