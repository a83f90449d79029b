package project

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hotdev/hotdev/builder"
)

// The configuration is read once at the start. Its change meanwhile is not lost: the
// first settings are as old as they say, and the watch asks for all since then.
func TestReadOnceAtStart(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/app\n\ngo 1.24\n")
	write("main.go", "package main\n\nfunc main() {}\n")
	write(".air-like.toml", "[run]\nargs = [\"one\"]\n")
	read := 0
	o := Options{Dir: dir, Once: true, CheckKeys: func(map[string][]string) (action, why string) { read++; return "", "" }}
	programs, folder, err := Prepare(t.Context(), o, builder.New(), nil)
	if err != nil {
		t.Fatal(err)
	}
	p := programs[0]
	defer folder.Close()
	write(".air-like.toml", "[run]\nargs = [\"two\"]\n")
	info, err := os.Stat(filepath.Join(dir, ".air-like.toml"))
	if err != nil {
		t.Fatal(err)
	}
	first := p.Configure(t.Context())
	if got := first.Settings.Run.Args; read != 1 || len(got) != 1 || got[0] != "one" || !first.Since.Before(info.ModTime()) {
		t.Errorf("read %d times, the first settings have %q of %v", read, got, first.Since)
	}
	if got := p.Configure(t.Context()).Settings.Run.Args; read != 2 || len(got) != 1 || got[0] != "two" {
		t.Errorf("read %d times, then the settings have %q", read, got)
	}
}
