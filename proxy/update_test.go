package proxy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/patience"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/watcher"
)

// What pages are to do after each kind of save: the least that does, once the program
// shows it.
func TestUpdates(t *testing.T) {
	const addr = "127.0.0.1:1" // nobody asks
	saved := func(s *stage, paths ...string) {
		s.happens(engine.Changed{Batch: watcher.Batch{Paths: paths, First: time.Now()}})
	}
	ends := func(s *stage, o engine.Outcome, paths ...string) {
		s.happens(engine.Ended{Cycle: engine.Cycle{Outcome: o, Slots: []string{"main.f"}, Cause: engine.Cause{Kind: engine.BySave, Paths: paths}}})
	}
	for name, c := range map[string]struct {
		play func(s *stage)
		want []string
	}{
		"restarted for code": {func(s *stage) {
			saved(s, "/p/main.go", "/p/a.css")
			s.stopping()
			s.up(addr, engine.Cycle{})
		}, []string{"reload: main.go saved; restarted"}},
		"restarted for embedded files": {func(s *stage) {
			saved(s, "/p/a.css")
			saved(s, "/p/b.png")
			s.stopping()
			s.up(addr, engine.Cycle{})
		}, []string{"image: b.png saved; restarted", "css: a.css saved; restarted"}},
		"restarted for a template": {func(s *stage) {
			saved(s, "/p/a.templ", "/p/a.css")
			s.stopping()
			s.up(addr, engine.Cycle{Reason: "a.templ changed"})
		}, []string{"morph: a.templ saved; restarted: a.templ changed", "css: a.css saved; restarted: a.templ changed"}},
		"restarted for what templ generates": {func(s *stage) {
			saved(s, "/p/a_templ.go")
			s.stopping()
			s.up(addr, engine.Cycle{})
		}, []string{"morph: a_templ.go saved; restarted"}},
		"restarted for nothing": {func(s *stage) {
			s.stopping()
			s.up(addr, engine.Cycle{})
		}, []string{"reload: restarted"}},
		"not yet ready": {func(s *stage) {
			saved(s, "/p/main.go")
			s.state.Process.Usage = runner.Usage{}
			s.happens(engine.Started{Gen: 1})
			ends(s, engine.OutcomeStarted)
		}, nil},
		"patched": {func(s *stage) {
			saved(s, "/p/main.go")
			ends(s, engine.OutcomePatched)
		}, []string{"morph: main.go saved; patched 1 function: main.f"}},
		"patched, but pages are loaded again": {func(s *stage) {
			s.state.Settings.Web.Reload = true
			saved(s, "/p/main.go")
			ends(s, engine.OutcomePatched)
		}, []string{"reload: main.go saved; patched 1 function: main.f"}},
		"unchanged, then restarted for another file": {func(s *stage) {
			saved(s, "/p/main.go")
			ends(s, engine.OutcomeUnchanged, "/p/main.go")
			saved(s, "/p/a.css")
			s.stopping()
			s.up(addr, engine.Cycle{})
		}, []string{"css: a.css saved; restarted"}},
		"broken, then fixed": {func(s *stage) {
			saved(s, "/p/main.go")
			ends(s, engine.OutcomeBroken, "/p/main.go")
			saved(s, "/p/a.css")
			s.stopping()
			s.up(addr, engine.Cycle{})
		}, []string{"reload: main.go saved; restarted"}},
		"assets": {func(s *stage) {
			s.state.Settings.Web.Assets = []watcher.Rule{{Dir: "/p", Include: []string{"static/**"}}}
			saved(s, "/p/static/a.css", "/p/static/b.css", "/p/static/c.html")
			saved(s, "/p/static/d.js", "/p/static/e.css")
		}, []string{"morph: static/c.html saved", "css: static/a.css and 1 more saved", "reload: static/d.js saved"}},
		"the configuration": {func(s *stage) {
			s.state.Settings.Config = []string{"/p/.air-like.toml"}
			saved(s, "/p/.air-like.toml", "/p/a.css")
			s.stopping()
			s.up(addr, engine.Cycle{})
		}, []string{"css: a.css saved; restarted"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.up(addr, engine.Cycle{})
			first := s.snapshot.Seq
			c.play(s)
			var got []string
			for _, u := range s.snapshot.Updates[first:] {
				got = append(got, fmt.Sprintf("%s: %s", u.Tier, u.Why))
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %q\nwant %q", got, c.want)
			}
		})
	}
}

// A page that is far behind cannot tell what it has missed.
func TestUpdatesAreBounded(t *testing.T) {
	var s snapshot
	for range 3 * maxUpdates {
		s.add(update{Tier: swapStyle})
	}
	if len(s.Updates) != maxUpdates || s.Updates[maxUpdates-1].Seq != s.Seq || s.Seq != 3*maxUpdates {
		t.Errorf("%d updates, %d", len(s.Updates), s.Seq)
	}
}

// A program that listens where the system does not tell is ready when a connection is
// accepted.
func TestTarget(t *testing.T) {
	s := newStage(t)
	port := freePort(t)
	s.state.Settings.Web.Target = fmt.Sprintf("http://127.0.0.1:%d", port)
	s.state.Build.Phase = engine.Idle
	s.state.Process.Gen, s.state.Process.Phase = 1, engine.Up
	s.happens(engine.Started{Gen: 1})
	s.happens(engine.Ended{Cycle: engine.Cycle{Outcome: engine.OutcomeStarted}})
	seq := func() int {
		s.Proxy.mu.Lock()
		defer s.Proxy.mu.Unlock()
		return s.snapshot.Seq
	}
	if seq() != 0 {
		t.Fatal("pages are told of a program that does not listen")
	}
	serveAt(t, port, "there")
	if err := patience.Until(func() bool { return seq() == 1 }); err != nil {
		t.Fatal(err)
	}
	if text := get(t, s.url, "Sec-Fetch-Dest", "empty").text; text != "there" {
		t.Errorf("%q", text)
	}
}

// Of several ports, one that is for debugging is none, and the one of the life before
// is kept; a sentence says what was chosen.
func TestAddress(t *testing.T) {
	state := func(addrs ...string) (s engine.State) {
		for _, a := range addrs {
			s.Process.Usage.Ports = append(s.Process.Usage.Ports, runner.Port{Addr: a})
		}
		return s
	}
	for _, c := range []struct {
		state  engine.State
		before string
		want   string
		guess  bool
	}{
		{state("0.0.0.0:8080"), "", "http://127.0.0.1:8080", false},
		{state("[::]:8080"), "", "http://127.0.0.1:8080", false},
		{state("127.0.0.1:8080", "[::1]:8080"), "", "http://127.0.0.1:8080", true},
		{state("[::1]:8080"), "", "http://[::1]:8080", false},
		{state("127.0.0.1:6060", "127.0.0.1:8080"), "", "http://127.0.0.1:8080", false},
		{state("127.0.0.1:6060"), "", "http://127.0.0.1:6060", false},
		{state("127.0.0.1:8080", "127.0.0.1:9000"), "", "http://127.0.0.1:8080", true},
		{state("127.0.0.1:8080", "127.0.0.1:9000"), "http://127.0.0.1:9000", "http://127.0.0.1:9000", true},
		{state(), "http://127.0.0.1:9000", "", false},
	} {
		if got, guess := address(c.state, c.before); got != c.want || guess != c.guess {
			t.Errorf("%v after %q: %q %v", c.state.Process.Usage.Ports, c.before, got, guess)
		}
	}
}

// What holds up the build is said in pages, too: a task that failed.
func TestFailedTask(t *testing.T) {
	s := engine.State{Blocked: engine.Blocked{Failed: []string{"templ", "sqlc"}}, Process: engine.ProcessState{Phase: engine.Up}}
	p := problemOf(s, troubles{}, "/p")
	if p == nil || p.Title != "templ, sqlc failed" || !strings.Contains(p.Note, "keeps running") {
		t.Errorf("%+v", p)
	}
	if k := problemKeyOf(s, troubles{}); k == problemKeyOf(engine.State{Process: s.Process}, troubles{}) {
		t.Error("nobody is told of it")
	}
	s.Build.Diagnostics = []builder.Diagnostic{{Message: "undefined: x"}}
	if p := problemOf(s, troubles{}, "/p"); p.Title != "The build is broken" {
		t.Errorf("beside a broken build: %+v", p)
	}
}
