package doctor

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/watcher"
)

func TestMain(m *testing.M) {
	runner.Main()
	os.Exit(m.Run())
}

// Each thing that can be wrong is found, with what to do; what is well is said, too. The
// file that is written to be waited for is gone.
func TestExamine(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	holding, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer holding.Close()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":  "module example.com/app\n\ngo 1.24\n",
		"main.go": "package main\n\nfunc main() {}\n",
		".air-like.toml": fmt.Sprintf(`
live = { mode = "off", restart_on = ["db/**"] }
run.env.PORT = "%d"
[[task]]
name = "gen"
cmd = "no-such-command --at-all"
files = ["*.txt"]
`, holding.Addr().(*net.TCPAddr).Port),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found := Examine(t.Context(), Options{Dir: dir})
	expect := func(level Level, what, text string) {
		t.Helper()
		for _, f := range found {
			if f.Level == level && f.What == what && strings.Contains(f.Text, text) {
				if strings.Contains(f.Text, "install it") {
					t.Errorf("%s: what to do is not part of it", f.Text)
				}
				if (f.Do == "") != (level == OK) && what != "live code" {
					t.Errorf("%s: what to do is %q", f.Text, f.Do)
				}
				return
			}
		}
		t.Errorf("no %s of %s with %q in\n%+v", level, what, text, found)
	}
	expect(Note, "configuration", "live.restart_on does nothing")
	expect(OK, "go", "go1.")
	expect(Note, "live code", "off, by live.mode")
	expect(OK, "program", "app")
	expect(OK, "files", "the system reports changes")
	expect(Problem, "task gen", `"no-such-command" cannot be run`)
	expect(Problem, "port", "(the program)")
	if Worst(found) != Problem {
		t.Error("all is well")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*hotdev*")); len(left) > 0 {
		t.Errorf("it leaves %q", left)
	}

	if err := os.WriteFile(filepath.Join(dir, ".air-like.toml"), []byte("[run]\nargz = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	found = Examine(t.Context(), Options{Dir: dir})
	for _, f := range found {
		if f.What == "configuration" && !strings.Contains(f.Text, ".air-like.toml:2:1: unknown key `[run] argz`: did you mean `args`?") {
			t.Errorf("the mistake is %q", f.Text)
		}
	}
	if len(found) < 5 {
		t.Errorf("a mistake in the configuration ended it: %+v", found)
	}
}

// Where no event comes it is polled, and why; where not even that helps, it is said what
// does.
func TestJudge(t *testing.T) {
	x := &exam{cfg: config.Default(), root: "/p"}
	const ms = time.Millisecond
	for _, c := range []struct {
		poll watcher.Poll
		kind string
		took time.Duration
		err  error
		want Level
		text string
		do   string
	}{
		{"auto", "", 20 * ms, nil, OK, "the system reports changes: one was noticed after 20 ms", ""},
		{"auto", "nfs", 500 * ms, nil, OK, "polled every 500ms, because ", ""},
		{"always", "", 500 * ms, nil, OK, `polled every 500ms, because watch.poll is "always"`, ""},
		{"never", "nfs", 0, nil, Problem, "does not report changes, and watch.poll is", `set watch.poll = "auto"`},
		{"auto", "", 0, nil, Problem, "was not noticed within 3s: ", `set watch.poll = "always"`},
		{"auto", "", 0, errors.New("no"), Note, "is not known: no", "make /p writable"},
	} {
		f := x.judge(c.poll, c.kind, c.took, "1 folder", c.err)
		if f.Level != c.want || !strings.Contains(f.Text, c.text) || f.Do != c.do {
			t.Errorf("%+v: %+v", c, f)
		}
	}
}

// What the project is on is named for who has to do something about it.
func TestWhere(t *testing.T) {
	if isWSL() || isContainer() {
		t.Skip("in WSL or a container, which is named instead")
	}
	if got := where("nfs"); got != "the file system (nfs)" {
		t.Error(got)
	}
	if got := where(""); got != "the system" {
		t.Error(got)
	}
}

func TestLines(t *testing.T) {
	got := Finding{Note, "cgo", "off", "turn it on"}.Lines()
	if want := "note     cgo: off\n         → turn it on\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
