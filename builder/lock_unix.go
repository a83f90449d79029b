//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package builder

import (
	"errors"
	"os"
	"syscall"
)

// tryLock takes the lock on an open file, or fails at once with errHeld.
func tryLock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errHeld
		}
		return os.NewSyscallError("flock", err)
	}
}

// removeOpen removes a locked file and closes it, in this order: unlocked, it
// could be claimed by another hotdev, whose file would then be removed.
func removeOpen(f *os.File) {
	_ = os.Remove(f.Name())
	_ = f.Close()
}
