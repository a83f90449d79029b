//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/exit"
)

// A newcomer's first minutes, in a folder with nothing in it: what is missing is
// said on the whole screen, and hotdev continues by itself once it is there.
func TestTerminalFromNothing(t *testing.T) {
	t.Parallel()
	r := newReal(t)
	r.write("cache", "not a folder\n")
	r.start([]string{"XDG_CACHE_HOME=" + filepath.Join(r.dir, "cache")}, "hotdev")
	r.sees("There is no Go module here", "go mod init example.com/", "r look again")
	r.write("go.mod", "modul example.com/app\n")
	r.sees("go.mod cannot be used", "go.mod:1", "unknown directive: modul", "› 1 │ modul example.com/app")
	r.write("go.mod", "module example.com/app\n\ngo 1.24\n")
	r.sees("There is no program to run here")
	if err := os.MkdirAll(filepath.Join(r.dir, "cmd", "app"), 0o755); err != nil {
		t.Fatal(err)
	}
	r.write("cmd/app/version.go", "package main\n\nvar Version = 1\n")
	r.write("cmd/app/main.go", ptyProgram)
	r.sees("There is no place for the program's binary", "not a directory")
	if err := os.Remove(filepath.Join(r.dir, "cache")); err != nil {
		t.Fatal(err)
	}
	r.sees("hello 1", "watching 1 package")
	r.write("cmd/app/version.go", "package main\n\nvar Version = 2\n")
	r.sees("hello 2")
	r.keys("q")
	r.ends(exit.OK)
}

// A user who leaves without fixing it finds the sentence in the terminal.
func TestTerminalLeaves(t *testing.T) {
	t.Parallel()
	r := newReal(t)
	r.write("go.mod", "module example.com/app\n\ngo 1.24\n")
	r.write("main.go", ptyProgram)
	r.start([]string{"PATH=" + t.TempDir()}, "hotdev")
	r.sees("The go command is not in PATH", "q quit")
	r.keys("q")
	r.ends(exit.Broken)
	r.until(func(s string) bool { return strings.Contains(s, "hotdev: the go command is not in PATH") }, "the error")
}
