package live

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// NewConn returns a Conn that talks to an agent over a socket.
func NewConn(s Socket) *Conn {
	return &Conn{socket: s, patience: patience, send: func(request []byte, file *os.File) error {
		var rights []byte
		if file != nil {
			rights = unix.UnixRights(int(file.Fd()))
			defer runtime.KeepAlive(file)
		}
		raw, err := s.SyscallConn()
		if err != nil {
			return err
		}
		n, serr := 0, error(nil)
		err = raw.Write(func(fd uintptr) bool {
			n, serr = unix.SendmsgN(int(fd), request, rights, nil, 0)
			return !errors.Is(serr, unix.EAGAIN)
		})
		switch {
		case err != nil:
			return err
		case serr != nil:
			return serr
		case n < len(request):
			return io.ErrShortWrite
		}
		return nil
	}}
}

// memoryFile creates a file without a name. An image must not be written again: the
// program maps it privately, and would see later writes.
func memoryFile(content []byte) (*os.File, error) {
	fd, err := unix.MemfdCreate("hotdev", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("memfd_create: %w", err)
	}
	file := os.NewFile(uintptr(fd), "memfd")
	if _, err := file.Write(content); err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}
