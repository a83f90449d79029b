package builder

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/hotdev/hotdev/builder/internal/gocmd"
)

const programs = `
-- app/go.mod --
module ex.com/app/v2

go 1.24
-- app/cmd/api/main.go --
package main

func main() {}
-- app/cmd/web/main.go --
package main

func main() {}
-- app/cmd/broken/main.go --
pakage main
-- app/cmd/testonly/x_test.go --
package main
-- app/lib/lib.go --
package lib
-- app/lib/two.go --
package lib
-- one/go.mod --
module ex.com/one

go 1.24
-- one/deep/main.go --
package main

import "no.such/module"

func main() {}
-- one/lib/lib.go --
package lib
-- root/go.mod --
module ex.com/root/v2

go 1.24
-- root/main.go --
package main

func main() {}
-- root/cmd/x/main.go --
package main

func main() {}
-- none/go.mod --
module ex.com/none

go 1.24
-- none/lib.go --
package lib
-- bad/go.mod --
module ex.com/bad

foo
-- bad/main.go --
package main
-- nomod/main.go --
package main

func main() {}
-- work/go.work --
go 1.24

use (
	./a
	./b
)
-- work/a/go.mod --
module ex.com/a

go 1.24
-- work/a/main.go --
package main

func main() {}
-- work/b/go.mod --
module ex.com/b

go 1.24
-- work/b/cmd/b/main.go --
package main

func main() {}
-- work/b/lib/lib.go --
package lib
`

// What users name, from where, and what is found or said.
func TestTargets(t *testing.T) {
	dir := testModule(t, programs)
	// No go.mod may stand above the tests' folder.
	for _, c := range []struct {
		in, names, want string
	}{
		{"root", "", "ex.com/root/v2 [.] root root"},
		{"root", ".", "ex.com/root/v2 [.] root root"},
		{"root", "./cmd/x", "ex.com/root/v2/cmd/x [./cmd/x] ./cmd/x x"},
		{"root", "cmd/x", "ex.com/root/v2/cmd/x [./cmd/x] ./cmd/x x"},
		{"root", "ex.com/root/v2/cmd/x", "ex.com/root/v2/cmd/x [./cmd/x] ./cmd/x x"},
		{"root", "$DIR/root/cmd/x", "ex.com/root/v2/cmd/x [./cmd/x] ./cmd/x x"},
		{"root/cmd/x", "", "ex.com/root/v2/cmd/x [.] x x"},
		{"root/cmd/x", "../..", "ex.com/root/v2 [../..] ../.. root"},
		{"root", "./...", "ex.com/root/v2 [.] root root; ex.com/root/v2/cmd/x [./cmd/x] ./cmd/x x"},
		{"root", ". ./cmd/x", "ex.com/root/v2 [.] root root; ex.com/root/v2/cmd/x [./cmd/x] ./cmd/x x"},
		{"root", "main.go", "command-line-arguments [main.go] main.go main"},
		{"nomod", "main.go", "command-line-arguments [main.go] main.go main"},
		{"one", "", "ex.com/one/deep [./deep] ./deep deep"},
		{"one/lib", "", "ex.com/one/deep [../deep] ../deep deep"},
		{"app", "", "ex.com/app/v2/cmd/api [./cmd/api] ./cmd/api api; ex.com/app/v2/cmd/web [./cmd/web] ./cmd/web web"},
		{"app", "./cmd/broken", "ex.com/app/v2/cmd/broken [./cmd/broken] ./cmd/broken broken"},
		{"app/cmd/broken", "", "ex.com/app/v2/cmd/broken [.] broken broken"},
		{"work", "", "ex.com/a [./a] ./a a; ex.com/b/cmd/b [./b/cmd/b] ./b/cmd/b b"},
		{"work/b", "", "ex.com/a [../a] ../a a; ex.com/b/cmd/b [./cmd/b] ./cmd/b b"},
		{"work/a", "", "ex.com/a [.] a a"},
		{"work", "ex.com/b/cmd/b", "ex.com/b/cmd/b [./b/cmd/b] ./b/cmd/b b"},
		{"root", "cmd/go", "cmd/go [cmd/go] cmd/go go"},

		{"none", "", "no main package in $DIR/none: there is nothing to run"},
		{"none", ".", ".: package ex.com/none is not a main package: there is nothing to run"},
		{"none", "./...", "./... matches no main package"},
		{"none", "lib.go", "lib.go: package lib is not a main package"},
		{"none", "none.go", "$DIR/none/none.go: no such file"},
		{"none", "lib.go .", "name either packages or .go files, not both"},
		{"app", "./cmd/nope", "stat $DIR/app/cmd/nope: directory not found"},
		{"app", "fmt", "fmt: package fmt is not a main package: there is nothing to run"},
		{"app", "cmd", "no Go files in $DIR/app/cmd"},
		{"app", "./cmd/testonly", "./cmd/testonly: package ex.com/app/v2/cmd/testonly is not a main package: there is nothing to run"},
		{"app", "no/such", "package no/such is not in std"},
		{"bad", "", "go.mod:3: unknown directive: foo"},
		{"nomod", "", `no go.mod in $DIR/nomod or a folder above it: make a module with "go mod init NAME"`},
		{"gone", "", "go list: folder $DIR/gone: file does not exist"},
	} {
		t.Run(c.in+" "+strings.ReplaceAll(c.names, "/", "|"), func(t *testing.T) {
			names := strings.Fields(strings.ReplaceAll(c.names, "$DIR", dir))
			targets, err := New().Targets(t.Context(), filepath.Join(dir, c.in), names, nil, goEnviron("GOFLAGS="))
			var got []string
			for _, x := range targets {
				got = append(got, fmt.Sprint(x.ImportPath, " ", x.Args, " ", x.Name, " ", strings.TrimSuffix(x.Binary, ".exe")))
			}
			text := strings.Join(got, "; ")
			want := strings.ReplaceAll(c.want, "$DIR", dir)
			if err != nil {
				if text = err.Error(); strings.HasPrefix(text, want) {
					return
				}
			}
			if text != want {
				t.Errorf("got  %s\nwant %s", text, want)
			}
		})
	}
}

func TestTargetsWithoutGo(t *testing.T) {
	_, err := New().Targets(t.Context(), t.TempDir(), nil, nil, []string{"PATH=" + t.TempDir()})
	if err == nil || !strings.HasPrefix(err.Error(), "the go command is not in PATH") {
		t.Error(err)
	}
}

func TestBinary(t *testing.T) {
	for _, c := range []struct {
		path string
		args []string
		want string
	}{
		{"ex.com/app", nil, "app"},
		{"ex.com/app/v2", nil, "app"},
		{"ex.com/app/v1", nil, "v1"},
		{"ex.com/app/v2x", nil, "v2x"},
		{"v2", nil, "v2"},
		{".", nil, "main"},
		{"command-line-arguments", []string{"x/two.go", "main.go"}, "two"},
	} {
		want := c.want
		if runtime.GOOS == "windows" {
			want += ".exe"
		}
		if got := binaryName(c.path, c.args); got != want {
			t.Errorf("%s %q: %s, want %s", c.path, c.args, got, want)
		}
	}
}

func TestCheckFlags(t *testing.T) {
	for flags, want := range map[string]string{
		"":                                  "",
		"-race -tags a,b -v=x":              "-v cannot",
		"-tags|-v":                          "", // the value of -tags
		"-ldflags|-n -X a=b|-trimpath":      "",
		"-ldflags|-s -w":                    "",
		"-gcflags=-N|-trimpath|-a":          "",
		"-buildvcs|-o|x":                    "-o cannot",
		"--json":                            "-json cannot",
		"-x":                                "-x cannot",
		"-n":                                "-n cannot",
		"-C=dir":                            "-C cannot",
		"./cmd":                             `"./cmd": a flag starts with`,
		"-":                                 `"-": a flag`,
		"-tags":                             "-tags needs a value",
		"-p|4|-mod=mod|-modfile|x|-pgo|off": "",
	} {
		var list []string
		if flags != "" {
			list = strings.Split(flags, "|")
			if !strings.Contains(flags, "|") {
				list = strings.Fields(flags)
			}
		}
		err := gocmd.CheckFlags(list)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("CheckFlags(%q) = %v, want %q", list, err, want)
		}
	}
}

func TestTempNames(t *testing.T) {
	// As long a name as the file system takes.
	dir := testModule(t, hello)
	req, b := request(t, dir), New()
	req.Output = filepath.Join(filepath.Dir(req.Output), strings.Repeat("n", 250))
	r := mustBuild(t, b, req)
	if err := b.Publish(r.Artifact); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(req.Output); err != nil {
		t.Error(err)
	}
}
