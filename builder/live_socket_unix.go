//go:build unix

package builder

import (
	"os"
	"syscall"
)

// LiveSocket returns a pair of sockets for [Builder.OpenLive]: hotdev's end, and the
// program's, whose descriptor LiveVariable names. The caller closes both.
func LiveSocket() (mine, theirs *os.File, err error) {
	syscall.ForkLock.RLock()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fds[0])
		syscall.CloseOnExec(fds[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	if err := syscall.SetNonblock(fds[0], true); err != nil {
		syscall.Close(fds[0])
		syscall.Close(fds[1])
		return nil, nil, os.NewSyscallError("fcntl", err)
	}
	return os.NewFile(uintptr(fds[0]), "live"), os.NewFile(uintptr(fds[1]), "live"), nil
}
