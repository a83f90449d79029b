package builder

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// replace renames temp over path. Windows does not let a running program be replaced or
// removed, but it does let it be renamed: so it is moved aside, and a later Publish
// removes it when it has ended.
func replace(temp, path string) error {
	dir, name := filepath.Split(path)
	sweepAside(dir, name)
	err := os.Rename(temp, path)
	if err == nil {
		return nil
	}
	aside := filepath.Join(dir, asidePrefix(name)+strconv.FormatInt(time.Now().UnixNano(), 36))
	if os.Rename(path, aside) != nil {
		return err // the first error is the informative one
	}
	if err := os.Rename(temp, path); err != nil {
		_ = os.Rename(aside, path)
		return err
	}
	_ = os.Remove(aside)
	return nil
}

// asidePrefix begins the names of binaries that were moved aside while they were still
// running.
func asidePrefix(name string) string { return tempPrefix(name) + "old-" }

// sweepAside removes binaries that were moved aside and have ended since.
func sweepAside(dir, name string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), asidePrefix(name)) {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}
