//go:build !windows

package builder

import "os"

// replace renames temp over path, which may be running: it keeps its file.
func replace(temp, path string) error { return os.Rename(temp, path) }
