package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
)

// Without a screen the program's output goes where the program sent it, and
// hotdev's words go to stderr.
func TestPlain(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":  "module example.com/app\n\ngo 1.24\n",
		"main.go": "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\t\"time\"\n)\n\nfunc main() {\n\tfmt.Println(\"to stdout\", os.Args[1:])\n\tfmt.Fprintln(os.Stderr, \"to stderr\")\n\ttime.Sleep(time.Hour)\n}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	path, err := exec.LookPath("hotdev")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, ".", "--debug-log", filepath.Join(dir, "debug.log"), "--", "one", "two")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOCACHE="+goCache(t), "XDG_CACHE_HOME="+t.TempDir(), "GOFLAGS=")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	errs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	diesWithTest(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })

	var said []string
	lines := bufio.NewScanner(errs)
	for lines.Scan() {
		said = append(said, lines.Text())
		text := strings.Join(said, "\n")
		if strings.Contains(text, "to stderr") && strings.Contains(text, "hotdev: started app, pid ") {
			break
		}
	}
	first := bufio.NewScanner(out)
	if first.Scan(); first.Text() != "to stdout [one two]" {
		t.Errorf("stdout begins with %q", first.Text())
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
		said = append(said, lines.Text())
	}
	if first.Scan() {
		t.Errorf("stdout goes on with %q", first.Text())
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("hotdev: %v\n%s", err, strings.Join(said, "\n"))
	}
	text := strings.Join(said, "\n")
	for _, want := range []string{"hotdev: start: building app (gen 1)", "hotdev: stopping app"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q was not said:\n%s", want, text)
		}
	}
	if log, err := os.ReadFile(filepath.Join(dir, "debug.log")); err != nil || !strings.Contains(string(log), "kind=built") {
		t.Errorf("debug log: %v\n%s", err, log)
	}
}

func TestDiagnosticsText(t *testing.T) {
	got := diagnostics([]builder.Diagnostic{{
		Package: "example.com/app/db", File: "/p/db/open.go", Line: 41, Column: 4,
		Message: "undefined: é", More: []string{"have (int)"},
		Excerpt: []string{"func f() {", "\té.x()"}, First: 40,
	}, {Message: "link: no main"}}, "/p")
	want := `# example.com/app/db
db/open.go:41:4: undefined: é
	have (int)
      40 | func f() {
  >   41 | 	é.x()
         | 	 ^
link: no main
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestPlainSaysReady(t *testing.T) {
	var out bytes.Buffer
	p := newPrinter()
	v := &plainView{printer: p, stdout: &out, stderr: &out}
	var s engine.State
	s.Process.Phase = engine.Up
	v.Show(s, engine.Started{})
	s.Process.Ready = time.Unix(1, 0)
	s.Process.Usage.Ports = []runner.Port{{Addr: "127.0.0.1:80"}, {Addr: "[::]:81"}}
	v.Show(s, engine.Sampled{})
	v.Show(s, engine.Sampled{})
	p.close()
	if got, want := out.String(), "hotdev: ready: listening on 127.0.0.1:80, [::]:81\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
