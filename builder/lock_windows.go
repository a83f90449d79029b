package builder

import (
	"errors"
	"os"
	"syscall"
	"unsafe"
)

const (
	lockfileFailImmediately = 1
	lockfileExclusiveLock   = 2
	errorLockViolation      = syscall.Errno(33)
)

// tryLock takes the lock on an open file, or fails with errHeld at once.
func tryLock(f *os.File) error {
	lockFileEx := syscall.NewLazyDLL("kernel32.dll").NewProc("LockFileEx")
	ol := new(syscall.Overlapped)
	ok, _, err := lockFileEx.Call(f.Fd(), lockfileFailImmediately|lockfileExclusiveLock, 0, 1, 0, uintptr(unsafe.Pointer(ol)))
	if ok != 0 {
		return nil
	}
	if errors.Is(err, errorLockViolation) {
		return errHeld
	}
	return os.NewSyscallError("LockFileEx", err)
}

// removeOpen closes a locked file and removes it: Windows removes no open file,
// and for the same reason none that somebody claimed in between.
func removeOpen(f *os.File) {
	_ = f.Close()
	_ = os.Remove(f.Name())
}
