//go:build unix && !linux

package control

import (
	"fmt"
	"net"
	"path/filepath"
)

// maxAddress is the least that a system takes for the path of a socket.
const maxAddress = 103

func address(folder string) (path string, done func(), err error) {
	path = filepath.Join(folder, socketName)
	if len(path) > maxAddress {
		return "", nil, fmt.Errorf("%s is too long for the path of a socket (%d bytes): set XDG_CACHE_HOME to a shorter folder, or rename the project's", path, len(path))
	}
	return path, func() {}, nil
}

// checkPeer leaves it to the modes of folder and socket that no other user comes.
func checkPeer(net.Conn) error { return nil }
