//go:build unix

package proxy

import (
	"net"
	"syscall"
)

// closed reports whether the other end has closed a connection on which no data are
// expected, or has sent some nevertheless; known is false if that cannot be told. It does
// not block.
func closed(c net.Conn) (over, known bool) {
	sc, ok := c.(syscall.Conn)
	if !ok {
		return false, false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return false, false
	}
	err = raw.Read(func(fd uintptr) bool {
		var one [1]byte
		for {
			_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
			if err == syscall.EINTR {
				continue
			}
			over = err != syscall.EAGAIN
			return true
		}
	})
	return over, err == nil
}
