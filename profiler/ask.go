package profiler

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// customary is where the documentation of net/http/pprof has it, and Advice.
const customary = "127.0.0.1:6060"

// Advice says how a program can offer profiles.
const Advice = `Add import _ "net/http/pprof" to package main and, unless the program serves http.DefaultServeMux, go http.ListenAndServe("` + customary + `", nil)`

const (
	root = "/debug/pprof/"
	// answering is how long a port may take for a page that costs nothing: what listens
	// there may not be a web server, and may wait for more.
	answering = 2 * time.Second
	// sending is how long a profile may take in addition to Kind.Takes. A heap profile
	// comes after a garbage collection.
	sending = 20 * time.Second
	// largest limits the size of a profile. A trace of a busy program has tens of
	// megabytes.
	largest = 512 << 20
)

// find returns the first of the addresses that answers as net/http/pprof does, with its
// scheme. It asks the customary port 6060 first, and only that one on systems where the
// program's ports are not known.
func find(ctx context.Context, addrs []string) (string, error) {
	if len(addrs) == 0 && runtime.GOOS != "linux" {
		addrs = []string{customary}
	}
	if len(addrs) == 0 {
		return "", errors.New("the program listens on no port, at which net/http/pprof could be asked. " + Advice)
	}
	var asked []string
	var refused string
	for _, addr := range reachable(addrs) {
		for _, scheme := range []string{"http://", "https://"} {
			status, body, err := get(ctx, scheme+addr+root, answering, 1<<20)
			if ctx.Err() != nil {
				return "", ctx.Err()
			}
			switch {
			case err == nil && status == http.StatusOK && strings.Contains(string(body), "<title>"+root+"</title>"):
				return scheme + addr, nil
			case err == nil && (status == http.StatusUnauthorized || status == http.StatusForbidden) && refused == "":
				refused = fmt.Sprintf(" %s answers %d %s.", scheme+addr+root, status, http.StatusText(status))
			}
			if err != nil || status != http.StatusBadRequest { // how a TLS server answers plain HTTP
				break
			}
		}
		asked = append(asked, addr)
	}
	return "", fmt.Errorf("no port of the program (%s) has the page %s of net/http/pprof.%s %s", strings.Join(asked, ", "), root, refused, Advice)
}

// reachable returns the addresses to connect to from this machine.
func reachable(addrs []string) (all []string) {
	for _, a := range addrs {
		host, port, err := net.SplitHostPort(a)
		if err != nil {
			continue
		}
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
			host = "127.0.0.1"
		}
		if a = net.JoinHostPort(host, port); !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	slices.SortStableFunc(all, func(a, b string) int { return later(a) - later(b) })
	return all
}

func later(addr string) int {
	if strings.HasSuffix(addr, ":6060") {
		return 0
	}
	return 1
}

// fetch requests a profile.
func fetch(ctx context.Context, from string, k Kind) ([]byte, error) {
	url := from + root + k.path
	if k.Takes > 0 {
		url += "?seconds=" + strconv.FormatFloat(k.Takes.Seconds(), 'f', -1, 64)
	}
	status, body, err := get(ctx, url, k.Takes+sending, largest)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the program did not send its profile (did it end or restart meanwhile?): %w", err)
	case status == http.StatusNotFound && k.Needs != "":
		return nil, fmt.Errorf("the program has no profile of that kind; it needs %s", k.Needs)
	case status != http.StatusOK:
		text, _, _ := strings.Cut(strings.TrimSpace(string(body[:min(len(body), 300)])), "\n")
		return nil, fmt.Errorf("%s answers %d: %s", from, status, text)
	}
	return body, nil
}

// get asks the program directly, without a proxy, and follows no redirect.
func get(ctx context.Context, url string, timeout time.Duration, most int64) (status int, body []byte, err error) {
	client := http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			DisableKeepAlives: true,
			// The program was seen to listen on this address: verifying a certificate
			// for development would add nothing.
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // see above
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, nil, err
	}
	answer, err := client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(io.LimitReader(answer.Body, most+1))
	if err == nil && int64(len(body)) > most {
		err = fmt.Errorf("more than %d MB", most>>20)
	}
	return answer.StatusCode, body, err
}
