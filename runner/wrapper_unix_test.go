//go:build unix

package runner

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWrapper(t *testing.T) {
	dir := t.TempDir()
	wrap := filepath.Join(dir, "wrap")
	if err := os.WriteFile(wrap, []byte("#!/bin/sh\necho wrapped\n\"$@\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		wrapper []string
		want    string
	}{
		{nil, "a b"},
		{[]string{"env", "A=x"}, "a b"},
		{[]string{"wrap"}, "wrapped\na b"},
		{[]string{wrap, "env", programPlace, "--"}, "wrapped\n-- a b"},
		{[]string{"sh", "-c", `"$0" x "$@"`}, "x a b"},
	} {
		var lines []string
		p, err := Start(Spec{
			Path: "/bin/echo", Args: []string{"a", "b"}, Wrapper: test.wrapper, Dir: dir,
			Env: []string{"PATH=/nowhere", "PATH=" + dir + ":" + os.Getenv("PATH")},
		}, func(ls []Line) {
			for _, l := range ls {
				lines = append(lines, l.Text)
			}
		})
		if err != nil {
			t.Errorf("%q: %v", test.wrapper, err)
			continue
		}
		<-p.Done()
		if have := strings.Join(lines, "\n"); have != test.want {
			t.Errorf("%q: have %q, want %q", test.wrapper, have, test.want)
		}
	}
}

func TestWrapperIsMissing(t *testing.T) {
	for wrapper, want := range map[string]string{
		"hotdev-no-such-wrapper": "start /bin/echo: the wrapper \"hotdev-no-such-wrapper\" cannot be run: it is not in PATH: install it, or take it out of the configuration",
		"/nowhere/wrap":          "start /bin/echo: the wrapper \"/nowhere/wrap\" cannot be run: exec: \"/nowhere/wrap\": stat /nowhere/wrap: no such file or directory",
	} {
		_, err := Start(Spec{Path: "/bin/echo", Wrapper: []string{wrapper}, Dir: "/"}, func([]Line) {})
		if err == nil || err.Error() != want {
			t.Errorf("have %v\nwant %s", err, want)
		}
	}
}
