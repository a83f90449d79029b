//go:build !linux

package disk

import (
	"io/fs"
	"time"
)

// ChangeTime returns the time of a file's modification: a program may have set it.
func ChangeTime(st fs.FileInfo) time.Time { return st.ModTime() }
