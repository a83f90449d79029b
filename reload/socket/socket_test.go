package socket

import (
	"net"
	"testing"
)

func TestChoose(t *testing.T) {
	addr := func(s string) net.Addr {
		a, err := net.ResolveTCPAddr("tcp", s)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	addrs := []net.Addr{addr("[::]:8080"), addr("127.0.0.1:9090"), addr("[::1]:9090"), &net.UnixAddr{Name: "/s", Net: "unix"}}
	for _, test := range []struct {
		network, address string
		want             int
	}{
		{"tcp", ":8080", 0},
		{"tcp4", "127.0.0.1:8080", 0},
		{"tcp", "127.0.0.1:9090", 1},
		{"tcp", "[::1]:9090", 2},
		{"tcp", ":9090", 1}, // either would be right
		{"tcp", ":7070", -1},
		{"tcp", ":0", -1},
		{"unix", "/s", -1},
		{"udp", ":8080", -1},
	} {
		if got, err := choose(test.network, test.address, addrs); got != test.want || err != nil {
			t.Errorf("%s %s: %d, %v; want %d", test.network, test.address, got, err, test.want)
		}
	}
	if i, err := choose("tcp", "nonsense", addrs); err == nil {
		t.Errorf("nonsense: %d, and no error", i)
	}
}

// Without anybody who gives sockets, it is net.Listen.
func TestListen(t *testing.T) {
	l, err := Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := Listen("tcp", l.Addr().String()); err == nil {
		t.Error("two listen at one address")
	}
}
