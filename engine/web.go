package engine

import (
	"slices"
	"time"

	"github.com/hotdev/hotdev/watcher"
)

// Web is how the program is reached by a browser. The loop does nothing with most of
// it but hand it on; what the assets are is its business, because their change is
// reason for no build.
type Web struct {
	// Port is where hotdev serves the program; 0: nowhere.
	Port int `json:"port,omitempty"`
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
	// Shown is what an open page showed last; nil is nothing yet.
	Shown *Shown
}

func (s State) served(e Served) State {
	s.Web.Addr = e.Addr
	return s.notice("web", e.Note)
}

// Assets parts paths into those that the program reads whenever it is asked for them
// and all others. What the build reads is none, whatever the settings say: the program
// may well serve what was built into it.
func (s State) Assets(paths []string) (assets, others []string) {
	rules := s.Settings.Web.Assets
	if len(rules) == 0 || len(paths) == 0 {
		return nil, paths
	}
	set := watcher.Set{Rules: rules, Ignore: s.Settings.Watch.Ignore}
	assets = set.Covered(paths)
	if len(assets) == 0 {
		return nil, paths
	}
	read := s.inputs().Covered(assets)
	assets = slices.DeleteFunc(assets, func(p string) bool { return slices.Contains(read, p) })
	for _, p := range paths {
		if !slices.Contains(assets, p) {
			others = append(others, p)
		}
	}
	return assets, others
}
