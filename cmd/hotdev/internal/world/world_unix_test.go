//go:build unix

package world

import (
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/wire"
	"github.com/hotdev/hotdev/runner"
)

func TestMain(m *testing.M) {
	runner.Main() // programs are started by this binary
	os.Exit(m.Run())
}

func newTestWorld() *World {
	return New(Options{Project: noProject{}, Log: slog.New(slog.DiscardHandler), Room: func() {}})
}

// noProject is one of which nothing is asked but whether it makes programs.
type noProject struct{ Project }

func (noProject) DebugAddr() (string, error)        { return "127.0.0.1:0", nil }
func (noProject) ConfigFiles() []string             { return nil }
func (noProject) Templates() string                 { return "" }
func (noProject) NotProgram(context.Context) string { return "" }

func sh(gen int, script string) engine.Start {
	return engine.Start{Gen: gen, Spec: runner.Spec{Path: "/bin/sh", Args: []string{"-c", script}, Sockets: []string{wire.Variable}}}
}

// The loop starts the next program as soon as it hears of the end of the one
// before, whose effect may then have more to do: it must not take the next one's
// place away, or nothing could stop that.
func TestNextProgramKeepsItsPlace(t *testing.T) {
	w := newTestWorld()
	ctx, cancel := context.WithCancel(t.Context())
	started, over := make(chan int), make(chan struct{})
	w.Do(ctx, sh(1, "exit 0"), func(e engine.Event) {
		if _, ok := e.(engine.Exited); !ok {
			return
		}
		go func() {
			defer close(over)
			w.Do(ctx, sh(2, "sleep 1000"), func(e engine.Event) {
				if s, ok := e.(engine.Started); ok {
					started <- s.Pid
				}
			})
		}()
		<-started
	})
	if _, ok := w.place.running(2); !ok {
		t.Error("nothing runs, says the end of the first program")
	}
	cancel()
	<-over
}

// What is meant for the program before does not reach the one that runs.
func TestEffectsOfAnotherGeneration(t *testing.T) {
	w := newTestWorld()
	holding, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer holding.Close()
	plugin := filepath.Join(t.TempDir(), "plugin.so")
	if err := os.WriteFile(plugin, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	notify := filepath.Join(t.TempDir(), "notify")

	lines := make(chan string, 9)
	var exit runner.Exit
	start := func(e engine.Event) {
		switch e := e.(type) {
		case engine.Wrote:
			for _, l := range e.Lines {
				lines <- l.Text
			}
		case engine.Exited:
			exit = e.Exit
		}
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		w.Do(t.Context(), sh(2, `trap 'echo usr1' USR1; trap 'echo int; exit 7' INT; echo up; while :; do sleep 0.01; done`), start)
	}()
	if l := <-lines; l != "up" {
		t.Fatal(l)
	}
	for _, e := range []engine.Effect{
		engine.Signal{Gen: 1, Signal: "SIGUSR1"},
		engine.Load{Gen: 3, Host: 1, Plugin: plugin, Plugins: []builder.PluginFile{{}}, NotifyFile: notify, NotifySignal: "SIGUSR1"},
		engine.Evict{Gen: 1, Conflict: engine.Conflict{Pid: os.Getpid()}},
		engine.FindHolder{Gen: 1, Addr: holding.Addr().String()},
		engine.Quote{Gen: 1, File: "world_unix_test.go", Line: 1},
		engine.Prepare{Gen: 1},
		engine.Stop{Gen: 1},
		engine.Kill{Gen: 1},
		engine.Stop{Gen: 3},
	} {
		w.Do(t.Context(), e, func(answer engine.Event) { t.Errorf("%#v is answered by %#v", e, answer) })
	}
	if _, err := os.Stat(notify); err == nil {
		t.Error("the program was told of a plugin that was built for another one")
	}
	if _, err := os.Stat(plugin); err == nil {
		t.Error("the plugin that nobody takes stays")
	}
	// Orders are carried out one after the other: had one come through, its effect
	// would be seen before those of these two.
	w.Do(t.Context(), engine.Signal{Gen: 2, Signal: "SIGUSR1"}, func(engine.Event) {})
	if l := <-lines; l != "usr1" {
		t.Errorf("%q, want the answer to the signal for this program", l)
	}
	w.Do(t.Context(), engine.Stop{Gen: 2}, func(engine.Event) {})
	if l := <-lines; l != "int" {
		t.Errorf("%q, want the answer to the stop of this program", l)
	}
	<-over
	if exit.Code != 7 || exit.Killed {
		t.Errorf("it ended with %+v", exit)
	}
}

// An order to a program whose start is being carried out is not lost.
func TestOrderWhileStarting(t *testing.T) {
	w := newTestWorld()
	one := w.place.claim(1)
	w.Do(t.Context(), engine.Stop{Gen: 2}, nil)
	w.Do(t.Context(), engine.Stop{Gen: 1}, nil)
	p, err := runner.Start(sh(1, "exec sleep 1000").Spec, func([]runner.Line) {})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Kill()
	one.take(p)
	<-p.Done()
	if x := p.Exit(); !x.Stopped || x.Killed {
		t.Errorf("it ended with %+v, want a polite stop", x)
	}
	// What was kept for one that never ran does not reach the next.
	one.leave()
	two := w.place.claim(2)
	w.Do(t.Context(), engine.Kill{Gen: 2}, nil)
	two.leave()
	two = w.place.claim(2)
	p, err = runner.Start(sh(2, "exit 3").Spec, func([]runner.Line) {})
	if err != nil {
		t.Fatal(err)
	}
	two.take(p)
	<-p.Done()
	if x := p.Exit(); x.Code != 3 || x.Stopped {
		t.Errorf("it ended with %+v, want its own end", x)
	}
}
