package project

import (
	"os"
	"path/filepath"
)

// redirected returns the files that hotdev's output goes to: "hotdev > log".
func redirected() []string {
	var files []string
	for _, fd := range []string{"/proc/self/fd/1", "/proc/self/fd/2"} {
		info, err := os.Stat(fd)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if path, err := os.Readlink(fd); err == nil && filepath.IsAbs(path) {
			files = append(files, path)
		}
	}
	return files
}
