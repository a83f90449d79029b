package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// freePort is a port of the loopback that nobody has at this moment.
func freePort() int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// fetch asks for a document at the address that was served last, and compares.
func (h *hot) fetch(ts *testscript.TestScript, args []string) {
	addr := ""
	h.mu.Lock()
	for _, l := range h.lines {
		var e struct{ Event, Addr string }
		if json.Unmarshal([]byte(l), &e) == nil && e.Event == "served" && e.Addr != "" {
			addr = e.Addr
		}
	}
	h.mu.Unlock()
	r, err := http.NewRequest(http.MethodGet, addr+args[0], nil)
	ts.Check(err)
	r.Header.Set("Sec-Fetch-Dest", "document")
	via := &http.Transport{}
	defer via.CloseIdleConnections()
	res, err := via.RoundTrip(r)
	if err != nil {
		h.fatal(ts, "%s: %v", args[0], err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		h.fatal(ts, "%s: %v", args[0], err)
	}
	got := fmt.Sprintf("status %d\n%s", res.StatusCode, text)
	for _, c := range args[1:] {
		if want, sense := c[1:], c[0] == '~'; strings.Contains(got, want) != sense {
			h.fatal(ts, "%s: not %s\n%s", args[0], c, got)
		}
	}
}
