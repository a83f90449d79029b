package project

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A command that is not there may be a misspelt one that is.
func TestInstead(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"postgres", "sqlc"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	env := []string{"PATH=/nowhere", "PATH=" + dir + string(filepath.ListSeparator) + "/nowhere"}
	for name, want := range map[string]string{"postgress": `"postgres"?`, "sqc": `"sqlc"?`, "templ": "install it"} {
		if got := instead(name, env); !strings.Contains(got, want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}
