package watcher

import (
	"io/fs"
	"path/filepath"
	"strings"
)

// identity distinguishes what is at a path from what was there before. The file
// index would take an open handle for every folder, so the final path is used
// instead; only events tell then that a folder was replaced by another of its name.
type identity struct {
	path string
}

func identify(path string, _ fs.FileInfo) (identity, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return identity{}, err
	}
	return identity{strings.ToLower(real)}, nil
}

func stampOf(info fs.FileInfo) stamp {
	return stamp{size: info.Size(), mtime: info.ModTime().UnixNano()}
}
