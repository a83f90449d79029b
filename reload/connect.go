//go:build hotdev && (linux || darwin || freebsd)

package reload

import (
	"os"
	"strconv"
	"syscall"

	"github.com/hotdev/hotdev/internal/wire"
)

// connect takes over the control socket, so that no child of the program
// inherits it; nil if the program is not running under hotdev.
func connect() *wire.Conn {
	text := os.Getenv(wire.Variable)
	if text == "" {
		return nil
	}
	os.Unsetenv(wire.Variable)
	fd, err := strconv.Atoi(text)
	if err != nil || fd < 3 {
		return nil
	}
	syscall.CloseOnExec(fd)
	if err := syscall.SetNonblock(fd, true); err != nil {
		return nil // it is not open
	}
	return wire.NewConn(os.NewFile(uintptr(fd), "hotdev"))
}
