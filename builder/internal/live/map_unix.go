//go:build unix

package live

import (
	"os"
	"syscall"
)

// mapFile maps a file's content, which is read when it is touched. Files that hotdev or
// the go command wrote are replaced, never modified.
func mapFile(path string) (b []byte, mapped bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, false, err
	}
	if st.Size() == 0 {
		return nil, false, nil
	}
	b, err = syscall.Mmap(int(f.Fd()), 0, int(st.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return readFile(path)
	}
	return b, true, nil
}

func unmapFile(b []byte) { _ = syscall.Munmap(b) }
