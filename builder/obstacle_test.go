package builder

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What keeps a program from being built before its code is looked at is told by
// its kind, with its place and the words of whoever complained.
func TestObstacles(t *testing.T) {
	dir := testModule(t, programs+`
-- future/go.mod --
module ex.com/future

go 1.99
-- future/main.go --
package main
-- imports/go.mod --
module ex.com/imports

go 1.24
-- imports/main.go --
package main

import "time"

func main() { time.Sleep(1) }
-- cache --
a file
`)
	cache := filepath.Join(dir, "cache")
	for _, c := range []struct {
		in, env      string
		kind         ObstacleKind
		file, reason string
	}{
		{"nomod", "", NoModule, "", ""},
		{"none", "", NoProgram, "", ""},
		{"bad", "", BrokenModule, "bad/go.mod", "unknown directive: foo"},
		{"future", "GOTOOLCHAIN=local", BrokenModule, "future/go.mod", "go.mod requires go >= 1.99"},
		{"imports", "GOCACHE=" + filepath.Join(cache, "go"), Unwritable, "cache/go", "not a directory"},
		{"root", "PATH=" + dir, NoGo, "", ""},
	} {
		_, err := New().Targets(t.Context(), filepath.Join(dir, c.in), nil, nil, goEnviron("GOFLAGS=", c.env))
		var o *Obstacle
		if !errors.As(err, &o) {
			t.Errorf("%s %s: %v is no obstacle", c.in, c.env, err)
			continue
		}
		file := ""
		if c.file != "" {
			file = filepath.Join(dir, filepath.FromSlash(c.file))
		}
		if o.Kind != c.kind || o.File != file || !strings.Contains(o.Reason, c.reason) || o.Text == "" {
			t.Errorf("%s %s: %+v", c.in, c.env, o)
		}
	}
	_, err := Place(cache, filepath.Join(dir, "root"))
	var o *Obstacle
	if !errors.As(err, &o) || o.Kind != NoPlace || !strings.HasPrefix(o.File, cache+string(os.PathSeparator)) {
		t.Errorf("no place: %v, %+v", err, o)
	}
	for _, names := range []string{"./cmd/nope", "lib", "."} {
		if _, err := New().Targets(t.Context(), filepath.Join(dir, "none"), []string{names}, nil, goEnviron("GOFLAGS=")); err == nil || errors.As(err, &o) {
			t.Errorf("%s: %v, which is a mistake in the command line and no obstacle", names, err)
		}
	}
}
