package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Without a screen the program's output goes where the program sent it, and
// hotdev's words go to stderr.
func TestPlain(t *testing.T) {
	t.Parallel()
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
	cmd.Env = append(os.Environ(), "GOCACHE="+goCache(t), "XDG_CACHE_HOME="+shareTrial(t.TempDir()), "GOFLAGS=")
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
	for _, want := range []string{"hotdev: first build: building app (gen 1)", "hotdev: stopping app"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q was not said:\n%s", want, text)
		}
	}
	if log, err := os.ReadFile(filepath.Join(dir, "debug.log")); err != nil || !strings.Contains(string(log), "kind=built") {
		t.Errorf("debug log: %v\n%s", err, log)
	}
}
