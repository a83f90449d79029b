//go:build unix

package runner

import (
	"os"

	"golang.org/x/sys/unix"
)

// resize sets the size of a terminal; nil is none.
func resize(screen *os.File, rows, cols uint16) error {
	if screen == nil {
		return nil
	}
	// Not by Fd, which would make it blocking.
	conn, err := screen.SyscallConn()
	if err != nil {
		return err
	}
	var set error
	err = conn.Control(func(fd uintptr) {
		set = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: cols})
	})
	if err == nil {
		err = os.NewSyscallError("ioctl TIOCSWINSZ", set)
	}
	return err
}
