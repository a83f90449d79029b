// Package socket has a program listen on a socket that somebody else has opened for
// it: hotdev, whose configuration names the address,
//
//	[run]
//	socket = ":8080"
//
// or systemd, by a .socket unit. Such a socket goes from one run of the program to the
// next, so that no connection is refused in between: those that come while there is no
// program wait for it.
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

// Listen is [net.Listen], but for a TCP address whose port is that of a socket which
// the program was given: then it is that one, each time that it is asked for. It may be
// called on any goroutine.
//
// The first call takes all the sockets that the program was given, and the variables
// that tell of them: processes that the program starts later do not get them.
func Listen(network, address string) (net.Listener, error) {
	l, err := given(network, address)
	if l != nil || err != nil {
		return l, err
	}
	return net.Listen(network, address)
}

// choose is the socket for an address, of those that listen at addrs; -1 is none. The
// port decides: nobody else could listen on it. Where two have it, so does the host.
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
