package runner

import (
	"net"
	"os"
	"slices"
	"testing"
)

func TestPorts(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "[::1]:0"} {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			t.Logf("%s: %v", addr, err) // a machine without IPv6
			continue
		}
		want := Port{Addr: l.Addr().String(), Pid: os.Getpid()}
		if got := ports([]int{os.Getpid()}); !slices.Contains(got, want) {
			t.Errorf("%v is not in %v", want, got)
		}
		l.Close()
		if got := ports([]int{os.Getpid()}); slices.Contains(got, want) {
			t.Errorf("%v is closed, and still in %v", want, got)
		}
	}
}
