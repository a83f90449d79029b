package proxy

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hotdev/hotdev/engine"
)

// A certificate is kept as long as it is good for what is wanted.
func TestCertificate(t *testing.T) {
	folder, now := filepath.Join(t.TempDir(), "cache"), time.Now()
	serial := func(now time.Time, hosts ...string) string {
		t.Helper()
		c, err := certificate(folder, hosts, now)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range append([]string{"localhost", "a.localhost", "127.0.0.1", "::1"}, hosts...) {
			if err := c.Leaf.VerifyHostname(strings.TrimPrefix(name, ".")); err != nil {
				t.Error(err)
			}
		}
		if c.Leaf.IsCA {
			t.Error("it can vouch for others")
		}
		return c.Leaf.SerialNumber.String()
	}
	first := serial(now)
	if again := serial(now); again != first {
		t.Error("it is another one the next time")
	}
	second := serial(now, "app.test", ".b.test")
	if second == first {
		t.Error("it is the same for other hosts")
	}
	if again := serial(now); again != second {
		t.Error("what one project needs is lost by the next")
	}
	if again := serial(now.Add(validity)); again == second {
		t.Error("it is the same after its end")
	}
	file := filepath.Join(folder, "web.pem")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if err := os.WriteFile(file, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	serial(now)
}

// With TLS the address is one of HTTPS; the program is asked as ever, and told.
func TestTLS(t *testing.T) {
	s := newStage(t)
	s.up(serves(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s", r.Proto, r.Header.Get("X-Forwarded-Proto"))
	}), engine.Cycle{})
	s.state.Settings.Web.TLS = true
	s.happens(engine.Configured{})
	served, err := s.await(func(e engine.Event) bool {
		served, ok := e.(engine.Served)
		return ok && strings.HasPrefix(served.Addr, "https://")
	})
	if err != nil {
		t.Fatal(err)
	}
	cert, err := certificate(s.opts.Cache, nil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AddCert(cert.Leaf)
	for _, version := range []int{1, 2} {
		via := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}, ForceAttemptHTTP2: version == 2}
		defer via.CloseIdleConnections()
		r, err := http.NewRequest(http.MethodGet, served.(engine.Served).Addr, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := via.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		if string(text) != "HTTP/1.1 https" || err != nil || res.ProtoMajor != version {
			t.Errorf("HTTP/%d: %s, %v, by %s", version, text, err, res.Proto)
		}
	}
	s.state.Settings.Web.TLS = false
	s.happens(engine.Configured{})
	if _, err := s.await(func(e engine.Event) bool { return e == engine.Event(engine.Served{Addr: s.url}) }); err != nil {
		t.Error(err)
	}
}
