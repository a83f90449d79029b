package proxy

import (
	"net"
	"net/http"
	"net/netip"
)

// With --lan, the devices of the local network are answered beside this machine: those
// whose addresses are private. An address of the whole internet is answered under no
// circumstances, so that a machine that has one serves nobody by accident.

// peer returns the address in "address:port"; for any other text it is the zero
// [netip.Addr], which is of no network.
func peer(addr string) netip.Addr {
	at, _ := netip.ParseAddrPort(addr)
	return at.Addr().Unmap()
}

// near reports whether a peer is on this machine or in its local network.
func near(addr string) bool {
	a := peer(addr)
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast()
}

// local reports whether a request comes from this machine.
func local(r *http.Request) bool { return peer(r.RemoteAddr).IsLoopback() }

// A nearListener drops connections from elsewhere.
type nearListener struct{ net.Listener }

func (l nearListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil || near(c.RemoteAddr().String()) {
			return c, err
		}
		c.Close()
	}
}

// lanAddr is the address of this machine that a device of the local network reaches it
// at: of several, the one that leads out of it. It is false where there is none.
func lanAddr() (netip.Addr, bool) {
	// Nothing is sent: the system only says which of its addresses it would use.
	if c, err := net.Dial("udp4", "192.0.2.1:9"); err == nil {
		defer c.Close()
		if a, err := netip.ParseAddrPort(c.LocalAddr().String()); err == nil && a.Addr().IsPrivate() {
			return a.Addr(), true
		}
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return netip.Addr{}, false
	}
	for _, addr := range addrs {
		if p, err := netip.ParsePrefix(addr.String()); err == nil && p.Addr().Is4() && p.Addr().IsPrivate() {
			return p.Addr(), true
		}
	}
	return netip.Addr{}, false
}
