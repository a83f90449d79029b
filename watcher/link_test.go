package watcher

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

func TestTrail(t *testing.T) {
	p := &probe{t: t, dir: t.TempDir()}
	p.dir, _ = filepath.EvalSymlinks(p.dir)
	p.mkdir("a/b")
	p.write("a/b/f", "")
	p.link("b", "a/l")
	p.link("a/../a/l/f", "x")
	p.link(p.path("x"), "y")
	p.link("a/none/at/all", "z")
	p.link("loop", "loop")
	for name, want := range map[string]string{
		"x": "[a l] [a/b f]",
		"y": "[. x] [a l] [a/b f]",
		"z": "[a none]",
	} {
		var got []string
		for _, e := range trail(p.dir, p.path(name)) {
			got = append(got, fmt.Sprintf("[%s %s]", p.rel(e.dir), e.name))
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: %s, want %s", name, s, want)
		}
	}
	trail(p.dir, p.path("loop")) // ends
}
