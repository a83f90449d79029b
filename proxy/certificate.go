package proxy

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/internal/atomicfile"
)

// How long a certificate is valid, which is as long as browsers accept, and how long
// before its end there is another.
const (
	validity = 397 * 24 * time.Hour
	renewal  = 30 * 24 * time.Hour
)

// certificate returns one for this machine's own names and for hosts, which are names or
// addresses. It is signed by itself and kept in a folder with its key, so that a browser
// that was told to trust it still does later; hotdev itself tells nobody to trust it.
// Without a folder each call makes a new one.
func certificate(folder string, hosts []string, now time.Time) (tls.Certificate, error) {
	names := []string{"localhost", "*.localhost", "127.0.0.1", "::1"}
	for _, host := range hosts {
		if below, ok := strings.CutPrefix(host, "."); ok {
			names = append(names, below, "*."+below)
		} else {
			names = append(names, host)
		}
	}
	file := filepath.Join(folder, "web.pem")
	if text, err := os.ReadFile(file); err == nil {
		kept, err := tls.X509KeyPair(text, text)
		if err == nil && kept.Leaf != nil && now.Before(kept.Leaf.NotAfter.Add(-renewal)) && !now.Before(kept.Leaf.NotBefore) {
			old := kept.Leaf.DNSNames
			for _, ip := range kept.Leaf.IPAddresses {
				old = append(old, ip.String())
			}
			if !slices.ContainsFunc(names, func(n string) bool { return !slices.Contains(old, n) }) {
				return kept, nil
			}
			for _, n := range old { // other projects' stay
				if !slices.Contains(names, n) {
					names = append(names, n)
				}
			}
		}
	}
	text, err := newCertificate(names, now)
	if err == nil && folder != "" {
		if err = os.MkdirAll(folder, 0o700); err == nil {
			err = atomicfile.Write(file, text, 0o600)
		}
	}
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("certificate: %w", err)
	}
	return tls.X509KeyPair(text, text)
}

// newCertificate is a certificate and its key, in PEM.
func newCertificate(names []string, now time.Time) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	var ips []net.IP
	names = slices.DeleteFunc(slices.Clone(names), func(n string) bool {
		ip := net.ParseIP(n)
		if ip != nil {
			ips = append(ips, ip)
		}
		return ip != nil
	})
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "hotdev, on this machine only"},
		NotBefore:    now.Add(-time.Hour), // clocks differ
		NotAfter:     now.Add(validity),
		DNSNames:     names,
		IPAddresses:  ips,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		// It cannot vouch for any other, even for who trusts it.
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for _, block := range []pem.Block{{Type: "CERTIFICATE", Bytes: der}, {Type: "PRIVATE KEY", Bytes: private}} {
		if err := pem.Encode(&b, &block); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}
