// Package disk says what is on the disk, and where.
package disk

import (
	"os"
	"strings"
)

// IsDir reports whether path is a folder (or a link to one).
func IsDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

// Regular reports whether path is a regular file (or a link to one). What names a
// file may name a device as well, of which reading has no end.
func Regular(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular()
}

// Within reports whether path is root or below it.
func Within(root, path string) bool {
	if !strings.HasPrefix(path, root) {
		return false
	}
	return len(path) == len(root) || os.IsPathSeparator(path[len(root)]) || os.IsPathSeparator(root[len(root)-1])
}
