package proxy

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/hotdev/hotdev/engine"
)

// speaks waits until both connections of an echo's page bring what the program says now.
func (tb *tab) speaks(name, counts string) {
	tb.t.Helper()
	tb.await("[counts(), socket.readyState, stream.readyState].join(' ')", counts+" 1 1")
	tb.eval("socket.send('hello')")
	tb.await("heard + ', ' + event + ', ' + counts()", fmt.Sprintf("%s hello, %[1]s event, %s", name, counts))
}

// A page's own websocket and stream of events go on while the program is patched. When
// it is restarted, the page's own code connects again, at once: these connections wait
// for the next program, and none is refused.
func TestConnections(t *testing.T) {
	tb, s := newTab(t), newStage(t)
	var name atomic.Value
	say := func(text string) string { return name.Load().(string) + " " + text }
	program := func() (addr string, end func()) {
		ctx, cancel := context.WithCancel(t.Context())
		return serves(t, echo(ctx, say).ServeHTTP), cancel
	}
	name.Store("one")
	addr, end := program()
	s.up(addr, engine.Cycle{})
	tb.run(chromedp.Navigate(s.url + "/alone"))
	tb.speaks("one", "1 1 0 1 0")

	name.Store("two")
	s.happens(engine.Ended{Cycle: engine.Cycle{Outcome: engine.OutcomePatched, Slots: []string{"main.name"}, Cause: engine.Cause{Kind: engine.BySave}}})
	tb.speaks("two", "1 1 0 1 0")

	s.stopping()
	end()
	s.gone()
	tb.await("[tried, lost, cuts, socket.readyState, stream.readyState].join(' ')", "2 1 1 0 0") // both wait
	name.Store("three")
	addr, _ = program()
	s.up(addr, engine.Cycle{Cause: engine.Cause{Kind: engine.BySave}})
	tb.speaks("three", "2 2 1 2 1")
}

// The same with hotdev and a program, whose code is patched: a page that follows hotdev
// keeps its connections through the patch as well, and is loaded again after the restart.
func TestConnectionsOfCode(t *testing.T) {
	if os.Getenv("HOTDEV_LONG") == "" { // .ci/run sets it
		t.Skip("HOTDEV_LONG=1 runs it")
	}
	alone, follows, l := newTab(t), newTab(t), newLoop(t)
	code, err := os.ReadFile("echo_test.go")
	if err != nil {
		t.Fatal(err)
	}
	l.write("echo.go", strings.Replace(string(code), "package proxy", "package main", 1))
	l.write("go.mod", "module example.com/echo\n\ngo 1.24\n")
	l.write("main.go", fmt.Sprintf(`package main

import (
	"context"
	"log"
	"net/http"
)

var limit int = 100

func say(text string) string { return "one " + text[:min(len(text), int(limit))] }

func main() {
	log.Fatal(http.ListenAndServe("127.0.0.1:%d", echo(context.Background(), say)))
}
`, freePort(t)))
	l.start()
	alone.run(chromedp.Navigate(l.url + "alone"))
	alone.speaks("one", "1 1 0 1 0")
	follows.run(chromedp.Navigate(l.url))
	follows.speaks("one", "1 1 0 1 0")
	follows.eval("window.mark = 1")
	if ready := l.await("patchable", ""); ready.Why != "" {
		t.Skip("no live code here: " + ready.Why)
	}

	l.edit("main.go", "one", "two")
	l.await("cycle", `"outcome":"patched"`)
	l.await("shown", `"tier":"morph"`)
	alone.speaks("two", "1 1 0 1 0")
	follows.speaks("two", "1 1 0 1 0")
	if follows.eval("window.mark") != "1" {
		t.Error("the page was loaded again")
	}

	const say = " = 100\n\nfunc say(text string) string { return \""
	l.edit("main.go", "int"+say+"two", "int64"+say+"three") // a variable of another type
	l.await("cycle", `"outcome":"started"`)
	alone.speaks("three", "2 2 1 2 1")
	l.await("shown", `"tier":"reload"`)
	follows.speaks("three", "1 1 0 1 0")
	if follows.eval("window.mark") == "1" {
		t.Error("the page was not loaded again")
	}
}
