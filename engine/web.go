package engine

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/watcher"
)

// Web is how the program is reached by a browser. The loop does nothing with most of
// it but hand it on; what the assets are is its business, because their change is
// reason for no build.
type Web struct {
	// Port is where hotdev serves the program; 0: nowhere.
	Port int `json:"port,omitempty"`
	// Offer is where it would, if the user asked for it meanwhile (OpenWeb); 0: that is
	// not offered.
	Offer int `json:"offer,omitempty"`
	// LAN: other devices of the local network are answered, too.
	LAN bool `json:"lan,omitempty"`
	// TLS: it is served by HTTPS.
	TLS bool `json:"tls,omitempty"`
	// Routes lead to the program from the addresses of the session's others: prefixes of
	// paths ("/api/"), and names of hosts.
	Routes []string `json:"routes,omitempty"`
	// Target is where the program serves, as "http://host:port"; empty: the port that
	// it is seen to listen on.
	Target string `json:"target,omitempty"`
	// Wait is how long a request waits while the program is not there.
	Wait time.Duration `json:"wait_ns,omitempty"`
	// Assets are files that the program reads whenever it is asked for them.
	Assets []watcher.Rule `json:"assets,omitempty"`
	// Reload: pages are loaded again where they could be morphed.
	Reload bool `json:"reload,omitempty"`
	// Quiet: what goes wrong in pages is not put into the program's log.
	Quiet bool `json:"quiet,omitempty"`
	// Hosts are names by which a browser may ask, beside those of this machine.
	Hosts []string `json:"hosts,omitempty"`
}

// WebState is what there is of the browser's side.
type WebState struct {
	// Addr is where the program can be reached, "http://127.0.0.1:7777"; empty: not.
	Addr string
	// LAN is its address for other devices of the local network; empty: they are not
	// answered.
	LAN string
	// Tabs is in how many tabs of browsers its pages are open.
	Tabs int
	// Shown is what an open page showed last; nil is nothing yet.
	Shown *Shown

	asked   bool // OpenWeb came, so that there is an address without a setting
	offered bool // it was said that there can be one
}

// openWeb has the program served at the port that is offered.
func (s State) openWeb() State {
	if s.Settings.Web.Port > 0 || s.Settings.Web.Offer == 0 || s.Phase != Running {
		return s
	}
	s.Web.asked = true
	return s.askedWeb().notice("offer", "")
}

// askedWeb is what the user asked for and the settings do not have.
func (s State) askedWeb() State {
	if s.Web.asked && s.Settings.Web.Port == 0 {
		s.Settings.Web.Port = s.Settings.Web.Offer
	}
	return s
}

// offerWeb says once that a program which has begun to listen, for HTTP by what it is
// made of, can have an address.
func (s State) offerWeb() State {
	if s.Web.offered || s.Settings.Web.Port > 0 || s.Settings.Web.Offer == 0 || len(s.Process.Usage.Ports) == 0 || !s.servesHTTP() {
		return s
	}
	s.Web.offered = true
	return s.notice("offer", "the program serves HTTP: --web, or O on the screen, gives it an address where pages show what you save; web.port = 0 ends this offer")
}

// servers are packages, or what is above them, with which programs serve HTTP.
var servers = []string{"net/http", "github.com/gin-gonic/gin", "github.com/labstack/echo", "github.com/go-chi/chi", "github.com/gofiber/fiber", "github.com/valyala/fasthttp"}

func (s State) servesHTTP() bool {
	return slices.ContainsFunc(s.Graph.Packages, func(p builder.Package) bool {
		return slices.ContainsFunc(p.Imports, func(imp string) bool {
			return slices.ContainsFunc(servers, func(server string) bool { return imp == server || strings.HasPrefix(imp, server+"/v") })
		})
	})
}

func (s State) served(e Served) State {
	s.Web.Addr, s.Web.LAN = e.Addr, e.LAN
	return s.notice("web", e.Note)
}

// Assets parts paths into those that the program reads whenever it is asked for them
// and all others. What the build reads is none, whatever the settings say: the program
// may well serve what was built into it. Only the program itself knows better.
func (s State) Assets(paths []string) (assets, others []string) {
	if len(paths) == 0 {
		return nil, nil
	}
	if rules := s.Settings.Web.Assets; len(rules) > 0 {
		set := watcher.Set{Rules: rules, Ignore: s.Settings.Watch.Ignore}
		assets = set.Covered(paths)
	}
	if len(assets) > 0 {
		read := s.inputs().Covered(assets)
		assets = slices.DeleteFunc(assets, func(p string) bool { return slices.Contains(read, p) })
	}
	assets = union(assets, s.announced(paths))
	for _, p := range paths {
		if slices.Contains(s.texts, p) {
			assets = append(assets, p)
		}
	}
	if len(assets) == 0 {
		return nil, paths
	}
	for _, p := range paths {
		if !slices.Contains(assets, p) {
			others = append(others, p)
		}
	}
	return assets, others
}

// newest reports whether the running program is what the last build made, and no other
// one is on its way.
func (s State) newest() bool {
	p := s.Process
	return p.Phase == Up && p.after == afterNothing && p.Beside == nil &&
		s.Build.Phase != Compiling && s.Build.renaming == 0 && (p.Gen == s.Build.Published || s.outdated())
}

// Texts are those of the files that changed last of which only text changed that the
// running program reads anew, so that nothing is built for them.
func (s State) Texts() []string { return s.texts }

// announced are those of paths that the running program said it reads from the disk.
// They are files that one package embeds, and which the build reads for no other reason.
// While the next program is on its way it is unknown whether it will say so, too, and
// what it is built of has to be new.
func (s State) announced(paths []string) []string {
	p := s.Process
	if len(p.Assets) == 0 || !s.newest() {
		return nil
	}
	var found []string
	for _, path := range paths {
		if slices.ContainsFunc(p.Assets, func(dir string) bool { return strings.HasPrefix(path, dir+string(filepath.Separator)) }) {
			found = append(found, path)
		}
	}
	if len(found) == 0 {
		return nil
	}
	readers := map[string]int{}
	packages := slices.Clone(s.Graph.Packages)
	for i, pkg := range packages {
		embeds := watcher.Set{Rules: embedRules(pkg.Dir, pkg.EmbedPatterns)}
		packages[i].EmbedPatterns = nil
		for _, path := range embeds.Covered(found) {
			readers[path]++
		}
	}
	s.Graph.Packages = packages
	for _, path := range s.inputs().Covered(found) {
		readers[path] = -1
	}
	return slices.DeleteFunc(found, func(path string) bool { return readers[path] != 1 })
}
