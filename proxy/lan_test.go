package proxy

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/hotdev/hotdev/engine"
)

// An arrivals is a listener to which connections come from given addresses.
type arrivals []string

func (a *arrivals) Accept() (net.Conn, error) {
	if len(*a) == 0 {
		return nil, errors.New("no more")
	}
	from := (*a)[0]
	*a = (*a)[1:]
	near, far := net.Pipe()
	far.Close()
	return guest{near, net.TCPAddrFromAddrPort(netip.MustParseAddrPort(from))}, nil
}

func (*arrivals) Close() error   { return nil }
func (*arrivals) Addr() net.Addr { return &net.TCPAddr{} }

type guest struct {
	net.Conn
	addr net.Addr
}

func (f guest) RemoteAddr() net.Addr { return f.addr }

// With --lan, connections from private addresses are taken, and no others.
func TestNear(t *testing.T) {
	welcome := []string{"127.0.0.1:5", "192.168.1.9:5", "10.1.2.3:5", "172.16.0.1:5", "169.254.1.1:5", "[::1]:5", "[fe80::1]:5", "[fd00::1]:5", "[::ffff:192.168.1.9]:5"}
	others := []string{"8.8.8.8:5", "172.32.0.1:5", "192.169.0.1:5", "[2001:db8::1]:5", "[::ffff:8.8.8.8]:5"}
	all := append(arrivals(others), welcome...)
	l := nearListener{&all}
	for _, want := range welcome {
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if got := c.RemoteAddr().String(); got != net.TCPAddrFromAddrPort(netip.MustParseAddrPort(want)).String() {
			t.Errorf("a connection from %s is taken, want %s", got, want)
		}
	}
}

// Only pages on this machine open files in the editor of this machine.
func TestNobodyElseOpensFiles(t *testing.T) {
	s := newStage(t)
	s.snapshot.Problem = &problem{Items: []problemItem{{File: "/p/a.go", Line: 1}}}
	for from, code := range map[string]int{"192.168.1.9:5": http.StatusForbidden, "127.0.0.1:5": http.StatusNoContent} {
		r := httptest.NewRequest(http.MethodPost, "/.hotdev/open?token=secret", strings.NewReader(`{"file": "/p/a.go", "line": 1}`))
		r.RemoteAddr = from
		w := httptest.NewRecorder()
		s.own(w, r)
		if w.Code != code {
			t.Errorf("from %s: %d, want %d", from, w.Code, code)
		}
	}
}

// What is served is told with the address in the local network, if it is served there.
func TestServedToTheNetwork(t *testing.T) {
	a, ok := lanAddr()
	for _, lan := range []bool{true, false} {
		web := engine.Web{Port: 7777, LAN: lan}
		got, same := served(web, ""), sameListener(web, web)
		want := engine.Served{Addr: "http://127.0.0.1:7777"}
		switch {
		case lan && ok:
			want.LAN = "http://" + a.String() + ":7777"
		case lan:
			want.Note = got.Note
		}
		if !same || got != want || lan && !ok && got.Note == "" {
			t.Errorf("lan %v: %+v, %v, want %+v", lan, got, same, want)
		}
	}
	if sameListener(engine.Web{Port: 7777}, engine.Web{Port: 7777, LAN: true}) {
		t.Error("what was served to the network goes on")
	}
}
