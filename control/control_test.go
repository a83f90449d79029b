package control

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/session"
	"github.com/hotdev/hotdev/watcher"
)

// A world is one in which a file is its version, and a build takes a second. What is
// saved is found by whoever looks, and by nobody else.
type world struct {
	send func(engine.Event)

	mu      sync.Mutex
	crashes bool // every program, a moment after its start
	version int  // on disk
	told    int  // of version, to the engine
	broken  bool // what is on disk does not compile
	listens time.Duration
	lists   time.Duration // how long it takes until it is known what to watch
	watched bool          // that
	stop    chan struct{}
}

func (w *world) save(broken bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.version++
	w.broken = broken
}

func (w *world) Found(b watcher.Batch) { w.send(engine.Changed{Batch: b}) }

// files are those of a world as a watch that notices nothing by itself.
type files struct{ *world }

func (f files) Watch(context.Context, watcher.Set, time.Time) (watcher.Stats, error) {
	return watcher.Stats{}, nil
}

func (f files) Settle(ctx context.Context) ([]string, error) { return f.Sync(ctx) }

func (f files) Sync(context.Context) ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	news := f.watched && f.version > f.told
	if news {
		f.told = f.version
		return []string{"/p/main.go"}, nil
	}
	return nil, nil
}

func (f files) Run(ctx context.Context, _ func(watcher.Batch)) error {
	<-ctx.Done()
	return nil
}

func (w *world) Do(ctx context.Context, e engine.Effect, emit func(engine.Event)) {
	sleep := func(d time.Duration) {
		select {
		case <-time.After(d):
		case <-ctx.Done():
		}
	}
	switch e := e.(type) {
	case engine.Configure:
		emit(engine.Configured{Settings: engine.Settings{Name: "app", Build: builder.Request{Output: "/bin/app"}}})
	case engine.Watch:
		sleep(time.Millisecond)
		w.mu.Lock()
		w.watched = len(e.Set.Rules) > 0
		w.mu.Unlock()
		emit(engine.Watching{Folders: 1})
	case engine.List:
		sleep(w.lists)
		emit(engine.Listed{ID: e.ID, Since: time.Now(), Graph: builder.Graph{Packages: []builder.Package{{ImportPath: "p", Dir: "/p"}}}})
	case engine.Build:
		w.mu.Lock()
		version, broken := w.version, w.broken
		w.mu.Unlock()
		if sleep(time.Second); ctx.Err() != nil {
			return
		}
		r := builder.Result{Artifact: builder.Artifact{Temp: fmt.Sprintf("/bin/.%d", version)}}
		if broken {
			r = builder.Result{Diagnostics: []builder.Diagnostic{{
				Package: "p", File: "/p/main.go", Line: 3, Column: 7, Message: "undefined: x", Excerpt: []string{"a", "b", "\tvar = x"}, First: 1,
			}}}
		}
		emit(engine.Built{Gen: e.Gen, Result: r})
	case engine.Publish:
		sleep(10 * time.Millisecond)
		emit(engine.Published{Gen: e.Gen})
	case engine.Start:
		sleep(10 * time.Millisecond)
		emit(engine.Started{Gen: e.Gen, Pid: 100 + e.Gen})
		emit(engine.Wrote{Gen: e.Gen, Lines: []runner.Line{{Stream: runner.Stdout, Text: fmt.Sprintf("\x1b[31mhello\x1b[m from %d", e.Gen)}}})
		if w.crashes {
			sleep(startTime / 3)
			emit(engine.Exited{Gen: e.Gen, Exit: runner.Exit{Code: 2}})
			return
		}
		if w.listens > 0 {
			sleep(w.listens)
			emit(engine.Sampled{Gen: e.Gen, Usage: runner.Usage{Ports: []runner.Port{{Addr: "127.0.0.1:8080"}}}})
		}
		select {
		case <-w.stop:
		case <-ctx.Done():
		}
		emit(engine.Exited{Gen: e.Gen, Exit: runner.Exit{Code: -1, Stopped: true}})
	case engine.Stop, engine.Kill:
		select {
		case w.stop <- struct{}{}:
		case <-ctx.Done():
		}
	}
}

// play has do speak to a server of a session of one program, in a bubble.
func play(t *testing.T, w *world, do func(t *testing.T, s *Server)) {
	synctest.Test(t, func(t *testing.T) {
		w.stop = make(chan struct{})
		run := session.New(files{w})
		app := run.Add("app")
		app.World, w.send = w, app.Send
		s := New(Options{Programs: []string{"app"}, Pid: 7, Dir: "/p", Send: run.Send, Look: run.Look})
		ended := make(chan error)
		go func() {
			err := run.Run(t.Context(), s)
			s.board.end()
			ended <- err
		}()
		do(t, s)
		run.Quit()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// asks fails the test unless the answer has the code and all of the texts.
func asks(t *testing.T, s *Server, q Request, code Code, texts ...string) Reply {
	t.Helper()
	q.Dir = "/p"
	r := s.Answer(t.Context(), q)
	if r.Code != code {
		t.Errorf("%+v: code %d, want %d: %s", q, r.Code, code, r.Text)
	}
	for _, text := range texts {
		if !strings.Contains(r.Text, text) {
			t.Errorf("%+v: no %q in\n%s", q, text, r.Text)
		}
	}
	if strings.Contains(r.Text, "\x1b") || r.Text != "" && !strings.HasSuffix(r.Text, "\n") {
		t.Errorf("%+v: %q", q, r.Text)
	}
	if _, err := json.Marshal(r); err != nil {
		t.Error(err)
	}
	return r
}

// An await sees every save before it, whether or not the watch has.
func TestAwait(t *testing.T) {
	w := &world{}
	play(t, w, func(t *testing.T, s *Server) {
		asks(t, s, Request{Verb: "await"}, OK, "app: generation 1 runs, pid 101")
		for gen := 2; gen < 5; gen++ {
			w.save(false)
			asks(t, s, Request{Verb: "await"}, OK, fmt.Sprintf("app: generation %d runs", gen), "main.go saved: restarted in 1.0 s")
		}
		w.save(true)
		r := asks(t, s, Request{Verb: "await"}, Broken, "build broken (1 error), generation 4 runs", "main.go:3:7: undefined: x\n", ">    3 | \tvar = x")
		p := r.Report.Programs[0]
		if p.Gen != 5 || p.Running != 4 || len(p.Diagnostics) != 1 || p.Diagnostics[0].Line != 3 || p.Last.Outcome != engine.OutcomeBroken {
			t.Errorf("%+v", p)
		}
		// While a build runs, those that do not wait are answered.
		w.save(false)
		asks(t, s, Request{Verb: "await", Timeout: Duration(time.Millisecond)}, Timeout, "building generation 6", "not settled within 1ms")
		asks(t, s, Request{Verb: "status"}, OK, "building generation 6, generation 4 runs")
		asks(t, s, Request{Verb: "errors"}, Broken, "undefined: x", "generation 6 is on its way")
		asks(t, s, Request{Verb: "await", Gen: 6}, OK, "generation 6 runs")
		start := time.Now()
		asks(t, s, Request{Verb: "await", Gen: 99, Timeout: Duration(3 * time.Second)}, Timeout, "not at generation 99 within 3s")
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("timed out after %v", took)
		}
	})
}

// What is saved before the watch is in force is not missed either.
func TestAwaitAtStart(t *testing.T) {
	w := &world{lists: 3 * time.Second, broken: true}
	play(t, w, func(t *testing.T, s *Server) {
		if _, ok := s.board.wait(t.Context(), func(l look) bool { return l.programs["app"].Build.Phase == engine.Broken }); !ok {
			t.Fatal("not broken")
		}
		w.save(false)
		asks(t, s, Request{Verb: "await"}, OK, "generation 2 runs")
	})
}

// A save while an await waits is not what it waits for, but what then runs is.
func TestAwaitIsOvertaken(t *testing.T) {
	w := &world{}
	play(t, w, func(t *testing.T, s *Server) {
		asks(t, s, Request{Verb: "await"}, OK)
		w.save(false)
		var wg sync.WaitGroup
		wg.Go(func() { asks(t, s, Request{Verb: "await"}, OK, "generation 3 runs") })
		time.Sleep(500 * time.Millisecond)
		w.save(false)
		_ = s.Look(t.Context())
		wg.Wait()
	})
}

// While the debugger keeps the program from running, what is saved is built and does not
// run; nobody is told that it does.
func TestAwaitHalted(t *testing.T) {
	w := &world{}
	play(t, w, func(t *testing.T, s *Server) {
		asks(t, s, Request{Verb: "await"}, OK, "generation 1 runs")
		w.send(engine.Halted{Gen: 1, Halt: engine.Halt{Reason: "breakpoint", File: "/p/main.go", Line: 7}})
		asks(t, s, Request{Verb: "await"}, OK, "generation 1 runs, pid 101, stopped at a breakpoint in main.go:7")
		w.save(false)
		asks(t, s, Request{Verb: "await"}, Broken, "main.go:7: restart waits", "runs its old code until the debugger lets it go on")
		w.send(engine.Resumed{Gen: 1})
		asks(t, s, Request{Verb: "await"}, OK, "generation 2 runs, pid 102")
	})
}

// Ready is that it listens. A program that never has is ready for lenient clients
// after a while, and others are told why it is not.
func TestReady(t *testing.T) {
	w := &world{listens: 20 * time.Second}
	play(t, w, func(t *testing.T, s *Server) {
		asks(t, s, Request{Verb: "await", Ready: true, Timeout: Duration(5 * time.Second)}, Timeout, "not listening on a port within 5s")
		asks(t, s, Request{Verb: "await", Ready: true}, OK, "listening on 127.0.0.1:8080")
		w.save(false)
		// It listened before: lenient clients wait, too.
		asks(t, s, Request{Verb: "await", Ready: true, Lenient: true}, OK, "generation 2 runs", "listening on 127.0.0.1:8080")
	})
	w = &world{}
	play(t, w, func(t *testing.T, s *Server) {
		start := time.Now()
		asks(t, s, Request{Verb: "await", Ready: true, Lenient: true}, OK, "it has been up for 5s and listens on no port")
		if took := time.Since(start); took > 7*time.Second {
			t.Errorf("after %v", took)
		}
		w.save(true)
		asks(t, s, Request{Verb: "await", Ready: true}, Broken, "undefined: x")
	})
}

// A program that crashes at its start has not started.
func TestCrashAtStart(t *testing.T) {
	play(t, &world{crashes: true}, func(t *testing.T, s *Server) {
		r := asks(t, s, Request{Verb: "await"}, Broken, "crashed: exit status 2")
		if p := r.Report.Programs[0]; p.Process != engine.Crashed || p.Running != 0 || p.Exit != "exit status 2" {
			t.Errorf("%+v", p)
		}
		asks(t, s, Request{Verb: "errors"}, Broken, "app crashed: exit status 2; waits for the next save or key")
	})
}

func TestRequests(t *testing.T) {
	w := &world{}
	play(t, w, func(t *testing.T, s *Server) {
		asks(t, s, Request{Verb: "await"}, OK)
		asks(t, s, Request{Verb: "restart"}, OK, "generation 2 runs")
		asks(t, s, Request{Verb: "build"}, OK, "generation 2 runs", "not started")
		asks(t, s, Request{Verb: "reload"}, OK, "generation 4 runs")
		asks(t, s, Request{Verb: "restart", NoWait: true}, OK, "building generation 5")
		asks(t, s, Request{Verb: "await"}, OK, "generation 5 runs")
		asks(t, s, Request{Verb: "explain"}, OK, "cause", "steps")
		asks(t, s, Request{Verb: "explain", Gen: 1}, OK, "app, generation 1: started in", "first build")
		asks(t, s, Request{Verb: "explain", Gen: 50}, Usage, "nothing is known of generation 50 (the newest is 5)")
		asks(t, s, Request{Verb: "logs"}, OK, "--- generation 1 started: first build\nhello from 1\n")
		r := asks(t, s, Request{Verb: "logs", Since: 4, Grep: "fr.m"}, OK, "hello from 4\nhello from 5\n")
		if strings.Contains(r.Text, "from 2") || len(r.Report.Programs[0].Log) != 2 {
			t.Error(r.Text)
		}
		asks(t, s, Request{Verb: "logs", Tail: 1}, OK, "(3 more lines before these", "hello from 5\n")

		asks(t, s, Request{Verb: "pause"}, OK, "paused")
		asks(t, s, Request{Verb: "pause"}, OK, "paused")
		w.save(false)
		asks(t, s, Request{Verb: "await"}, Broken, "1 file saved but not built", "ctl pause --off")
		if r := asks(t, s, Request{Verb: "pause", Off: true}, OK); r.Report.Programs[0].Paused {
			t.Error("still paused")
		}
		asks(t, s, Request{Verb: "await"}, OK, "generation 6 runs")

		asks(t, s, Request{Verb: "stop"}, OK, "hotdev has stopped")
		asks(t, s, Request{Verb: "await"}, None, "hotdev has ended")
	})
}

// Who waits for other errors is woken by those, and by nothing else.
func TestAfter(t *testing.T) {
	w := &world{}
	play(t, w, func(t *testing.T, s *Server) {
		asks(t, s, Request{Verb: "await"}, OK)
		none := asks(t, s, Request{Verb: "errors"}, OK, "no errors")
		if asks(t, s, Request{Verb: "errors", After: none.Token, Timeout: Duration(time.Second)}, Timeout, "no errors").Token != none.Token {
			t.Error("the same answer has another token")
		}
		w.save(true)
		_ = s.Look(t.Context())
		r := asks(t, s, Request{Verb: "errors", After: none.Token}, OK, "on its way") // a build began
		r = asks(t, s, Request{Verb: "errors", After: r.Token}, Broken, "undefined: x")
		if len(r.Report.Programs[0].Diagnostics) != 1 {
			t.Errorf("%+v", r)
		}
	})
}

func TestMistakes(t *testing.T) {
	play(t, &world{}, func(t *testing.T, s *Server) {
		asks(t, s, Request{}, Usage, `no such verb: ""`, "status, await, errors")
		asks(t, s, Request{Verb: "dance"}, Usage, `no such verb: "dance"`)
		asks(t, s, Request{Verb: "status", Program: "x"}, Usage, "no program x here (there is app)")
		asks(t, s, Request{Verb: "logs", Grep: "("}, Usage, "missing closing")
		asks(t, s, Request{Verb: "logs", Tail: -1}, Usage, "negative")
		asks(t, s, Request{Verb: "explain", File: "a.go"}, Usage, "a.go is no absolute path")
	})
	for text, want := range map[string]string{
		`{"verb":"status"`:               "unexpected EOF",
		`[]`:                             "cannot unmarshal",
		`{"verb":"status","nope":1}`:     `unknown field "nope"`,
		`{"verb":"await","timeout":"x"}`: `"x" is not a duration`,
		`{"verb":"await"} {}`:            "more than one",
	} {
		if _, err := parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if q, err := parse([]byte(`{"verb":"await","timeout":"90s","gen":3}`)); err != nil || q.Timeout != Duration(90*time.Second) || q.Gen != 3 {
		t.Error(q, err)
	}
}

// What an answer has of a log is bounded, and says what it leaves out.
func TestLogIsBounded(t *testing.T) {
	log := engine.NewLog(engine.Budget{}).Mark(1, engine.Mark{Gen: 1, Cause: engine.Cause{Kind: engine.ByStart}})
	long := runner.Line{Stream: runner.Stderr, Text: strings.Repeat("x", 20_000)}
	for range 200 {
		log = log.Append(1, long)
	}
	p, text, err := logs(t.Context(), Request{Tail: 1_000_000}, Program{}, engine.State{Log: log})
	if err != nil || len(p.Log) != 64 || p.Omitted != 136 || len(text) > maxLogBytes+64*40+100 {
		t.Errorf("%d lines, %d left out, %d bytes: %v", len(p.Log), p.Omitted, len(text), err)
	}
	if !strings.Contains(text, "(136 more lines before these") || !strings.Contains(text, "x … (3616 bytes more)\n") {
		t.Errorf("%.200s", text)
	}
	if p.Log[0].Stream != runner.Stderr || p.Log[0].Gen != 1 {
		t.Errorf("%+v", p.Log[0])
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := logs(ctx, Request{}, Program{}, engine.State{Log: log}); err == nil {
		t.Error("searched on")
	}
}
