package live

import "syscall"

// forgetPages releases the memory of a mapped file. A page is read again when it is
// touched.
func forgetPages(b []byte) { _ = syscall.Madvise(b, syscall.MADV_DONTNEED) }
