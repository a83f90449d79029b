//go:build !linux

package disk

import (
	"io/fs"
	"time"
)

// ChangeTime is when a file was last changed, as far as it tells.
func ChangeTime(st fs.FileInfo) time.Time { return st.ModTime() }
