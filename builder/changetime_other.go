//go:build !linux

package builder

import (
	"io/fs"
	"time"
)

// changeTime is when a file was last changed, as far as it tells.
func changeTime(st fs.FileInfo) time.Time { return st.ModTime() }
