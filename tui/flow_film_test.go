package tui

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/watcher"
)

// TestFlowFilm: an hour's work in a minute, by the real policy: the first build,
// a break, its mending, a crash, the save that ends it, a restart by key.
func TestFlowFilm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := roll(t, 100, 24, Options{})
		var reel strings.Builder
		scene := func(name string) {
			fmt.Fprintf(&reel, "== %s\n%s", name, f.term.Screen())
		}
		s := engine.State{
			Phase: engine.Running, Attention: engine.Following,
			Build:   engine.BuildState{Phase: engine.Idle},
			Process: engine.ProcessState{Phase: engine.Down, Desire: engine.ToRun},
		}
		play := func(events ...engine.Event) {
			time.Sleep(37 * time.Millisecond) // no scene is on the edge of a second
			for _, e := range events {
				s.Now = time.Now()
				s, _ = engine.Step(s, e)
			}
			f.show(s)
		}
		wrote := func(stream runner.Stream, text string) engine.Event {
			w := engine.Wrote{Gen: s.Process.Gen}
			for line := range strings.SplitSeq(text, "\n") {
				w.Lines = append(w.Lines, runner.Line{Stream: stream, Text: line})
			}
			return w
		}
		saved := func(file string) engine.Event {
			return engine.Changed{Batch: watcher.Batch{Paths: []string{module + "/" + file}, First: time.Now()}}
		}
		compiled := func(name string, took time.Duration) []builder.Compile {
			return []builder.Compile{{Package: "example.com/shop/" + name, Took: took}}
		}
		good := func(gen int, name string) []engine.Event {
			return []engine.Event{
				engine.Built{Gen: gen, Result: builder.Result{
					Took: 300 * time.Millisecond, Link: 120 * time.Millisecond, Compiled: compiled(name, 80*time.Millisecond),
					Artifact: builder.Artifact{Temp: "/tmp/.api", Path: "/tmp/api"},
				}},
				engine.Published{Gen: gen},
			}
		}
		ends := func(code int) engine.Event {
			return engine.Exited{Gen: s.Process.Gen, Exit: runner.Exit{Code: code, Stopped: code == 0, Uptime: 3 * time.Second}}
		}
		settings := settings()
		settings.Build.Output = "/tmp/api"

		play(engine.Configured{Settings: settings}, engine.Listed{ID: 1, Graph: shopGraph()}, engine.Building{Gen: 1, Package: "example.com/shop/internal/db"})
		scene("a newcomer's first build")
		play(good(1, "internal/db")...)
		play(engine.Started{Gen: 1, Pid: 4242})
		scene("it runs, and has not said anything")
		play(wrote(runner.Stdout, "listening on :8080"), engine.Sampled{Gen: 1, Usage: runner.Usage{Processes: 1, Ports: []runner.Port{{Addr: "[::]:8080", Pid: 4242}}}})
		scene("ready")

		ds := diagnostics()
		ds[0].Suggest = []string{"Connect"}
		play(saved("internal/db/open.go"), engine.Listed{ID: 2, Same: true})
		play(engine.Built{Gen: 2, Result: builder.Result{Took: 90 * time.Millisecond, Diagnostics: ds}})
		scene("broken: the program goes on")
		f.term.Send("n")
		play(saved("internal/db/open.go"), engine.Listed{ID: 3, Same: true})
		play(engine.Built{Gen: 3, Result: builder.Result{Took: 80 * time.Millisecond, Diagnostics: ds[1:]}})
		scene("one of two is mended")
		play(saved("internal/db/query.go"), engine.Listed{ID: 4, Same: true})
		play(good(4, "internal/db")...)
		play(ends(0), engine.Started{Gen: 4, Pid: 4250})
		play(wrote(runner.Stdout, "listening on :8080"))
		scene("mended, and started anew")

		play(wrote(runner.Stderr, `panic: runtime error: index out of range [5] with length 3

goroutine 7 [running]:
example.com/shop/internal/cart.(*Cart).Item(...)
	`+module+`/internal/cart/cart.go:88
net/http.HandlerFunc.ServeHTTP(0x1)
	/usr/local/go/src/net/http/server.go:2322 +0x1d
main.main()
	`+module+`/cmd/api/main.go:31 +0x1d`), ends(2))
		scene("crashed: the frames of the user's own code")
		f.term.Send("n")
		f.term.Send("z")
		scene("the next frame, the pane zoomed")
		f.term.Send("z")
		play(saved("internal/cart/cart.go"), engine.Listed{ID: 5, Same: true})
		play(good(5, "internal/cart")...)
		play(engine.Started{Gen: 5, Pid: 4260})
		play(wrote(runner.Stdout, "listening on :8080"))
		scene("the save that ends it")

		f.term.Send("R")
		if got := f.sent(); got != "Rebuild" {
			t.Errorf("R sent %q", got)
		}
		play(engine.Rebuild{}, engine.Listed{ID: 6, Same: true})
		scene("a restart by key")
		play(good(6, "internal/cart")...)
		play(ends(0), engine.Started{Gen: 6, Pid: 4270})
		f.term.Send("h")
		scene("its history")
		f.term.Send("\x1b")
		f.term.Settle()
		f.over()
		golden.RequireEqual(t, reel.String())
	})
}
