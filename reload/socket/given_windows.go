package socket

import "net"

// given is none: on Windows, programs are not given sockets.
func given(string, string) (net.Listener, error) { return nil, nil }
