//go:build !unix

package control

import (
	"errors"
	"net"
	"time"
)

// Supported reports whether this system has control sockets.
const Supported = false

var errSystem = errors.New("there is none on this system yet")

func listen(string) (net.Listener, error) { return nil, errSystem }

func dial(string, time.Duration) (net.Conn, error) { return nil, errSystem }

func checkPeer(net.Conn) error { return nil }
