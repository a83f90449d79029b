//go:build unix

package control

import (
	"net"
	"os"
	"path/filepath"
	"time"
)

// Supported reports whether this system has control sockets.
const Supported = true

// listen makes the socket. Only the user can connect: the folder lets nobody else
// in, and nor does the socket.
func listen(folder string) (net.Listener, error) {
	path, done, err := address(folder)
	if err != nil {
		return nil, err
	}
	defer done()
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false) // the folder goes with it
	if err := os.Chmod(filepath.Join(folder, socketName), 0o600); err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}

func dial(folder string, timeout time.Duration) (net.Conn, error) {
	path, done, err := address(folder)
	if err != nil {
		return nil, err
	}
	defer done()
	return net.DialTimeout("unix", path, timeout)
}
