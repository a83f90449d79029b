package gocmd

import (
	"path/filepath"
	"strings"
)

// Absolute returns absolute paths for files that the go command names, in the folder
// dir.
func Absolute(dir string, names []string) []string {
	var out []string
	for _, n := range names {
		if !filepath.IsAbs(n) {
			n = filepath.Join(dir, filepath.FromSlash(n))
		}
		out = append(out, n)
	}
	return out
}

// NamesFiles reports whether a target is a list of files.
func NamesFiles(target []string) bool {
	return len(target) > 0 && strings.HasSuffix(target[0], ".go")
}
