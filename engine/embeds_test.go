package engine

import (
	"testing"

	"github.com/hotdev/hotdev/watcher"
)

// TestEmbeddedFolders: in folders whose names a module cannot contain nothing is
// embedded; TestEmbedsAreWatched compares this with the go command.
func TestEmbeddedFolders(t *testing.T) {
	set := watcher.Set{Rules: embedRules("/p", []string{"all:static", "x/[🎉]"})}
	for name, want := range map[string]bool{
		"日本": true, "ünter": true, "a b": true, "a,b=c~": true, ".d": true, "_app": true, "v1.2": true, "comx": true, "(a)[b]{c}": true,
		"🎉": false, "x🎉y": false, "e\u0301": false, "٣": false, "a;b": false, "a'b": false, "x\x01": false, "b\xff": false,
		"aux": false, "CON.d": false, "Com1": false, "end.": false, ".git": false,
	} {
		for _, file := range []string{"/p/static/" + name + "/s", "/p/static/sub/" + name + "/deep/s"} {
			if got := len(set.Covered([]string{file})) > 0; got != want {
				t.Errorf("%q: watched %t, want %t", file, got, want)
			}
		}
	}
	if got := set.Covered([]string{"/p/static/🎉", "/p/x/🎉/s", "/p/static/sub/🎉"}); len(got) != 3 {
		t.Errorf("of files of a bad name, and what is named, only %q is watched", got)
	}
}
