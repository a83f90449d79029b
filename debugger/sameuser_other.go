//go:build !linux

package debugger

import "net"

// sameUser: only Linux tells whose a connection is.
func sameUser(net.Conn) bool { return true }
