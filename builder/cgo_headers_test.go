package builder

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotdev/hotdev/builder/internal/compiler"
	"github.com/hotdev/hotdev/builder/internal/disk"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
)

const farHeaders = `
-- go.mod --
module ex.com/app

go 1.24
-- include/far.h --
#define FAR 1
-- include/forced.h --
#define FORCED 1
-- include/deep.h --
#define DEEP 1
-- shared/x.h --
#include <deep.h>
-- impl/impl.inc --
#define IMPL 1
-- quoted/q.h --
#define QUOTED 1
-- c/local.h --
#include "impl.inc"
-- c/impl.inc --
#include "../impl/impl.inc"
-- c/c.go --
package c

/*
#cgo CFLAGS: -I${SRCDIR}/first -I${SRCDIR}/../include -iquote${SRCDIR}/../quoted -include ${SRCDIR}/../include/forced.h
#include <stdio.h>
#include "local.h"
#include "far.h"
 #  include "../shared/x.h" // with a remark
#include "q.h"
*/
import "C"

const Sum = C.FAR + C.FORCED*10 + C.DEEP*100 + C.IMPL*1000 + C.QUOTED*10000
-- main.go --
package main

import "ex.com/app/c"

func main() { print(c.Sum, " FRESH") }
`

// What C sources include from other folders of the module is watched, and each
// state of it is built, though the go command's cache does not know it.
func TestHeadersFromElsewhere(t *testing.T) {
	needCgo(t)
	dir := testModule(t, strings.Replace(farHeaders, "FRESH", fmt.Sprint(time.Now().UnixNano()), 1))
	req, b := request(t, dir), New()
	req.Env = append(req.Env, "CGO_CFLAGS_ALLOW=-iquote.*")
	g := mustList(t, b, req)
	for _, f := range []string{"include/far.h", "include/forced.h", "include/deep.h", "shared/x.h", "impl/impl.inc", "c/impl.inc", "quoted/q.h", "c/first/far.h", "include/q.h"} {
		want := f != "include/q.h" // it would come later
		if got := slices.Contains(g.Files, filepath.Join(dir, filepath.FromSlash(f))); got != want {
			t.Errorf("%s is watched: %v", f, got)
		}
	}
	says := func(want string) {
		t.Helper()
		r := mustBuild(t, b, req)
		if err := b.Publish(r.Artifact); err != nil {
			t.Fatal(err)
		}
		if got, _, _ := strings.Cut(output(t, req.Output), " "); got != want {
			t.Errorf("the program says %s, want %s", got, want)
		}
	}
	says("11111")
	// The go command, which has never built this program, makes the same of it.
	plain := filepath.Join(t.TempDir(), "plain")
	tool, err := b.askTool(t.Context(), req.Dir, req.Env)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", append(append([]string{"build", "-o", plain}, goFlags(req, tool)...), ".")...)
	cmd.Dir, cmd.Env = dir, req.Env
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if same, err := compiler.SameProgram(plain, req.Output); err != nil || !same {
		t.Errorf("the binary is not the go command's: %v", err)
	}

	want := []byte("11111")
	for i, f := range []string{"quoted/q.h", "impl/impl.inc", "include/deep.h", "include/forced.h", "include/far.h"} {
		path := filepath.Join(dir, filepath.FromSlash(f))
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, path, strings.Replace(string(text), " 1\n", " 2\n", 1))
		want[i] = '2'
		says(string(want))
	}
	if r := mustBuild(t, b, req); !r.Same {
		t.Error("nothing changed, but the binary did")
	}
	// A header that comes to be found earlier, and goes again.
	early := filepath.Join(dir, "c", "first", "far.h")
	if err := os.Mkdir(filepath.Dir(early), 0o777); err != nil {
		t.Fatal(err)
	}
	writeFile(t, early, "#define FAR 3\n")
	says("22223")
	if err := os.Remove(early); err != nil {
		t.Fatal(err)
	}
	says("22222")
	// The folder is as it was.
	if left := leftovers(t, filepath.Join(dir, "c"), "first", "local.h", "impl.inc", "c.go"); len(left) > 0 {
		t.Errorf("left in the package's folder: %v", left)
	}
}

// What a package includes is found whatever names it, and only that keeps the
// program from the fast path.
func TestFindHeaders(t *testing.T) {
	for name, test := range map[string]struct {
		tree, flags string // flags: CGO_CFLAGS
		cpath       string
		want        []string
	}{
		"the system's":            {tree: "-- c/c.go --\n// #include <stdio.h>\n// #include \"stdlib.h\"\n// #include \"l.h\"\n-- c/l.h --\n"},
		"an ignored one":          {tree: "-- c/c.go --\n// #include \"x_plan9.h\"\n-- c/x_plan9.h --\n", want: []string{"c/x_plan9.h"}},
		"by a macro":              {tree: "-- c/c.go --\n// #define CFG <cfg.h>\n// #include CFG\n-- include/cfg.h --\n-- include/sub/x.inc --\n-- include/.git/y.h --\n-- include/z.txt --\n", flags: "-Iinclude", want: []string{"include/cfg.h", "include/sub/x.inc"}},
		"by what it includes":     {tree: "-- c/c.go --\n// #include \"l.h\"\n-- c/l.h --\n#include NAME(x)\n-- c/k.inc --\n#include \"../far.h\"\n-- far.h --\n", want: []string{"c/k.inc", "far.h"}},
		"by CGO_CFLAGS":           {tree: "-- c/c.go --\n// #include <e.h>\n-- env/e.h --\n", flags: "-O1 '-Ienv'", want: []string{"env/e.h"}},
		"by CPATH":                {tree: "-- c/c.go --\n// #include <e.h>\n-- env/e.h --\n", cpath: "env", want: []string{"env/e.h"}},
		"under a condition":       {tree: "-- c/c.go --\n// #if 0\n// #  include/* */\"../a.h\"\n// #endif\n-- a.h --\n", want: []string{"a.h"}},
		"embedded":                {tree: "-- c/c.go --\n// const char x[] = {\n// #embed \"../a.bin\"\n// };\n-- a.bin --\nx", want: []string{"a.bin"}},
		"words that are no lines": {tree: "-- c/c.go --\n// #includes X\n// #include\n// #include_X\n// # define include X\n-- c/k.inc --\n"},
		"in a circle":             {tree: "-- c/c.go --\n// #include \"../a.h\"\n-- a.h --\n#include \"a.h\"\n#include X\n", want: []string{"a.h"}},
	} {
		dir := testModule(t, test.tree)
		p := &listed{Dir: filepath.Join(dir, "c"), CgoFiles: []string{"c.go"}}
		if disk.Regular(filepath.Join(p.Dir, "l.h")) {
			p.HFiles = []string{"l.h"}
		}
		tool := gocmd.Env{CGO_CFLAGS: strings.ReplaceAll(test.flags, "-I", "-I"+dir+"/")}
		var env []string
		if test.cpath != "" {
			env = []string{"CPATH=" + filepath.Join(dir, test.cpath)}
		}
		var got []string
		watched, _ := newCgoSources(p, env, tool).headers([]string{dir})
		for _, f := range watched {
			if disk.Regular(f) || filepath.Dir(f) == p.Dir { // others would be taken instead if they came
				rel, _ := filepath.Rel(dir, f)
				got = append(got, filepath.ToSlash(rel))
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: have %q, want %q", name, got, test.want)
		}
	}
}

// A header outside of the module is not watched, but each build reads it: that is
// why the archives that the go command lists are not for the fast path.
func TestHeaderOutsideTheModule(t *testing.T) {
	needCgo(t)
	outside := filepath.Join(t.TempDir(), "out.h")
	writeFile(t, outside, "#define OUT 1\n")
	dir := testModule(t, fmt.Sprintf(`
-- go.mod --
module ex.com/app

go 1.24
-- c/c.go --
package c

// #cgo CFLAGS: -I%s
// #include <out.h>
import "C"

const Out, Fresh = C.OUT, %d
-- main.go --
package main

import "ex.com/app/c"

func main() { print(c.Out) }
`, filepath.Dir(outside), time.Now().UnixNano()))
	req, b := request(t, dir), New()
	if g := mustList(t, b, req); slices.Contains(g.Files, outside) {
		t.Error("it is watched")
	}
	for _, want := range []string{"1", "2", "1"} {
		writeFile(t, outside, "#define OUT "+want+"\n")
		if err := b.Publish(mustBuild(t, b, req).Artifact); err != nil {
			t.Fatal(err)
		}
		if got := output(t, req.Output); got != want {
			t.Errorf("the program says %s, want %s", got, want)
		}
	}
	if !b.hasOutsideHeaders(req) {
		t.Error("the fast path would link an archive with an older state")
	}
}

// Headers that only pkg-config knows, or only the compiler, are watched and built
// as those that a flag names; so are those of the repository, beside the module.
// What is outside of both is not looked at.
func TestHeadersThatAreSearchedFor(t *testing.T) {
	needCgo(t)
	if _, err := exec.LookPath("pkg-config"); err != nil || runtime.GOOS == "windows" {
		t.Skip("there is no pkg-config, or no sh")
	}
	compiler, err := exec.LookPath("cc")
	if err != nil {
		t.Skip(err)
	}
	outside := t.TempDir()
	writeFile(t, filepath.Join(outside, "out.h"), "#define OUT 5\n")
	repository := testModule(t, fmt.Sprintf(`
-- .git/HEAD --
-- shared/beside.h --
#define BESIDE 1
-- m/go.mod --
module ex.com/app

go 1.24
-- m/pc/first.pc --
Name: first
Version: 1
Description: first
Requires: second
Cflags: "-I${pcfiledir}/../first"
-- m/pc/second.pc --
Name: second
Version: 1
Description: second
Cflags: -isystem %s
-- m/first/one.h --
#define ONE 1
-- m/own/two.h --
#define TWO 1
-- m/c/c.go --
package c

// #cgo pkg-config: --define-variable=x=y first
// #cgo CFLAGS: -I${SRCDIR}/../../shared
// #include <one.h>
// #include <two.h>
// #include <out.h>
// #include <beside.h>
import "C"

const Sum, Fresh = C.ONE + C.TWO*10 + C.BESIDE*100 + C.OUT*1000, %d
-- m/main.go --
package main

import "ex.com/app/c"

func main() { print(c.Sum) }
`, outside, time.Now().UnixNano()))
	dir := filepath.Join(repository, "m")
	cc := filepath.Join(dir, "cc.sh")
	if err := os.WriteFile(cc, []byte("#!/bin/sh\nexec "+compiler+" -isystem "+dir+"/own \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	req, b := request(t, dir), New()
	req.Env = append(req.Env, "CC="+cc, "PKG_CONFIG_PATH="+filepath.Join(dir, "pc"))
	files := mustList(t, b, req).Files
	for file, want := range map[string]bool{
		"first/one.h": true, "own/two.h": true, "pc/first.pc": true, "pc/second.pc": true, "../shared/beside.h": true,
		filepath.Join(outside, "out.h"): false,
	} {
		path := filepath.FromSlash(file)
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		if got := slices.Contains(files, path); got != want {
			t.Errorf("%s: watched %t, want %t", file, got, want)
		}
	}
	for _, step := range [][2]string{
		{"", "5111"},
		{"first/one.h", "5112"},
		{"own/two.h", "5122"},
		{"../shared/beside.h", "5222"},
	} {
		if step[0] != "" {
			path := filepath.Join(dir, filepath.FromSlash(step[0]))
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			writeFile(t, path, strings.Replace(string(text), " 1\n", " 2\n", 1))
		}
		if err := b.Publish(mustBuild(t, b, req).Artifact); err != nil {
			t.Fatal(err)
		}
		if got := output(t, req.Output); got != step[1] {
			t.Errorf("after %s the program says %s, want %s", step[0], got, step[1])
		}
	}
}
