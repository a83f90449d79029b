package config

import (
	"strings"
	"testing"
)

// What differs from the defaults is written so that it is read as the same.
func TestLines(t *testing.T) {
	dir := t.TempDir()
	text := `
build.package = "./cmd/api"
build.flags = ["-tags", "a \"b\" \\ \t"]
build.fast = false
build.output = "bin/api"
build.before = [["templ", "generate"], ["sh", "-c", "a && b"]]
build.env = { CGO_ENABLED = "0", "a.b" = "c" }
run.env_files = [".env"]
run.stop_timeout = "1m30s"
run.ready = { http = "http://localhost:8080/", timeout = "3s" }
plugin.max_memory = 7
watch.include = ["**/*.sql"]
web.port = 7777
screen.theme = "sea"
`
	c, err := parse(Name, dir, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	lines, left := c.Lines()
	again, err := parse(Name, dir, []byte(strings.Join(lines, "\n")))
	if err != nil || len(left) > 0 {
		t.Fatalf("%v, left %q\n%s", err, left, strings.Join(lines, "\n"))
	}
	again.PackageAt = c.PackageAt // in other lines
	equal(t, again, c)
	if !strings.Contains(strings.Join(lines, "\n"), `build.output = "bin/api"`) {
		t.Errorf("paths below the folder are not relative:\n%s", strings.Join(lines, "\n"))
	}
	if lines, left := Default().Lines(); len(lines)+len(left) > 0 {
		t.Errorf("the defaults are %q, %q", lines, left)
	}
	c.Build.Files, c.Build.Program, c.Build.Dir, c.Watch.ExcludeRegexps = []string{"a.go"}, "x", "/elsewhere", []string{"_x"}
	if _, left := c.Lines(); len(left) != 4 {
		t.Errorf("left is %q", left)
	}
}
