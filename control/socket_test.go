//go:build unix

package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/patience"
	"github.com/hotdev/hotdev/runner"
)

// A served is a server at a socket, of a program that runs and will for ever.
type served struct {
	*Server
	Place
	end func()
}

func serve(t *testing.T, folder string, p Place) served {
	t.Helper()
	var s *Server
	s = New(Options{
		Programs: []string{"app"}, Pid: os.Getpid(), Dir: p.Dir,
		Look: func(context.Context) error { return nil },
		Send: func(_ int, e engine.Event) { // a loop that answers at once
			l, _ := s.board.see()
			s.board.put("app", l.programs["app"], e)
		},
	})
	state := engine.State{Phase: engine.Running, Attention: engine.Following, Gen: 1}
	state.Build.Phase = engine.Idle
	state.Process.Phase, state.Process.Gen, state.Process.Pid = engine.Up, 1, 4242
	s.board.put("app", state, engine.Started{Gen: 1})
	if p.Root == "" {
		p.Root = folder
	}
	p.Programs, p.Pid, p.folder = []string{"app"}, os.Getpid(), folder
	l, err := Listen(folder, p)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	end := sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(end)
	return served{s, p, end}
}

// says sends bytes and gives all that comes back.
func says(t *testing.T, p Place, text string) string {
	t.Helper()
	c, err := dial(p.folder, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, _ = io.WriteString(c, text) // it may have heard enough
	answer, _ := io.ReadAll(c)
	return string(answer)
}

func TestSocket(t *testing.T) {
	s := serve(t, t.TempDir(), Place{})
	if info, err := os.Stat(filepath.Join(s.folder, socketName)); err != nil || info.Mode() != os.ModeSocket|0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	r, err := s.Ask(t.Context(), Request{Verb: "status"})
	if err != nil || r.Code != OK || r.Report.Programs[0].Pid != 4242 || !strings.HasPrefix(r.Text, "app: generation 1 runs, pid 4242") {
		t.Errorf("%+v %v", r, err)
	}
	for text, want := range map[string]string{
		"nonsense\n":                      `"code":2,"text":"not a request: invalid character`,
		"\x00\xff\n":                      `"code":2`,
		"\n":                              `"code":2`,
		`{"verb":"status","a":1}` + "\n":  `unknown field`,
		`{"verb":"status"}` + "\n":        `"code":0,"text":"app: generation 1 runs`,
		strings.Repeat("x", 2*maxRequest): `at most 64 KiB`,
	} {
		if got := says(t, s.Place, text); !strings.Contains(got, want) || !json.Valid([]byte(got)) {
			t.Errorf("%.40q: %q, want %q", text, got, want)
		}
	}
	// Who hangs up in the middle has asked for nothing; nobody is kept.
	c, err := dial(s.folder, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(c, `{"verb":"sta`)
	_ = c.Close()
	s.end()
	if _, err := s.Ask(t.Context(), Request{Verb: "status"}); !errors.Is(err, ErrNone) {
		t.Error(err)
	}
}

// Clients that say nothing, half of something, too much, nonsense, hang up, or do not
// listen, do no harm to those that ask: each of these is answered, and after the
// end nothing is left.
func TestSocketTorture(t *testing.T) {
	before := runtime.NumGoroutine()
	s := serve(t, t.TempDir(), Place{})
	clients := 1000
	if testing.Short() {
		clients = 200
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	answered := 0
	for i := range clients {
		wg.Go(func() {
			switch i % 8 {
			case 0, 1, 2:
				ask := []Request{{Verb: "status"}, {Verb: "await"}, {Verb: "logs"}}[i%8]
				r, err := s.Ask(t.Context(), ask)
				if err != nil || r.Code != OK {
					t.Errorf("%s: %+v %v", ask.Verb, r, err)
					return
				}
				mu.Lock()
				answered++
				mu.Unlock()
				return
			}
			c, err := dial(s.folder, time.Minute)
			if err != nil {
				t.Errorf("%d: %v", i, err)
				return
			}
			defer c.Close()
			switch i % 8 {
			case 3: // hangs up at once
			case 4: // nonsense
				_, _ = io.WriteString(c, "\x00garbage\n")
				_, _ = io.ReadAll(c)
			case 5: // more than anybody wants to hear
				_, _ = io.WriteString(c, strings.Repeat("{", 1<<20))
			case 6: // half a request, then gone
				_, _ = io.WriteString(c, `{"verb":"await","gen":99`)
			case 7: // waits for what never comes, then gone; or does not take its answer
				_, _ = io.WriteString(c, `{"verb":"await","gen":99,"timeout":"1h"}`+"\n")
			}
		})
	}
	wg.Wait()
	if want := clients / 8 * 3; answered != want {
		t.Errorf("%d of %d answered", answered, want)
	}
	// Clients that are silent for ever do not delay the end.
	for range 20 {
		c, err := dial(s.folder, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	s.end()
	if err := patience.Until(func() bool { return runtime.NumGoroutine() <= before }); err != nil {
		var text [1 << 16]byte
		t.Errorf("%d goroutines, %d before: %v\n%s", runtime.NumGoroutine(), before, err, text[:runtime.Stack(text[:], true)])
	}
}

// Clients that never read what they asked for keep nobody waiting, least of all
// hotdev's end.
func TestDeafClients(t *testing.T) {
	s := serve(t, t.TempDir(), Place{})
	l, _ := s.board.see()
	state := l.programs["app"]
	for range 300 { // more than a socket takes in
		state.Log = state.Log.Append(1, runner.Line{Stream: runner.Stdout, Text: strings.Repeat("x", 4000)})
	}
	s.board.put("app", state, engine.Noticed{})
	for range 5 {
		c, err := dial(s.folder, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, _ = io.WriteString(c, `{"verb":"logs","tail":300}`+"\n")
		if _, err := io.ReadFull(c, make([]byte, 1)); err != nil { // the answer has begun
			t.Fatal(err)
		}
	}
	if r, err := s.Ask(t.Context(), Request{Verb: "status"}); err != nil || r.Code != OK {
		t.Errorf("%+v %v", r, err)
	}
	begun := time.Now()
	s.end()
	if took := time.Since(begun); took > answerTime*9/10 {
		t.Errorf("the end took %v", took)
	}
}

// Many that wait leave room for those that do not.
func TestSocketHasRoom(t *testing.T) {
	s := serve(t, t.TempDir(), Place{})
	var waiting []net.Conn
	defer func() {
		for _, c := range waiting {
			_ = c.Close()
		}
	}()
	for range maxClients {
		c, err := dial(s.folder, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(c, `{"verb":"await","gen":99,"timeout":"1h"}`+"\n")
		waiting = append(waiting, c)
	}
	for range 10 {
		if r, err := s.Ask(t.Context(), Request{Verb: "status"}); err != nil || r.Code != OK {
			t.Fatalf("%+v %v", r, err)
		}
	}
}

// The nearest project counts; a dead hotdev, whose files are still there, does not.
func TestFind(t *testing.T) {
	base := t.TempDir()
	folder := func(name string) string {
		dir := filepath.Join(base, "cache", name)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	project := func(name string) string {
		dir := filepath.Join(base, "src", filepath.FromSlash(name))
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	outer, inner, other := project("mono"), project("mono/api"), project("mono/web")
	deep := project("mono/api/internal/deep")
	var folders []string
	start := func(name, root string) served {
		f := folder(name)
		folders = append(folders, f)
		return serve(t, f, Place{Root: root, Dir: root})
	}
	find := func(dir string, want ...string) []Place {
		t.Helper()
		places, err := Find(folders, dir)
		var got []string
		for _, p := range places {
			got = append(got, filepath.Base(p.folder))
		}
		if fmt.Sprint(got) != fmt.Sprint(want) || (len(want) == 0) != errors.Is(err, ErrNone) {
			t.Errorf("from %s: %v, want %v: %v", dir, got, want, err)
		}
		return places
	}
	find(outer)
	whole := start("whole", outer)
	find(deep, "whole")
	api := start("api", inner)
	find(deep, "api")
	find(inner, "api")
	find(other, "whole")
	find(outer, "whole")
	find(base, "whole", "api") // those below
	find(t.TempDir())
	// A link to the project is the project.
	link := filepath.Join(base, "link")
	if err := os.Symlink(inner, link); err != nil {
		t.Fatal(err)
	}
	find(link, "api")
	start("again", inner)
	places := find(deep, "api", "again")
	if _, err := Choose(places, "", 0); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("\n\t--pid %d: app, started in ", os.Getpid())) {
		t.Error(err)
	}
	if _, err := Choose(places, "other", 0); err == nil || !strings.Contains(err.Error(), "no such hotdev") {
		t.Error(err)
	}
	if p, err := Choose(places[:1], "app", os.Getpid()); err != nil || p.Root != inner {
		t.Error(p, err)
	}
	api.end()
	find(deep, "again")
	whole.end()
	find(other)
	// Broken files are nobody's.
	if err := os.WriteFile(filepath.Join(folder("broken"), placeName), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	folders = append(folders, folder("broken"))
	find(deep, "again")
}

// A socket's path has a short limit, a folder's none.
func TestLongPath(t *testing.T) {
	folder := filepath.Join(t.TempDir(), strings.Repeat("long", 40))
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "linux" {
		if _, err := Listen(folder, Place{}); err == nil || !strings.Contains(err.Error(), "XDG_CACHE_HOME") {
			t.Error(err)
		}
		return
	}
	s := serve(t, folder, Place{})
	if r, err := s.Ask(t.Context(), Request{Verb: "status"}); err != nil || r.Code != OK {
		t.Error(r, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"verb":"await","gen":3,"ready":true,"timeout":"60s"}`))
	f.Add([]byte(`{"verb":"logs","grep":"(?i)x","tail":5}`))
	f.Add([]byte("{\"verb\":\"\x00\"}"))
	f.Fuzz(func(t *testing.T, line []byte) {
		q, err := parse(line)
		if err != nil {
			return
		}
		if _, ok := verbCalled(q.Verb); !ok || q.Gen < 0 || q.Tail < 0 || q.Timeout < 0 {
			t.Errorf("%+v", q)
		}
		text, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		if len(q.Packages) == 0 {
			q.Packages = nil // an empty list is left out
		}
		if again, err := parse(text); err != nil || !reflect.DeepEqual(again, q) {
			t.Errorf("%+v became %+v: %v", q, again, err)
		}
	})
}
