//go:build amd64

package builder

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotdev/hotdev/builder/internal/compiler"
)

const appendProgram = `
-- go.mod --
module example.com/fast

go 1.24
-- main.go --
package main

import (
	"runtime"

	"example.com/fast/a"
)

type thing struct{ word string }

var things = []thing{{a.Word()}}

func main() {
	_, _, line, _ := runtime.Caller(0)
	println("main 1", things[0].word, line)
}
-- a/a.go --
package a

import _ "embed"

//go:embed text
var text string

//go:noinline
func Word() string { return "a1" + text }
-- a/text --
 text 1`

func said(t *testing.T, program string) string {
	t.Helper()
	out, err := exec.Command(program).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// Links are appended to what the linker made last; once it is quiet, the binary is the
// linker's.
func TestAppend(t *testing.T) {
	l := newFastLoop(t, appendProgram)
	l.req.Append = true
	step := func(appended bool, want string) Result {
		t.Helper()
		r := l.build()
		if r.Full != "" || r.Appended != appended || !r.OK() {
			t.Errorf("appended %v, full %q, relinked %q, want appended %v", r.Appended, r.Full, r.Relinked, appended)
		}
		if got := said(t, l.req.Output); got != want {
			t.Errorf("the program says %q, want %q", got, want)
		}
		return r
	}
	l.build()
	l.write("a/text", " text 2")
	step(true, "main 1 a1 text 2 14")
	l.edit("a/a.go", `"a1" + text`, `"a2"`)
	step(true, "main 1 a2 14")
	l.edit("main.go", "struct{ word string }", "struct {\n\tn    int\n\tword string\n}") // a type, a variable and lines
	l.edit("main.go", "{{a.Word()}}", "{{1, a.Word()}}\n\nfunc init() { things[0].word += \"!\" }")
	step(true, "main 1 a2! 19")
	if err := l.b.Settle(t.Context(), l.req); err != nil {
		t.Fatal(err)
	}
	if got := said(t, l.req.Output); got != "main 1 a2! 19" {
		t.Errorf("the program that was linked again says %q", got)
	}
	official := filepath.Join(t.TempDir(), "official")
	if out, err := exec.Command("go", "build", "-C", l.dir, "-ldflags=-w", "-buildvcs=false", "-o", official).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if same, err := compiler.SameProgram(official, l.req.Output); !same || err != nil {
		t.Errorf("the program that was linked again is not go build's: %v", err)
	}
	if r := l.build(); !r.Same || r.Appended {
		t.Errorf("nothing changed, and the build is %+v", r)
	}

	// A new type that is too large for the linker here: cmd/link does it, and the
	// next link is appended to that one.
	l.edit("main.go", "func init()", "var huge [1 << 20]*int\n\nfunc init()")
	l.edit("main.go", "things[0].word +=", "huge[len(things)] = new(int)\n\tthings[0].word +=")
	if r := step(false, "main 1 a2! 22"); !strings.Contains(r.Relinked, "too large") {
		t.Errorf("linked in full for %q", r.Relinked)
	}
	l.edit("a/a.go", `"a2"`, `"a3"`)
	step(true, "main 1 a3! 22")
}
