//go:build !windows

package builder

import "os"

// replace renames temp over path. A running program keeps its old file.
func replace(temp, path string) error { return os.Rename(temp, path) }
