package config

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Web is how browsers reach the program.
type Web struct {
	// Port is the port at which hotdev serves the program; 0: none.
	Port int `toml:"port"`
	// Declined: the file says that the port is 0, so that none is offered.
	Declined bool `toml:"-"`
	// TLS has the address be one of HTTPS.
	TLS bool `toml:"tls"`
	// Routes are prefixes of paths ("/api/"), or names of hosts, which lead to this one of
	// several programs from the address of another.
	Routes []string `toml:"routes"`
	// Target is the program's own address, "host:port" or ":port", optionally with
	// "http://" or "https://" before it; empty: the port that it is found to listen on.
	Target string `toml:"target"`
	// Wait is how long a request waits for the program to be up.
	Wait time.Duration `toml:"wait"`
	// Assets are patterns, like those of Watch.Include, of files that the program reads
	// anew for each request.
	Assets []string `toml:"assets"`
	// Update is how open pages show a change: "morph" or "reload".
	Update string `toml:"update"`
	// Errors shows the errors of pages in the program's output.
	Errors bool `toml:"errors"`
	// Hosts are host names that browsers may use, besides those of this machine.
	Hosts []string `toml:"hosts"`
}

// DefaultWebPort is that of --web without a number.
const DefaultWebPort = 7777

// Updates are the values of web.update.
func Updates() []string { return []string{"morph", "reload"} }

// TargetURL is a web.target as "http://host:port": the host is 127.0.0.1 if the target
// names none.
func TargetURL(target string) (string, error) {
	text := target
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.User != nil || u.Fragment != "" {
		return "", fmt.Errorf(`%q is no address: want one such as ":8080" or "https://localhost:8443"`, target)
	}
	host, port := u.Hostname(), u.Port()
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return "", fmt.Errorf(`%q has no port from 1 to 65535: want an address such as ":8080"`, target)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return u.Scheme + "://" + net.JoinHostPort(host, port), nil
}

// declined reports whether a table [web] says that there is to be no port.
func (d *document) declined(w Web) bool {
	_, set := d.places[id(d.in("web", "port"))]
	return set && w.Port == 0
}

func (d *document) checkWeb(w *Web) {
	if w.Port < 0 || w.Port > 65535 {
		d.wrong(d.in("web", "port"), "want a port from 1 to 65535, or 0 for none, have %d", w.Port)
	}
	if w.Target != "" {
		if _, err := TargetURL(w.Target); err != nil {
			d.wrong(d.in("web", "target"), "%v", err)
		}
	}
	d.checkPatterns("web", "assets", w.Assets)
	if len(w.Routes) > 0 && len(d.base) == 0 {
		d.wrong(d.in("web", "routes"), "leads to one of several programs: set it in a [[program]]")
	}
	for i, route := range w.Routes {
		host := strings.TrimPrefix(route, ".")
		if !strings.HasPrefix(route, "/") && (host == "" || strings.ContainsAny(host, "/:* ")) || strings.ContainsAny(route, "?#*") {
			d.wrong(d.in("web", "routes", strconv.Itoa(i)), `%q: want the beginning of a path such as "/api/", or the name of a host such as "admin.localhost"`, route)
		}
	}
	for i, host := range w.Hosts {
		if host == "" || strings.ContainsAny(strings.TrimPrefix(host, "."), "/:* ") {
			d.wrong(d.in("web", "hosts", strconv.Itoa(i)), `%q is no name of a host: want one such as "app.test", or ".app.test" for all below it`, host)
		}
	}
}

// checkRoutes checks what routes of several programs are to each other.
func (d *document) checkRoutes(programs []Program) {
	port, of := false, map[string]string{}
	for _, p := range programs {
		port = port || p.Web.Port > 0
	}
	for i, p := range programs {
		for j, route := range p.Web.Routes {
			at := []string{"program", strconv.Itoa(i), "web", "routes", strconv.Itoa(j)}
			switch before := of[route]; {
			case before != "":
				d.wrong(at, "%q leads to %s", route, before)
			case !port:
				d.wrong(at, "there is no address that it leads from: set web.port of the program that gets all other requests")
			}
			of[route] = p.Name
		}
	}
}
