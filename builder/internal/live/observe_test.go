//go:build linux && amd64

package live

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The execution tracer finds functions of a patch by their names, and their
// lines.
func TestTrace(t *testing.T) {
	r := theApp(t).start(t)
	file := filepath.Join(t.TempDir(), "trace")
	if got := r.ask("trace " + file); got != "true false" {
		t.Fatalf("before: %s", got)
	}
	if _, o := r.apply(
		edit{main_, "\ttime.Sleep(2 * time.Millisecond)\n", "\n\n\tworked()\n"},
		edit{main_, "//go:noinline\nfunc work(", "//go:noinline\nfunc worked() {\n\ttime.Sleep(3 * time.Millisecond)\n}\n\n//go:noinline\nfunc work("},
	); o != nil {
		t.Fatal(o)
	}
	if got := r.ask("trace " + file); got != "true true" {
		t.Errorf("functions found: %s", got)
	}
	if os.Getenv("HOTDEV_LONG") == "" { // the tool has to be compiled first
		return
	}
	text, err := exec.Command("go", "tool", "trace", "-d=parsed", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`main\.worked @ 0x[0-9a-f]+\s+.*/main\.go:` + lineOf(t, r, "\ttime.Sleep(3 "), `main\.work @ 0x[0-9a-f]+\s+.*/main\.go:` + lineOf(t, r, "\tworked()\n")} {
		if !regexp.MustCompile(want).Match(text) {
			t.Errorf("no %s in the trace", want)
		}
	}
}

// A profile of goroutines, too, with the lines as they are now, also of what was
// inlined.
func TestStacks(t *testing.T) {
	r := theApp(t).start(t)
	if _, o := r.apply(edit{main_, "func park(c chan int) { <-c }", "func park(c chan int) {\n\n\twait(c)\n}\n\nfunc wait(c chan int) {\n\t<-c\n}"}); o != nil {
		t.Fatal(o)
	}
	got := r.ask("stacks")
	for _, want := range []string{"main.park+0x", "/main.go:" + lineOf(t, r, "\twait(c)\n"), "main.wait", "/main.go:" + lineOf(t, r, "\t<-c\n}")} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
}
