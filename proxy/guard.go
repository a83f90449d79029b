package proxy

import (
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Any page on the web can have a browser send requests to this machine, under a name
// of the page's own that resolves to it (DNS rebinding), and read the answers. So only
// names that no other site can have are answered: those of the loopback, and addresses.

// allowed reports whether a request may name host.
func allowed(host string, more []string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
	if name == "localhost" || strings.HasSuffix(name, ".localhost") || name == "" { // HTTP/1.0 names none
		return true
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	for _, m := range more {
		m = strings.ToLower(m)
		if name == strings.TrimPrefix(m, ".") || strings.HasPrefix(m, ".") && strings.HasSuffix(name, m) {
			return true
		}
	}
	return false
}

func refuseHost(w http.ResponseWriter, host string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusForbidden)
	fmt.Fprintf(w, "hotdev: %q is not a name of this machine.\nIf it is yours, add it to the configuration:\n\n[web]\nhosts = [%q]\n", host, hostname(host))
}

func hostname(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		return h
	}
	return host
}

// ours reports whether a request to an endpoint of hotdev's own comes from a page of
// this address: the browser says where from, and the page has the token.
func (p *Proxy) ours(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
	default:
		return false
	}
	if o := r.Header.Get("Origin"); o != "" && !sameHost(o, r.Host) {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(r.URL.Query().Get("token")), []byte(p.opts.Token)) == 1
}
