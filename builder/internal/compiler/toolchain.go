package compiler

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/internal/argv"
)

// A Toolchain is the settings of the go command that are needed to call the compiler
// and the linker directly.
type Toolchain struct {
	OS, Version string
	Cgo         string   // CGO_ENABLED
	Root        string   // GOROOT
	Folder      string   // of the tools
	Settings    string   // the file of go env -w
	CC          []string // the C compiler
	Env         []string // of the tools

	// Workers limit how many tools run at a time.
	Workers *Workers
}

// NewToolchain takes the answer of go env in an environment. If the go command itself
// failed, it returns that failure.
func NewToolchain(e gocmd.Env, env []string) (Toolchain, error) {
	if e.Failure != nil {
		return Toolchain{}, e.Failure
	}
	t := Toolchain{
		OS: e.GOOS, Version: e.GOVERSION, Cgo: e.CGO_ENABLED, Root: e.GOROOT,
		Folder: e.GOTOOLDIR, Settings: e.GOENV, Env: gocmd.Environ(env),
	}
	if t.CC, _ = argv.SplitQuoted(e.CC); len(t.CC) == 0 {
		t.CC = []string{"cc"}
	}
	for _, v := range [][2]string{
		{"GOOS", e.GOOS}, {"GOARCH", e.GOARCH}, {"GOAMD64", e.GOAMD64}, {"GOARM64", e.GOARM64},
		{"GOEXPERIMENT", e.GOEXPERIMENT}, {"GOROOT", e.GOROOT},
	} {
		if v[1] != "" {
			t.Env = gocmd.Setenv(t.Env, v[0], v[1])
		}
	}
	return t, nil
}

var exe = map[bool]string{true: ".exe"}[runtime.GOOS == "windows"]

// Stamps identifies the tools and their settings by the states of their files.
func (t Toolchain) Stamps() string {
	var b strings.Builder
	files := []string{filepath.Join(t.Folder, "compile"+exe), filepath.Join(t.Folder, "link"+exe), t.Settings}
	if command, err := gocmd.LookPath("go", "", t.Env); err == nil {
		if command, err = filepath.EvalSymlinks(command); err == nil {
			files = append(files, command)
		}
	}
	for _, f := range files {
		if st, err := os.Stat(f); err == nil {
			fmt.Fprintf(&b, "%s %d %v\n", f, st.Size(), st.ModTime())
		}
	}
	return b.String()
}
