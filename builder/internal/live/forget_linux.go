package live

import "syscall"

// forgetPages gives back the memory that reading a mapped file took. It is read
// again where it is touched.
func forgetPages(b []byte) { _ = syscall.Madvise(b, syscall.MADV_DONTNEED) }
