//go:build !darwin && !dragonfly && !freebsd && !linux && !netbsd && !openbsd && !windows

package builder

import "os"

// tryLock always fails: this system has no file locks that end with their process.
// Every folder counts as taken by the process that created it, so the first free number
// is found by creating a folder.
func tryLock(f *os.File) error {
	if st, err := f.Stat(); err == nil && st.Size() > 0 {
		return errHeld
	}
	_, err := f.WriteString("taken\n")
	return err
}

func removeOpen(f *os.File) {
	_ = os.Remove(f.Name())
	_ = f.Close()
}
