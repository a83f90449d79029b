package control

import (
	"fmt"
	"net"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// maxAddress is what the kernel takes for the path of a socket.
const maxAddress = 107

// address is a path of the socket in folder that is short enough; it is valid until
// done is called.
func address(folder string) (path string, done func(), err error) {
	path = filepath.Join(folder, socketName)
	if len(path) <= maxAddress {
		return path, func() {}, nil
	}
	dir, err := os.Open(folder)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), socketName), func() { _ = dir.Close() }, nil
}

// checkPeer refuses other users, whatever the modes of folder and socket have come
// to be.
func checkPeer(c net.Conn) error {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return nil // a test's pipe
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return err
	}
	var peer *unix.Ucred
	var failed error
	if err := raw.Control(func(fd uintptr) {
		peer, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return err
	}
	if failed != nil {
		return failed
	}
	if own := os.Geteuid(); int(peer.Uid) != own {
		return fmt.Errorf("this hotdev is user %d's, and user %d may not ask it", own, peer.Uid)
	}
	return nil
}
