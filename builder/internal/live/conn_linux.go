package live

import (
	"errors"
	"fmt"
	"io"

	"golang.org/x/sys/unix"
)

// NewConn returns a Conn that talks to an agent over a socket.
func NewConn(s Socket) *Conn {
	return &Conn{socket: s, patience: patience, send: func(request, content []byte) error {
		var rights []byte
		if len(content) > 0 {
			fd, err := memoryFile(content)
			if err != nil {
				return err
			}
			defer unix.Close(fd)
			rights = unix.UnixRights(fd)
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

// memoryFile creates a file without a name. It must not be written again: the program
// maps it privately, and would see later writes.
func memoryFile(content []byte) (int, error) {
	fd, err := unix.MemfdCreate("hotdev", unix.MFD_CLOEXEC)
	if err != nil {
		return -1, fmt.Errorf("memfd_create: %w", err)
	}
	for len(content) > 0 {
		n, err := unix.Write(fd, content)
		if err != nil {
			_ = unix.Close(fd)
			return -1, fmt.Errorf("memfd: %w", err)
		}
		content = content[n:]
	}
	return fd, nil
}
