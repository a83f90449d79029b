package engine

import (
	"slices"
	"testing"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/watcher"
)

// Assets are what the settings say, without what the build reads: a program may serve
// the files that were built into it.
func TestAssets(t *testing.T) {
	s := State{
		Settings: Settings{
			Web:   Web{Assets: []watcher.Rule{{Dir: "/p", Include: []string{"static/**", "embedded/**", "**/*.go"}}}},
			Watch: watcher.Set{Ignore: []watcher.Rule{{Dir: "/p", Include: []string{"static/gen/**"}}}},
		},
		Graph: builder.Graph{Packages: []builder.Package{{ImportPath: "p", Dir: "/p", EmbedPatterns: []string{"embedded"}}}},
	}
	assets, others := s.Assets([]string{"/p/static/a.css", "/p/static/gen/b.css", "/p/embedded/c.css", "/p/main.go", "/q/static/a.css"})
	if !slices.Equal(assets, []string{"/p/static/a.css"}) || len(others) != 4 {
		t.Errorf("assets %v, others %v", assets, others)
	}
}

// Where the address is, and what there is to say of it, is the newest word.
func TestServed(t *testing.T) {
	s := State{Phase: Running}
	s, _ = Step(s, Served{Note: "web: taken"})
	if s.Web.Addr != "" || len(s.Notices) != 1 {
		t.Errorf("%+v", s)
	}
	s, _ = Step(s, Served{Addr: "http://127.0.0.1:7777"})
	if s.Web.Addr != "http://127.0.0.1:7777" || len(s.Notices) != 0 {
		t.Errorf("%+v", s)
	}
	s, _ = Step(s, Shown{Tier: "css"})
	if s.Web.Shown == nil || s.Web.Shown.Tier != "css" {
		t.Errorf("%+v", s.Web)
	}
}
