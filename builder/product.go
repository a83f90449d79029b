package builder

import (
	"debug/buildinfo"
	"runtime/debug"
	"slices"

	"github.com/hotdev/hotdev/builder/internal/disk"
)

// ProductOf returns the import path of the main package that Go built the program at
// path from ("command-line-arguments" if it was built from files). ok is false for
// anything else: a file that is not a program, a program that another tool made, a
// plugin, a library.
func ProductOf(path string) (importPath string, ok bool) {
	if !disk.Regular(path) { // opening a named pipe would wait for its writer
		return "", false
	}
	info, err := buildinfo.ReadFile(path)
	if err != nil || info.Path == "" {
		return "", false
	}
	library := slices.ContainsFunc(info.Settings, func(s debug.BuildSetting) bool {
		return s.Key == "-buildmode" && s.Value != "exe" && s.Value != "pie"
	})
	return info.Path, !library
}
