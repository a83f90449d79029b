// Package disk answers questions about files and folders.
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

// Regular reports whether path is a regular file (or a link to one). A name may also
// belong to a device, where reading never ends.
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
