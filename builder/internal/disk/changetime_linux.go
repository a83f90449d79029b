package disk

import (
	"io/fs"
	"syscall"
	"time"
)

// ChangeTime returns the time of the last change of a file's content, name or
// attributes. Unlike the time of modification, no program can set it.
func ChangeTime(st fs.FileInfo) time.Time {
	when := st.ModTime()
	if s, ok := st.Sys().(*syscall.Stat_t); ok {
		if c := time.Unix(s.Ctim.Unix()); c.After(when) {
			return c
		}
	}
	return when
}
