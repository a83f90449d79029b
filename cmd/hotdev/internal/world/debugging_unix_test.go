//go:build unix

package world

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
)

// A program that runs under Delve is seen as itself: its process ID, its ports, its exit
// code; and it is asked to end by its own signal, of which Delve hears nothing.
func TestDebugged(t *testing.T) {
	if _, err := exec.LookPath("dlv"); err != nil {
		t.Skip("no Delve here")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.com/app\n\ngo 1.24\n", "main.go": `package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ask := make(chan os.Signal, 1)
	signal.Notify(ask, syscall.SIGTERM)
	println(os.Getpid())
	<-ask
	os.Exit(3)
}
`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command("go", "build", "-gcflags=-N -l", "-o", "app", ".")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	w := New(Options{Project: noProject{}, Builder: builder.New(), Log: slog.New(slog.DiscardHandler), Room: func() {}})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	closed := make(chan struct{})
	opened := make(chan engine.Debuggable, 1)
	go func() {
		defer close(closed)
		w.Do(ctx, engine.OpenDebugger{Request: builder.Request{Dir: dir}}, func(e engine.Event) {
			if d, ok := e.(engine.Debuggable); ok {
				opened <- d
			}
		})
	}()
	if d := <-opened; d.Err != "" {
		t.Fatal(d.Err)
	}
	var pid int
	printed := make(chan string, 1)
	up := make(chan bool, 1)
	exited := make(chan runner.Exit, 1)
	go w.Do(ctx, engine.Start{Gen: 1, Debug: engine.Debugged, Spec: runner.Spec{Path: filepath.Join(dir, "app"), StopSignal: "SIGTERM"}}, func(e engine.Event) {
		switch e := e.(type) {
		case engine.Started:
			pid = e.Pid
			up <- true
		case engine.Wrote:
			for _, l := range e.Lines {
				if len(l.Text) < 10 && !l.Partial { // Delve's own lines are longer
					printed <- l.Text
				}
			}
		case engine.Sampled:
			if e.Usage.Processes > 1 || len(e.Usage.Ports) > 0 {
				t.Errorf("Delve counts: %+v", e.Usage)
			}
		case engine.Exited:
			exited <- e.Exit
			close(up)
		}
	})
	if !<-up {
		t.Fatalf("it did not start: %+v", <-exited)
	}
	if text := <-printed; text != strconv.Itoa(pid) {
		t.Errorf("it is process %s, and said to be %d", text, pid)
	}
	w.Do(ctx, engine.Stop{Gen: 1}, nil)
	if x := <-exited; x.Code != 3 || !x.Stopped || x.Killed || x.Err != "" || x.Left > 0 {
		t.Errorf("it ended so: %+v", x)
	}
	w.Do(ctx, engine.CloseDebugger{}, nil)
	<-closed
}

func TestMinor(t *testing.T) {
	for version, want := range map[string]int{"1.20.2": 20, "1.26.8": 26, "1.27rc1": 27, "1.25": 25, "": 0, "devel": 0} {
		if got := minor(version); got != want {
			t.Errorf("%s: %d, want %d", version, got, want)
		}
	}
}
