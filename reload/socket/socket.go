// Package socket lets a program listen on a socket that was opened for it: by hotdev,
// whose configuration names the address,
//
//	[run]
//	socket = ":8080"
//
// or by systemd, from a .socket unit. Such a socket passes from one run of the program
// to the next, so that no connection is refused in between: those that arrive meanwhile
// wait for the next run.
//
//	l, err := socket.Listen("tcp", ":8080")
//	…
//	err = http.Serve(l, handler)
//
// Without either, [Listen] is [net.Listen].
package socket

import (
	"fmt"
	"net"
)

// Listen is [net.Listen], except that for a TCP address with the port of a socket that
// the program was given, it returns a listener on that socket, on every call. It may be
// called on any goroutine.
//
// The first call takes over all the sockets that the program was given, and unsets the
// variables that describe them: processes that the program starts later get neither.
func Listen(network, address string) (net.Listener, error) {
	l, err := given(network, address)
	if l != nil || err != nil {
		return l, err
	}
	return net.Listen(network, address)
}

// choose returns the index in addrs of the socket for an address; -1 if there is none.
// The port decides, because no other socket could listen on it; where two sockets have
// the same port, the host does.
func choose(network, address string, addrs []net.Addr) (int, error) {
	switch network {
	case "tcp", "tcp4", "tcp6":
	default:
		return -1, nil
	}
	want, err := net.ResolveTCPAddr(network, address)
	if err != nil {
		return -1, fmt.Errorf("listen %s %s: %w", network, address, err)
	}
	found := -1
	for i, addr := range addrs {
		have, ok := addr.(*net.TCPAddr)
		if !ok || have.Port != want.Port || want.Port == 0 {
			continue
		}
		if found < 0 || have.IP.Equal(want.IP) {
			found = i
		}
	}
	return found, nil
}
