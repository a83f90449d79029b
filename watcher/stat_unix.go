//go:build unix

package watcher

import (
	"io/fs"
	"syscall"
)

// identity distinguishes what is at a path from what was there before.
type identity struct {
	dev, ino uint64
}

// identify gives the identity of what info, a result of os.Stat on path,
// describes.
func identify(path string, info fs.FileInfo) (identity, error) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return identity{}, &fs.PathError{Op: "stat", Path: path, Err: syscall.ENOTSUP}
	}
	return identity{uint64(st.Dev), uint64(st.Ino)}, nil
}

func stampOf(info fs.FileInfo) stamp {
	s := stamp{size: info.Size(), mtime: info.ModTime().UnixNano()}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		s.ctime = changeTime(st)
		s.id = identity{uint64(st.Dev), uint64(st.Ino)}
	}
	return s
}
