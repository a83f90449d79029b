package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Find looks for the configuration of the project that start is in: in start
// and the folders above it, up to the one with go.mod, or the one with go.work
// if that is further up. Outside of both, only start itself is looked at, so
// that a file in the home folder does not configure everything below it.
//
// path is the nearest .air-like.toml, else the nearest .air.toml, else the nearest
// .config/air.toml; ok says that
// there is one. root is in any case the folder of the module, else of the
// workspace, else start. Both are absolute.
func Find(start string) (path, root string, ok bool) {
	start, err := filepath.Abs(start)
	if err != nil {
		return "", start, false // the working directory is gone; so is the project
	}
	folders := []string{start}
	for dir := filepath.Dir(start); dir != folders[len(folders)-1]; dir = filepath.Dir(dir) {
		folders = append(folders, dir)
	}
	first := func(name string) int {
		for i, dir := range folders {
			if exists(filepath.Join(dir, name)) {
				return i
			}
		}
		return -1
	}
	module, workspace := first("go.mod"), first("go.work")
	switch {
	case module >= 0:
		root = folders[module]
	case workspace >= 0:
		root = folders[workspace]
	default:
		root = start
	}
	folders = folders[:max(module, workspace, 0)+1]
	for _, name := range []string{Name, airName, airOther} {
		if i := first(name); i >= 0 {
			return filepath.Join(folders[i], filepath.FromSlash(name)), root, true
		}
	}
	return "", root, false
}

// exists is true also for what cannot be looked at: to say why is for those who
// read it.
func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
