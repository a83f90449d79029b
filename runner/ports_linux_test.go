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
		if got := ports([]int{os.Getpid()}, nil); !slices.Contains(got, want) {
			t.Errorf("%v is not in %v", want, got)
		}
		l.Close()
		if got := ports([]int{os.Getpid()}, nil); slices.Contains(got, want) {
			t.Errorf("%v is closed, and still in %v", want, got)
		}
	}
}

// Both ways to the sockets that listen lead to the same.
func TestListening(t *testing.T) {
	if _, err := diagnose(); err != nil {
		t.Skip(err) // a kernel without sock_diag: there is only one way
	}
	for _, addr := range []string{"127.0.0.1:0", "[::1]:0", ":0"} {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			t.Logf("%s: %v", addr, err) // a machine without IPv6
			continue
		}
		defer l.Close()
		asked, err := diagnose()
		if err != nil {
			t.Fatal(err)
		}
		// Others come and go on this machine: the new one counts.
		found := 0
		for socket, a := range tabulated(os.Getpid()) {
			if int(a.Port()) == l.Addr().(*net.TCPAddr).Port && asked[socket] == a {
				found++
			}
		}
		if found != 1 {
			t.Errorf("%s: %d equal sockets in %v and /proc, want 1", l.Addr(), found, asked)
		}
	}
}

func BenchmarkListening(b *testing.B) {
	for b.Loop() {
		listening(os.Getpid())
	}
}
