package proxy

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Routes lead from the address of one program of a session to another. Its zero value
// leads nowhere.
type Routes struct {
	mu    sync.Mutex // guards changes
	all   []*Proxy
	table atomic.Pointer[[]route] // hosts first, then the longest paths
}

// A route is the name of a host, or ".name" for all below it; or the beginning of a
// path.
type route struct {
	host, path string
	to         *Proxy
}

func (rs *Routes) add(p *Proxy) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.all = append(rs.all, p)
}

// lead replaces what leads to a program.
func (rs *Routes) lead(to *Proxy, routes []string) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	var table []route
	if old := rs.table.Load(); old != nil {
		table = slices.DeleteFunc(slices.Clone(*old), func(r route) bool { return r.to == to })
	}
	for _, text := range routes {
		r := route{host: strings.ToLower(text), to: to}
		if strings.HasPrefix(text, "/") {
			r.host, r.path = "", text
		}
		table = append(table, r)
	}
	slices.SortStableFunc(table, func(a, b route) int {
		if n := len(b.host) - len(a.host); n != 0 {
			return n
		}
		return len(b.path) - len(a.path)
	})
	rs.table.Store(&table)
}

// find is the program that a route leads a request to; nil if none does. named: by the
// name of the host, so that it is one of the user's.
func (rs *Routes) find(r *http.Request) (to *Proxy, named bool) {
	table := rs.table.Load()
	if table == nil {
		return nil, false
	}
	host := strings.ToLower(hostname(r.Host))
	for _, route := range *table {
		switch {
		case route.host != "":
			if host == route.host || strings.HasPrefix(route.host, ".") && strings.HasSuffix(host, route.host) {
				return route.to, true
			}
		case below(r.URL.Path, route.path):
			return route.to, false
		}
	}
	return nil, false
}

// below reports whether path is what a route names, or below that: "/api" leads
// "/api/x", and not "/apix".
func below(path, route string) bool {
	rest, ok := strings.CutPrefix(path, route)
	return ok && (rest == "" || strings.HasSuffix(route, "/") || rest[0] == '/')
}

// leadTo reports whether a route leads to the program.
func (rs *Routes) leadTo(p *Proxy) bool {
	table := rs.table.Load()
	return table != nil && slices.ContainsFunc(*table, func(r route) bool { return r.to == p })
}

// called is the proxy of the program with a name, as its pages know it; else it is p.
func (rs *Routes) called(name string, p *Proxy) *Proxy {
	if name == "" {
		return p
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for _, other := range rs.all {
		if other.opts.Name == name {
			return other
		}
	}
	return p
}
